"""The page of a case: few queries for every kind, state and reader, with few and with many events and reports."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gongkai.core import calendars, jurisdiction
from gongkai.core.acts import acts, available, perform
from gongkai.core.icons import icon
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, Event
from gongkai.core.navigation import items
from gongkai.ledger.models import Assignment
from gongkai.ledger.tests.helpers import act, assignment_of, at, received, settle

PAGE, DIALOG = 12, 20
READERS = ("teacher", "clerk", "reviewer", "head", "chief", "auditor", "treasurer")


def dispatched_only(district, notice):
    """Laid on the unit, nothing done."""
    return assignment_of(notice, 2, district.education)


def working(district, notice):
    """Received."""
    return received(notice, 2, district.education, district.teacher)


def reported(district, notice, times=1):
    """Progress with a file, a link and a hearing as evidence."""
    case = working(district, notice)
    hearing = perform(
        "hearing.record",
        None,
        district.teacher,
        {"form": "session", "held_on": "2026-04-10", "chair": "主要负责人", "content": "研究目录"},
        now=at("2026-04-11"),
    ).case
    for number in range(times):
        perform(
            "assignment.report",
            case,
            district.teacher,
            {"text": f"第{number}次", "percent": str(10 + number), "cases": [hearing.pk], "clock": "none",
             "value": str(number)},
            files={"files": [SimpleUploadedFile(f"目录{number}.txt", f"目录清单{number}".encode())]},
            now=at("2026-04-12") + dt.timedelta(hours=number),
        )  # fmt: skip
    return case


def many(district, notice):
    """Thirty reports, each with its event, file and evidence."""
    return reported(district, notice, times=30)


def urged(district, notice):
    """Urged by the office."""
    case = reported(district, notice)
    act("assignment.urge", case, district.chief, "2026-05-20", words="说明差异")
    return case


def supervised(district, notice):
    """A supervision that waits for its answer."""
    case = reported(district, notice)
    act("assignment.supervise", case, district.chief, "2026-05-25", problem="超期", demand="限期完成")
    return case


def postponing(district, notice):
    """More time was asked for."""
    case = working(district, notice)
    act("assignment.request_postponement", case, district.teacher, "2026-04-20", date="2027-01-20", reason="等待系统")
    return case


def extended(district, notice):
    """More time was granted."""
    case = postponing(district, notice)
    act("assignment.approve_postponement", case, district.chief, "2026-04-21", date="2027-01-20")
    return case


def paused(district, notice):
    """The time stands still."""
    case = working(district, notice)
    act("assignment.pause", case, district.chief, "2026-04-20", reason="等待上级", document="临云政办函〔2026〕3号")
    return case


def released(district, notice):
    """A report is public."""
    case = reported(district, notice)
    act("assignment.release", case, district.chief, "2026-04-20")
    return case


def asked(district, notice):
    """A question waits for the office."""
    case = working(district, notice)
    act("assignment.ask", case, district.teacher, "2026-04-20", question="口径怎么算")
    return case


def submitted(district, notice):
    """Handed in."""
    case = reported(district, notice)
    act("assignment.submit", case, district.teacher, "2026-06-01", text="全部完成")
    return case


def done(district, notice):
    """Checked and closed."""
    case = submitted(district, notice)
    act("assignment.close", case, district.chief, "2026-06-03")
    return case


def returned(district, notice):
    """Sent back."""
    case = submitted(district, notice)
    act("assignment.return", case, district.chief, "2026-06-03", reason="缺附件")
    return case


def cancelled(district, notice):
    """Taken back by the office."""
    case = working(district, notice)
    act("assignment.cancel", case, district.chief, "2026-06-03", reason="机构调整")
    return case


def event_begun(district, notice):
    """A deadline that waits for an event, begun once."""
    case = received(notice, 3, district.finance, district.treasurer)
    act("assignment.register_event", case, district.treasurer, "2026-04-20", occurred_on="2026-04-19", note="惠企政策")
    return case


def reviewing(district, notice):
    """The unit's own reviewer looks at it."""
    jurisdiction.change("ledger.unit_review", "是", district.chief)
    return submitted(district, notice)


def task_open(district, notice):
    """A duty that runs, with reports."""
    return reported(district, notice).task


