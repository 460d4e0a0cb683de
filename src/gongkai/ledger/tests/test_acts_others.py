"""Plans, look-backs, rectifications, hearings."""

import datetime as dt

import pytest

from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, perform
from gongkai.core.measures import Scope, measures
from gongkai.ledger import queries
from gongkai.ledger.models import Hearing, LookBack, Plan, Rectification
from gongkai.ledger.tests.helpers import NOTICE, act, at, clock_of, last_day, received, settle


@pytest.fixture
def plan(district, dispatched):
    return Plan.objects.get(notice=dispatched, unit=district.education)


@pytest.mark.duty("001-18a", "004-60")
def test_a_plan_is_drafted_edited_approved_and_published(district, plan):
    assert "区教育局" in plan.title
    with pytest.raises(ActError, match="没有写责任科室"):
        perform("plan.submit", plan, district.teacher, {})
    for item in plan.items.all():
        data = {"item": item.pk, "measure": item.measure, "responsible": "办公室", "due_on": "2026-06-15"}
        act("plan.edit_item", plan, district.teacher, "2026-04-10", **data)
    first = plan.items.first()
    late = {"item": first.pk, "measure": "x", "responsible": "办公室", "due_on": "2026-07-15"}
    with pytest.raises(ActError, match="不能晚于要点规定的2026年6月30日"):
        perform("plan.edit_item", plan, district.teacher, late)
    with pytest.raises(ActError, match="不能从方案里删去"):
        perform("plan.drop_item", plan, district.teacher, {"item": first.pk})
    act("plan.edit_item", plan, district.teacher, "2026-04-10", measure="本单位增加", responsible="办公室")
    added = plan.items.get(measure="本单位增加")
    act("plan.drop_item", plan, district.teacher, "2026-04-10", item=added.pk)
    act("plan.edit", plan, district.teacher, "2026-04-10", title=plan.title, body="前言")
    act("plan.submit", plan, district.teacher, "2026-04-20")
    with pytest.raises(NotPermitted):
        perform("plan.approve", plan, district.teacher, {})
    act("plan.return", plan, district.head, "2026-04-21", reason="细化")
    act("plan.submit", plan, district.teacher, "2026-04-22")
    act("plan.approve", plan, district.head, "2026-04-29 18:00")
    assert clock_of(plan, "plan").on_time is True
    act("plan.publish", plan, district.teacher, "2026-05-20")
    assert (plan.state, plan.public, plan.on_time) == ("published", True, True)
    assert plan.published_on == dt.date(2026, 5, 20)
    assert measures["ledger.plans_on_time_rate"].compute(Scope(series=plan.series, units=(plan.unit_id,))).value == 100


@pytest.mark.duty("001-18a")
def test_a_plan_approved_after_thirty_days_is_late(district, plan):
    plan.items.update(responsible="办公室")
    act("plan.submit", plan, district.teacher, "2026-04-29")
    act("plan.approve", plan, district.head, "2026-04-30")
    act("plan.finish", plan, district.teacher, "2026-05-02", reason="涉及内部分工")
    assert (plan.state, plan.on_time) == ("finished", False)


def test_a_plan_may_be_cancelled_and_opened_again(district, dispatched, plan):
    act("plan.cancel", plan, district.chief, "2026-04-10", reason="重做")
    opened = perform("plan.open", None, district.teacher, {"notice": dispatched.pk}, now=at("2026-04-11")).case
    assert opened.items.count() == 4
    with pytest.raises(ActError, match="已经有"):
        perform("plan.open", None, district.teacher, {"notice": dispatched.pk}, now=at("2026-04-11"))


@pytest.fixture
def lookback(district):
    """A look-back on last year's notice, which was only compiled and approved."""
    text = NOTICE.replace("2026", "2025")
    notice = perform("notice.import", None, district.chief, {"text": text}, now=at("2026-01-10")).case
    notice.refresh_from_db()
    settle(notice, district.chief, at("2026-01-11"))
    return perform("lookback.start", None, district.chief, {"notice": notice.pk}, now=at("2026-01-12")).case


@pytest.mark.duty("002-30a", "002-30b", "003-37b")
def test_a_look_back_checks_item_by_item_and_orders_rectification(district, lookback):
    assert isinstance(lookback, LookBack)
    items = queries.lookback_items(lookback)
    assert len(items) == 5
    assert [item.priority for item in items] == sorted((item.priority for item in items), reverse=True)
    assert not next(item for item in items if item.ordinal == 5).priority
    with pytest.raises(ActError, match="还有5项没有核查"):
        perform("lookback.close", lookback, district.chief, {"conclusion": "x"})
    for item in items[1:]:
        act("lookback.find", lookback, district.chief, "2026-01-13", item=item.pk, finding="done")
    first = items[0]
    with pytest.raises(InvalidData):
        perform("lookback.find", lookback, district.chief, {"item": first.pk, "finding": "unfinished"})
    order = {"item": first.pk, "unit": district.education.pk, "problem": "目录未更新", "due_on": "2026-03-31"}
    with pytest.raises(ActError, match="先登记核查结果"):
        perform("lookback.order", lookback, district.chief, order, now=at("2026-01-13"))
    act("lookback.find", lookback, district.chief, "2026-01-13", item=first.pk, finding="unfinished", note="目录未更新")
    with pytest.raises(ActError, match="没有责令整改"):
        perform("lookback.close", lookback, district.chief, {"conclusion": "x"})
    act("lookback.order", lookback, district.chief, "2026-01-14", **order)
    act("lookback.close", lookback, district.chief, "2026-01-20", conclusion="5项完成4项")
    assert lookback.state == "closed"
    assert [item.pk for item in queries.unfinished(lookback)] == [first.pk]


