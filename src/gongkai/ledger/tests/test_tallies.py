"""What is repeated on duties agrees with the units; public pages of duties come in pages; kept pages go with every act."""

from __future__ import annotations

import pytest
from django.test import Client

from gongkai.core import pages as cache
from gongkai.core.acts import perform
from gongkai.core.pages import outbox
from gongkai.ledger import pages, public_queries, tallies
from gongkai.ledger.models import Assignment, Progress, Task
from gongkai.ledger.tests.helpers import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(dispatched, district):
    found = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.education)
    perform("assignment.receive", found, district.teacher, {}, now=at("2026-04-03"))
    return found


def close(mine, district, day: str) -> None:
    perform("assignment.submit", mine, district.teacher, {"text": "全部完成", "percent": 100}, now=at(day))
    mine.refresh_from_db()
    if mine.state == "review":
        perform("assignment.review_pass", mine, None, {}, now=at(day))
    perform("assignment.close", mine, district.chief, {}, now=at(day))


def test_a_late_finish_is_known_of_the_duty_until_it_is_taken_up_again(mine, district):
    assert tallies.verify() == []
    close(mine, district, "2026-12-30")
    mine.refresh_from_db()
    assert mine.light == "donelate"
    assert Task.objects.get(pk=mine.task_id).finished_late
    assert tallies.verify() == []
    perform("assignment.reopen", mine, district.chief, {"reason": "材料不全"}, now=at("2026-12-31"))
    assert not Task.objects.get(pk=mine.task_id).finished_late
    assert tallies.verify() == []


def test_a_timely_finish_is_none(mine, district):
    close(mine, district, "2026-04-10")
    assert not Task.objects.get(pk=mine.task_id).finished_late
    assert tallies.verify() == []


def test_verify_names_what_differs(mine, district):
    perform("assignment.report", mine, district.teacher, {"text": "已办", "percent": 10}, now=at("2026-05-10"))
    assert Progress.objects.get().task_id == mine.task_id
    Task.objects.filter(pk=mine.task_id).update(finished_late=True)
    Progress.objects.update(task=None)
    assert len(tallies.verify()) == 2
    assert len(tallies.verify(repair=True)) == 2
    assert tallies.verify() == []
    assert Progress.objects.get().task_id == mine.task_id


def test_units_and_reports_of_a_duty_come_in_pages(mine, district, dispatched, monkeypatch):
    monkeypatch.setattr(public_queries, "UNITS_SHOWN", 1)
    monkeypatch.setattr(public_queries, "REPORTS_SHOWN", 1)
    for day in ("2026-05-10", "2026-05-11"):
        perform("assignment.report", mine, district.teacher, {"text": f"报送{day}", "percent": 10}, now=at(day))
        perform("assignment.release", mine, district.chief, {}, now=at(day))
    total = Assignment.objects.filter(task=mine.task_id).exclude(state="cancelled").count()
    seen, after = [], ""
    for _ in range(total):
        found = public_queries.duty(dispatched, 1, at("2026-05-12"), after=after)
        seen += [row["unit"].pk for row in found.units]
        after = found.after
    assert (len(set(seen)), after, found.total) == (total, "", total)
    first = public_queries.duty(dispatched, 1, at("2026-05-12"))
    older = public_queries.duty(dispatched, 1, at("2026-05-12"), before=first.before)
    assert [first.reports[0].text, older.reports[0].text] == ["报送2026-05-11", "报送2026-05-10"]
    assert older.before is None
    reader = Client()
    for query in ("after=x-y", "after=1-", "before=abc", "before=99999999999999999999", "light=none", "after=٣-٣"):
        assert reader.get(f"/ledger/{dispatched.slug}/1/?{query}").status_code == 200


def test_every_act_drops_the_pages_that_show_it(mine, district, dispatched, monkeypatch):
    dropped: set[str] = set()
    monkeypatch.setattr(outbox, "drop", lambda *tags: dropped.update(tags))
    perform("assignment.report", mine, district.teacher, {"text": "已办", "percent": 10}, now=at("2026-05-10"))
    assert {f"task:{mine.task_id}", f"notice:{dispatched.pk}", cache.HOME, cache.SITEMAP} <= dropped
    dropped.clear()
    perform("assignment.cancel", mine, district.chief, {"reason": "重复"}, now=at("2026-05-10"))
    assert f"notice:{dispatched.pk}" in dropped
    dropped.clear()
    perform("notice.unpublish", dispatched, district.chief, {"reason": "核对"}, now=at("2026-05-12"))
    assert {pages.LIST, f"notice:{dispatched.pk}"} <= dropped
