"""Editing drafts on the review screen, and duties that run."""

import datetime as dt

import pytest

from gongkai.core.acts import ActError, NotPermitted, WrongState, acts, available, perform
from gongkai.core.models import Event
from gongkai.ledger.models import Assignment, Task
from gongkai.ledger.tests.helpers import act, assignment_of, at, received, settle


@pytest.fixture
def draft(imported):
    return imported.tasks.get(ordinal=2)


def test_words_can_be_edited_and_leave_before_and_after(district, draft):
    event = act(
        "task.edit", draft, district.chief, "2026-04-01", heading="提高解读质量", text="文件上网的同时发布解读。"
    )
    assert draft.title == "提高解读质量"
    assert event.changes["text"][1] == "文件上网的同时发布解读。"


def test_units_can_be_added_changed_and_removed(district, draft):
    perform(
        "task.add_unit", draft, district.chief, {"group": district.towns.pk, "role": "cooperating", "name": "各街镇"}
    )
    added = draft.named_units.get(name="各街镇")
    perform("task.change_unit", draft, district.chief, {"named": added.pk, "role": "lead", "unit": district.town.pk})
    added.refresh_from_db()
    assert (added.role, added.unit, added.group) == ("lead", district.town, None)
    perform("task.remove_unit", draft, district.chief, {"named": added.pk})
    assert not draft.named_units.filter(pk=added.pk).exists()


def test_a_task_without_units_is_doubtful_again(district, imported):
    task = imported.tasks.get(ordinal=3)
    for one in task.named_units.all():
        perform("task.remove_unit", task, district.chief, {"named": one.pk})
    assert task.doubts.filter(code="unit.missing", resolved_at__isnull=True).exists()
    with pytest.raises(ActError, match="无责任单位"):
        perform("notice.approve", imported, district.chief, {})


def test_units_that_only_the_event_tells_stay_open(district, imported):
    task = imported.tasks.get(ordinal=3)
    for one in task.named_units.all():
        perform("task.change_unit", task, district.chief, {"named": one.pk, "outside": "on"})
    settle(imported, district.chief)
    act("notice.dispatch", imported, district.chief, "2026-04-02")
    task.refresh_from_db()
    assert task.state == "open"
    assert not task.assignments.exists()
    act("task.assign", task, district.chief, "2026-05-02", unit=district.finance.pk, role="responsible")
    assert task.assignments.get().unit == district.finance


def test_deadlines_and_targets_can_be_set_and_removed(district, draft):
    perform("task.set_deadline", draft, district.chief, {"kind": "date", "date": "2026年9月30日"})
    added = draft.deadlines.get(kind="date")
    assert (added.date, added.text) == (dt.date(2026, 9, 30), "2026年9月30日前")
    perform("task.remove_deadline", draft, district.chief, {"deadline": added.pk})
    perform(
        "task.set_target", draft, district.chief, {"text": "不少于3场", "operator": ">=", "value": "3", "unit": "场"}
    )
    target = draft.targets.get(text="不少于3场")
    perform("task.remove_target", draft, district.chief, {"target": target.pk})
    assert draft.targets.count() == 1


def test_split_shares_out_what_stands_in_each_part(district, draft):
    offset = draft.text.index("图解")
    event = act("task.split", draft, district.chief, "2026-04-01", offset=offset)
    later = Task.objects.get(pk=event.data["task"])
    assert later.text.startswith("图解")
    assert later.ordinal == draft.ordinal + 1
    assert (draft.deadlines.count(), later.deadlines.count()) == (1, 0)
    assert (draft.targets.count(), later.targets.count()) == (0, 1)
    assert later.named_units.count() == draft.named_units.count()
    ordinals = list(draft.notice.tasks.filter(state="draft").values_list("ordinal", flat=True))
    assert len(ordinals) == len(set(ordinals))
    assert draft.notice.text[later.span_start :].startswith("图解")


def test_split_refuses_an_end(district, draft):
    with pytest.raises(ActError, match="中间"):
        perform("task.split", draft, district.chief, {"offset": len(draft.text)})


def test_merge_puts_a_task_into_the_one_before(district, draft):
    before = draft.notice.tasks.get(ordinal=1)
    act("task.merge", draft, district.chief, "2026-04-01")
    before.refresh_from_db()
    assert draft.state == "dropped"
    assert "图解" in before.text
    assert before.deadlines.count() == 2
    assert before.targets.count() == 1
    names = list(before.named_units.values_list("name", "role"))
    assert len(names) == len(set(names))
    with pytest.raises(ActError):
        perform("task.merge", before, district.chief, {})


