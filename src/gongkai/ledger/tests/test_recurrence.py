"""From deadlines to clocks, and from one occurrence to the next."""

import datetime as dt

import pytest

from gongkai.ledger import recurrence
from gongkai.ledger.models import Notice, Task, TaskDeadline
from gongkai.ledger.tests.helpers import act, at, clock_of, last_day, received, settle


def recurring(unit, amount=1, **more):
    return TaskDeadline(kind="recurring", unit=unit, amount=amount, **more)


@pytest.mark.parametrize(
    ("text", "day", "after"),
    [
        ("每月22日前", 22, 0),
        ("每季度末月20日前", 20, 0),
        ("每周五", 5, 0),
        ("次月5日前", 5, 1),
        ("每季度", None, 0),
        ("每季度首月10日前", 10, 1),
        ("每季度第二个月中旬", 20, 2),
        ("每月二十五日前", 25, 0),
        ("每周一次", None, 0),
        ("每半年", None, 0),
        ("每月底前", None, 0),
        ("下月10日前", 10, 1),
    ],
)
def test_the_day_within_a_period_is_read_from_the_words(text, day, after):
    assert recurrence.day_of(text) == day
    assert recurrence.months_after_of(text) == after


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("deadline", "after", "key", "due"),
    [
        (recurring("month", day=22), dt.date(2026, 4, 2), "2026-04", dt.date(2026, 4, 22)),
        (recurring("month", day=22), dt.date(2026, 4, 23), "2026-05", dt.date(2026, 5, 22)),
        (recurring("quarter", day=20), dt.date(2026, 4, 2), "2026-Q2", dt.date(2026, 6, 20)),
        (recurring("month", amount=3), dt.date(2026, 7, 1), "2026-Q3", dt.date(2026, 9, 30)),
        (recurring("month", amount=6), dt.date(2026, 4, 2), "2026-H1", dt.date(2026, 6, 30)),
        (recurring("week", day=5), dt.date(2026, 4, 2), "2026-W14", dt.date(2026, 4, 3)),
        (recurring("quarter", day=10, months_after=1), dt.date(2026, 4, 2), "2026-Q1", dt.date(2026, 4, 10)),
        (recurring("month", day=5, months_after=1), dt.date(2026, 12, 6), "2026-12", dt.date(2027, 1, 5)),
    ],
)
def test_the_next_occurrence(deadline, after, key, due):
    rhythm = recurrence.rhythm_of(deadline)
    found = recurrence.next_occurrence(rhythm, after, dt.date(2026, 12, 31))
    assert (recurrence.key_of(rhythm.unit, found), found.due) == (key, due)
    assert recurrence.unit_of(key) == rhythm.unit


@pytest.mark.parametrize(
    ("text", "day", "after", "due"),
    [
        ("每年3月底前", None, dt.date(2026, 3, 1), dt.date(2026, 3, 31)),
        ("每年6月30日前", 30, dt.date(2026, 4, 2), dt.date(2026, 6, 30)),
        ("每年1月31日前", 31, dt.date(2026, 4, 2), dt.date(2027, 1, 31)),
        ("每年", None, dt.date(2026, 4, 2), None),
    ],
)
def test_a_yearly_thing_with_a_month_is_one_day_of_the_year(text, day, after, due):
    deadline = recurring("year", text=text, day=day)
    assert recurrence.rhythm_of(deadline) is None
    assert recurrence.yearly_date(deadline, after) == due


@pytest.mark.django_db
def test_nothing_follows_the_last_period_of_the_year():
    rhythm = recurrence.rhythm_of(recurring("month", day=22))
    assert recurrence.next_occurrence(rhythm, dt.date(2026, 12, 23), dt.date(2026, 12, 31)) is None


@pytest.mark.parametrize(
    "deadline",
    [recurring("", amount=None), recurring("year"), recurring("day"), recurring("week", text="每周至少更新1次")],
)
def test_vague_and_daily_rhythms_have_no_period(deadline):
    assert recurrence.rhythm_of(deadline) is None


@pytest.mark.parametrize(
    ("trigger", "starts"),
    [
        ("本要点印发", True),
        ("自本通知印发之日起", True),
        ("本方案下发后", True),
        ("文件印发", False),
        ("政策文件印发", False),
        ("印发", False),
    ],
)
def test_only_the_issue_of_the_notice_itself_starts_at_once(trigger, starts):
    notice = Notice(title="要点", issued_on=dt.date(2026, 3, 30))
    deadline = TaskDeadline(kind="duration", amount=30, unit="day", trigger=trigger)
    deadline.task = Task(notice=notice)
    assert recurrence.starts_with_notice(deadline) is starts


