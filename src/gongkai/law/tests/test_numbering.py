"""Numbers of cases and documents, Chinese numerals, check characters: by table."""

import pytest

from gongkai.law import identifiers
from gongkai.law.numbering import (
    CaseNumber,
    DocumentNumber,
    from_chinese_numeral,
    is_document_number,
    parse_case_number,
    parse_document_number,
    restore_document_number,
    to_chinese_numeral,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RW-2026-0007-13", CaseNumber("RW", 2026, 7, (13,))),
        ("YX-2026-0147", CaseNumber("YX", 2026, 147)),
        (" rw－２０２６－0007－13 ", CaseNumber("RW", 2026, 7, (13,))),
        ("RW-2026-10007-100-02", CaseNumber("RW", 2026, 10007, (100, 2))),
    ],
)
def test_case_numbers(text, number):
    assert parse_case_number(text) == number
    assert parse_case_number(str(number)) == number


@pytest.mark.parametrize("text", ["", "RW-26-0007", "2026-0007", "RW-2026", "RW-2026-7", "RW-2026-0007-x"])
def test_no_case_numbers(text):
    with pytest.raises(ValueError, match="不是编号"):
        parse_case_number(text)


@pytest.mark.parametrize(
    "text", ["国发〔2018〕43号", "国办函〔2020〕109号", "阳府办函〔2021〕9号", "武政办发〔2025〕54号"]
)
def test_document_numbers(text):
    assert str(parse_document_number(text)) == text
    assert is_document_number(text)
    restored = restore_document_number(text)
    assert restored is not None
    assert restored.changes == ()


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("国办发[2018]123号", "国办发〔2018〕123号"),
        ("国办发（2018）123号", "国办发〔2018〕123号"),
        ("国办发【2018】123号", "国办发〔2018〕123号"),
        ("国办发﹝2018﹞123号", "国办发〔2018〕123号"),
        ("国办发〔2018〕第123号", "国办发〔2018〕123号"),
        ("国办发〔2018〕007号", "国办发〔2018〕7号"),
        ("国办发〔201680号", "国办发〔2016〕80号"),
        ("赣府厅发〔20171号", "赣府厅发〔2017〕1号"),
        ("国办发2016〕80号", "国办发〔2016〕80号"),
        ("国办发201680号", "国办发〔2016〕80号"),
        ("国办发?2016?80号", "国办发〔2016〕80号"),
        ("国办发〔2016〕80", "国办发〔2016〕80号"),
        ("国办发〔 ２０１６ 〕 ８０ 号", "国办发〔2016〕80号"),
        ("國辦發〔2016〕80號", "國辦發〔2016〕80号"),
    ],
)
def test_damaged_document_numbers_are_restored(text, restored):
    assert not is_document_number(text)
    found = restore_document_number(text)
    assert found is not None
    assert str(found.number) == restored
    assert found.changes
    assert parse_document_number(restored) == found.number == DocumentNumber(*found.number)


@pytest.mark.parametrize(
    "text",
    [
        "国办发〔18〕123号",
        "国办发〔2016〕号",
        "国办发〔2016〕0号",
        "2016年80号",
        "国令第711号",
        "国办发201680",
        "国办发",
        "",
    ],
)
def test_what_cannot_be_known_is_not_invented(text):
    assert restore_document_number(text) is None
    with pytest.raises(ValueError, match="不合发文字号"):
        parse_document_number(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1005, "一千零五"),
        (1010, "一千零一十"),
        (2026, "二千零二十六"),
        (9999, "九千九百九十九"),
    ],
)
def test_numerals(number, text):
    assert to_chinese_numeral(number) == text
    assert from_chinese_numeral(text) == number


def test_every_numeral_returns():
    assert all(from_chinese_numeral(to_chinese_numeral(number)) == number for number in range(1, 10_000))


@pytest.mark.parametrize(
    ("text", "number"), [("一十五", 15), ("两百", 200), ("二〇二六", 2026), ("一千零十", 1010), ("二〇", 20)]
)
def test_other_ways_to_write_numerals(text, number):
    assert from_chinese_numeral(text) == number


@pytest.mark.parametrize(
    "text", ["", "零", "一百二", "十百", "百", "一千五", "二二十", "十一十", "abc", "一万", "一二三四五"]
)
def test_no_numerals(text):
    with pytest.raises(ValueError, match="中文数字"):
        from_chinese_numeral(text)


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_numerals_out_of_range(number):
    with pytest.raises(ValueError, match="1至9999"):
        to_chinese_numeral(number)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("91350100M000100Y43", True),
        ("11441700007280420Y", True),
        ("11370812004339255B", True),
        ("11341702486344515H", True),
        ("113708280043326001", True),
        ("12620600MB0523338C", True),
        ("11620622013933539B", True),
        ("91350100M000100Y44", False),
        ("91350100I000100Y43", False),
        ("91350100M000100Y4", False),
        ("９1350100M000100Y43", False),
    ],
)
def test_credit_codes(text, valid):
    assert identifiers.is_credit_code(text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("00001434-9", True),
        ("00001333-8", True),
        ("01424668-5", True),
        ("01527918-X", True),
        ("007280420", True),
        ("00433925-5", True),
        ("MB052333-8", True),
        ("0142768-8", False),
        ("00001434-8", False),
    ],
)
def test_organisation_codes(text, valid):
    assert identifiers.is_organisation_code(text) is valid


# Specimen numbers of the standard and numbers computed for tests; they belong to nobody.
@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("440524188001010014", True),
        ("110101199003071233", True),
        ("810000199001010019", True),
        ("830000199505050034", True),
        ("910310198808080016", True),
        ("110101199003071234", False),
        ("11010119900307123", False),
        ("1101011990030712３3", False),
    ],
)
def test_identity_numbers(text, valid):
    assert identifiers.is_identity_number(text) is valid


def test_check_characters_need_a_well_formed_body():
    for check in (
        identifiers.credit_code_check,
        identifiers.organisation_code_check,
        identifiers.identity_number_check,
    ):
        with pytest.raises(ValueError, match="位应为"):
            check("1")