def test_dropped_drafts_are_not_dispatched_and_can_be_taken_back(district, draft):
    act("task.drop", draft, district.chief, "2026-04-01")
    assert draft.state == "dropped"
    act("task.restore", draft, district.chief, "2026-04-01")
    assert draft.state == "draft"
    act("task.drop", draft, district.chief, "2026-04-01")
    notice = draft.notice
    settle(notice, district.chief)
    act("notice.dispatch", notice, district.chief, "2026-04-02")
    assert not Assignment.objects.filter(task=draft).exists()
    assert list(notice.tasks.filter(state="open").order_by("ordinal").values_list("ordinal", flat=True)) == [1, 2, 3, 4]


def test_a_candidate_is_taken_over_with_a_unit(district):
    from gongkai.ledger.tests.helpers import NOTICE

    text = NOTICE + "\n6.做好网站留言答复，5个工作日内答复。\n"
    notice = perform("notice.import", None, district.chief, {"text": text}, now=at("2026-04-01")).case
    task = notice.tasks.get(candidate=True)
    act("task.take_over", task, district.chief, "2026-04-01", unit=district.finance.pk, role="responsible")
    assert not task.candidate
    assert task.named_units.get().unit == district.finance
    assert not task.doubts.filter(code="unit.missing", resolved_at__isnull=True).exists()


def test_drafts_are_for_the_office_and_closed_after_approval(district, draft):
    with pytest.raises(NotPermitted):
        perform("task.edit", draft, district.teacher, {"text": "改"})
    settle(draft.notice, district.chief)
    with pytest.raises(ActError, match="已经批准"):
        perform("task.edit", draft, district.chief, {"text": "改"})
    act("notice.reconsider", draft.notice, district.chief, "2026-04-01", reason="再看一遍")
    act("task.edit", draft, district.chief, "2026-04-01", text="改")


@pytest.mark.duty("001-18b", "001-18d")
def test_the_lead_sums_up_and_the_office_releases(district, dispatched):
    task = dispatched.tasks.get(ordinal=1)
    act("task.summarise", task, district.chief, "2026-05-06", text="两个单位已更新目录。", percent=40, public="on")
    assert task.summary_text
    assert task.summary_released_at is None
    act("task.release", task, district.chief, "2026-05-07")
    assert task.summary_released_at
    assert Event.objects.filter(case=task, act="task.release").get().public
    act("task.unrelease", task, district.chief, "2026-05-08", reason="数字有误")
    assert task.summary_released_at is None
    act("task.summarise", task, district.chief, "2026-05-09", text="核对中。")
    with pytest.raises(ActError, match="暂不公开"):
        perform("task.release", task, district.chief, {})
    with pytest.raises(NotPermitted):
        perform("task.summarise", task, district.treasurer, {"text": "x"})


def test_units_can_be_added_and_replaced_later(district, dispatched):
    task = dispatched.tasks.get(ordinal=5)
    old = received(dispatched, 5, district.education, district.teacher)
    with pytest.raises(ActError, match="已经承担"):
        perform("task.assign", task, district.chief, {"unit": district.education.pk, "role": "responsible"})
    act(
        "task.replace_unit",
        task,
        district.chief,
        "2026-05-02",
        assignment=old.pk,
        unit=district.street.pk,
        reason="职责调整",
    )
    old.refresh_from_db()
    assert old.state == "cancelled"
    assert task.state == "open"
    assert task.assignments.get(state="dispatched").unit == district.street


def test_a_task_closes_with_its_last_unit_and_opens_again_with_it(district, dispatched):
    task = dispatched.tasks.get(ordinal=5)
    case = received(dispatched, 5, district.education, district.teacher)
    with pytest.raises(ActError, match="没有办结"):
        perform("task.close", task, district.chief, {})
    act("assignment.submit", case, district.teacher, "2026-06-01", text="完成")
    act("assignment.close", case, district.chief, "2026-06-02")
    task.refresh_from_db()
    assert (task.state, task.percent) == ("closed", 100)
    act("assignment.reopen", case, district.chief, "2026-06-10", reason="抽查未落实")
    task.refresh_from_db()
    assert (case.state, task.state) == ("in_progress", "open")
    assert case.clocks.get(code="year").state == "running"


def test_cancelling_a_task_cancels_its_units_without_counting_them(district, dispatched):
    from gongkai.core.measures import Scope, measures

    task = dispatched.tasks.get(ordinal=2)
    act("task.cancel", task, district.chief, "2026-05-30", reason="上级调整")
    assert set(task.assignments.values_list("state", flat=True)) == {"cancelled"}
    assert measures["ledger.done"].compute(Scope(series=dispatched.ledger_series)).value == 0
    assert measures["ledger.done"].compute(Scope()).value == 0


def test_wrong_states_are_refused(district, dispatched):
    task = dispatched.tasks.get(ordinal=1)
    with pytest.raises(WrongState, match="推进中"):
        perform("task.edit", task, district.chief, {"text": "改"})
    offered = {found.key for found in available(task, district.chief)}
    assert "task.dispatch" not in offered
    assert not any(acts[key].system for key in offered)
    assert assignment_of(dispatched, 1, district.office).state == "dispatched"
