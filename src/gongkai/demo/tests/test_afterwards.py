"""What comes after a reply, built with the demo: something in every list, allowed by every act, with books that agree."""

from collections import Counter

import pytest
from django.core.cache import cache
from django.urls import reverse

from gongkai import demo
from gongkai.core import attachments, audit, counters
from gongkai.core.models import Clock, Event, User
from gongkai.demo.tests.test_build import NOW
from gongkai.publications.clearance.models import Clearance, ClearanceShare
from gongkai.publications.media.models import MediaAccount, MediaPost
from gongkai.publications.models import PublicDocument
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.acts.precedents import known_of
from gongkai.requests.appeals.models import (
    Appeal,
    Caution,
    Exchange,
    Lesson,
    Precedent,
    Rectification,
    SpecialReview,
)
from gongkai.requests.conversion.models import Conversion, ConversionCampaign, HotTopic, Signal, TopicProposal
from gongkai.requests.counsel.models import Counsel, Opinion
from gongkai.requests.figures import counting
from gongkai.requests.masking.models import Look, Mask
from gongkai.requests.models import Material

STAFF_PAGES = (
    "appeals:index", "appeals:figures", "appeals:lessons", "appeals:reviews", "precedents:index", "counsel:index",
    "counsel:register", "conversion:index", "conversion:campaigns", "conversion:topics", "conversion:proposals",
    "conversion:signals", "publications:clearance", "publications:media", "publications:media-accounts",
)  # fmt: skip


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker):
    """The demo in the test database, removed afterwards."""
    with django_db_blocker.unblock():
        yield demo.build(reset=True, scale="small", today=NOW)
        from gongkai.demo.building import empty

        empty()


@pytest.fixture
def built(story, db):
    """The built demo, with access to the database."""
    cache.clear()
    return story


def states(model):
    """How many cases stand in each state."""
    return Counter(model.objects.values_list("state", flat=True))


def running(case):
    """The clocks of a case that run."""
    return set(Clock.objects.filter(case=case.pk, state=Clock.State.RUNNING).values_list("code", flat=True))


def test_every_act_was_allowed_and_the_books_agree(built):
    assert built["refused"] == []
    assert [*counters.verify(), *counting.verify()] == []
    assert audit.verify().intact


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
    assert states(Rectification) == {"done": 1, "open": 1}
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
        assert "<tbody>" in text or "<article" in text or 'class="panel"' in text, name


def test_shares_are_shown_as_percent_once(built, client):
    client.force_login(User.objects.get(username="gongkai"))
    text = client.get(reverse("conversion:index")).content.decode()
    assert "00.0%" not in text
    assert "000" not in text.partition("2026年答复的")[2].partition("</section>")[0]


def test_nobody_stands_in_events(built):
    said = str(list(Event.objects.values_list("summary", "words", "data", "changes")))
    for value in ("13800138000", "qinghe@example.cn", "110101199003071233", "0000-1234599"):
        assert value not in said
