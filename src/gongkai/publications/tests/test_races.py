"""Two at once, twice in a row, at midnight: one wins, the other is told, and nothing happens twice."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from gongkai.core.acts import ActError, perform
from gongkai.core.machine import tokens
from gongkai.core.models import Event, Notification
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UserFactory
from gongkai.publications.acts.afterwards import validity_due
from gongkai.publications.acts.release import release_due, remind_of_withheld
from gongkai.publications.models import Publication, PublicDocument, Version
from gongkai.publications.tests.helpers import act, draft, fresh, review, through

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each of some works, begun at the same moment in threads of their own, gave back or raised."""
    start = threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            found[place] = work()
        except Exception as problem:
            found[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_that_act_at_once_one_wins_and_the_other_is_told(office):
    """The same click twice, a withdrawal against an approval, two numbers at the same moment, the job run twice."""
    case = review(act("submit", draft(office), office.officer), office, until="approval")
    found = at_once(*[lambda: perform("publication.approve", case, office.leader, {})] * 3)
    refused = [one for one in found if isinstance(one, Exception)]
    assert len(refused) == 2
    assert all(isinstance(one, ActError) and str(one) for one in refused), refused
    assert Event.objects.filter(case=case.pk, act="publication.approve").count() == 1
    assert Version.objects.filter(publication=case.pk).count() == 1

    both = [
        review(act("submit", draft(office, document_number=""), office.officer, {"when": "later"}), office)
        for _ in range(2)
    ]
    found = at_once(*[lambda one=one: perform("publication.release", one, office.officer, {}) for one in both])
    assert not [one for one in found if isinstance(one, Exception)], found
    numbers = list(Publication.objects.exclude(index_number="").values_list("index_number", flat=True))
    assert len(set(numbers)) == 3

    timed = review(act("submit", draft(office, document_number=""), office.officer, {"when": "later"}), office)
    moment = timezone.now() + dt.timedelta(days=1)
    timed = act("schedule", timed, office.officer, {"release_at": f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"})
    late = moment + dt.timedelta(minutes=2)
    found = at_once(*[lambda: release_due(late)] * 2, lambda: perform("publication.release", timed, office.officer, {}))
    assert not [one for one in found[:2] if isinstance(one, Exception)], found
    assert fresh(timed).state == "published"
    assert Version.objects.filter(publication=timed.pk).count() == 1

    found = at_once(
        lambda: perform("publication.withdraw", case, office.officer, {"reason": "有误。"}),
        lambda: perform("publication.amend", case, office.second, {"reason": "补充。"}),
    )
    assert all(one is None or not isinstance(one, Exception) or isinstance(one, ActError) for one in found), found
    assert not PublicDocument.objects.filter(pk=case.pk).exists()

    account = UserFactory(roles=[(Role.OFFICER, office.unit)], post="办公系统")
    token = tokens.issue(None, "办公系统", account, ["intake"])[1]
    given = {"source_system": "oa", "source_key": "1", "unit": "jiaoyu", "title": "通知", "attribute": "proactive"}

    def send() -> int:
        sent = Client(raise_request_exception=False).post(
            "/api/v1/publications",
            json.dumps(given),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return sent.status_code

    assert set(at_once(send, send, send)) <= {200, 201, 409}
    assert Publication.objects.filter(source_key="1").count() == 1


@pytest.mark.django_db
def test_a_second_click_is_told_what_happened(office, client):
    case = draft(office)
    client.force_login(office.officer)
    address = f"/workbench/cases/{case.pk}/acts/submit/"
    first, second = client.post(address, {"when": "now"}), client.post(address, {"when": "now"})
    assert first.status_code == 302
    assert second.status_code in (200, 302, 409, 422)
    assert Event.objects.filter(case=case.pk, act="publication.submit").count() == 1


@pytest.mark.django_db
def test_a_release_at_midnight_happens_at_midnight_here(office):
    """00:00 in Shanghai is 16:00 of the day before at Greenwich: neither early nor on another day."""
    day = timezone.localdate() + dt.timedelta(days=3)
    case = act("submit", draft(office), office.officer, {"when": "timed", "release_at": f"{day.isoformat()}T00:00"})
    case = review(case, office)
    midnight = dt.datetime.combine(day, dt.time(), SHANGHAI)
    assert case.release_at == midnight
    assert release_due(midnight - dt.timedelta(seconds=1)) == 0
    assert release_due(midnight) == 1
    assert release_due(midnight) == 0
    row = PublicDocument.objects.get()
    assert timezone.localdate(row.published_at) == day
    assert fresh(case).index_number.startswith(f"jiaoyu/{day.year}-")


@pytest.mark.django_db
def test_one_that_cannot_go_out_stops_none_behind_it(office):
    moment = timezone.now() + dt.timedelta(hours=2)
    typed = {"when": "timed", "release_at": f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"}
    cases = [review(act("submit", draft(office, document_number=""), office.officer, typed), office) for _ in range(2)]
    Publication.objects.filter(pk=cases[0].pk).update(approved_digest="0" * 64)
    assert release_due(moment + dt.timedelta(minutes=1)) == 1
    assert [fresh(case).state for case in cases] == ["approved", "published"]
    assert release_due(moment + dt.timedelta(minutes=1)) == 0


@pytest.mark.django_db
def test_validity_ends_with_its_last_day_once_and_also_while_an_amendment_is_written(office):
    ends = timezone.localdate() + dt.timedelta(days=20)
    values = {"normative": "on", "effective_on": "2026-11-03", "expires_on": ends.isoformat()}
    still = through(draft(office, **values), office)
    amended = through(draft(office, **{**values, "document_number": "云教发〔2026〕9号"}), office)
    act("amend", amended, office.officer, {"reason": "修改。"})
    midnight = dt.datetime.combine(ends + dt.timedelta(days=1), dt.time(), SHANGHAI)
    assert validity_due(midnight - dt.timedelta(seconds=1)) == 0
    assert validity_due(midnight) == 2
    assert validity_due(midnight) == 0
    assert set(PublicDocument.objects.values_list("validity", flat=True)) == {"lapsed"}
    assert (fresh(still).state, fresh(amended).state) == ("published", "draft")


@pytest.mark.django_db
def test_a_repeal_on_a_coming_day_reaches_every_kind_of_document(office, published):
    """Also one that carries no validity until then, and one whose term ended before."""
    ahead = timezone.localdate() + dt.timedelta(days=9)
    assert published.validity == ""
    case = act("change_validity", published, office.officer, {"validity": "repealed", "day": ahead.isoformat()})
    assert case.validity == ""
    assert validity_due(dt.datetime.combine(ahead, dt.time(), SHANGHAI)) == 1
    assert PublicDocument.objects.get().validity == "repealed"


@pytest.mark.django_db
def test_an_extension_outlives_an_amendment_that_was_given_up(office):
    case = through(draft(office, normative="on", effective_on="2026-11-03", expires_on="2027-06-30"), office)
    case = act("extend_validity", case, office.officer, {"until": "2030-06-30", "reason": "评估后延长。"})
    case = act("cancel_amendment", act("amend", case, office.officer, {"reason": "改。"}), office.officer)
    assert case.expires_on == dt.date(2030, 6, 30)
    assert PublicDocument.objects.get().expires_on == dt.date(2030, 6, 30)
    act("amend", case, office.officer, {"reason": "再改。"})


@pytest.mark.django_db
def test_what_an_amendment_withholds_is_public_no_more(office, published):
    from gongkai.publications.tests.test_life import edit

    case = act("amend", published, office.officer, {"reason": "不宜公开。"})
    case = edit(case, office.officer, attribute="withheld", ground="X16b", reason="内部讨论情况")
    case = through(case, office)
    assert (case.state, case.is_public) == ("filed", False)
    assert not PublicDocument.objects.exists()
    answer = Client().get(case.public_address)
    assert answer.status_code == 410
    assert "内部讨论" not in answer.content.decode()


@pytest.mark.django_db
def test_an_amendment_of_a_withdrawn_document_may_be_given_up(office, published):
    case = act("withdraw", published, office.officer, {"reason": "有误。"})
    case = act("cancel_amendment", act("amend", case, office.officer, {"reason": "改。"}), office.officer)
    assert (case.state, case.is_public) == ("withdrawn", False)
    assert Client().get(case.public_address).status_code == 410


@pytest.mark.django_db
@pytest.mark.duty("001-14b")
def test_whoever_decides_an_attribute_anew_does_not_review_it(office):
    case = through(draft(office, attribute="on_request", reason="暂不成熟"), office)
    case = act("review_attribute", case, office.reviewer, {"attribute": "proactive"})
    with pytest.raises(ActError, match="没有人能办"):
        act("submit", case, office.officer)


@pytest.mark.django_db
def test_a_document_is_not_released_before_it_was_made(office):
    ahead = (timezone.localdate() + dt.timedelta(days=9)).isoformat()
    case = review(act("submit", draft(office, made_on=ahead), office.officer, {"when": "later"}), office)
    with pytest.raises(ActError, match="成文日期"):
        act("release", case, office.officer)


@pytest.mark.django_db
def test_two_units_with_the_same_template_get_different_index_numbers(office):
    from gongkai.core.tests.factories import UnitFactory
    from gongkai.publications.models import UnitProfile

    first = through(draft(office), office)
    other = UnitFactory(name="云溪区民政局", short_name="区民政局", parent=office.district)
    for unit in (office.unit, other):
        UnitProfile.objects.create(unit=unit, index_template="云溪/{yyyy}-{seq:05}")
    cases = [first]
    for unit, number in ((office.unit, 21), (other, 22)):
        Publication.objects.filter(pk=first.pk).update(unit=office.unit)
        people = draft(office, document_number=f"云教发〔2026〕{number}号")
        ready = review(act("submit", people, office.officer, {"when": "later"}), office)
        from gongkai.publications.acts.release import next_index_number

        ready.unit = unit
        cases.append(ready)
        Publication.objects.filter(pk=ready.pk).update(index_number=next_index_number(ready, timezone.localtime()))
    numbers = list(Publication.objects.values_list("index_number", flat=True))
    assert len(set(numbers)) == len(numbers) == 3


@pytest.mark.django_db
def test_a_reminder_comes_once(office):
    case = through(draft(office, attribute="on_request", reason="暂不成熟"), office)
    later = timezone.make_aware(dt.datetime.combine(case.review_on, dt.time(8)))
    for _ in range(2):
        remind_of_withheld(later)
        assert set(Notification.objects.filter(kind="review", case=case.pk).values_list("user", flat=True)) == {
            office.officer.pk,
            office.second.pk,
        }
    assert Notification.objects.filter(kind="review", case=case.pk).count() == 2
