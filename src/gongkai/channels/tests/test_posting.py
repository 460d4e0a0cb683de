"""What concerns an area or a group hangs at its reading points, boards and screens, with proof, and comes down in time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from gongkai.channels.zones.models import Item, Outlet, OutletForm, Posting
from gongkai.channels.zones.posting import look_for_due
from gongkai.core import audit, counters
from gongkai.core.acts import ActError, InvalidData, NotPermitted, acts, perform
from gongkai.core.models import Case, Notification
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.publications.tests.conftest import office, published
from gongkai.publications.tests.helpers import act, through, values
from gongkai.requests.tests.helpers import upload

__all__ = ["office", "published"]
pytestmark = pytest.mark.django_db
BOARD = {"title": "望江里社区公告栏", "form": "board", "area": "望江里1至12号居民", "address": "望江里3号门口"}


@pytest.fixture
def street(office):
    """A street office that runs boards, and its officer."""
    unit = UnitFactory(name="云溪区安澜街道办事处", short_name="安澜街道", parent=office.district)
    return UserFactory(roles=[(Role.OFFICER, unit)], post="信息公开员")


@pytest.fixture
def board(street) -> Outlet:
    return fresh(perform("outlet.register", None, street, BOARD).case)


@pytest.fixture(autouse=True)
def clean_books(office):
    yield
    assert counters.verify() == []
    assert audit.verify().intact


def fresh(case):
    return case._meta.model.objects.get(pk=case.pk) if type(case) is not Case else case.concrete


def day(number: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=number)


def planned(office, source, *outlets, **more) -> list[Posting]:
    data = {
        "document": source.public_address,
        "item": "school",
        "outlets": [one.pk for one in outlets],
        "from_day": day(0).isoformat(),
        "until_day": day(10).isoformat(),
    }
    perform("posting.plan", None, office.officer, {**data, **more})
    return list(Posting.objects.order_by("-pk")[: len(outlets)])


def up(posting, user) -> Posting:
    perform("posting.put_up", posting, user, {}, files={"files": [upload("照片.png")]})
    return Posting.objects.get(pk=posting.pk)


@pytest.mark.duty("003-33", "004-51")
@pytest.mark.parametrize("item", [code for code in Item.values if code != "other"])
def test_items_of_each_type_hang_at_each_sort_of_outlet(office, published, street, client, item):
    outlets = [
        fresh(perform("outlet.register", None, street, {**BOARD, "title": f"望江里{label}", "form": form}).case)
        for form, label in OutletForm.choices
    ]
    for posting in planned(office, published, *outlets, item=item):
        assert (posting.state, posting.unit, posting.lead) == ("planned", street.main_unit, office.unit)
        assert Case.objects.open().filter(pk=posting.pk, turn_unit=street.main_unit).exists()
        with pytest.raises(InvalidData):
            perform("posting.put_up", posting, street, {})
        posting = up(posting, street)
        assert posting.attachments.count() == 1
        assert not Case.objects.filter(pk=posting.pk, turn_unit__isnull=False).exists()
    page = client.get(f"{reverse('zones-public:posted')}?item={item}").content.decode()
    for _, label in OutletForm.choices:
        assert f"望江里{label}" in page
    assert page.count(published.public_address) == 3
    assert published.title in page
    other = "land" if item != "land" else "care"
    assert published.public_address not in client.get(f"{reverse('zones-public:posted')}?item={other}").content.decode()


@pytest.mark.duty("003-33", "004-51")
def test_what_hung_long_enough_is_listed_until_it_is_taken_down(office, published, street, board, client):
    posting = up(planned(office, published, board)[0], street)
    later = timezone.now() + dt.timedelta(days=11)
    assert look_for_due(timezone.now() + dt.timedelta(days=10)) == 0
    assert look_for_due(later) == 1
    assert look_for_due(later) == 0
    posting.refresh_from_db()
    assert (posting.state, posting.turn_unit) == ("due", street.main_unit)
    assert Notification.objects.filter(user=street, text__contains="该撤下了").exists()
    client.force_login(street)
    assert published.title in client.get(f"{reverse('zones:postings')}?state=due").content.decode()
    with pytest.raises(ActError, match="还有1件没有撤下"):
        perform("outlet.close", board, street, {"reason": "拆除"})
    with pytest.raises(ActError, match="要晚于"):
        perform("posting.extend", posting, street, {"until_day": day(3).isoformat(), "reason": "还要贴"}, now=later)
    perform(
        "posting.extend", posting, office.officer, {"until_day": day(30).isoformat(), "reason": "报名延期"}, now=later
    )
    assert look_for_due(timezone.now() + dt.timedelta(days=31)) == 1
    perform("posting.take_down", posting, street, {})
    posting.refresh_from_db()
    assert (posting.state, posting.outcome) == ("down", "已撤下")
    assert published.title not in client.get(reverse("zones-public:posted")).content.decode()
    perform("outlet.close", board, street, {"reason": "拆除"})


def test_a_withdrawn_source_comes_down(office, published, street, board, client):
    hanging = up(planned(office, published, board)[0], street)
    waiting = planned(office, published, board)[0]
    act("withdraw", published, office.officer, {"reason": "内容有误。"})
    hanging.refresh_from_db()
    assert (hanging.state, hanging.due_reason) == ("due", "原文已经撤回。")
    assert published.title not in client.get(reverse("zones-public:posted")).content.decode()
    with pytest.raises(ActError, match="原文已经撤回"):
        up(waiting, street)
    with pytest.raises(ActError, match="请撤下"):
        perform("posting.extend", hanging, street, {"until_day": day(30).isoformat(), "reason": "再贴"})
    perform("posting.cancel", waiting, office.officer, {"reason": "原文撤回"})
    with pytest.raises(InvalidData, match=""):
        planned(office, published, board)


def test_a_revised_source_is_to_be_posted_anew(office, published, street, board):
    hanging = up(planned(office, published, board)[0], street)
    case = act("amend", published, office.officer, {"reason": "调整招生范围。"})
    hanging.refresh_from_db()
    assert hanging.state == "up"
    changed = values(title="云溪区教育局关于调整招生范围的通知")
    case = through(act("edit", case, office.officer, changed), office)
    hanging.refresh_from_db()
    assert (hanging.state, hanging.due_reason) == ("due", "原文已经修订为第2版。")
    perform("posting.take_down", hanging, street, {})
    assert up(planned(office, case, board)[0], street).version == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"document": "云教发〔1999〕1号"}, "没有找到"),
        ({"until_day": "2020-01-01"}, "不能早于张贴日期"),
        ({"until_day": "2099-01-01"}, "最长一年"),
        ({"outlets": []}, ""),
    ],
)
def test_a_plan_with_faults_is_refused(office, published, board, change, words):
    with pytest.raises(InvalidData) as found:
        planned(office, published, board, **change)
    assert words in str(found.value.form.errors)


def test_who_may_do_what(office, published, street, board):
    posting = planned(office, published, board)[0]
    reviewer = UserFactory(roles=[(Role.REVIEWER, street.main_unit)])
    for name in ("put_up", "take_down", "extend", "cancel"):
        assert acts[f"posting.{name}"].permitted(posting, street)
        assert acts[f"posting.{name}"].permitted(posting, office.officer) == (name in ("extend", "cancel"))
        assert not acts[f"posting.{name}"].permitted(posting, reviewer)
    for name in ("change", "close"):
        assert acts[f"outlet.{name}"].permitted(board, street)
        assert not acts[f"outlet.{name}"].permitted(board, office.officer)
    with pytest.raises(NotPermitted):
        perform("posting.fall_due", up(posting, street), street, {})
    with pytest.raises(NotPermitted):
        perform("outlet.register", None, reviewer, BOARD)


def test_pages(office, published, street, board, client, django_assert_max_num_queries):
    posting = up(planned(office, published, board)[0], street)
    client.force_login(street)
    for url in (
        reverse("zones:postings"),
        reverse("zones:outlets"),
        posting.get_absolute_url(),
        board.get_absolute_url(),
        reverse("workbench:new", args=["posting", "plan"]),
        reverse("workbench:new", args=["outlet", "register"]),
    ):
        client.get(url)
        with django_assert_max_num_queries(12):
            response = client.get(url)
        assert response.status_code == 200, url
        assert "望江里" in response.content.decode() or "register" in url
    assert client.get(reverse("zones:postings") + "?export=xlsx").content[:2] == b"PK"
    client.force_login(office.officer)
    assert published.title in client.get(reverse("zones:postings")).content.decode()
    client.logout()
    client.get(reverse("zones-public:posted"))
    with django_assert_max_num_queries(4):
        client.get(reverse("zones-public:posted"))
