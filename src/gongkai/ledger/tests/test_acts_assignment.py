"""An assignment from receipt to the end: every act, from the right and the wrong state, by the right and the wrong person."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongkai.core import jurisdiction, reminders
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, acts, available, perform
from gongkai.core.kinds import kinds
from gongkai.core.models import CaseRelation, Event, JurisdictionSetting
from gongkai.ledger.models import Hearing, Supervision, TaskTarget
from gongkai.ledger.tests.helpers import act, assignment_of, at, clock_of, last_day, received


@pytest.fixture
def case(district, dispatched):
    """The education bureau's part of duty 1, due 30 June, received."""
    return received(dispatched, 1, district.education, district.teacher)


@pytest.mark.duty("001-18b", "004-52b")
def test_receipt_names_the_handler_and_stops_its_clock(district, dispatched):
    case = assignment_of(dispatched, 1, district.education)
    with pytest.raises(NotPermitted):
        perform("assignment.receive", case, district.treasurer, {})
    event = act("assignment.receive", case, district.teacher, "2026-04-03", handler=district.clerk.pk)
    assert (case.state, case.handler, case.turn_unit) == ("in_progress", district.clerk, district.education)
    assert "经办人" in event.summary
    receipt = clock_of(case, "receipt")
    assert (receipt.state, receipt.on_time) == ("met", True)
    with pytest.raises(WrongState, match="办理中"):
        perform("assignment.receive", case, district.teacher, {})


def test_a_late_receipt_does_not_make_the_duty_late(district, dispatched):
    case = received(dispatched, 1, district.education, district.teacher, now="2026-04-20")
    assert clock_of(case, "receipt").on_time is False
    act("assignment.submit", case, district.teacher, "2026-06-30", text="完成")
    act("assignment.close", case, district.chief, "2026-07-03")
    assert case.on_time is True


def test_handing_over_stays_within_the_unit(district, case):
    with pytest.raises(InvalidData):
        perform("assignment.transfer", case, district.teacher, {"handler": district.treasurer.pk})
    act("assignment.transfer", case, district.teacher, "2026-04-04", handler=district.clerk.pk)
    assert case.handler == district.clerk
    assert district.clerk.notifications.filter(case=case).exists()


@pytest.mark.duty("001-18b", "002-29b")
def test_progress_keeps_words_percent_files_links_and_cases(district, case):
    hearing = perform(
        "hearing.record",
        None,
        district.teacher,
        {"form": "session", "held_on": "2026-04-10", "chair": "主要负责人", "content": "研究目录"},
        now=at("2026-04-11"),
    ).case
    file = SimpleUploadedFile("目录.txt", "目录清单".encode())
    perform(
        "assignment.report",
        case,
        district.teacher,
        {"text": "已更新目录40条。", "percent": "40", "links": "https://example.gov.cn/a", "cases": [hearing.pk]},
        files={"files": [file]},
        now=at("2026-04-12"),
    )
    case.refresh_from_db()
    report = case.reports.get()
    assert (case.percent, report.percent, report.public) == (40, 40, True)
    assert report.files.get().case_id == case.pk
    assert report.links == ["https://example.gov.cn/a"]
    assert report.cases.get().pk == hearing.pk
    assert CaseRelation.objects.filter(source=hearing, target=case, kind="evidence").exists()
    assert isinstance(hearing, Hearing)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"text": "", "percent": "1"}, "text"),
        ({"text": "x", "percent": "101"}, "percent"),
        ({"text": "x", "percent": "1", "links": "javascript:alert(1)"}, "links"),
        ({"text": "x", "percent": "1", "public": "no"}, "private_reason"),
        ({"text": "x" * 501, "percent": "1"}, "text"),
    ],
)
def test_progress_with_faults_is_refused(district, case, data, field):
    with pytest.raises(InvalidData) as refused:
        perform("assignment.report", case, district.teacher, data)
    assert field in refused.value.form.errors
    case.refresh_from_db()
    assert case.event_count == 2


