"""Names in notices and whom they stand for."""

import datetime as dt

import pytest

from gongkai.ledger import matching
from gongkai.ledger.matching import GroupRow, UnitRow

PLACE = "临江市云溪区"
UNITS = [
    UnitRow(1, "临江市云溪区人民政府办公室", "区政府办公室", place=PLACE),
    UnitRow(
        2, "云溪区人力资源和社会保障局", "区人力资源社会保障局", place=PLACE, aliases=(("区人社局", "manual", None),)
    ),
    UnitRow(3, "云溪区教育和体育局", "区教体局", place=PLACE),
    UnitRow(4, "云溪区发展和改革局", "区发改局", place=PLACE),
    UnitRow(5, "云溪区数据局", "区数据局", place=PLACE, aliases=(("区大数据中心", "former", dt.date(2025, 6, 30)),)),
    UnitRow(6, "云溪区信息中心", "区信息中心", active=False, merged_into=5, place=PLACE),
    UnitRow(7, "云溪区卫生健康委员会", "区卫生健康委", place=PLACE),
    UnitRow(8, "云溪区文津镇人民政府", "文津镇", place=PLACE),
    UnitRow(9, "云溪区安澜街道办事处", "安澜街道", place=PLACE),
    UnitRow(20, "临江市教育局", "市教育局", place="临江市", home=False),
    UnitRow(21, "临江市数据局", "市数据局", place="临江市", home=False),
    UnitRow(22, "云溪区市场监督管理局", "区市场监管局", place=PLACE),
]
GROUPS = [GroupRow(1, "各镇街", ("各街镇", "各镇（街道）")), GroupRow(2, "区政府各部门", ())]
INDEX = matching.build(UNITS, GROUPS)


@pytest.mark.parametrize(
    ("name", "kind", "identifier", "how"),
    [
        ("临江市云溪区人民政府办公室", "unit", 1, "exact"),
        ("区政府办公室", "unit", 1, "short"),
        ("区政府办", "unit", 1, "abbreviation"),
        ("云溪区政府办公室", "unit", 1, "variant"),
        ("区人社局", "unit", 2, "alias"),
        ("区人力资源和社会保障局", "unit", 2, "variant"),
        ("人力资源社会保障局", "unit", 2, "variant"),
        ("人社局", "unit", 2, "variant"),
        ("区卫健委", "unit", 7, "abbreviation"),
        ("区发展改革局", "unit", 4, "abbreviation"),
        ("区市场监督管理局", "unit", 22, "variant"),
        ("区市场监督管理局等部门", "unit", 22, "variant"),
        ("文津镇人民政府", "unit", 8, "variant"),
        ("文津镇政府", "unit", 8, "abbreviation"),
        ("安澜街道办事处", "unit", 9, "variant"),
        ("各镇街", "group", 1, "group"),
        ("各街镇", "group", 1, "group"),
        ("各镇(街道)", "group", 1, "group"),
        ("區政府各部門", "group", 2, "group"),
        ("區數據局", "unit", 5, "short"),
        (" 区 数据局 ", "unit", 5, "short"),
        ("市教育局", "unit", 20, "short"),
        ("市数据局", "unit", 21, "short"),
        ("区信息中心", "unit", 5, "former"),
        ("区大数据中心", "unit", 5, "former"),
    ],
)
def test_names_are_matched(name, kind, identifier, how):
    match = matching.match(name, INDEX)
    assert (match.kind, match.id, match.how) == (kind, identifier, how)


def test_a_bare_name_means_the_unit_of_our_own_government():
    assert matching.match("数据局", INDEX).id == 5


def test_a_former_name_was_right_on_its_day():
    on = dt.date(2025, 4, 2)
    assert matching.match("区大数据中心", INDEX, on=on).how == "alias"
    assert matching.match("区大数据中心", INDEX, on=dt.date(2026, 4, 2)).how == "former"


def test_the_level_is_carried_over_within_a_list():
    found = matching.match_list(["区发展和改革局", "教育和体育局", "人力资源和社会保障局"], INDEX)
    assert [match.id for match in found] == [4, 3, 2]
    assert found[1].how == "inherited"
    city = matching.match_list(["市教育局", "数据局"], INDEX)
    assert city[1].id == 21


def test_others_are_told():
    match = matching.match("区教体局等部门", INDEX)
    assert match.id == 3
    assert match.others


def test_two_equal_readings_are_left_to_a_person():
    index = matching.build(
        [UnitRow(1, "甲区档案馆", "档案馆", place="甲区"), UnitRow(2, "乙区档案馆", "档案馆", place="乙区")]
    )
    match = matching.match("档案馆", index)
    assert not match.found
    assert {candidate.id for candidate in match.candidates} == {1, 2}


def test_unknown_names_get_suggestions_and_nothing_more():
    match = matching.match("区教育体育和科技局", INDEX)
    assert not match.found
    assert match.candidates[0].id == 3
    assert matching.match("有关部门", INDEX).id is None
    assert matching.match("", INDEX).id is None
    assert matching.match("局", INDEX).id is None


def test_a_thousand_names():
    units = [UnitRow(number, f"云溪区第{number}实验学校", f"第{number}学校", place=PLACE) for number in range(1, 400)]
    index = matching.build([*UNITS, *units], GROUPS)
    names = [f"第{number % 500}实验学校" if number % 2 else f"没有的{number}单位" for number in range(1000)]
    assert len(matching.match_list(names, index)) == 1000


@pytest.mark.parametrize(
    ("name", "many"),
    [
        ("各街镇", True),
        ("各乡镇人民政府", True),
        ("县政府各部门", True),
        ("区直各有关单位", True),
        ("区教育局", False),
        ("区各界联谊会", False),
        ("安澜街道", False),
    ],
)
def test_a_name_of_many_units_is_told_from_that_of_one(name, many):
    assert matching.collective(name) is many