@pytest.mark.duty("002-30b", "004-61a", "003-37b")
def test_a_rectification_is_done_when_the_office_says_so_and_in_time_when_handed_in(district):
    data = {"unit": district.education.pk, "title": "栏目空白", "problem": "三个栏目空白", "due_on": "2026-03-31"}
    with pytest.raises(NotPermitted):
        perform("rectification.order", None, district.teacher, data)
    case = perform("rectification.order", None, district.chief, data, now=at("2026-03-02")).case
    assert isinstance(case, Rectification)
    assert last_day(clock_of(case, "rectify")) == dt.date(2026, 3, 31)
    assert district.head.notifications.filter(case=case).exists()
    act("rectification.submit", case, district.teacher, "2026-03-30", result="已补两个")
    act("rectification.return", case, district.chief, "2026-04-01", reason="还有一个")
    assert (case.state, case.light) == ("ordered", "late")
    act("rectification.submit", case, district.teacher, "2026-04-02", result="已补齐")
    act("rectification.accept", case, district.chief, "2026-04-20")
    assert (case.state, case.on_time, case.closed_at) == ("done", False, at("2026-04-02"))
    with pytest.raises(WrongState):
        perform("rectification.accept", case, district.chief, {})


def test_a_rectification_may_be_cancelled(district):
    data = {"unit": district.education.pk, "title": "栏目空白", "problem": "空白", "due_on": "2026-03-31"}
    case = perform("rectification.order", None, district.chief, data, now=at("2026-03-02")).case
    act("rectification.cancel", case, district.chief, "2026-03-03", reason="误判")
    assert case.state == "cancelled"


HEARING = {"form": "report", "held_on": "2026-05-11", "chair": "主要负责人", "content": "听取政务公开工作汇报"}


@pytest.mark.duty("001-17a", "002-26", "004-54b", "003-34a")
def test_a_hearing_counts_for_its_unit_and_becomes_progress_on_request(district, dispatched):
    case = received(dispatched, 4, district.education, district.teacher)
    task = case.task
    hearing = perform(
        "hearing.record",
        None,
        district.teacher,
        {**HEARING, "settled": "增加一名人员", "tasks": [task.pk], "as_progress": "on"},
        now=at("2026-05-12"),
    ).case
    report = case.reports.get()
    assert report.cases.get().pk == hearing.pk
    assert float(report.value) == 1
    rows = {row.unit: row for row in queries.hearing_rows(2026, queries.units_of(dispatched))}
    assert rows[district.education].enough
    assert not rows[district.finance].enough
    year = Scope(since=dt.date(2026, 1, 1), until=dt.date(2027, 1, 1))
    assert measures["ledger.hearings"].compute(year).value == 1
    coverage = measures["ledger.hearing_coverage"].compute(year)
    assert (coverage.numerator, coverage.denominator) == (1, 5)
    figure = queries.target_figures(dispatched)[task.pk][0]
    assert (figure.value, figure.met, figure.value_words) == (1.0, True, "1次")
    act("hearing.void", hearing, district.teacher, "2026-05-13", reason="重复登记")
    assert measures["ledger.hearings"].compute(year).value == 0


@pytest.mark.duty("003-34a")
def test_a_leading_groups_meeting_is_recorded_with_what_it_settled(district, dispatched):
    data = {**HEARING, "form": "group", "settled": "明确牵头科室，解决两个难题"}
    hearing = perform("hearing.record", None, district.chief, data, now=at("2026-05-12")).case
    act("hearing.amend", hearing, district.chief, "2026-05-13", chair="主要负责人", content="研究难题", settled="三条")
    assert hearing.settled == "三条"
    assert queries.hearing_rows(2026, [district.office])[0].heard == 1


@pytest.mark.duty("001-16d", "004-58b", "002-27a")
def test_training_is_counted_apart_with_its_attendance(district):
    data = {**HEARING, "form": "training", "attendees": "60", "unit": district.education.pk}
    hearing = perform("hearing.record", None, district.chief, data, now=at("2026-05-12")).case
    assert (hearing.unit, hearing.attendees) == (district.education, 60)
    row = queries.hearing_rows(2026, [district.education])[0]
    assert (row.heard, row.counts["training"]) == (0, 1)
    assert measures["ledger.trainings"].compute(Scope(units=(district.education.pk,))).value == 1


def test_hearings_of_others_are_for_the_office_and_never_ahead_of_time(district, dispatched):
    with pytest.raises(ActError, match="只能登记本单位"):
        perform(
            "hearing.record", None, district.teacher, {**HEARING, "unit": district.finance.pk}, now=at("2026-05-12")
        )
    with pytest.raises(ActError, match="不能晚于今天"):
        perform("hearing.record", None, district.teacher, HEARING, now=at("2026-05-10"))
    with pytest.raises(NotPermitted):
        perform("hearing.record", None, district.auditor, HEARING)
    hearing = perform("hearing.record", None, district.teacher, HEARING, now=at("2026-05-12")).case
    task = dispatched.tasks.get(ordinal=4)
    act("hearing.link", hearing, district.teacher, "2026-05-13", tasks=[task.pk])
    assert list(Hearing.objects.get(pk=hearing.pk).tasks.all()) == [task]
