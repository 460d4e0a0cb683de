"""Measures of publishing against cases whose figures can be counted by hand."""

import datetime as dt

import pytest
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.measures import Scope, measures, met
from gongkai.core.models import Clock
from gongkai.core.tests.factories import UnitFactory
from gongkai.publications import measures as declared
from gongkai.publications.models import Publication
from gongkai.publications.tests.helpers import act, draft, fresh, through

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
ALL = Scope()


def recent(days: int) -> str:
    return (TODAY() - dt.timedelta(days=days)).isoformat()


def test_every_measure_is_known_and_has_nothing_to_say_of_an_empty_house(db):
    for name in ("on_time_share", "attribute_share", "interpretation_share", "withheld_reviewed_share"):
        figure = measures[f"publication.{name}"].compute(ALL)
        assert figure.value is None
        assert met(figure.value, ">=", 90) is None
    assert measures["publication.published"].compute(ALL).value == 0


def test_published_counts_what_is_public_by_unit_and_period(office):
    one = through(draft(office, made_on=recent(3)), office)
    two = through(draft(office, made_on=recent(3), title="另一件", document_number=""), office)
    assert declared.published(ALL).value == 2
    assert declared.published(Scope(units=(office.unit.pk,))).value == 2
    assert declared.published(Scope(units=(UnitFactory().pk,))).value == 0
    assert declared.published(Scope(until=TODAY())).value == 0
    assert declared.published(Scope(since=TODAY())).value == 2
    act("withdraw", one, office.officer, {"reason": "数据有误"})
    assert declared.published(ALL).value == 1
    assert fresh(two).is_public


def test_on_time_share_counts_late_and_overdue_ones(office):
    through(draft(office, made_on=recent(3)), office)
    assert declared.on_time_share(ALL).value == 100
    through(draft(office, made_on=recent(90), title="晚了", document_number=""), office)
    draft(office, made_on=recent(90), title="还没有公开", document_number="")
    draft(office, made_on=recent(2), title="还没有到期", document_number="")
    figure = declared.on_time_share(ALL)
    assert (figure.numerator, figure.denominator, figure.words) == (1, 3, "3件中1件")
    assert met(figure.value, ">=", 95) is False
    # What was dropped owes nothing.
    perform("publication.drop", fresh(Publication.objects.get(title="还没有公开")), office.officer, {"reason": "重复"})
    assert declared.on_time_share(ALL).denominator == 2
    assert Clock.objects.filter(code="publish").count() == 4


def test_attribute_share_counts_what_is_undecided(office):
    draft(office, made_on=recent(3))
    undecided = draft(office, attribute="", title="还没有定", document_number="")
    assert declared.attribute_share(ALL).value == 50
    perform("publication.drop", undecided, office.officer, {"reason": "不发了"})
    assert declared.attribute_share(ALL).value == 100


def test_interpretation_share_asks_for_a_public_interpretation(office):
    policy = through(draft(office, made_on=recent(3), policy="on", plan="同步发布图解"), office)
    through(draft(office, made_on=recent(3), title="不是政策", document_number=""), office)
    assert declared.interpretation_share(ALL).value == 0
    explained = draft(office, title="一图读懂", document_number="", document_kind="政策解读")
    explained = act("relate", explained, office.officer, {"relation": "interprets", "target": policy.title})
    assert declared.interpretation_share(ALL).value == 0  # a draft explains nothing to anybody
    explained = through(explained, office)
    figure = declared.interpretation_share(ALL)
    assert (figure.value, figure.denominator) == (100, 1)
    act("withdraw", explained, office.officer, {"reason": "有误"})
    assert declared.interpretation_share(ALL).value == 0


@pytest.mark.duty("004-11a")
def test_withheld_reviewed_share_counts_overdue_reviews(office):
    withheld = {"attribute": "on_request", "reason": "只与特定当事人有关", "document_number": ""}
    first = through(draft(office, title="一", **withheld), office)
    second = through(draft(office, title="二", **withheld), office)
    assert (first.state, declared.withheld_reviewed_share(ALL).value) == ("filed", 100)
    Publication.objects.filter(pk=second.pk).update(review_on=TODAY() - dt.timedelta(days=1))
    assert declared.withheld_reviewed_share(ALL).value == 50
    act("review_attribute", fresh(second), office.officer, {"attribute": "on_request", "reason": "仍只与当事人有关"})
    assert declared.withheld_reviewed_share(ALL).value == 100