def task_summarised(district, notice):
    """With a summary, released."""
    task = task_open(district, notice)
    act("task.summarise", task, district.chief, "2026-05-01", text="总体过半", percent=50, public="on")
    act("task.release", task, district.chief, "2026-05-02")
    return task


def task_with_events(district, notice):
    """Events were registered for all its units."""
    task = notice.tasks.get(ordinal=3)
    for day in range(1, 6):
        act("task.register_event", task, district.chief, "2026-05-20", occurred_on=f"2026-05-0{day}", note="政策印发")
    return task


def task_cancelled(district, notice):
    """Taken back with all its units."""
    task = notice.tasks.get(ordinal=2)
    act("task.cancel", task, district.chief, "2026-05-20", reason="机构调整")
    return task


def plan_drafting(district, notice):
    """The bureau's own plan as drafted."""
    return notice.plans.get(unit=district.education)


def plan_submitted(district, notice):
    """Waits for the leader."""
    plan = plan_drafting(district, notice)
    plan.items.update(responsible="办公室")
    act("plan.submit", plan, district.teacher, "2026-04-10")
    return plan


def plan_published(district, notice):
    """Public."""
    plan = plan_submitted(district, notice)
    act("plan.approve", plan, district.head, "2026-04-12")
    act("plan.publish", plan, district.teacher, "2026-04-13")
    return plan


def lookback_open(district, notice):
    """Some items found, one ordered to be put right."""
    lookback = perform("lookback.start", None, district.chief, {"notice": notice.pk}, now=at("2026-12-12")).case
    for item in lookback.items.all():
        act("lookback.find", lookback, district.chief, "2026-12-13", item=item.pk, finding="partly", note="部分")
        order = {"item": item.pk, "unit": district.education.pk, "problem": "x", "due_on": "2027-01-31"}
        act("lookback.order", lookback, district.chief, "2026-12-13", **order)
    return lookback


def lookback_closed(district, notice):
    """Concluded."""
    lookback = lookback_open(district, notice)
    act("lookback.close", lookback, district.chief, "2026-12-20", conclusion="多数部分完成")
    return lookback


def rectification_ordered(district, notice):
    """Ordered in a look-back."""
    return lookback_open(district, notice).items.first().rectifications.get()


def rectification_submitted(district, notice):
    """Put right, waits for acceptance."""
    case = rectification_ordered(district, notice)
    act("rectification.submit", case, district.teacher, "2027-01-10", result="已补齐")
    return case


def hearing_recorded(district, notice):
    """Tied to a duty."""
    event = perform(
        "hearing.record",
        None,
        district.teacher,
        {"form": "report", "held_on": "2026-05-11", "chair": "主要负责人", "content": "听取",
         "tasks": [task.pk for task in notice.tasks.filter(state="open")]},
        now=at("2026-05-12"),
    )  # fmt: skip
    return event.case


def supervision_issued(district, notice):
    """Waits for its answer."""
    return supervised(district, notice).supervisions.get()


def supervision_answered(district, notice):
    """Waits for the office."""
    case = supervision_issued(district, notice)
    act("supervision.answer", case, district.teacher, "2026-05-27", answer="月底完成")
    return case


def notice_running(district, notice):
    """The notice itself."""
    return notice


def notice_archived(district, notice):
    """Its year is over."""
    act("notice.archive", notice, district.chief, "2026-12-30")
    return notice


SITUATIONS = [
    dispatched_only, working, reported, many, urged, supervised, postponing, extended, paused, released, asked,
    submitted, done, returned, cancelled, event_begun, reviewing, task_open, task_summarised, task_with_events,
    task_cancelled, plan_drafting, plan_submitted, plan_published, lookback_open, lookback_closed,
    rectification_ordered, rectification_submitted, hearing_recorded, supervision_issued, supervision_answered,
    notice_running, notice_archived,
]  # fmt: skip


def ask(user, address):
    """(status, queries) of a GET by a person who signed in; what the server keeps for everybody is kept already."""
    client = Client()
    client.force_login(user)
    jurisdiction.values()
    calendars.current()
    # Django asks a connection once whether it knows JSON.
    assert connection.features.supports_json_field
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    return response, captured.captured_queries


