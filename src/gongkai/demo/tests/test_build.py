"""The whole demo, built once on a small scale: every light, work for every role, books that agree."""

import datetime as dt
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gongkai import demo
from gongkai.core import attachments, audit, counters, figures
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, Clock, Event, Letter, Notification, PeriodicRun, Unit, User
from gongkai.core.roles import Role
from gongkai.demo.lives import Lives
from gongkai.demo.timeline import Timeline, is_workday
from gongkai.demo.world import story_year
from gongkai.ledger.models import Assignment, Doubt, Hearing, Notice, Plan, Progress, Rectification, Supervision, Task
from gongkai.publications.areas.models import Batch
from gongkai.publications.clearance.models import Clearance, ClearanceShare
from gongkai.publications.media.models import MediaAccount, MediaPost
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
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.acts.precedents import known_of
from gongkai.requests.appeals.models import Appeal, Caution, Exchange, Lesson, Precedent, SpecialReview
from gongkai.requests.appeals.models import Rectification as ReviewRectification
from gongkai.requests.conversion.models import Conversion, ConversionCampaign, HotTopic, Signal, TopicProposal
from gongkai.requests.counsel.models import Counsel, Opinion
from gongkai.requests.figures import counting
from gongkai.requests.masking.models import Look, Mask
from gongkai.requests.models import Material

pytestmark = pytest.mark.one_world
NEAR = dt.timedelta(days=90)
NOW = timezone.make_aware(dt.datetime(2026, 11, 22, 12, 0))
LIGHTS = {
    "normal": {"ok", "soon", "wait"}, "due_soon": {"soon", "ok"}, "overdue": {"late"}, "paused": {"paused"},
    "waiting": {"wait"}, "done": {"done"}, "done_late": {"donelate"}, "cancelled": {"done", "donelate"},
}  # fmt: skip

STAFF_PAGES = (
    "appeals:index", "appeals:figures", "appeals:lessons", "appeals:reviews", "precedents:index", "counsel:index",
    "counsel:register", "conversion:index", "conversion:campaigns", "conversion:topics", "conversion:proposals",
    "conversion:signals", "publications:clearance", "publications:media", "publications:media-accounts",
)  # fmt: skip
LINKING_PAGES = (
    "workbench:todo", "workbench:unit-cases", "workbench:notifications", "ledger:index", "registers:normative",
    "registers:freshness", "registers:bodies", "publications:index", "publications:media", "publications:clearance",
)  # fmt: skip


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


def test_two_lives_that_wait_with_one_summary_release_it_once(built):
    office = User.objects.get(username="gongkai")
    task = Task.objects.filter(notice__slug="2026", summary_released_at__isnull=False).first()
    timeline = Timeline(NOW, seed=1)
    lives = SimpleNamespace(timeline=timeline, office=office)
    timeline.do("task.summarise", task, office, {"text": "总体进展。", "percent": 50, "public": "on"})

    def life(hours):
        yield NOW - dt.timedelta(hours=hours)
        Lives.release_summary(lives, task)

    timeline.now = NOW - dt.timedelta(days=1)
    for hours in (2, 1):
        timeline.add(life(hours))
    timeline.run()
    assert timeline.refused == []
    assert timeline.acts == 2


def test_every_light_occurs(built):
    assert set(built["lights"]) == {"ok", "soon", "late", "paused", "wait", "done", "donelate"}


def test_counters_and_audit_chain_agree(built):
    assert [*counters.verify(), *counting.verify()] == []
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


# --- what comes after a reply, and before a release ---------------------------------------------------------------------


def states(model):
    """How many cases stand in each state."""
    return Counter(model.objects.values_list("state", flat=True))


def running(case):
    """The clocks of a case that run."""
    return set(Clock.objects.filter(case=case.pk, state=Clock.State.RUNNING).values_list("code", flat=True))


@pytest.mark.duty("004-8d")
def test_appeals_of_every_sort_with_their_clocks(built):
    assert states(Appeal) == {"decided": 2, "entered": 2, "pending": 1}
    assert Counter(Appeal.objects.values_list("sort", flat=True)) == {"reconsideration": 3, "after": 1, "direct": 1}
    assert set(Appeal.objects.exclude(result="").values_list("result", flat=True)) == {"upheld", "revoked"}
    suit = Appeal.objects.get(sort="after")
    assert suit.earlier.result == "upheld"
    assert running(suit) == {"answer"}
    assert running(Appeal.objects.get(sort="reconsideration", state="entered")) == {"answer", "decision"}
    remade = Appeal.objects.get(result="revoked").remade
    assert remade.decision == "G"
    assert remade.replied_on
    # Nobody was late: entered within days of the notice, answered within the time.
    assert not Clock.objects.filter(case__in=Appeal.objects.values("pk"), on_time=False).exists()
    assert not Appeal.objects.filter(challenged="").exists()


@pytest.mark.duty("001-15e")
def test_a_lesson_was_drawn_and_told_to_others(built):
    assert Lesson.objects.get().state == "circulated"
    assert states(Caution) == {"acknowledged": 2, "open": 2}


def test_cases_of_the_library_tell_nobody(built, client):
    assert states(Precedent) == {"published": 2, "review": 1}
    for case in Precedent.objects.all():
        assert anonymous.faults(case.texts(), known_of(case, case.appeal)) == []
    shown = Precedent.objects.get(public=True)
    assert shown.title in client.get(reverse("precedents-public:index")).content.decode()
    page = client.get(reverse("precedents-public:one", args=[shown.pk])).content.decode()
    assert shown.points in page
    assert shown.request.number not in page