@pytest.mark.duty("001-18d")
def test_an_urging_has_to_be_answered(district, case):
    with pytest.raises(NotPermitted):
        perform("assignment.urge", case, district.teacher, {"words": "快"})
    act("assignment.urge", case, district.chief, "2026-05-20", words="说明目录与台账的差异")
    assert district.teacher.notifications.filter(case=case, kind="urge").exists()
    with pytest.raises(InvalidData) as refused:
        perform("assignment.report", case, district.teacher, {"text": "进展", "percent": "10"}, now=at("2026-05-21"))
    assert "还没有回应5月20日的催办" in str(refused.value.form.errors)
    act("assignment.report", case, district.teacher, "2026-05-21", text="进展", percent=10, answer="口径不同")
    assert not case.urge_open
    assert case.reports.get().answer == "口径不同"
    act("assignment.urge", case, district.chief, "2026-05-22", words="再报一次")
    act("assignment.answer_urge", case, district.teacher, "2026-05-23", answer="下周报")
    assert not case.urge_open


def test_completion_is_judged_by_its_submission_not_by_its_check(district, case):
    act("assignment.submit", case, district.teacher, "2026-06-30 23:59", text="全部更新")
    assert (case.state, case.percent, case.turn_unit) == ("submitted", 100, district.office)
    check = clock_of(case, "check:1")
    assert not check.judged
    act("assignment.close", case, district.chief, "2026-07-20", words="同意")
    assert (case.state, case.on_time, case.light, case.closed_month) == ("done", True, "done", "2026-06")
    assert clock_of(case, "check:1").on_time is False


def test_completion_a_minute_too_late_is_late(district, case):
    act("assignment.submit", case, district.teacher, "2026-07-01 00:00:30", text="全部更新")
    act("assignment.close", case, district.chief, "2026-07-01")
    assert (case.on_time, case.light) == (False, "donelate")


def test_a_return_lets_the_clock_run_as_if_it_had_never_stopped(district, case):
    due = clock_of(case, case.clock.code).due_at
    act("assignment.submit", case, district.teacher, "2026-06-25", text="完成")
    assert case.clocks.filter(judged=True, state="running").count() == 0
    act("assignment.return", case, district.chief, "2026-07-02", reason="少两页")
    clock = case.clocks.get(code__startswith="date:")
    assert (case.state, clock.state, clock.due_at, case.light) == ("in_progress", "running", due, "late")
    assert case.percent == 0
    assert case.reports.get().returned_at
    act("assignment.submit", case, district.teacher, "2026-07-03", text="补齐")
    act("assignment.close", case, district.chief, "2026-07-03 15:00")
    assert case.on_time is False
    assert case.clocks.filter(code__startswith="check:").count() == 2


def test_a_returned_report_opens_its_period_again(district, dispatched):
    case = received(dispatched, 2, district.education, district.teacher)
    act("assignment.report", case, district.teacher, "2026-04-20", text="4月", percent=10)
    act("assignment.return_report", case, district.chief, "2026-04-21", reason="没有数字")
    assert clock_of(case, "report:2026-04").state == "running"
    assert clock_of(case, "report:2026-05").state == "cancelled"
    assert (case.period, case.percent) == ("2026-04", 0)
    act("assignment.report", case, district.teacher, "2026-04-22", text="4月，3篇", percent=10)
    assert clock_of(case, "report:2026-05").state == "running"
    act("assignment.return_report", case, district.chief, "2026-04-23", reason="再补")
    with pytest.raises(ActError, match="没有可以退回"):
        perform("assignment.return_report", case, district.chief, {"reason": "x"}, now=at("2026-04-23"))