def listed(queries):
    """Queries as lines, for the message of a failure."""
    return "\n".join(f"{number:2} {query['sql'][:300]}" for number, query in enumerate(queries, start=1))


def open_page(user, case):
    """The page by one reader: in budget, and found by those who may see it."""
    response, queries = ask(user, case.get_absolute_url())
    visible = Case.objects.visible_to(type(user).objects.get(pk=user.pk)).filter(pk=case.pk).exists()
    assert response.status_code == (200 if visible else 404)
    assert len(queries) <= PAGE, f"{len(queries)} queries for {user}:\n{listed(queries)}"
    return visible


@pytest.mark.parametrize("bring", SITUATIONS, ids=lambda bring: bring.__name__)
def test_the_page_of_a_case_asks_little(district, dispatched, bring):
    case = bring(district, dispatched)
    seen = [open_page(getattr(district, name), case) for name in READERS]
    assert any(seen)
    for tab in ("files", "related", "trace"):
        _, queries = ask(district.chief, f"{case.get_absolute_url()}?tab={tab}")
        assert len(queries) <= PAGE, listed(queries)
    open_dialogs(district, case)


def open_dialogs(district, case):
    """Every act each reader may do: its form or the reason why not now, in budget."""
    for name in READERS:
        user = type(district.chief).objects.get(pk=getattr(district, name).pk)
        for found in available(case, user):
            address = reverse("workbench:act", args=[case.pk, found.name])
            response, queries = ask(user, address)
            stopped = found.blocked(case, user)
            assert response.status_code == (409 if stopped else 200), found.key
            assert len(queries) <= DIALOG, f"{found.key}: {len(queries)}\n{listed(queries)}"


@pytest.mark.parametrize("state", ["review", "approved"])
def test_the_page_of_a_notice_before_its_dispatch_asks_little(district, imported, state):
    if state == "approved":
        settle(imported, district.chief)
    for name in ("chief", "auditor", "teacher"):
        open_page(getattr(district, name), imported)
    open_page(district.chief, imported.tasks.first())


def test_a_computed_figure_beside_a_duty_stays_in_budget(district, dispatched):
    case = reported(district, dispatched)
    case.task.targets.update(metric="ledger.overdue")
    # A stranger gets 404, and with it what the server keeps for everybody is there.
    assert ask(district.treasurer, case.get_absolute_url())[0].status_code == 404
    open_page(district.teacher, case)
    open_page(district.chief, case.task)


def test_the_page_tells_the_truth_right_after_an_act(district, dispatched):
    case = reported(district, dispatched)
    assert case.known["waiting"] == 1
    act("assignment.release", case, district.chief, "2026-04-20")
    assert (case.known["waiting"], case.known["released"]) == (0, 1)
    page, _ = ask(district.chief, case.get_absolute_url())
    assert "没有等待公开的进展" in page.content.decode()
    act("assignment.unrelease", case, district.chief, "2026-04-21", reason="有个人信息")
    page, _ = ask(district.chief, case.get_absolute_url())
    assert "没有等待公开的进展" not in page.content.decode()
    act("assignment.supervise", case, district.chief, "2026-05-25", problem="超期", demand="限期")
    number = case.supervisions.get().number
    assert f"督办单{number}还没有答复" in ask(district.teacher, case.get_absolute_url())[0].content.decode()


def test_the_page_shows_reports_with_their_files_and_cases(district, dispatched):
    case = many(district, dispatched)
    text = ask(district.teacher, case.get_absolute_url())[0].content.decode()
    for number in range(30):
        assert f"目录{number}.txt" in text
    assert "指标完成值29.00" in text
    assert "研究目录" not in text
    assert text.count("专题研究部署") >= 30
    assert Event.objects.filter(case=case).count() == 32


def test_opening_the_page_reads_its_notifications(district, dispatched):
    case = urged(district, dispatched)
    waiting = district.teacher.notifications.filter(case=case, read_at__isnull=True)
    assert waiting.exists()
    ask(district.teacher, case.get_absolute_url())
    assert not waiting.exists()


def test_every_act_and_every_line_of_the_navigation_has_an_icon(db):
    for name in {found.icon for found in acts.values()} | {item.icon for item in items.values()}:
        assert str(icon(name)).startswith("<svg")
    assert Assignment.KIND in kinds
