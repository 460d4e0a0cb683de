"""Who is responsible: roles by word, units as written, the by-duty phrase for its clause."""

from __future__ import annotations

import pytest

from gongkai.compiler.characters import fold
from gongkai.compiler.prose import responsibilities
from gongkai.compiler.responsibility import parse
from gongkai.compiler.units import is_unit

L, R, C = "lead", "responsible", "cooperating"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("责任单位：各街道、镇、园、区政府各部门", [("各街道", R), ("镇", R), ("园", R), ("区政府各部门", R)]),
        ("区政府办公室牵头，各部门配合", [("区政府办公室", L), ("各部门", C)]),
        ("办公室，各处室配合", [("办公室", R), ("各处室", C)]),
        ("区编办牵头，区司法局、区应急局，各镇配合", [("区编办", L), ("区司法局", C), ("区应急局", C), ("各镇", C)]),
        ("由区数据局牵头，各部门参与", [("区数据局", L), ("各部门", C)]),
        ("区教育局、区民政局等部门按职责分工落实", [("区教育局", R), ("区民政局", R)]),
        ("牵头单位：甲局；责任单位：乙局、丙局；配合单位：丁办", [("甲局", L), ("乙局", R), ("丙局", R), ("丁办", C)]),
        ("各县(区)人民政府及其所属乡镇(街道)", [("各县(区)人民政府及其所属乡镇(街道)", R)]),
        ("区发改局(牵头)、区财政局", [("区发改局", L), ("区财政局", R)]),
        ("主办单位：甲局；承办单位：乙局；协办单位：丙局", [("甲局", L), ("乙局", R), ("丙局", C)]),
        ("甲局分别牵头落实", [("甲局", L)]),
        ("区工信局牵头会同区科技局负责", [("区工信局", L), ("区科技局", R)]),
    ],
)
def test_roles(text: str, expected: list[tuple[str, str]]) -> None:
    folded = fold(text)
    said = parse(folded, 0, len(folded))
    assert [(folded[one.start : one.end], one.role) for one in said.claims] == expected


def test_scope_belongs_to_every_unit_of_its_clause() -> None:
    text = "甲局牵头,乙局、丙局按职责分工负责"
    said = parse(text, 0, len(text))
    scopes = [text[slice(*one.scope)] if one.scope else None for one in said.claims]
    assert scopes == [None, "按职责分工负责", "按职责分工负责"]


def test_time_inside_the_bracket_is_no_unit() -> None:
    text = "责任单位:甲局;完成时限:6月底前"
    said = parse(text, 0, len(text))
    assert [text[one.start : one.end] for one in said.claims] == ["甲局"]
    assert [text[first:last] for first, last in said.times] == ["6月底前"]


@pytest.mark.parametrize("name", ["区财政局", "各镇（街道）", "市直相关部门", "党政办", "镇", "各科室", "区政府办公室"])
def test_units(name: str) -> None:
    assert is_unit(fold(name))


@pytest.mark.parametrize(
    "name",
    ["加强政务公开", "2024年", "以下简称区政府办", "成立了领导小组", "做好各部门", "政府网站", "—", "抓好工作落实。"],
)
def test_no_units(name: str) -> None:
    assert not is_unit(fold(name))


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("做好公开。（责任单位：甲局", 1),
        ("做好公开。【责任单位：甲局】", 1),
        ("做好公开。〔甲局负责〕", 1),
        ("做好公开。｛责任部门：甲局｝", 1),
        ("做好公开。[甲局、各县(区)人民政府]", 1),
        ("做好公开。责任单位：甲局", 1),
        ("做好公开。由甲局牵头，乙局配合。", 1),
        ("公开甲事。（甲局负责）公开乙事。（乙局负责）", 2),
        ("做好各县(区)的公开(含乡镇)。", 0),
        ("本办法由甲局负责解释。", 0),
        ("政策起草部门负责对收集到的问题进行解答。", 0),
        ("网站由甲局负责建设，去年已完成。", 0),
    ],
)
def test_where_a_line_says_it(line: str, count: int) -> None:
    folded = fold(line)
    assert len(responsibilities(folded, 0, len(folded), bare=False)) == count