def test_the_units_own_reviewer_looks_first_where_the_setting_says_so(district, case):
    JurisdictionSetting.objects.create(key="ledger.unit_review", value=True)
    from django.core.cache import cache

    cache.clear()
    assert jurisdiction.value("ledger.unit_review")
    act("assignment.submit", case, district.teacher, "2026-06-20", text="完成")
    assert (case.state, case.turn_role) == ("review", "reviewer")
    assert case.clocks.get(code__startswith="date:").state == "running"
    with pytest.raises(NotPermitted):
        perform("assignment.review_pass", case, district.teacher, {})
    act("assignment.review_return", case, district.reviewer, "2026-06-21", reason="写清楚")
    assert case.state == "in_progress"
    act("assignment.submit", case, district.teacher, "2026-06-22", text="完成")
    act("assignment.review_pass", case, district.reviewer, "2026-06-23")
    assert case.state == "submitted"
    assert case.submitted_at == at("2026-06-23")


@pytest.mark.duty("001-18d")
def test_a_postponement_moves_the_clock_only_when_granted(district, case):
    with pytest.raises(ActError, match="晚于现在的时限"):
        perform("assignment.request_postponement", case, district.teacher, {"date": "2026-06-30", "reason": "x"})
    act("assignment.request_postponement", case, district.teacher, "2026-06-20", date="2026-07-20", reason="核对量大")
    assert (case.state, case.turn_unit) == ("postponing", district.office)
    clock = case.clocks.get(code__startswith="date:")
    assert last_day(clock) == dt.date(2026, 6, 30)
    act("assignment.reject_postponement", case, district.chief, "2026-06-21", reason="理由不充分")
    assert case.state == "in_progress"
    act("assignment.request_postponement", case, district.head, "2026-06-22", date="2026-07-20", reason="核对量大")
    act("assignment.approve_postponement", case, district.chief, "2026-06-23", date="2026-07-10")
    clock.refresh_from_db()
    assert last_day(clock) == dt.date(2026, 7, 10)
    assert clock.extensions.get().reason == "核对量大"
    assert case.postponed_to is None
    act("assignment.submit", case, district.teacher, "2026-07-09", text="完成")
    act("assignment.close", case, district.chief, "2026-07-09")
    assert case.on_time is True


def test_pausing_holds_counted_time_and_leaves_fixed_days(district, dispatched):
    case = received(dispatched, 3, district.finance, district.treasurer)
    act("assignment.register_event", case, district.treasurer, "2026-05-11", occurred_on="2026-05-11", note="某办法")
    clock = case.clocks.get(code__startswith="event:")
    before = last_day(clock)
    act("assignment.pause", case, district.chief, "2026-05-13", reason="核对口径", document="台账管理办法第九条")
    assert (case.paused, case.light) == (True, "paused")
    with pytest.raises(WrongState):
        perform("assignment.pause", case, district.chief, {"reason": "x", "document": "y"})
    act("assignment.resume", case, district.chief, "2026-05-20")
    clock.refresh_from_db()
    assert not case.paused
    assert last_day(clock) > before
    assert last_day(clock_of(case, "year")) == dt.date(2026, 12, 31)


@pytest.mark.duty("001-18d", "004-61a")
def test_a_supervision_is_a_numbered_letter_that_wants_its_answer(district, case):
    act("assignment.supervise", case, district.chief, "2026-07-06", problem="超期未完成", demand="书面反馈")
    supervision = Supervision.objects.get(assignment=case)
    letter = supervision.letters.get()
    assert letter.number == "督办〔2026〕1号"
    assert letter.fields["unit"] == "云溪区教育局"
    assert letter.fields["answer_by"] == "2026年7月13日"
    assert last_day(clock_of(supervision, "answer")) == dt.date(2026, 7, 13)
    with pytest.raises(ActError, match="先答复督办单"):
        perform("assignment.submit", case, district.teacher, {"text": "完成"}, now=at("2026-07-07"))
    act("supervision.answer", supervision, district.teacher, "2026-07-10", answer="已安排")
    act("supervision.return", supervision, district.chief, "2026-07-14", reason="没有完成时间")
    assert (supervision.state, supervision.light) == ("issued", "late")
    act("supervision.answer", supervision, district.head, "2026-07-15", answer="7月20日前完成")
    act("supervision.close", supervision, district.chief, "2026-07-16")
    assert (supervision.state, supervision.on_time) == ("closed", False)
    act("assignment.submit", case, district.teacher, "2026-07-17", text="完成")