@pytest.mark.duty("002-29b", "001-18b")
def test_each_month_opens_the_next_until_the_year_ends(district, dispatched):
    case = received(dispatched, 2, district.education, district.teacher)
    assert case.period == "2026-04"
    for month in range(4, 13):
        clock = clock_of(case, f"report:2026-{month:02d}")
        assert last_day(clock) == dt.date(2026, month, 22)
        act("assignment.report", case, district.teacher, f"2026-{month:02d}-20", text=f"{month}月进展", percent=month)
        clock.refresh_from_db()
        assert (clock.state, clock.on_time) == ("met", True)
    assert not case.clocks.filter(code__startswith="report:", state="running").exists()
    assert case.clock.code == "year"


def test_two_limits_on_one_day_are_one_clock(district, imported):
    task = imported.tasks.get(ordinal=1)
    for ordinal, (date, text) in enumerate(
        [("12-31", "年内至少举办2期"), ("12-31", "年底前"), ("10-31", "10月31日前")], 5
    ):
        day = dt.date.fromisoformat(f"2026-{date}")
        TaskDeadline.objects.create(task=task, ordinal=ordinal, text=text, kind="date", date=day)
    settle(imported, district.chief)
    act("notice.dispatch", imported, district.chief, "2026-04-02")
    case = received(imported, 1, district.education, district.teacher)
    assert sorted(str(clock.date) for clock in case.clocks.filter(code__startswith="date:")) == [
        "2026-06-30",
        "2026-10-31",
        "2026-12-31",
    ]
    assert not case.clocks.filter(code="year").exists()


@pytest.mark.duty("002-29b")
def test_a_period_due_after_new_year_is_still_asked_for(district, imported):
    task = imported.tasks.get(ordinal=2)
    deadline = task.deadlines.get(kind="recurring")
    words = {"kind": "recurring", "unit": "month", "amount": 1, "day": 5, "months_after": 1, "text": "次月5日前"}
    act("task.set_deadline", task, district.chief, "2026-04-01 10:00", deadline=deadline.pk, **words)
    settle(imported, district.chief)
    act("notice.dispatch", imported, district.chief, "2026-04-02")
    case = received(imported, 2, district.education, district.teacher)
    assert case.period == "2026-03"
    for month in range(3, 13):
        day = f"{2026 + month // 12}-{month % 12 + 1:02d}-04"
        act("assignment.report", case, district.teacher, day, text="进展", percent=10)
    december = clock_of(case, "report:2026-12")
    assert last_day(december) == dt.date(2027, 1, 5)
    assert december.on_time
    assert not case.clocks.filter(code="report:2027-01").exists()


def test_a_missed_month_stays_late_and_the_next_follows_it(district, dispatched):
    case = received(dispatched, 2, district.education, district.teacher)
    act("assignment.report", case, district.teacher, "2026-06-01", text="补报4月", percent=5)
    assert clock_of(case, "report:2026-04").on_time is False
    assert last_day(clock_of(case, "report:2026-05")) == dt.date(2026, 5, 22)
    assert case.light == "late"


def test_an_early_second_report_does_not_use_up_the_next_month(district, dispatched):
    case = received(dispatched, 2, district.education, district.teacher)
    act("assignment.report", case, district.teacher, "2026-04-20", text="4月", percent=5)
    act("assignment.report", case, district.teacher, "2026-04-21", text="补充", percent=6)
    assert clock_of(case, "report:2026-05").state == "running"


@pytest.mark.duty("002-29b")
def test_events_start_waiting_clocks_each_on_its_own(district, dispatched):
    case = received(dispatched, 3, district.finance, district.treasurer)
    base = case.clocks.get(code__startswith="event:")
    assert (case.light, base.state) == ("wait", "waiting")
    task = dispatched.tasks.get(ordinal=3)
    act("task.register_event", task, district.chief, "2026-05-08", occurred_on="2026-04-28", note="《首贷贴息办法》")
    base.refresh_from_db()
    # 15 working days after 28 April: 29, 30 April, then from 6 May on, 9 May is worked.
    assert (base.state, last_day(base)) == ("running", dt.date(2026, 5, 21))
    later = {"occurred_on": "2026-06-01", "note": "《技改细则》"}
    act("assignment.register_event", case, district.treasurer, "2026-06-02", **later)
    second = clock_of(case, f"{base.code}:2")
    assert second.state == "running"
    assert "技改" in second.name
    case.refresh_from_db()
    act(
        "assignment.report", case, district.treasurer, "2026-05-20", clock=base.code, text="已讲解", percent=40, value=1
    )
    base.refresh_from_db()
    second.refresh_from_db()
    assert (base.state, base.on_time, second.state) == ("met", True, "running")


def test_an_event_that_has_not_happened_is_refused(district, dispatched):
    from gongkai.core.acts import ActError, perform

    task = dispatched.tasks.get(ordinal=3)
    with pytest.raises(ActError, match="还没有发生"):
        perform(
            "task.register_event",
            task,
            district.chief,
            {"occurred_on": "2026-05-09", "note": "某办法"},
            now=at("2026-05-08"),
        )
