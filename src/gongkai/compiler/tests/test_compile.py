"""Whole notices: layouts in prose and tables, near misses, and properties that hold for any text."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.compiler import compile_document, compile_text
from gongkai.compiler.characters import Source
from gongkai.compiler.notice import Notice
from gongkai.reading import read

ROOT = Path(__file__).resolve().parents[4]
SHARED = ROOT.parent / "shared"
CORPUS = ROOT / "tests" / "corpus"


def units(notice: Notice) -> list[list[tuple[str, str]]]:
    return [[(one.unit, one.role[0]) for one in task.assignments] for task in notice.tasks]


def texts(notice: Notice) -> list[str]:
    return [task.text for task in notice.tasks]


LEDGER = """云溪区2024年政务公开工作要点

一、抓好落实

1.建立本年度任务台账，明确具体分工，每季度更新进展。（牵头单位：区政府办公室；责任单位：各街道、镇）

2.对上一年度要点落实情况开展“回头看”，未完成的依法督促整改。

3.将落实情况纳入年度报告，6月30日前完成。（责任单位：区政府各部门）
"""


@pytest.mark.duty("002-29a")
def test_ledger_with_clear_division_of_work() -> None:
    notice = compile_text(LEDGER, "要点.txt")
    assert units(notice) == [[("区政府办公室", "l"), ("各街道", "r"), ("镇", "r")], [("区政府各部门", "r")]]
    assert [task.ref for task in notice.tasks] == ["1", "3"]
    assert notice.tasks[0].path == ("一、抓好落实",)
    assert notice.tasks[1].deadlines[0].date == "2024-06-30"
    assert [task.ref for task in notice.candidates] == ["2"]
    assert not notice.has_error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "一、公开信息\n做好发布。\n责任单位：甲局\n完成时限：6月底前\n\n二、回应关切\n做好回应。\n责任单位：乙局",
            ["做好发布。", "做好回应。"],
        ),
        (
            "（一）公开信息。做好发布。由甲局牵头，乙局配合。\n（二）回应关切。做好回应。由乙局负责落实。",
            ["做好发布。", "做好回应。"],
        ),
        ("一、公开信息（责任单位：甲局）\n1.做好发布工作。\n2.做好归档工作。", ["做好发布工作。", "做好归档工作。"]),
        ("一、公开信息（责任单位：甲局）\n做好发布工作，做好归档工作。", ["做好发布工作，做好归档工作。"]),
        ("1.公开甲事。（甲局负责）公开乙事。（乙局负责）", ["公开甲事。", "公开乙事。"]),
        ("一是公开甲事。（责任单位：甲局）\n二是公开乙事。（责任单位：乙局）", ["公开甲事。", "公开乙事。"]),
        ("● 公开甲事。（责任单位：甲局）\n● 公开乙事。（责任单位：乙局）", ["公开甲事。", "公开乙事。"]),
        ("第一条 公开甲事。（责任单位：甲局）\n第二条 公开乙事。（责任单位：乙局）", ["公开甲事。", "公开乙事。"]),
        (
            "序号 | 工作任务 | 责任单位 | 时限 |\n1 | 公开甲事项。 | 甲局 | 持续推进 |\n2 | 公开乙事项。 | 乙局 | 年底前 |",
            ["公开甲事项。", "公开乙事项。"],
        ),
        ("工作任务\n\n责任单位\n\n公开甲事项。\n\n甲局\n\n公开乙事项。\n\n乙局", ["公开甲事项。", "公开乙事项。"]),
        (
            "序号\t工作任务\t责任单位\t备注\n1\t公开甲事项。\t甲局\t\n2\t公开乙事项。\t乙局\t已完成",
            ["公开甲事项。", "公开乙事项。"],
        ),
        (
            "1.政策解读（办公室）。对重要文件进行解读。\n2.新媒体（宣传股、信息中心）。每周更新内容。\n3.依申请公开（法规股）。按时答复申请。",
            ["对重要文件进行解读。", "每周更新内容。", "按时答复申请。"],
        ),
        (
            "（一）推进公开。公开重大决策草案，由甲局牵头，乙局配合，长期坚持。\n（二）推进解读。重要文件都要解读，由丙局负责。",
            ["公开重大决策草案", "重要文件都要解读"],
        ),
        (
            "（一）甲局\n1.公开预算和决算信息。\n（二）乙局\n2.公开招生和学区信息。",
            ["公开预算和决算信息。", "公开招生和学区信息。"],
        ),
        ("一、公开\n1.工作内容：公开预算。\n2.责任单位：甲局\n3.完成时限：6月底前", ["公开预算。"]),
        ("一、公开甲事\n做好发布工作。\n——甲局牵头，乙局配合", ["做好发布工作。"]),
    ],
)
def test_layouts(text: str, expected: list[str]) -> None:
    notice = compile_text("云溪区2024年政务公开工作要点\n\n" + text)
    assert texts(notice) == expected
    assert all(task.assignments for task in notice.tasks)


def test_rowspans_are_inherited_and_columns_are_named() -> None:
    page = """<html><body><p>云溪区2024年政务公开任务分解表</p><table>
    <tr><th>工作任务</th><th>具体要求</th><th>区里落实单位</th><th>局内负责科室</th></tr>
    <tr><td colspan="4">一、公开</td></tr>
    <tr><td rowspan="2">预决算</td><td>公开预算。</td><td rowspan="2">区财政局牵头，各部门落实</td><td>预算科</td></tr>
    <tr><td>公开决算。</td><td>国库科</td></tr></table></body></html>"""
    notice = compile_document(read(page.encode(), "a.html"), "a.html")
    assert texts(notice) == ["公开预算。", "公开决算。"]
    second = [one.to_dict() for one in notice.tasks[1].assignments]
    assert [(one["unit"], one["column"], one.get("inherited", False)) for one in second] == [
        ("区财政局", "district", True),
        ("各部门", "district", True),
        ("国库科", "division", False),
    ]
    assert notice.tasks[1].path == ("一、公开", "预决算")


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("每季度末月20日前", "quarter"),
        ("每季度首月10日前", "quarter"),
        ("每季度最后一个月的20日前", "quarter"),
        ("每月22日前", "month"),
        ("每月底前", "month"),
        ("每月5日、20日前", "month"),
        ("每月情况于次月5日前", "month"),
        ("每年3月底前", "year"),
        ("每周五前", "week"),
    ],
)
def test_rhythms_are_read_whole(words: str, unit: str) -> None:
    notice = compile_text(f"云溪区2026年政务公开工作要点\n1.{words}报送工作进展。（责任单位：区财政局）")
    assert [(one.text, one.kind, one.amount, one.unit) for one in notice.tasks[0].deadlines] == [
        (words, "recurring", 1, unit)
    ]


DRAWN = """云溪区2026年政务公开任务分解表
┌──┬────┬───────────┬──────┬─────┐
│序号│工作任务│具体要求              │责任单位    │完成时限  │
├──┼────┼───────────┼──────┼─────┤
│1   │预算公开│公开部门预算和决算。  │区财政局    │6月30日前 │
├──┼────┼───────────┼──────┼─────┤
│2   │招生公开│公开义务教育招生信息。│区教育局、镇│每月22日前│
└──┴────┴───────────┴──────┴─────┘
"""


@pytest.mark.parametrize(
    "table", [str.maketrans({}), str.maketrans("│─┌┬┐├┼┤└┴┘", "┃━┏┳┓┣╋┫┗┻┛")], ids=["thin", "thick"]
)
def test_tables_drawn_with_lines(table: dict[int, int]) -> None:
    notice = compile_text(DRAWN.translate(table))
    assert texts(notice) == ["公开部门预算和决算。", "公开义务教育招生信息。"]
    assert [task.title for task in notice.tasks] == ["预算公开", "招生公开"]
    assert units(notice) == [[("区财政局", "r")], [("区教育局", "r"), ("镇", "r")]]
    assert [task.deadlines[0].text for task in notice.tasks] == ["6月30日前", "每月22日前"]
    assert not notice.diagnostics


def test_a_drawn_table_with_wrapped_cells_is_put_together() -> None:
    wrapped = DRAWN.replace(
        "│区财政局    │6月30日前 │",
        "│区财政局    │6月30日   │\n│    │        │并附说明。            │            │前        │",
    )
    notice = compile_text(wrapped)
    assert texts(notice) == ["公开部门预算和决算。\n并附说明。", "公开义务教育招生信息。"]
    assert [task.deadlines[0].text for task in notice.tasks] == ["6月30日前", "每月22日前"]
    assert not notice.diagnostics


def test_the_words_of_a_target_are_its_whole_clause() -> None:
    notice = compile_text(
        "云溪区2026年政务公开工作要点\n1.做好解读，图解、短视频等形式占全年解读的比例不低于60%。制作图解不少于3篇、视频不少于2个。（责任单位：区财政局）"
    )
    assert [one.text for one in notice.tasks[0].targets] == [
        "图解、短视频等形式占全年解读的比例不低于60%",
        "制作图解不少于3篇",
        "视频不少于2个",
    ]


@pytest.mark.parametrize(
    ("cells", "title", "path"),
    [
        ("<tr><td>预算公开</td><td>公开预算。</td>{0}</tr><tr><td>招生公开</td><td>公开招生。</td>{0}</tr>", "预算公开", ()),
        ("<tr><td>（一）预算</td><td>公开预算。</td>{0}</tr><tr><td>（二）招生</td><td>公开招生。</td>{0}</tr>", None, ("（一）预算",)),
        ("<tr><td rowspan=2>预算</td><td>公开预算。</td>{0}</tr><tr><td>公开决算。</td>{0}</tr>", None, ("预算",)),
    ],
    ids=["own name", "numbered section", "merged section"],
)  # fmt: skip
def test_a_column_of_tasks_names_the_duty_where_each_row_has_its_own(
    cells: str, title: str | None, path: tuple[str, ...]
) -> None:
    head = "<tr><th>工作任务</th><th>具体要求</th><th>责任单位</th></tr>"
    page = f"<p>云溪区2024年政务公开任务分解表</p><table>{head}{cells.format('<td>区财政局</td>')}</table>"
    task = compile_document(read(page.encode(), "a.html"), "a.html").tasks[0]
    assert (task.title, task.path) == (title, path)


def test_rows_win_over_prose_and_repeated_heads_are_no_rows() -> None:
    text = (
        "一、公开\n（一）及时公开本区预算和决算信息。（责任单位：区财政局）\n附件：任务分解表\n任务分解表\n"
        "工作任务 | 责任单位 |\n及时公开本区预算和决算信息。 | 区财政局、各部门 |\n工作任务 | 责任单位 |\n及时公开本区教育招生信息。 | 区教育局 |"
    )
    notice = compile_text(text)
    assert units(notice) == [[("区财政局", "r"), ("各部门", "r")], [("区教育局", "r")]]


@pytest.mark.parametrize(
    "text",
    [
        "云溪区2023年政府信息公开工作年度报告\n\n一、总体情况\n（一）主动公开。全年公开信息1200条，由区政府办公室组织培训3次。",
        "区政府召开政务公开工作会议\n会议要求，各部门要压实责任，区政府办公室要加强督导。",
        "政府信息公开信息处理费管理办法\n第一条 为了规范收费，制定本办法。\n第二条 本办法由区财政局负责解释。",
        "我区召开推进会\n会议指出，要压实责任。（区政府办公室）\n各镇表示将抓好落实。由区数据局牵头，各部门配合。",
        "云溪区2024年政务公开工作计划\n一、做好公开\n1.及时公开预算。\n2.及时回应关切。",
        "公开事项 | 公开内容 | 公开依据 | 公开时限 | 责任单位 | 公开渠道 |\n机构职能 | 机构概况 | 条例 | 20个工作日 | 区政府办公室 | 网站 |",
        "",
    ],
)
def test_near_misses_give_no_task(text: str) -> None:
    notice = compile_text(text)
    assert notice.tasks == ()
    assert [item.level for item in notice.diagnostics if item.code == "no_assignment"] == ["error"]
    assert notice.has_error


def test_frontmatter() -> None:
    text = (
        "索引号：YX-2024-01\n发布日期：2024-04-02\n公开类别：主动公开\n有效性：有效\n\n"
        "云溪区人民政府办公室关于印发2024年政务公开工作要点的通知\n云政办发〔20249号\n\n各街道办事处，区政府各部门：\n\n"
        "根据《临江市2024年政务公开工作要点》（临政办发〔2024〕3号），制定本要点。\n\n云溪区人民政府办公室\n2024年4月1日\n"
    )
    notice = compile_text(text)
    front = notice.notice.to_dict()
    assert front["title"] == "云溪区人民政府办公室关于印发2024年政务公开工作要点的通知"
    assert front["issuer"] == "云溪区人民政府办公室"
    assert front["doc_number"] == "云政办发〔2024〕9号"
    assert (front["issued_on"], front["published_on"], front["year"]) == ("2024-04-01", "2024-04-02", 2024)
    assert (front["index_number"], front["disclosure_category"], front["validity"]) == (
        "YX-2024-01",
        "主动公开",
        "有效",
    )
    assert front["recipients"] == ["各街道办事处", "区政府各部门"]
    assert front["basis"] == [{"title": "临江市2024年政务公开工作要点", "doc_number": "临政办发〔2024〕3号"}]
    assert "restored_doc_number" in [item.code for item in notice.diagnostics]


# ---- properties

PIECES = st.sampled_from(
    [
        "一、",
        "（一）",
        "1.",
        "（1）",
        "①",
        "一是",
        "第一条",
        "（责任单位：甲局）",
        "[乙局负责]",
        "牵头单位：",
        "责任单位：",
        "完成时限：",
        "由甲局牵头，",
        "乙局配合",
        "。",
        "；",
        "、",
        "6月底前",
        "每年至少1次",
        "20个工作日内",
        "不得低于50%",
        "定期",
        "长期坚持",
        "《办法》",
        "（云政办发〔20249号）",
        "序号",
        "工作任务",
        "具体要求",
        "责任单位",
        "时限",
        "|",
        "\t",
        "\n",
        "\n\n",
        "做好公开",
        "区财政局",
        "各街道（镇）",
        "2024年",
        "\u200b",
        "(kāi)",
        "責任單位",
        "（",
        "）",
        "【",
        "】",
        "《",
        "》",
        "“",
        "”",
        "%",
        "附件：",
        "2024年4月1日",
        "区政府办公室",
        "：",
        ",",
        ".",
        "-",
        "公",
        "开",
        " ",
        "\n",
        "\t",
        "|",
        "\n\n",
    ]
)


def check(text: str) -> None:
    """What must hold for any input."""
    notice = compile_text(text, "x.txt")
    plain = "".join(Source(text).text.split())
    for task in (*notice.tasks, *notice.candidates):
        assert 0 <= task.span[0] <= task.span[1] <= len(text)
        for piece in task.text.split("\n"):
            assert piece.strip() in text
        for one in task.assignments:
            assert 0 <= one.span[0] < one.span[1] <= len(text)
            assert one.unit in plain
            assert one.role in ("lead", "responsible", "cooperating")
        for limit in (*task.deadlines, *task.citations, *task.targets):
            assert 0 <= limit.span[0] < limit.span[1] <= len(text)
        assert all(limit.text in text for limit in task.deadlines)
        assert all(target.text in text for target in task.targets)
    for item in notice.diagnostics:
        assert item.span is None or 0 <= item.span[0] <= item.span[1] <= len(text)
    assert bool(notice.tasks) != notice.has_error
    json.dumps(notice.to_dict(), ensure_ascii=False)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_notice_like_text(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check(text.replace("\r", ""))


@pytest.mark.parametrize(
    "piece",
    [
        "（责任单位：",
        "《",
        "年内至少",
        "工作任务\n责任单位\n",
        "一、",
        "甲局、",
        "每年",
        "序号 | 工作任务 | 责任单位 |\n",
        "（",
    ],
)
def test_repeated_pieces_do_not_hang(piece: str) -> None:
    check("1." + piece * (20_000 // len(piece)))


# ---- real notices and the corpus


def _scorer() -> Any:
    spec = importlib.util.spec_from_file_location("score", SHARED / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not (SHARED / "gold").is_dir(), reason="the gold notices are not here")
def test_gold_notices() -> None:
    score = _scorer()
    for gold in sorted((SHARED / "gold").glob("*.json")):
        (seed,) = (SHARED / "seeds").glob(f"{gold.stem}_*.txt")
        notice = compile_document(read(seed.read_bytes(), seed.name), seed.name)
        counts, notes, _ = score.score_doc(json.loads(gold.read_text(encoding="utf-8")), notice.to_dict(), 0.9)
        assert score.prf(counts["tasks"])[2] == 1.0, notes
        assert score.prf(counts["assignments"])[2] >= 0.99, notes
        assert score.prf(counts["deadlines"])[2] >= 0.97, notes
        assert score.prf(counts["targets"])[2] == 1.0, notes


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seed notices are not here")
@pytest.mark.parametrize(("seed", "count"), [("001", 18), ("003", 38)])
def test_seeds_without_gold(seed: str, count: int) -> None:
    (path,) = (SHARED / "seeds").glob(f"{seed}_*.txt")
    notice = compile_document(read(path.read_bytes(), path.name), path.name)
    assert len(notice.tasks) == count
    assert all(task.assignments for task in notice.tasks)


@pytest.mark.skipif(not (CORPUS / "negative").is_dir(), reason="the corpus is not here")
def test_corpus_near_misses() -> None:
    for path in sorted((CORPUS / "negative").iterdir()):
        notice = compile_document(read(path.read_bytes(), path.name), path.name)
        assert notice.tasks == (), path.name
        assert notice.has_error
