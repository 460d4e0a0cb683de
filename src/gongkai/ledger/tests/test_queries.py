"""What pages and reports read: dashboard, figures, reports; the same number of queries for any size."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongkai.core.acts import perform
from gongkai.core.kinds import kinds
from gongkai.core.measures import Scope, measures
from gongkai.ledger import queries, reports
from gongkai.ledger.tests.helpers import act, assignment_of, at, received


def number_of_queries(function, *arguments):
    with CaptureQueriesContext(connection) as captured:
        function(*arguments)
    return len(captured)


@pytest.fixture
def lived(district, dispatched):
    """A ledger with something in every light."""
    done = received(dispatched, 1, district.education, district.teacher)
    act("assignment.submit", done, district.teacher, "2026-05-15", text="目录40条全部更新。")
    act("assignment.close", done, district.chief, "2026-05-18")
    late = received(dispatched, 1, district.finance, district.treasurer)
    act("assignment.report", late, district.treasurer, "2026-05-20", text="正在核对。", percent=30)
    monthly = received(dispatched, 2, district.education, district.teacher)
    act("assignment.report", monthly, district.teacher, "2026-04-20", text="解读12篇。", percent=20, value="58.5")
    return dispatched


@pytest.mark.duty("001-18d", "002-29b")
def test_the_matrix_agrees_with_the_cases_at_any_moment(district, lived):
    for moment in ("2026-05-20", "2026-06-26", "2026-07-01"):
        now = at(moment)
        table = queries.matrix(lived, now)
        by_query = queries.task_lights(lived, now)
        assert table.total == sum(by_query.values(), start=type(table.total)())
    table = queries.matrix(lived, at("2026-07-01"))
    finance = next(row for row in table.rows if row.unit == district.finance)
    assert finance.cells["01"]["late"] >= 1
    assert finance.worst == "late"
    assert [section.title for section in table.sections] == ["一、公开内容管得清", "二、解读讲得明白"]
    sections = queries.section_lights(lived, at("2026-07-01"))
    assert sum((lights for _, lights in sections), start=type(table.total)()) == table.total


@pytest.mark.duty("001-18d")
def test_measures_by_unit_section_and_month(district, lived):
    series = lived.ledger_series
    rate = measures["ledger.done_on_time_rate"].compute(Scope(series=series))
    assert (rate.value, rate.numerator, rate.denominator) == (100.0, 1, 1)
    assert measures["ledger.done"].compute(Scope(series=series, section="02")).value == 0
    assert measures["ledger.done"].compute(Scope(series=series, units=(district.finance.pk,))).value == 0
    may = Scope(series=series, since=dt.date(2026, 5, 1), until=dt.date(2026, 6, 1))
    june = Scope(series=series, since=dt.date(2026, 6, 1), until=dt.date(2026, 7, 1))
    assert measures["ledger.done"].compute(may).value == 1
    assert measures["ledger.done"].compute(june).value == 0
    received_rate = measures["ledger.received_rate"].compute(Scope(series=series))
    assert (received_rate.numerator, received_rate.denominator) == (3, 14)
    assert measures["ledger.assignments"].compute(Scope(series=series)).value == 14
    assert measures["ledger.done_rate"].compute(Scope(series=series)).words == "14件中1件"
    for name, measure in measures.items():
        if name.startswith("ledger."):
            measure.compute(Scope(series=series))


def test_trend_late_list_receipts_and_the_days_ahead(district, lived):
    months = queries.trend(lived.ledger_series, at("2026-06-10"))
    assert len(months) == 12
    assert (months[-2].label, months[-2].on_time, months[-2].rate) == ("5月", 1, 100.0)
    now = at("2026-07-01 10:00")
    late = queries.late(lived, now)
    assert late[0].late_at <= late[-1].late_at
    assert {str(one.unit) for one in late} >= {"区财政局"}
    waiting = queries.not_received(lived, at("2026-04-10 10:00"))
    assert len(waiting) == 11
    assert all(one.overdue for one in waiting)
    ahead = queries.calendar(at("2026-06-10"), 30, series=lived.ledger_series)
    assert dt.date(2026, 6, 30) in ahead
    assert all(dt.date(2026, 6, 10) <= day <= dt.date(2026, 7, 10) for day in ahead)
    assert not queries.due_soon(at("2026-06-10"), 30, units=[district.root.pk])
    assert queries.waiting_for_office(district.office)["unreleased"] >= 2


def test_figures_put_reports_together(district, lived):
    task = lived.tasks.get(ordinal=2)
    figure = queries.target_figures(lived)[task.pk][0]
    assert (figure.value, figure.value_words, figure.target_words, figure.met) == (58.5, "58.5%", "不低于60%", False)
    assert figure.maximum == 100
    missing = queries.target_figures(lived)[lived.tasks.get(ordinal=3).pk][0]
    assert missing.value is None
    assert missing.met is None


def test_the_number_of_queries_does_not_grow_with_the_rows(district, lived):
    now = at("2026-06-01")
    before = [
        number_of_queries(queries.task_rows, lived, now),
        number_of_queries(queries.matrix, lived, now),
        number_of_queries(reports.ledger_rows, lived),
        number_of_queries(reports.breakdown_rows, lived),
        number_of_queries(reports.implementation, lived),
    ]
    for ordinal in (1, 3, 5):
        task = lived.tasks.get(ordinal=ordinal)
        for unit in (district.street, district.town):
            perform("task.assign", task, district.chief, {"unit": unit.pk, "role": "cooperating"}, now=now)
    after = [
        number_of_queries(queries.task_rows, lived, now),
        number_of_queries(queries.matrix, lived, now),
        number_of_queries(reports.ledger_rows, lived),
        number_of_queries(reports.breakdown_rows, lived),
        number_of_queries(reports.implementation, lived),
    ]
    assert after == before


def test_case_contexts_of_every_kind_are_small(district, lived):
    case = assignment_of(lived, 2, district.education)
    act("assignment.supervise", case, district.chief, "2026-05-25", problem="x", demand="y")
    hearing = perform(
        "hearing.record",
        None,
        district.teacher,
        {"form": "report", "held_on": "2026-05-11", "chair": "主要负责人", "content": "听取"},
        now=at("2026-05-12"),
    ).case
    lookback = perform("lookback.start", None, district.chief, {"notice": lived.pk}, now=at("2026-12-12")).case
    item = lookback.items.first()
    act("lookback.find", lookback, district.chief, "2026-12-13", item=item.pk, finding="partly", note="部分")
    order = {"item": item.pk, "unit": district.finance.pk, "problem": "x", "due_on": "2027-01-31"}
    act("lookback.order", lookback, district.chief, "2026-12-13", **order)
    rectification = item.rectifications.get()
    every = [case, case.task, lived, lived.plans.first(), hearing, lookback, rectification, case.supervisions.get()]
    assert {one.kind for one in every} == {kind for kind in kinds if kinds[kind].model._meta.app_label == "ledger"}
    for one in every:
        context = queries.case_context(one, district.chief)
        assert context
        assert queries.crumbs(one)[0][0] == "工作要点台账"
    assert number_of_queries(queries.case_context, case, district.chief) <= 14


def words_of(data):
    from docx import Document

    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def cells_of(data):
    from openpyxl import load_workbook

    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(data)).active.iter_rows()]


@pytest.mark.duty("002-29a", "003-37a")
def test_the_ledger_as_excel_and_word(lived):
    rows = cells_of(reports.ledger_workbook(lived))
    assert rows[2][:5] == ["序号", "部分", "任务", "要求", "单位"]
    assert len(rows) == 3 + 14
    assert "目录40条全部更新。" in str(rows)
    text = words_of(reports.ledger_document(lived))
    assert "2026年云溪区政务公开工作要点任务台账" in text
    assert "云溪区教育局" in text


def test_the_breakdown_table_of_a_notice_in_review(imported):
    rows = cells_of(reports.breakdown_workbook(imported))
    assert rows[2][4:7] == ["牵头单位", "责任单位", "配合单位"]
    assert rows[4][4] == "区政府办公室"
    assert "各镇街、区教育局" in words_of(reports.breakdown_document(imported))


@pytest.mark.duty("001-18c", "002-31", "003-38", "004-6b")
def test_the_report_of_implementation_tells_what_was_done_and_what_not(district, lived):
    act(
        "task.summarise",
        lived.tasks.get(ordinal=1),
        district.chief,
        "2026-06-01",
        text="各部门目录已更新。",
        percent=50,
        public="on",
    )
    report = reports.implementation(lived)
    assert "5项" in report["opening"]
    assert [title for title, _ in report["sections"]] == ["一、公开内容管得清", "二、解读讲得明白"]
    assert any("各部门目录已更新" in sentence for sentence in report["sections"][0][1])
    assert any("58.5%" in sentence for sentence in report["sections"][0][1])
    assert any("区财政局" in sentence and "正在核对" in sentence for sentence in report["unfinished"])
    assert report["other_matters"].startswith("落实《2026年云溪区政务公开工作要点》")
    own = reports.implementation(lived, unit=district.education)
    assert "区教育局承担4项" in own["opening"]
    text = words_of(reports.implementation_document(lived, unit=district.education))
    assert "其他需要报告的事项" in text


def test_other_lists(district, lived):
    lookback = perform("lookback.start", None, district.chief, {"notice": lived.pk}, now=at("2026-12-12")).case
    item = lookback.items.first()
    act("lookback.find", lookback, district.chief, "2026-12-13", item=item.pk, finding="unfinished", note="没有做")
    assert "没有做" in words_of(reports.unfinished_document(lookback))
    assert "没有做" in str(cells_of(reports.unfinished_workbook(lookback)))
    perform(
        "hearing.record",
        None,
        district.teacher,
        {"form": "report", "held_on": "2026-05-11", "chair": "主要负责人", "content": "听取汇报一次"},
        now=at("2026-05-12"),
    )
    assert "听取汇报一次" in str(cells_of(reports.hearings_workbook(2026, [district.education])))
    assert "更新主动公开目录" in words_of(reports.plan_document(lived.plans.get(unit=district.education)))
    assert cells_of(reports.comparison_workbook(lived, lived, "year"))