def test_a_supervision_can_be_withdrawn(district, case):
    act(
        "assignment.supervise",
        case,
        district.chief,
        "2026-07-06",
        problem="超期",
        demand="反馈",
        answer_by="2026-07-20",
    )
    supervision = Supervision.objects.get(assignment=case)
    assert last_day(clock_of(supervision, "answer")) == dt.date(2026, 7, 20)
    act("supervision.withdraw", supervision, district.chief, "2026-07-07", reason="发错单位")
    assert supervision.state == "withdrawn"


def test_questions_go_to_the_office_and_come_back(district, case):
    act("assignment.ask", case, district.teacher, "2026-04-10", question="同一文件算一篇还是两篇？")
    assert case.question_open
    assert district.chief.notifications.filter(case=case).exists()
    act("assignment.answer", case, district.chief, "2026-04-11", answer="算一篇")
    assert not case.question_open
    with pytest.raises(WrongState):
        perform("assignment.answer", case, district.chief, {"answer": "x"})


def test_cancelling_takes_it_out_of_the_figures(district, dispatched, case):
    from gongkai.core import counters

    before = sum(sum(c.values()) for c in counters.by_unit_section("assignment", dispatched.ledger_series).values())
    with pytest.raises(NotPermitted):
        perform("assignment.cancel", case, district.teacher, {"reason": "x"})
    act("assignment.cancel", case, district.chief, "2026-07-10", reason="账号已注销")
    after = sum(sum(c.values()) for c in counters.by_unit_section("assignment", dispatched.ledger_series).values())
    assert (case.state, after) == ("cancelled", before - 1)
    assert clock_of(case, "receipt").state == "met"


@pytest.mark.duty("001-18b")
def test_progress_is_public_only_after_release(district, dispatched, case):
    act("assignment.report", case, district.teacher, "2026-04-10", text="已更新40条", percent=40)
    progress = case.reports.get()
    assert progress.released_at is None
    act("assignment.release", case, district.chief, "2026-04-11")
    progress.refresh_from_db()
    assert progress.released_at == at("2026-04-11")
    assert Event.objects.get(case=case, act="assignment.release").public
    act("assignment.unrelease", case, district.chief, "2026-04-12", reason="更正")
    progress.refresh_from_db()
    assert progress.released_at is None
    act(
        "assignment.report",
        case,
        district.teacher,
        "2026-04-13",
        text="内部",
        percent=41,
        public="no",
        private_reason="未定",
    )
    with pytest.raises(ActError, match="要求暂不公开"):
        perform("assignment.release", case, district.chief, {"progress": case.reports.first().pk})


def test_release_waits_for_a_public_ledger(district, dispatched, case):
    act("assignment.report", case, district.teacher, "2026-04-10", text="已更新40条", percent=40)
    act("notice.unpublish", dispatched, district.chief, "2026-04-11", reason="x")
    with pytest.raises(ActError, match="先公开台账"):
        perform("assignment.release", case, district.chief, {})


@pytest.mark.duty("001-18d", "004-52b")
def test_late_duties_are_urged_once_and_reminded_once(district, dispatched, case):
    told = reminders.run(at("2026-06-30 08:00"))
    assert told
    assert reminders.run(at("2026-06-30 08:05")) is not None
    reminders_of = district.teacher.notifications.filter(case=case, kind="remind")
    assert reminders_of.count() == 1
    reminders.run(at("2026-07-01 08:00"))
    reminders.run(at("2026-07-01 09:00"))
    reminders.run(at("2026-07-02 08:00"))
    assert Event.objects.filter(case=case, act="assignment.auto_urge").count() == 1
    assert district.head.notifications.filter(case=case, kind="escalate").count() == 1
    case.refresh_from_db()
    assert case.urge_open


