"""Wording lists: slips, wrong names, forms of numbers and dates. An office edits its own list; ours is the default."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gongkai.screening.folding import Joined
from gongkai.screening.hits import Finding


@dataclass(frozen=True, slots=True)
class Wording:
    """One entry of a wording list.

    `pattern` is taken as it stands (no regular expression, so that no entry can slow down or break screening);
    `kind` is one of misspelling, name, style or a word of the office's own; `advice` is one Chinese sentence;
    `replacement` stands in place of the slip, empty where a person has to decide. Where one of `exceptions`
    stands around the place, there is no hit.
    """

    pattern: str
    kind: str
    advice: str
    replacement: str = ""
    exceptions: tuple[str, ...] = ()


def _slips(pairs: str) -> list[Wording]:
    """Entries from "wrong>right" or "wrong>right!exception!exception"."""
    entries = []
    for pair in pairs.split():
        wrong, _, rest = pair.partition(">")
        right, *exceptions = rest.split("!")
        entries.append(Wording(wrong, "misspelling", f"“{wrong}”应为“{right}”。", right, tuple(exceptions)))
    return entries


DEFAULT: tuple[Wording, ...] = (
    *_slips(
        """布署>部署 座落>坐落 按装>安装!平台按装 渡假>度假 松驰>松弛 反溃>反馈 必竟>毕竟 竟标>竞标 竟争>竞争 竟赛>竞赛!究竟赛 竟聘>竞聘 竟价>竞价 以经>已经!可以经!予以经!加以经!难以经!得以经!所以经!以经济!以经营!以经验!以经办!以经过!以经批准!以经费!以经开!以经典!以经纪!以经常!以经认!以经审
        己经>已经!自己经!知己经 自已>自己!各自已!独自已!亲自已!擅自已!私自已 关建>关键!机关建!有关建!海关建!相关建!公关建!无关建!攻关建!关建设!关建议!关建立!关建筑 粗旷>粗犷 甘败下风>甘拜下风 报消>报销 备按>备案 通迅>通讯 震憾>震撼 针贬>针砭 脉博>脉搏 幅射>辐射!大幅射
        复盖>覆盖 沾污>玷污 编篡>编纂 气慨>气概 一股作气>一鼓作气 名符其实>名副其实 穿流不息>川流不息 世外桃园>世外桃源 宣泻>宣泄 侯选>候选 时侯>时候 气侯>气候 征侯>征候 撤消>撤销 消毁>销毁 勾通>沟通 签定>签订 坚苦奋斗>艰苦奋斗 再接再励>再接再厉
        走头无路>走投无路 迫不急待>迫不及待 一愁莫展>一筹莫展 安份守己>安分守己 水笼头>水龙头 办工室>办公室 办工厅>办公厅 群从>群众!群从事!人群从!群从业 公从>公众!公从业!公从事 人民证府>人民政府 人民正府>人民政府 人民整府>人民政府 人民政俯>人民政府 政俯>政府
        国务院办工厅>国务院办公厅 贯砌>贯彻 贯撤>贯彻 落石>落实!落石灾!落石等!落石、!滚落石!崩塌落石!危岩落石!防落石 惩前毙后>惩前毖后 循私>徇私 徇私午弊>徇私舞弊 玩乎职守>玩忽职守 渎职失查>渎职失察 防犯>防范 预防范措施>预防措施 应急予案>应急预案 予算>预算 决祘>决算
        帐目>账目 帐户>账户 帐号>账号 帐本>账本 账蓬>帐篷 份内>分内 份外>分外!百分份外 做为>作为!当做为!叫做为!称做为 截止目前>截至目前 截止日前>截至目前!报名截止日前!截止日前递!截止日前提!截止日前报 截止到目前>截至目前 截止今年>截至今年 截止去年>截至去年
        登陆网站>登录网站 登陆平台>登录平台 登陆系统>登录系统 登陆官网>登录官网 登陆后台>登录后台 既使>即使 即然>既然 凑和>凑合!凑和好 松散驰>松散弛 藉贯>籍贯 户藉>户籍 国藉>国籍 学藉>学籍 书藉>书籍 党藉>党籍 寒喧>寒暄 喧染>渲染 装璜>装潢 挖墙角>挖墙脚 黄梁美梦>黄粱美梦
        膺品>赝品 瑕不掩玉>瑕不掩瑜 眼花瞭乱>眼花缭乱 不径而走>不胫而走 不能自己>不能自已!不能自己决!不能自己办!不能自己选!不能自己处 鼎立相助>鼎力相助 默守成规>墨守成规 各行其事>各行其是 直接了当>直截了当 谈笑风声>谈笑风生 出奇不意>出其不意 金榜提名>金榜题名 原形必露>原形毕露
        食不裹腹>食不果腹 趋之若骛>趋之若鹜 好高鹜远>好高骛远 竭泽而鱼>竭泽而渔 罄竹难书写>罄竹难书 人情事故>人情世故!人情事故意 悬梁刺骨>悬梁刺股 入不付出>入不敷出 事必恭亲>事必躬亲 披星带月>披星戴月 滥芋充数>滥竽充数 旁证博引>旁征博引 声名雀起>声名鹊起 有持无恐>有恃无恐
        按步就班>按部就班 精减>精简!精减退 精简压缩减>精简压缩 流览>浏览 蛛丝蚂迹>蛛丝马迹 萎糜不振>萎靡不振 委屈求全>委曲求全 因噎废事>因噎废食"""
    ),
    Wording("中国人民共和国", "name", "国名应为“中华人民共和国”。", "中华人民共和国"),
    Wording("中华人民共合国", "name", "国名应为“中华人民共和国”。", "中华人民共和国"),
    Wording("国务院办公室", "name", "应为“国务院办公厅”。", "国务院办公厅"),
    Wording("全国人大常务委会", "name", "应为“全国人大常委会”。", "全国人大常委会"),
    Wording("国家市场监督管理局", "name", "应为“国家市场监督管理总局”。", "国家市场监督管理总局"),
    Wording("政府信息公开条列", "name", "法规名称写错了，应为“政府信息公开条例”。", "政府信息公开条例"),
    Wording("信息公开条列", "name", "法规名称写错了，应为“信息公开条例”。", "信息公开条例"),
    Wording("行政许可证法", "name", "法律名称应为“行政许可法”。", "行政许可法"),
    Wording("行政处罚条例法", "name", "法律名称应为“行政处罚法”。", "行政处罚法"),
    Wording("权利清单", "style", "行政机关的职权清单写作“权力清单”。", "权力清单"),
    Wording("进行进行", "misspelling", "词语重复了。", "进行"),
    Wording("关于关于", "misspelling", "词语重复了。", "关于"),
    Wording("通知通知", "misspelling", "词语重复了，请核对。"),
    Wording("。。", "style", "句号重复了。", "。", ("。。。",)),
    Wording("，，", "style", "逗号重复了。", "，"),
    Wording("、、", "style", "顿号重复了。", "、"),
    Wording("；；", "style", "分号重复了。", "；"),
    Wording("，。", "style", "标点重复了。", "。"),
    Wording("的的确确的的", "misspelling", "词语重复了。"),
)

_BRACKETS = re.compile(
    r"(?<=[发函字规办令告批任呈通电])(?:[\[［【（(﹝]\s?((?:19|20)[0-9]{2})\s?[\]］】）)﹞])\s?(第?)(0*)([1-9][0-9]*)\s?号"
)
_RIGHT_BRACKETS = re.compile(r"〔((?:19|20)?[0-9]{2})〕\s?(第?)(0*)([1-9][0-9]*)号")
_MIXED_YEAR = re.compile(r"(?<![〇零一二三四五六七八九])[二一][〇零○O0oО０九][〇零○O0o０一二三四五六七八九]{2}年")
_PADDED = re.compile(r"((?:19|20)[0-9]{2})年(0?[1-9]|1[0-2])月(0?[1-9]|[12][0-9]|3[01])日")
_SHORT_YEAR = re.compile(r"(?<![0-9近过后前每满约达长期共计第为])(?:[12][0-9])年(?:1[0-2]|[1-9])月(?:[0-9]{1,2}日)")
_DAY = re.compile(r"(?<![0-9.])([0-9]{1,2})月([0-9]{1,2})日")
_YEAR_BEFORE = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})年$")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def find_wordings(joined: Joined, wordings: Iterable[Wording]) -> Iterator[Finding]:
    """The entries of a list that stand in the text, and wrong forms of document numbers and dates."""
    for wording in wordings:
        yield from _entry(joined, wording)
    yield from _numbers(joined)
    yield from _dates(joined)


def _entry(joined: Joined, wording: Wording) -> Iterator[Finding]:
    pattern = wording.pattern
    if not pattern:
        return
    start = joined.text.find(pattern)
    while start >= 0:
        end = start + len(pattern)
        if not any(_stands_around(joined.text, exception, pattern, start, end) for exception in wording.exceptions):
            yield Finding(wording.kind, start, end, wording.advice, "advice", wording.replacement or None)
        start = joined.text.find(pattern, end)


def _stands_around(text: str, exception: str, pattern: str, start: int, end: int) -> bool:
    """Whether an exception that holds the pattern stands at this very place, or one that does not stands beside it."""
    inside = exception.find(pattern)
    if inside >= 0:
        return text.startswith(exception, start - inside) if start >= inside else False
    return exception in text[max(0, start - len(exception)) : end + len(exception)]


def _numbers(joined: Joined) -> Iterator[Finding]:
    for match in _BRACKETS.finditer(joined.text):
        right = f"〔{match.group(1)}〕{match.group(4)}号"
        yield Finding("number", match.start(), match.end(), "发文字号的年份用六角括号〔〕。", "advice", right)
    for match in _RIGHT_BRACKETS.finditer(joined.text):
        year, ordinal, zeros, number = match.groups()
        advice = (
            ("年份写全四位；" if len(year) == 2 else "")
            + ("不加“第”；" if ordinal else "")
            + ("序号不编虚位；" if zeros else "")
        ).rstrip("；")
        if advice:
            mended = f"〔{year}〕{number}号" if len(year) == 4 else None
            yield Finding("number", match.start(), match.end(), f"发文字号写法：{advice}。", "advice", mended)


def _dates(joined: Joined) -> Iterator[Finding]:
    for match in _MIXED_YEAR.finditer(joined.text):
        right = re.sub("[零○O0oО０]", "〇", match.group())
        if right != match.group():
            yield Finding("date", match.start(), match.end(), "汉字年份里的零写作“〇”。", "advice", right)
    for match in _PADDED.finditer(joined.text):
        right = f"{match.group(1)}年{int(match.group(2))}月{int(match.group(3))}日"
        if right != match.group():
            yield Finding("date", match.start(), match.end(), "月、日不编虚位。", "advice", right)
    for match in _SHORT_YEAR.finditer(joined.text):
        yield Finding("date", match.start(), match.end(), "年份写全四位。", "advice")
    for match in _DAY.finditer(joined.text):
        year = _YEAR_BEFORE.search(joined.text[max(0, match.start() - 6) : match.start()])
        if not _exists(year.group(1) if year else None, int(match.group(1)), int(match.group(2))):
            start = match.start() - (len(year.group()) if year else 0)
            yield Finding("date", start, match.end(), "没有这一天，请核对日期。", "check")


def _exists(year: str | None, month: int, day: int) -> bool:
    """Whether there is such a day; without a year, in some year."""
    if not 1 <= month <= 12:
        return False
    return 1 <= day <= (monthrange(int(year), month)[1] if year else _LENGTHS[month - 1])
