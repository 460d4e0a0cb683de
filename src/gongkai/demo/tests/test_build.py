"""The whole demo, built once on a small scale: every light, work for every role, books that agree."""

import datetime as dt
from collections import Counter

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gongkai import demo
from gongkai.core import audit, counters, figures
from gongkai.core.models import Case, Event, Letter, Notification, PeriodicRun, Unit, User
from gongkai.core.roles import Role
from gongkai.demo.timeline import is_workday
from gongkai.demo.world import story_year
from gongkai.ledger.models import Assignment, Doubt, Hearing, Notice, Plan, Progress, Rectification, Supervision
from gongkai.publications.areas.models import Batch
from gongkai.publications.models import (
    DocumentRelation,
    Publication,
    PublicationFile,
    PublicDocument,
    ScreeningHit,
    Version,
    WithdrawalNote,
)
from gongkai.publications.readers.models import Topic
from gongkai.publications.registers.models import DisclosureBody

NEAR = dt.timedelta(days=90)
NOW = timezone.make_aware(dt.datetime(2026, 11, 22, 12, 0))
LIGHTS = {
    "normal": {"ok", "soon", "wait"}, "due_soon": {"soon", "ok"}, "overdue": {"late"}, "paused": {"paused"},
    "waiting": {"wait"}, "done": {"done"}, "done_late": {"donelate"}, "cancelled": {"done", "donelate"},
}  # fmt: skip


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker):
    """The demo in the test database, removed afterwards."""
    with django_db_blocker.unblock():
        figures_of = demo.build(reset=True, scale="small", today=NOW)
        yield figures_of
        from gongkai.demo.building import empty

        empty()


@pytest.fixture
def built(story, db):
    """The built demo, with access to the database."""
    cache.clear()
    return story


def test_every_act_of_the_story_was_allowed(built):
    assert built["refused"] == []
    assert built["assignments"] > 250


def test_every_light_occurs(built):
    assert set(built["lights"]) == {"ok", "soon", "late", "paused", "wait", "done", "donelate"}


def test_counters_and_audit_chain_agree(built):
    assert counters.verify() == []
    verdict = audit.verify()
    assert verdict.intact
    assert verdict.events == Event.objects.count() > 1500


def test_the_plot_ends_in_its_lights(built):
    from gongkai.demo.world import load

    wrong = []
    for entry in load("history.json")["plot"]:
        case = Assignment.objects.filter(
            task__notice__slug="2026", task__ref=entry["ref"], unit__code=entry["unit"]
        ).first()
        # A period that was closed says nothing of the light of the next one.
        if case and entry["occurrence"] in (None, 0) and case.light not in LIGHTS[entry["light"]]:
            wrong.append((entry["id"], entry["light"], case.light))
    assert wrong == []


def test_notices_stand_at_every_stage(built):
    states = dict(Notice.objects.values_list("title", "state"))
    assert sorted(states.values()) == ["approved", "archived", "dispatched", "dispatched", "review"]
    waiting = Notice.objects.get(state="review")
    assert Doubt.objects.filter(notice=waiting, resolved_at__isnull=True).count() >= 4
    assert not Doubt.objects.filter(notice__state="dispatched", resolved_at__isnull=True, blocking=True).exists()
    current = Notice.objects.get(slug="2026")
    assert current.upstream
    assert current.previous


def test_every_kind_of_thing_happened(built):
    assert Letter.objects.exists()
    assert Supervision.objects.filter(state="answered").exists()
    assert Rectification.objects.filter(state="ordered").exists()
    assert Rectification.objects.filter(state="done").exists()
    assert Hearing.objects.count() >= 5
    assert {"published", "submitted", "drafting"} <= set(Plan.objects.values_list("state", flat=True))
    assert {"dispatched", "in_progress", "review", "submitted", "postponing", "done", "cancelled"} == set(
        Assignment.objects.values_list("state", flat=True)
    )
    acts = set(Event.objects.values_list("act", flat=True))
    assert {
        "assignment.return", "assignment.return_report", "assignment.urge", "assignment.auto_urge", "assignment.pause",
        "assignment.ask", "assignment.register_event", "task.register_event", "assignment.approve_postponement",
        "assignment.reject_postponement", "assignment.release", "task.summarise", "task.release", "lookback.close",
        "notice.decide_match", "assignment.review_pass", "hearing.record",
    } <= acts  # fmt: skip


def test_people_work_on_working_days_and_before_now(built):
    assert not Event.objects.filter(at__gt=NOW, case__isnull=False).exists()
    moments = Event.objects.filter(actor__isnull=False, case__isnull=False).values_list("at", flat=True)
    assert all(is_workday(timezone.localdate(moment)) for moment in moments)
    assert all(7 <= timezone.localtime(moment).hour < 22 for moment in moments)


def test_every_role_of_the_ledger_has_something_to_do_today(built):
    from gongkai.workbench import queries

    waiting = {}
    for user in User.objects.filter(username__in=[login["username"] for login in demo.accounts()]):
        for role in user.role_set:
            waiting[role] = waiting.get(role, 0) + queries.todo(user).count()
    roles = {Role.OFFICE, Role.OFFICER, Role.HANDLER, Role.REVIEWER, Role.LEADER}
    assert {role: waiting[role] for role in roles if not waiting[role]} == {}