def test_the_acts_offered_follow_role_and_state(district, case):
    def offered(user):
        return {found.name for found in available(case, user)}

    assert {"report", "submit", "request_postponement", "transfer", "ask"} <= offered(district.teacher)
    assert not offered(district.teacher) & {"urge", "close", "cancel", "pause", "supervise", "release"}
    assert {"urge", "pause", "supervise", "cancel"} <= offered(district.chief)
    assert offered(district.treasurer) == set()
    assert offered(district.auditor) == set()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("report", {"text": "x", "percent": "1"}),
        ("submit", {"text": "x"}),
        ("close", {}),
        ("return", {"reason": "x"}),
        ("request_postponement", {"date": "2027-01-01", "reason": "x"}),
        ("approve_postponement", {}),
        ("reject_postponement", {"reason": "x"}),
        ("review_pass", {}),
        ("review_return", {"reason": "x"}),
        ("ask", {"question": "x"}),
        ("transfer", {}),
        ("pause", {"reason": "x", "document": "y"}),
        ("reopen", {"reason": "x"}),
    ],
)
def test_acts_from_a_wrong_state_change_nothing(district, dispatched, name, data):
    case = assignment_of(dispatched, 1, district.education)
    with pytest.raises(WrongState):
        perform(f"assignment.{name}", case, None, data)
    case.refresh_from_db()
    assert (case.state, case.event_count) == ("dispatched", 1)


def test_handing_in_ends_a_pause(district, case):
    act("assignment.pause", case, district.chief, "2026-05-13", reason="核对口径", document="办法第九条")
    act("assignment.submit", case, district.teacher, "2026-06-01", text="完成")
    assert not case.paused
    act("assignment.return", case, district.chief, "2026-06-02", reason="补材料")
    assert case.clocks.get(code__startswith="date:").state == "running"
    act("assignment.pause", case, district.chief, "2026-06-03", reason="核对口径", document="办法第九条")
    act("assignment.cancel", case, district.chief, "2026-06-04", reason="不再适用")
    assert not case.paused


def test_the_form_of_a_report_asks_for_a_period_only_where_one_runs_and_names_it_first(district, dispatched, case):
    form = acts["assignment.report"].form(case, district.teacher)
    assert "clock" not in form.fields
    recurring = received(dispatched, 2, district.education, district.teacher)
    choices = acts["assignment.report"].form(recurring, district.teacher).fields["clock"].choices
    running = clock_of(recurring, choices[0][0])
    assert running.name in choices[0][1]
    assert choices[-1][0] == "none"
    assert len(dict(choices)) == len(choices)


def test_the_form_of_a_report_speaks_of_units_and_duties_as_people_do(district, case):
    TaskTarget.objects.create(task=case.task, text="年内至少举办1次培训", value=1, unit="times")
    act("assignment.urge", case, district.chief, "2026-05-20", words="说明差异")
    form = acts["assignment.report"].form(case, district.teacher)
    assert form.fields["value"].help_text == "年内至少举办1次培训（次）"
    # An urging has to be answered: its field is not called optional.
    assert form.fields["answer"].quiet


def test_the_dialog_says_how_several_are_chosen_what_each_is_and_what_follows_once(district, case, client):
    data = {"form": "session", "held_on": "2026-04-10", "chair": "主要负责人", "content": "研究目录"}
    perform("hearing.record", None, district.teacher, data, now=at("2026-04-11"))
    client.force_login(district.teacher)
    page = client.get(reverse("workbench:act", args=[case.pk, "report"])).content.decode()
    # Once, at the list of cases: files are dropped, not picked from a list.
    assert page.count("按住 Ctrl 键点选") == 1
    assert "data-drop" in page
    assert f"{kinds[Hearing.KIND].label}　" in page
    assert "报送进展后：报送后" not in page
    assert "报送后本期时限停止" in page
