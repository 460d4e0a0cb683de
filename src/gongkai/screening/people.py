"""What tells about a person in words: addresses, contacts, minors, health, plates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from gongkai.screening.folding import Joined, fold
from gongkai.screening.hits import Finding
from gongkai.screening.masking import DOUBLE_SURNAMES, mask_address, mask_email, mask_name, mask_plate
from gongkai.screening.numbers import age_on

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙"
    "史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房"
    "滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井巴"
)
NAME = rf"(?:(?:{'|'.join(DOUBLE_SURNAMES)})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
# Signs that words have and given names do not.
_NOT_A_NAME = re.compile(
    r"[的了是在与及等被把对从到年月日个项次户府局办部门院校厅委处科股所站队组镇乡县市区省路街号楼室药病症血压肺肝胃肾癌瘤疗诊险费款率类型级别量法规案例条责性某×*班额位期"
    r"动众体务设计算]|高校|安全|公示|公告|施工|管理|方法|严重|时间|平均|万元|关于|水平|任何|成果|金融|黄色|白色|单独|应当|应急|全体|全面|明确|连续"
)
_PLAIN_NAME = re.compile(NAME)
_STRICT_NAME = re.compile(rf"(?<![\u4e00-\u9fff])({NAME})(?=患|因|系|确诊|被诊|[（(，,、;；:：。\s\x1e\x1f]|$)")
_CUED_NAME = re.compile(
    rf"(?:患者|村民|居民|贫困户|低保户|户主|申请人|姓名|家属|学生|残疾人|职工|同志|病人|孩子|之子|之女)[:：]?\s?({NAME})(?![\u4e00-\u9fff]{{2}})"
)


def is_name(text: str) -> bool:
    """Whether a word looks like the name of a natural person: a usual surname and one or two more signs."""
    return _PLAIN_NAME.fullmatch(text) is not None and not _NOT_A_NAME.search(text)


# Addresses

_NUMERAL = "0-9A-Za-z一二三四五六七八九十百"
_NO_STOP = r"[^，。；、,;\s\x1e\x1f]"
_VILLAGE = re.compile(
    rf"村{_NO_STOP}{{0,8}}?[0-9一二三四五六七八九十]{{1,3}}(?:组|社|队|屯){_NO_STOP}{{0,6}}?[0-9一二三四五六七八九十百]{{1,5}}号"
)
_FLAT = re.compile(rf"(?:[栋幢座]|号楼)(?:[{_NUMERAL}]{{1,3}}单元)?-?[0-9]{{2,5}}[室号户]?|单元-?[0-9]{{2,5}}[室号户]?")
_HOME = re.compile(r"小区|花园|苑|公寓|宿舍|新村|家园|家属|华庭|名都|公馆|嘉园|佳苑|里弄|新城|单元|安置房|[^行]政?村")
_OFFICE = re.compile(r"行政中心|政务中心|办公|写字楼|大厦|会议|政府|服务中心|综合楼|广场")
_CUE = re.compile(
    r"(?:家庭住址|家庭地址|现住址|户籍地址|户籍住址|户籍所在地|居住地址|居住地|经常居住地|住址|家住|现住|户籍地|[，,；;]住)[:：为于在是]{0,2}\s?"
    r"([\u4e00-\u9fff][^，。；,;\s\x1e\x1f（(]{3,60})"
)
_DOOR = re.compile(r"[0-9一二三四五六七八九十百]{1,5}(?:号|室|栋|幢|单元|组|队|户)|[0-9]-[0-9]")
_ADDRESS_HEADING = re.compile(r"住址|家庭地址|户籍地|居住地|通讯地址|详细地址|家庭住所")
_HEAD_OF_ADDRESS = re.compile(r"[\u4e00-\u9fff0-9×*·]{0,40}$")
_BEFORE_ADDRESS = re.compile(r".*(?:住址|地址|户籍地|所在地|居住地|位于|家住|现住|居住在|居住于|住在|住于|住)")
_REGION = re.compile(r"[\u4e00-\u9fff×*]{2,7}?(?:省|自治区|自治州|市|县|区|镇|乡|街道)")
_ADDRESS_WHY = "住址写到了门牌。公开时只写到乡镇或街道，请删去后面的部分。"


def _addresses(joined: Joined) -> Iterator[Finding]:
    for match in _VILLAGE.finditer(joined.folded):
        yield _address(joined, _head(joined, match.start()), match.end())
    for match in _FLAT.finditer(joined.folded):
        start = _head(joined, match.start())
        around = joined.folded[start : match.end()]
        if _HOME.search(around) and not _OFFICE.search(around) and match.end() - start > 6:
            yield _address(joined, start, match.end())
    for match in _CUE.finditer(joined.folded):
        if _DOOR.search(match.group(1)):
            yield _address(joined, match.start(1), match.end(1))
    for index, part in enumerate(joined.parts):
        if (
            part.heading
            and 4 <= len(part.text) <= 80
            and _ADDRESS_HEADING.search(part.heading)
            and _DOOR.search(fold(part.text))
        ):
            yield _address(joined, joined.starts[index], joined.starts[index] + len(part.text))


def _head(joined: Joined, position: int) -> int:
    """Where an address begins that has its number at a position."""
    left = max(0, position - 40)
    words = joined.folded[left:position]
    match = _HEAD_OF_ADDRESS.search(words)
    start = match.start() if match else len(words)
    cue = _BEFORE_ADDRESS.match(words, start)
    if cue:
        return left + cue.end()
    region = _REGION.search(words, start)
    return left + (region.start() if region else max(start, len(words) - 8))


def _address(joined: Joined, start: int, end: int) -> Finding:
    return Finding("address", start, end, _ADDRESS_WHY, "must", mask_address(joined.text[start:end]))


# Contacts and plates

_DOMAIN = re.compile(r"@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})")
_LOCAL_PART = re.compile(r"[A-Za-z0-9._%+-]{1,64}$")
_QQ = re.compile(r"(?<![A-Za-z])QQ号?码?[:：为\s]{0,4}([1-9][0-9]{4,10})(?![0-9])", re.I)
_WECHAT = re.compile(
    r"(?:微信号?|WeChat)(?!公众|小程序|群)[:：为\s]{1,4}([A-Za-z][-_A-Za-z0-9]{5,19}|1[3-9][0-9]{9})", re.I
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·.\s]?"
    r"(?:[DF][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警])(?![0-9A-Za-z])"
)


def _contacts(joined: Joined) -> Iterator[Finding]:
    folded = joined.folded
    for match in _DOMAIN.finditer(folded):
        local = _LOCAL_PART.search(folded[max(0, match.start() - 64) : match.start()])
        if not local or match.group(1).lower().endswith((".gov.cn", ".gov")):
            continue
        start = match.start() - len(local.group())
        address = folded[start : match.end()]
        why = "电子邮箱若属于个人，请删除或遮盖；若是本单位对外公布的邮箱，请加入放行名单。"
        yield Finding("email", start, match.end(), why, "check", mask_email(address))
    for pattern, what in ((_QQ, "QQ号"), (_WECHAT, "微信号")):
        for match in pattern.finditer(folded):
            why = f"{what}是个人联系方式，请删除。"
            yield Finding("messenger", match.start(1), match.end(1), why, "must", "***")
    for match in _PLATE.finditer(folded):
        if sum(sign.isdigit() for sign in match.group()) >= 3:
            why = "车牌号能查到个人，请遮盖；公务用车清单等必须公开的除外。"
            yield Finding("plate", match.start(), match.end(), why, "must", mask_plate(match.group()))


# Minors

_MINOR_CUED = re.compile(
    rf"(?:学生|幼儿|儿童|考生|孤儿|未成年人|婴儿|新生儿|被监护人|被收养人|留守儿童)(?:姓名)?[:：]\s{{0,2}}({NAME})(?![\u4e00-\u9fff])"
)
_MINOR_CLASS = re.compile(
    r"(?:小学|中学|幼儿园|学校|[一二三四五六七八九十][中小]|附中|附小|实小)[^，。；,;\s\x1e\x1f]{0,6}?(?:[一二三四五六七八九1-9]年级|[小中大][一二三四1-9]?班|[初高][一二三])"
    rf"(?:[（(]?[0-9一二三四五六七八九十]{{1,2}}[)）]?班)?[\s:：,，]{{0,2}}(?:学生|同学)?[\s:：]{{0,2}}({NAME})(?=[，,。；;、\s（(）)\x1e\x1f]|同学|$)"
)
_MINOR_AGE = re.compile(rf"(?<![\u4e00-\u9fff])({NAME})[，,（(]\s?[男女][，,]\s?([0-9]{{1,2}})周?岁")
_MINOR_BORN = re.compile(
    rf"(?<![\u4e00-\u9fff])({NAME})[，,（(]\s?[男女][，,](?:汉族[，,])?\s?((?:19|20)[0-9]{{2}})年([0-9]{{1,2}})月(?:([0-9]{{1,2}})日)?(?:出?生)"
)
# Without a colon a word for a child stands before many things: only with sex or an age below 18 after it does it name one.
_CHILD = "(?:小学生|中学生|幼儿|儿童|女童|男童|孤儿|婴儿|新生儿|未成年人|被监护人|被收养人)"
_MINOR_CHILD = re.compile(rf"{_CHILD}({NAME})[，,（(]\s?[男女](?=[，,）)。；;])")
# An age that bounds a group (9岁以上, 6至12岁) is nobody's.
_MINOR_CHILD_AGE = re.compile(
    rf"(?<!大)(?<!研究)(?:学生|{_CHILD})({NAME}|[{_SURNAMES}]某{{1,2}})[，,（(]\s?(?:[男女][，,]\s?)?([0-9]{{1,2}})周?岁"
    r"(?!以上|以下|以内|及|至|到|起|[-—~～])"
)
# 张小宝（未成年人）, 被害人张小宝系未成年人: the word says it of this person; before 保护, 的 and the like it is about all.
_MINOR_SAID = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?:被害人|受害人|被告人|当事人|申请人|原告|被告|之子|之女|儿子|女儿|学生))"
    rf"({NAME})(?:[，,（(]\s?(?:[男女][，,]\s?)?(?:系|是|为)?|系|是|为)未成年人?(?=[，,。；;）)]|$)"
)
_MINOR_MASKED_WHY = (
    "名字遮盖了，但这里写明是未成年人和年龄，和学校、住址、事由合在一起仍可能认出是谁。请看看能不能去掉年龄等细节。"
)
_MINOR_HEADING = re.compile(r"(?:学生|幼儿|儿童|考生|孤儿|未成年人|被监护人|婴儿|新生儿|子女)(?:的?姓名|名字)?")
_SCHOOL_HEADING = re.compile(r"班级|年级|就读|学籍|在读")
_MINOR_WHY = "这里出现了未成年人的姓名，有的还连着学校、班级。未成年人的姓名、学校、照片、住址不得公开，请删除或遮盖。"


def _minors(joined: Joined, today: date) -> Iterator[Finding]:
    for pattern in (_MINOR_CUED, _MINOR_CLASS, _MINOR_CHILD, _MINOR_SAID):
        for match in pattern.finditer(joined.folded):
            yield from _minor(match, 1)
    for match in _MINOR_CHILD_AGE.finditer(joined.folded):
        if int(match.group(2)) >= 18:
            continue
        if "某" in match.group(1):
            yield Finding("minor", match.start(1), match.end(2), _MINOR_MASKED_WHY, "check", "***")
        else:
            yield from _minor(match, 1)
    for match in _MINOR_AGE.finditer(joined.folded):
        if int(match.group(2)) < 18:
            yield from _minor(match, 1)
    for match in _MINOR_BORN.finditer(joined.folded):
        try:
            born = date(int(match.group(2)), int(match.group(3)), int(match.group(4) or 1))
        except ValueError:
            continue
        if age_on(born, today) < 18:
            yield from _minor(match, 1)
    yield from _minors_in_tables(joined)


def _minor(match: re.Match[str], group: int) -> Iterator[Finding]:
    if is_name(match.group(group)):
        yield Finding("minor", match.start(group), match.end(group), _MINOR_WHY, "must", mask_name(match.group(group)))


def _minors_in_tables(joined: Joined) -> Iterator[Finding]:
    pupils = {part.row for part in joined.parts if part.row and part.heading and _SCHOOL_HEADING.search(part.heading)}
    for index, part in enumerate(joined.parts):
        if not part.heading or not 2 <= len(part.text) <= 4:
            continue
        named = _MINOR_HEADING.fullmatch(part.heading) or (part.row in pupils and part.heading in ("姓名", "名字"))
        if named and is_name(part.text):
            start = joined.starts[index]
            yield Finding("minor", start, start + len(part.text), _MINOR_WHY, "must", mask_name(part.text))


# Health

_ILLNESS = re.compile(
    "艾滋病|HIV|乙肝|丙肝|肝炎|肝硬化|[肝胃肺肠脑]癌|癌症|恶性肿瘤|肿瘤|白血病|尿毒症|肾衰竭|透析|化疗|精神分裂症?|精神病|精神障碍|抑郁症|躁狂症|癫痫|糖尿病|高血压|心脏病|冠心病|脑梗死?|脑瘫"
    "|脑出血|中风|偏瘫|肺结核|结核病|梅毒|(?<!慢)性病|流产|不孕|唐氏综合征|孤独症|自闭症|血友病|红斑狼疮|尘肺病?|帕金森|阿尔茨海默|痴呆|截瘫|植物人|残疾[一二三四]级|[一二三四]级残疾|(?:肢体|智力|精神|视力|听力|言语|多重)残疾"
    "|新冠肺炎确诊|确诊病例|综合征"
)
_HEALTH_HEADING = re.compile(
    r"病种|疾病|病情|患病|诊断|残疾(?:类别|类型|等级|级别|证号)|健康状况|致贫原因|病因|救助原因"
)
_HEALTHY = re.compile(r"^(?:健康|良好|无|正常|否|-|/|—)?$")
_STOPS = re.compile(r"[。！？\n\x1e]")
_HEALTH_WHY = "这里把健康状况和具体的人连在一起。病情、残疾、治疗情况是敏感个人信息，公开前应当删除。"


def _health(joined: Joined) -> Iterator[Finding]:
    for match in _ILLNESS.finditer(joined.folded):
        left, right = _sentence(joined.folded, match.start(), match.end())
        if _has_name(joined.folded[left : match.start()]) or _has_name(joined.folded[match.end() : right]):
            yield Finding("health", match.start(), match.end(), _HEALTH_WHY, "must", "***")
    named = {part.row for part in joined.parts if part.row and len(part.text) <= 4 and is_name(part.text.strip())}
    for index, part in enumerate(joined.parts):
        if (
            part.heading
            and part.row in named
            and _HEALTH_HEADING.search(part.heading)
            and not _HEALTHY.match(part.text.strip())
        ):
            start = joined.starts[index]
            yield Finding("health", start, start + len(part.text), _HEALTH_WHY, "must", "***")


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch around a word, at most 40 signs before and 20 after, not beyond its sentence or row."""
    left = max(0, start - 40)
    for stop in _STOPS.finditer(text, left, start):
        left = stop.end()
    stop_after = _STOPS.search(text, end, end + 20)
    return left, stop_after.start() if stop_after else min(len(text), end + 20)


def _has_name(words: str) -> bool:
    for pattern in (_STRICT_NAME, _CUED_NAME):
        for match in pattern.finditer(words):
            if not _NOT_A_NAME.search(match.group(1)):
                return True
    return False


def find_people(joined: Joined, today: date) -> Iterator[Finding]:
    """Addresses, contacts, plates, minors and health details in the joined text."""
    yield from _addresses(joined)
    yield from _contacts(joined)
    yield from _minors(joined, today)
    yield from _health(joined)