@pytest.mark.duty("001-15c")
def test_a_special_review_and_exchanges(built):
    assert SpecialReview.objects.get().state == "rectifying"
    assert states(ReviewRectification) == {"done": 1, "open": 1}
    assert states(Exchange) == {"recorded": 1, "planned": 1}


@pytest.mark.duty("000-7c")
def test_counsel_was_asked_one_matter_at_a_time(built):
    assert states(Counsel) == {"serving": 2}
    assert states(Opinion) == {"settled": 2, "working": 1}
    assert Opinion.objects.get(sort="dispute").subject.concrete.sort == "after"


def test_a_file_was_covered_and_compared_by_somebody_else(built):
    assert Mask.objects.count() == 2
    for material in Material.objects.filter(treatment="masked").select_related("masked"):
        mask = Mask.objects.get(material=material)
        assert mask.proof["left"] == []
        looks = Look.objects.filter(mask=mask, digest=material.masked.digest)
        assert looks.exists()
        assert not set(looks.values_list("user", flat=True)) & set(mask.authors)
        data = attachments.load(material.masked.digest)
        assert b"13800138000" not in data
    # One was compared whole before the reply went out, the other is half done.
    looked = sorted(Look.objects.filter(mask=mask).count() for mask in Mask.objects.all())
    assert looked == [1, 2]


@pytest.mark.duty("004-9", "004-11d")
def test_what_was_given_becomes_public(built):
    found = states(Conversion)
    # Other replies that gave something wait for their judgement.
    found.pop("judging", None)
    assert found == {"done": 3, "declined": 1, "declining": 1, "open": 1}
    done = Conversion.objects.filter(state="done")
    assert Counter(done.values_list("in_time", flat=True)) == {True: 2, False: 1}
    public = set(PublicDocument.objects.values_list("pk", flat=True))
    assert set(done.values_list("publication", flat=True)) <= public
    assert running(Conversion.objects.get(state="open")) == {"convert"}
    assert ConversionCampaign.objects.get().state == "open"


@pytest.mark.duty("003-23i", "003-29d")
def test_what_many_ask_for_was_ranked_and_proposed(built):
    assert Signal.objects.values("source").distinct().count() == 6
    assert HotTopic.objects.count() >= 3
    assert HotTopic.objects.filter(earlier__gt=0, key_area=True).exists()
    assert states(TopicProposal) == {"accepted": 1, "published": 1}


@pytest.mark.duty("003-20b")
def test_one_voice_was_found_before_a_sensitive_release(built):
    assert states(Clearance) == {"settled": 1, "open": 1}
    assert states(ClearanceShare) == {"answered": 3, "open": 1}
    settled = Clearance.objects.get(state="settled")
    assert settled.publication.watched
    assert settled.publication.is_public
    waiting = Clearance.objects.get(state="open").publication
    assert not waiting.is_public


@pytest.mark.duty("002-19c")
def test_accounts_and_posts_stand_in_every_state(built, client):
    assert states(MediaAccount) == {"active": 1, "silent": 1, "proposed": 1}
    assert set(states(MediaPost)) == {"draft", "review", "approved", "posted", "recheck"}
    assert MediaPost.objects.get(state="draft").blocking == 1
    page = client.get(reverse("information:media")).content.decode()
    assert "健康云溪" in page
    assert "云溪教育" not in page


def test_no_list_of_the_office_is_empty(built, client):
    client.force_login(User.objects.get(username="gongkai"))
    for name in STAFF_PAGES:
        page = client.get(reverse(name))
        assert page.status_code == 200, name
        text = page.content.decode()
        assert 'class="empty"' not in text, name
        assert "<tbody" in text or "<article" in text or 'class="panel"' in text, name


@pytest.mark.parametrize("username", ["zhujian", "wangjiang", "baomi", "falv", "bangong-fenguan"])
def test_pages_link_only_to_cases_that_open_for_their_reader(built, client, username):
    user = User.objects.get(username=username)
    client.force_login(user)
    readable = set(Case.objects.visible_to(user).values_list("pk", flat=True))
    # The rooms of requests keep their own rules of who may look at what.
    others = [code for code, kind in kinds.items() if kind.model.__module__.startswith("gongkai.requests")]
    by_state = {
        (case.kind, case.state, case.pk % 2): case.get_absolute_url()
        for case in Case.objects.visible_to(user).exclude(kind__in=others).order_by("pk")
    }
    closed = {}
    for address in (*(reverse(name) for name in LINKING_PAGES), *by_state.values()):
        page = client.get(address)
        assert page.status_code == 200, address
        found = {int(pk) for pk in re.findall(r'href="/workbench/cases/(\d+)/', page.content.decode())}
        if found - readable:
            closed[address] = found - readable
    assert closed == {}


def test_shares_are_shown_as_percent_once(built, client):
    client.force_login(User.objects.get(username="gongkai"))
    text = client.get(reverse("conversion:index")).content.decode()
    assert "00.0%" not in text
    assert "000" not in text.partition("2026年答复的")[2].partition("</section>")[0]


def test_nobody_stands_in_events(built):
    said = str(list(Event.objects.values_list("summary", "words", "data", "changes")))
    for value in ("13800138000", "qinghe@example.cn", "110101199003071233", "0000-1234599"):
        assert value not in said


# --- the whole ----------------------------------------------------------------------------------------------------------


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


def test_only_stored_files_are_removed(db, settings, tmp_path, monkeypatch):
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
