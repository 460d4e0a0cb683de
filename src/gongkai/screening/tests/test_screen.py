"""Detectors: what they find, what they leave alone, what stands in place of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.screening import KINDS, Part, Wording, mask, removals, screen, screen_text, verify_masked
from gongkai.screening.masking import (
    mask_address,
    mask_card,
    mask_email,
    mask_identity,
    mask_landline,
    mask_mobile,
    mask_name,
    mask_plate,
)

TODAY = date(2026, 11, 22)


def found(text: str, **options) -> list[tuple[str, str]]:
    return [(hit.kind, hit.found) for hit in screen_text(text, today=TODAY, **options)]


FOUND = [
    ("身份证号：11010519491231002X", "identity", "11010519491231002X"),
    ("身份证号 110101199003071233，", "identity", "110101199003071233"),
    ("居住证810000199001010019", "identity", "810000199001010019"),
    ("１１０１０１１９９００３０７１２３３", "identity", "１１０１０１１９９００３０７１２３３"),
    ("110101 19900307 1233", "identity", "110101 19900307 1233"),
    ("110101-19900307-1233", "identity", "110101-19900307-1233"),
    ("1 1 0 1 0 1 1 9 9 0 0 3 0 7 1 2 3 3", "identity", "1 1 0 1 0 1 1 9 9 0 0 3 0 7 1 2 3 3"),
    ("110101\u200b19900307\u200b1233", "identity", "110101\u200b19900307\u200b1233"),
    ("110101199003\n071233", "identity", "110101199003\n071233"),
    ("11010519491231002 x", "identity", "11010519491231002 x"),
    ("号码110101199003071234", "identity_suspect", "110101199003071234"),
    ("320202200808080029的", "identity", "320202200808080029"),
    ("110101201503071236", "identity_suspect", "110101201503071236"),
    ("身份证110101900307123", "identity", "110101900307123"),
    ("手机13800138000", "mobile", "13800138000"),
    ("电话：138-0013-8000", "mobile", "138-0013-8000"),
    ("138 0013 8000", "mobile", "138 0013 8000"),
    ("+86 13800138000", "mobile", "13800138000"),
    ("8613800138000", "mobile", "8613800138000"),
    ("１３８００１３８０００", "mobile", "１３８００１３８０００"),
    ("138\u200b0013\u200b8000", "mobile", "138\u200b0013\u200b8000"),
    ("Tel13800138000", "mobile", "13800138000"),
    ("家庭电话0591-87654321", "landline", "0591-87654321"),
    ("(0591)87654321", "landline", "0591)87654321"),
    ("卡号4111111111111111", "bank", "4111111111111111"),
    ("6222020200112230012", "bank", "6222020200112230012"),
    ("6222 0202 0011 2230 012", "bank", "6222 0202 0011 2230 012"),
    ("账号：14020101040012345", "bank", "14020101040012345"),
    ("护照号E12345678", "passport", "E12345678"),
    ("车牌闽G·A1234", "plate", "闽G·A1234"),
    ("车辆赣C12345", "plate", "赣C12345"),
    ("新能源车粤BD12345", "plate", "粤BD12345"),
    ("邮箱zhangsan@example.cn", "email", "zhangsan@example.cn"),
    ("QQ：123456789", "messenger", "123456789"),
    ("微信号：abc_12345", "messenger", "abc_12345"),
    ("家庭住址：云溪区和平街道幸福路12号3栋201室", "address", "云溪区和平街道幸福路12号3栋201室"),
    ("福建省三明市永安市云山镇下寨村1组8号", "address", "福建省三明市永安市云山镇下寨村1组8号"),
    ("住幸福小区3栋2单元501室", "address", "幸福小区3栋2单元501室"),
    ("云溪一小三年级（2）班李小明", "minor", "李小明"),
    ("学生姓名：王小丫", "minor", "王小丫"),
    ("张小宝，男，9岁", "minor", "张小宝"),
    ("张小宝，女，2015年3月5日出生", "minor", "张小宝"),
    ("小学生李小明，女，就读于云溪一小", "minor", "李小明"),
    ("帮扶困境儿童王小丫（女，9岁）", "minor", "王小丫"),
    ("学生王小丫，9岁，家住桥头街道", "minor", "王小丫"),
    ("孤儿赵小宝，12周岁", "minor", "赵小宝"),
    ("被害人张小宝系未成年人", "minor", "张小宝"),
    ("张小宝（未成年人）由其母代理", "minor", "张小宝"),
    ("学生张某某，女，9岁", "minor", "张某某，女，9"),
    ("李建国患尿毒症，申请救助", "health", "尿毒症"),
    ("村民赵国强因肝癌住院", "health", "肝癌"),
]


@pytest.mark.duty("001-14f")
@pytest.mark.parametrize(("text", "kind", "words"), FOUND)
def test_finds(text, kind, words):
    assert (kind, words) in found(text)


NEAR_MISSES = [
    "（2021）赣0733民初1234号",
    "阳府办函〔2021〕9号",
    "国办发〔2018〕123号",
    "项目代码2101-360733-04-01-123456",
    "投资项目代码：2018-360733-48-01-012345",
    "索引号：11441700007280420Y/2021-00123",
    "索引号014502001/2021-00012",
    "统一社会信用代码91350100M000100Y43",
    "统一社会信用代码113708280043326001",
    "信用代码：12620600MB0523338C",
    "总投资13800138000元",
    "资金15912345678.00元",
    "安排资金1234567890.12万元",
    "面积13512345678平方米",
    "编号：13600123456",
    "采购编号JX2021060312345678",
    "流水号360733202106030001",
    "订单编号6222020200112230013",
    "2021-06-03 2021-06-05 2021-06-07",
    "2021-2025年",
    "4500 3200 1200 1100 900",
    "18 152 26274 319 45 1375871 3949 12",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    "12345热线、400-800-1234",
    "ISBN 978-7-5117-1234-5",
    "GB/T 22239-2019",
    "条码6901234567892",
    "时间戳20210603123456789",
    "网站标识码3607330001，赣ICP备05001234号-1",
    "赣公网安备36073302000123号",
    "云溪区政务大道1号行政中心5楼",
    "区政务服务中心3号楼502室",
    "行政中心3栋502室",
    "邮箱：bgs@yunxi.gov.cn",
    "微信公众号：云溪发布",
    "学生安全管理，未成年人保护工作",
    "小学三年级语文教材",
    "保护未成年人的合法权益，关爱留守儿童、困境儿童",
    "儿童张贴画，9岁以上可以参加",
    "适龄儿童，6岁入学，男女平等",
    "不满16周岁的未成年人，由父母陪同",
    "大学生李建国，男，22岁",
    "大学生李建国，17岁入学",
    "学生资助，18岁以下的可以申请",
    "任何单位和个人不得招用未成年人。",
    "严禁向未成年人销售烟酒。旅馆接待未成年人，应当询问",
    "孤儿，男女不限，0至14岁",
    "学生家长王建国，45岁",
    "幼儿园安全，未成年人，网络保护",
    "服务对象为未成年人、老年人、残疾人",
    "高血压、糖尿病等慢性病患者健康管理服务规范",
    "开展艾滋病、结核病防治，张贴海报",
    "对残疾人发放补贴，一级残疾每月100元",
    "保守国家秘密、商业秘密和个人隐私",
    "不得泄露国家秘密、工作秘密",
    "《中华人民共和国保守国家秘密法》",
    "绝密、机密、秘密三级",
    "密级：非密",
    "加强内部管理和内部控制",
    "发电机、发电〔量〕",
    "国办发明电〔2020〕5号",
    "公开属性：主动公开",
    "不动产权证号：赣(2021)云溪区不动产权第0012345号",
    "经纬度115.678901234，25.123456789",
    "Q/1234567890 V1.0.13800138",
    "皖A类、沪B股",
    "自己经手，知己经年；可以经批准",
    "机关建设，相关建议，攻关建立机制",
    "大幅射击场",
    "2021年2月28日，2024年2月29日",
    "二〇二一年三月",
    "有期徒刑15年3个月",
]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_leaves_alone(text):
    assert found(text) == []


SECRECY = [
    "秘密★1年",
    "机密 ★ 20年",
    "绝密★长期",
    "秘　密★",
    "密级：机密",
    "机密\n关于某事的报告",
    "内部资料 注意保存",
    "内部资料，不得外传",
    "（此件不公开）",
    "此件依申请公开",
    "仅供内部参考",
    "内部传阅",
    "工作秘密★5年",
    "份号：000012",
    "保密期限：10年",
    "赣发电〔2021〕5号",
    "公开方式：不予公开",
    "阅后收回",
]


@pytest.mark.duty("001-14e")
@pytest.mark.parametrize("text", SECRECY)
def test_markings_block(text):
    hits = screen_text(text, today=TODAY)
    assert [hit.severity for hit in hits if hit.kind in ("secrecy", "internal")][:1] == ["block"]


def test_copy_number_counts_on_the_first_page_only():
    assert found("000123") == [("internal", "000123")]
    later = [Part(f"正文第{n}段", "文字") for n in range(9)] + [Part("正文第10段", "000123")]
    assert screen(later, today=TODAY) == []


SLIPS = [
    ("全面布署工作", "布署", "部署"),
    ("自已动手", "自已", "自己"),
    ("工作以经完成", "以经", "已经"),
    ("阳府办函[2021]9号", "[2021]9号", "〔2021〕9号"),
    ("阳府办函(2021)9号", "(2021)9号", "〔2021〕9号"),
    ("国办发〔2018〕第123号", "〔2018〕第123号", "〔2018〕123号"),
    ("国办发〔2018〕007号", "〔2018〕007号", "〔2018〕7号"),
    ("国办发〔18〕123号", "〔18〕123号", None),
    ("2021年02月03日", "2021年02月03日", "2021年2月3日"),
    ("二0二一年", "二0二一年", "二〇二一年"),
    ("中国人民共和国", "中国人民共和国", "中华人民共和国"),
    ("2021年2月30日", "2021年2月30日", None),
    ("截止目前", "截止目前", "截至目前"),
]


@pytest.mark.parametrize(("text", "words", "right"), SLIPS)
def test_slips(text, words, right):
    assert [(hit.found, hit.mask) for hit in screen_text(text, today=TODAY)] == [(words, right)]


def test_an_office_edits_its_own_list():
    own = [Wording("云溪县", "name", "2019年撤县设区，现为云溪区。", "云溪区", ("原云溪县",))]
    assert found("云溪县人民政府", wordings=own) == [("name", "云溪县")]
    assert found("原云溪县人民政府", wordings=own) == []
    assert found("布署", wordings=own) == []


def test_allowed_numbers_pass():
    text = "咨询电话：0797-6123456，13800138000，bgs@163.com"
    assert len(found(text)) == 3
    assert found(text, allow=["07976123456", "138 0013 8000", "bgs@163.com"]) == []


@pytest.mark.duty("001-14f")
def test_a_minor_by_identity_number():
    body = "11010120150307123"
    number = body + "10X98765432"[sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(body)) % 11]
    assert found(f"身份证{number}") == [("minor", number)]


def row(number: int, **cells: str) -> list[Part]:
    return [Part(f"工作表“名单”{key}{number}", value, heading=key, row=str(number)) for key, value in cells.items()]


@pytest.mark.duty("001-14f")
def test_columns_tell_what_a_cell_holds():
    parts = row(2, 姓名="李建国", 住址="云溪镇下寨村12号", 残疾等级="二级", 银行账号="1402 0101 0400 12345")
    hits = screen(parts, today=TODAY)
    assert [(hit.kind, hit.found) for hit in hits] == [
        ("address", "云溪镇下寨村12号"),
        ("health", "二级"),
        ("bank", "1402 0101 0400 12345"),
    ]
    assert hits[0].mask == "云溪镇"
    pupils = row(3, 姓名="李小明", 班级="三（2）班") + row(4, 学生姓名="王小丫")
    assert [(hit.kind, hit.found) for hit in screen(pupils, today=TODAY)] == [("minor", "李小明"), ("minor", "王小丫")]
    assert screen(row(5, 姓名="李建国", 健康状况="良好"), today=TODAY) == []


def test_a_hit_says_where_and_why():
    hit = screen([Part("正文第3段", "联系人\n手机13800138000，请来电")], today=TODAY)[0]
    assert (hit.place, hit.found, hit.label, hit.index) == ("正文第3段第2行", "13800138000", "手机号", 0)
    assert "手机13800138000，请来电" in hit.excerpt
    assert hit.explanation.endswith("。")
    assert hit.kind in KINDS


def test_what_no_machine_reads_is_a_hit():
    parts = [
        Part("图片 a.jpg", "图片里的文字机器读不出来，请人工查看。", "unchecked"),
        Part("第2页", "藏着的字", "covered"),
    ]
    assert [hit.kind for hit in screen(parts)] == ["unchecked", "covered"]


# Masking

MASKS = [
    (mask_mobile, "13800138000", "138****8000"),
    (mask_identity, "11010519491231002X", "110105********002X"),
    (mask_card, "6222020200112230012", "622202*********0012"),
    (mask_name, "张三", "张某"),
    (mask_name, "欧阳小明", "欧阳某某"),
    (mask_name, "李四光", "李某某"),
    (mask_address, "福建省三明市永安市××镇××村1组8号", "福建省三明市永安市××镇"),
    (mask_email, "zhang@example.cn", "z***@example.cn"),
    (mask_plate, "闽G·A1123", "闽G·**123"),
    (mask_landline, "059187651234", "0591-****1234"),
]


@pytest.mark.parametrize(("how", "before", "after"), MASKS)
def test_mask_vectors(how, before, after):
    assert how(before) == after


def test_strict_identity_mask():
    assert mask_identity("11010519491231002X", strict=True) == "11*************02X"


@pytest.mark.duty("001-14f")
def test_masking_and_its_proof():
    text = "李建国，身份证110101199003071233，手机138 0013 8000，地址：永安市云山镇下寨村1组8号。"
    hits = screen_text(text, today=TODAY)
    masked = mask(text, hits)
    assert masked == "李建国，身份证110101********1233，手机138****8000，地址：永安市云山镇。"
    assert verify_masked(text, masked, hits) == []
    assert [removal.before for removal in removals(hits)] == [hit.found for hit in hits]
    assert all("：" in removal.ground for removal in removals(hits))
    assert not [hit for hit in screen_text(masked, today=TODAY) if hit.severity == "must"]


def test_the_proof_sees_what_was_left():
    text = "手机13800138000，再说一遍 138-0013-8000"
    hits = screen_text(text, today=TODAY)
    masked = mask(text, hits[:1])
    assert len(verify_masked(text, masked, hits[:1])) == 1
    assert verify_masked(text, text, hits)
    assert verify_masked(text, mask(text, hits) + "多了", hits)
    with pytest.raises(ValueError, match="对不上"):
        mask("别的文字", hits)


# Strangers' text

_ALPHABET = (
    "0123456789Xx -.\n\u200b\u3000@Qq住村组号栋单元学生：，。张李机密★内部资料〔〕()年月日１２３\x00\x1e\x1f\ud7ff"
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet=_ALPHABET, max_size=80) | st.text(max_size=40), max_size=6))
def test_any_text_is_screened(texts):
    parts = [Part(f"第{n}段", text, row="r" if n % 2 else "") for n, text in enumerate(texts)]
    hits = screen(parts, today=TODAY)
    assert hits == screen(parts, today=TODAY)
    for hit in hits:
        assert parts[hit.index].text[hit.start : hit.end] == hit.found
    for index, part in enumerate(parts):
        own = [hit for hit in hits if hit.index == index]
        masked = mask(part.text, own)
        assert not [problem for problem in verify_masked(part.text, masked, own) if "改动" in problem]


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "13800138000",
        "1 ",
        "1-",
        "110101199003071234 ",
        "a@",
        "@",
        "村1组",
        "栋1",
        "住",
        "李",
        "秘 ",
        "学生：",
        "癌",
        " ",
        "62220202001122300",
        "1.",
        "〔",
        "部",
        "QQ",
        "京A",
        "1\n",
        "机密",
        "★",
        "2021年",
        "小学一年级",
        "欧阳",
        "内部",
        "综合征",
    ],
)
def test_no_pattern_explodes(unit):
    # A pattern that explodes would never come back from this.
    for size in (1_000, 160_000):
        hits = screen_text(unit * (size // len(unit)), today=TODAY)
        assert len(hits) <= size
