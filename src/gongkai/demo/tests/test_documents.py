"""The documents of the data: complete, consistent, nobody's."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from gongkai.demo.publishing import identity, letter, papers, parse, workbook
from gongkai.demo.world import World, load
from gongkai.law import documents
from gongkai.law.numbering import restore_document_number
from gongkai.screening import extract

NOW = timezone.make_aware(dt.datetime(2026, 11, 22, 12))


@pytest.fixture(scope="module")
def found():
    return papers(World(now=NOW))


def test_there_are_enough_of_every_kind(found):
    kinds = {paper.head["kind"] for paper in found}
    assert {"通知", "意见", "公告", "通告", "政策解读", "工作动态", "规划计划", "预算决算", "统计数据"} <= kinds
    assert len(found) >= 55
    assert len({paper.head["unit"] for paper in found}) >= 14
    assert sum(bool(paper.files) for paper in found) >= 8


def test_heads_are_what_the_law_knows(found):
    units = {row["code"] for row in load("units.json")}
    subjects = set(documents.subjects())
    for paper in found:
        head = paper.head
        assert head["unit"] in units, paper.key
        assert head["kind"] in (*documents.OFFICIAL_KINDS, *documents.OTHER_KINDS), paper.key
        assert head.get("subject", "") in (subjects | {""}), paper.key
        number = head.get("number", "").replace("{year}", "2026")
        assert not number or restore_document_number(number), paper.key
        assert len(paper.lines) >= 2, paper.key


def test_links_lead_somewhere(found):
    keys = {paper.key for paper in found}
    assert len(keys) == len(found)
    for paper in found:
        for entry in [*paper.links, *paper.later]:
            if match := re.search(r"(?:interprets|repeals|draft_of) ([a-z0-9-]+)$", entry):
                assert match[1] in keys, (paper.key, entry)


def test_numbers_of_persons_belong_to_nobody():
    # 110000 is a province without a county, and nobody of 1900 is helped by a town today.
    number = identity("110000190003120015")
    assert len(number) == 18
    assert number.startswith("1100001900")


def test_what_is_hidden_in_a_workbook_is_there_to_be_found():
    parts = extract(workbook(["科目 | 金额", "教育 | 12.5"], hidden=True), "表.xlsx")
    assert any(part.unseen and "内部" in part.text for part in parts)
    assert any("教育" in part.text for part in extract(letter(["申请表", "项目 | 教育"]), "表.docx"))


def test_a_line_out_of_place_is_named():
    with pytest.raises(ValueError, match=r"one: no head"):
        parse("=== one\nno head\n---\ntext")