def test_shown_logins_open_the_workbench(built):
    shown = demo.accounts()
    assert len(shown) >= 10
    for login in shown:
        assert set(login) == {"username", "password", "unit", "post", "role"}
        assert Client().login(username=login["username"], password=login["password"])


def test_public_ledger_shows_duties_and_released_progress(built, client):
    assert Progress.objects.filter(released_at__isnull=False).count() > 50
    page = client.get(reverse("ledger-public:notice", args=["2026"]))
    assert page.status_code == 200
    text = page.content.decode()
    shown = [n for n in range(1, 39) if reverse("ledger-public:duty", args=["2026", n]) in text]
    assert len(shown) >= 30


def test_what_is_published_stands_at_every_stage(built):
    states = Counter(Publication.objects.values_list("state", flat=True))
    assert set(states) == {
        "draft", "returned", "review", "approved", "scheduled", "published", "filed", "withdrawn",
    }  # fmt: skip
    assert states["published"] >= 40
    assert states["filed"] == 2
    assert {"repealed", "lapsed", "valid", ""} == set(PublicDocument.objects.values_list("validity", flat=True))
    waiting = Publication.objects.filter(state="review")
    purposes = {one.review_purpose for one in waiting}
    assert purposes == {"content", "secrecy", "legal", "approval"}
    note = WithdrawalNote.objects.get()
    assert note.successor.is_public
    assert Version.objects.filter(number=2).exists()
    near = PublicDocument.objects.filter(normative=True, expires_on__gt=NOW.date(), expires_on__lt=NOW.date() + NEAR)
    assert near.exists()
    assert ScreeningHit.objects.filter(resolution="", blocking=True, publication__state="draft").exists()
    cleaned = PublicationFile.objects.values_list("removed", flat=True)
    assert any("隐藏" in words for removed in cleaned for words in removed)
    assert not PublicationFile.objects.exclude(check_state="clean").exists()
    kinds = {"basis", "repeals", "interprets", "draft_of", "implements"}
    assert set(DocumentRelation.objects.values_list("kind", flat=True)) == kinds


def test_key_areas_bodies_and_a_topic(built, client):
    assert set(Batch.objects.values_list("state", flat=True)) == {"published", "review"}
    assert set(DisclosureBody.objects.values_list("state", flat=True)) == {"confirmed", "proposed"}
    topic = Topic.objects.get()
    assert topic.state == "published"
    page = client.get(topic.public_address).content.decode()
    assert "一图看懂：老楼加装电梯能补多少、怎么领" in page
    # Links of the data lead to documents, not to words.
    assert DocumentRelation.objects.filter(kind__in=["interprets", "repeals", "draft_of"], target=None).count() == 0


def test_reviewers_have_publications_to_do(built):
    from gongkai.workbench import queries

    for username in ("baomi", "falv", "weijian-shenhe", "weijian-fenguan"):
        todo = queries.todo(User.objects.get(username=username))
        assert todo.filter(kind="publication").exists(), username


def test_log_search_and_counters_know_what_is_public(built):
    from gongkai.core.search import index
    from gongkai.core.transparency import checking, entries_of
    from gongkai.publications import counts

    assert counts.verify() == []
    assert checking.check().faults == []
    for document in PublicDocument.objects.all():
        assert entries_of(f"document/{document.pk}"), document
    found = {(source, pk) for source, pk, _ in index.current().fingerprints()}
    assert {("document", row.pk) for row in PublicDocument.objects.all()} <= found


def test_figures_are_not_empty(built):
    found = counters.by_unit_section("assignment", Notice.objects.get(slug="2026").ledger_series, NOW)
    assert sum(sum(counter.values()) for counter in found.values()) > 200
    assert len(counters.closed_by_month("assignment")) >= 6
    assert figures


def test_nothing_is_sent_twice(built):
    assert not Notification.objects.filter(digested_at__isnull=True).exists()
    assert Notification.objects.filter(read_at__isnull=True).exists()
    assert PeriodicRun.objects.exists()
    assert not PeriodicRun.objects.filter(next_at__lte=NOW).exists()


def test_a_second_build_refuses_to_touch_what_is_there(built):
    before = Case.objects.count()
    with pytest.raises(demo.DemoExists, match="--reset"):
        demo.build()
    assert Case.objects.count() == before
    assert Unit.objects.exists()


@pytest.mark.parametrize(
    ("today", "year"),
    [
        ("2026-11-22", 2026),
        ("2026-05-20", 2026),
        ("2026-05-19", 2025),
        ("2027-02-01", 2026),
        ("2031-07-01", 2031),
        ("2099-01-01", 2035),
    ],
)
def test_the_story_plays_in_the_year_that_has_enough_behind_it(today, year):
    assert story_year(dt.date.fromisoformat(today)) == year


def test_only_stored_files_are_removed(settings, tmp_path, monkeypatch):
    from gongkai.core import attachments
    from gongkai.demo import building

    store = tmp_path / "data" / "files"
    settings.STORAGES = {**settings.STORAGES, "default": {"OPTIONS": {"location": store}}}
    monkeypatch.setattr(building, "call_command", lambda *args, **kwargs: None)
    kept = attachments.keep(b"evidence")
    other = tmp_path / "data" / "gongkai.sqlite3"
    other.write_bytes(b"rows")
    building.empty()
    assert not attachments.path_of(kept.digest).exists()
    assert other.exists()
    assert store.exists()
