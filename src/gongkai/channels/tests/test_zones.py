"""A zone opens with what it must offer, its register counts people and never names them, and readers find it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from gongkai.channels.tests.helpers import FOUR, ZONE, fresh, noted, offered, opened
from gongkai.channels.zones import counting, queries
from gongkai.channels.zones.models import Service, ServiceMonth, ServiceNote, Zone
from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, acts, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import Case, Event, Notification
from gongkai.core.roles import Role
from gongkai.requests.tests.helpers import at, person

pytestmark = pytest.mark.django_db


@pytest.mark.duty("001-12i")
def test_a_service_hall_opens_only_with_its_four_services(place, zone):
    with pytest.raises(ActError, match="还缺4项必备的服务：政府信息查阅、依申请公开受理、政策咨询、政府公报取阅"):
        perform("zone.open", zone, place.desk, {})
    offered(zone, place.desk, *FOUR[:3])
    with pytest.raises(ActError, match="还缺1项必备的服务：政府公报取阅"):
        perform("zone.open", fresh(zone), place.desk, {})
    offered(zone, place.desk, "gazette")
    zone = opened(zone, place.desk)
    assert (zone.state, zone.turn_unit, zone.opened_on) == ("open", None, timezone.localdate())
    assert Notification.objects.filter(user=place.supervisor, text__contains="已开放").exists()
    assert measures["zones.open"].compute(Scope()).value == 1


@pytest.mark.duty("003-32b")
def test_an_experience_zone_of_a_town_has_its_own_four(place):
    street = perform("zone.set_up", None, place.desk, {**ZONE, "place": "street"}).case
    with pytest.raises(ActError, match="依申请公开受理、政府信息查阅、政府公报取阅、政务公开意见收集"):
        perform("zone.open", street, place.desk, {})
    offered(street, place.desk, "intake", "lookup", "gazette", "opinions")
    assert opened(street, place.desk).state == "open"
    noted(street, place.desk, "opinions", words="希望公开公交改线方案")
    assert ServiceNote.objects.get().service == "opinions"


@pytest.mark.duty("003-32a", "003-32c")
def test_further_services_are_offered_served_and_shown_to_readers(place, open_zone, client):
    offered(open_zone, place.desk, "interpretation", "enrolment", "obstacles")
    for service, people in (("interpretation", 12), ("enrolment", 3), ("obstacles", 1)):
        noted(open_zone, place.desk, service, people)
    assert ServiceMonth.objects.filter(zone=open_zone).count() == 3
    page = client.get(open_zone.public_url).content.decode()
    for words in ("政策现场解读", "公众参与活动报名", "办事堵点收集"):
        assert words in page


@pytest.mark.duty("004-50")
def test_the_place_decides_what_its_zones_must_have(place, zone):
    wanted = "申请公开指导，依申请公开受理、政府信息查阅、政务公开意见收集、公众参与事项咨询联系"
    jurisdiction.change("zones.services_hall", wanted, place.admin)
    offered(zone, place.desk, "guidance", "intake", "lookup", "opinions")
    with pytest.raises(ActError, match="还缺1项必备的服务：公众参与事项咨询联系"):
        perform("zone.open", fresh(zone), place.desk, {})
    offered(zone, place.desk, "participation")
    zone = opened(zone, place.desk)
    assert zone.sign in ZONE["sign"]
    with pytest.raises(ValueError, match="没有“喝茶”这项服务"):
        jurisdiction.change("zones.services_hall", "喝茶", place.admin)


def test_what_an_open_zone_must_have_stays(place, open_zone):
    with pytest.raises(ActError, match="开放期间不能停止"):
        perform("zone.stop_service", open_zone, place.desk, {"service": "gazette", "reason": "没有公报了"})
    offered(open_zone, place.desk, "obstacles")
    perform("zone.stop_service", fresh(open_zone), place.desk, {"service": "obstacles", "reason": "并入热线"})
    assert not open_zone.services.filter(service="obstacles").exists()
    offered(open_zone, place.desk, "advice")
    assert open_zone.services.filter(service="advice").count() == 1
    perform("zone.suspend", fresh(open_zone), place.desk, {"reason": "搬迁"})
    perform("zone.stop_service", fresh(open_zone), place.desk, {"service": "gazette", "reason": "搬迁期间没有"})
    with pytest.raises(ActError, match="政府公报取阅"):
        perform("zone.resume", fresh(open_zone), place.desk, {})


def test_a_zone_that_is_suspended_says_so_and_comes_back(place, open_zone, client):
    until = timezone.localdate() + dt.timedelta(days=10)
    with pytest.raises(ActError, match="不能早于今天"):
        perform("zone.suspend", open_zone, place.desk, {"reason": "装修", "until": "2020-01-01"})
    perform("zone.suspend", open_zone, place.head, {"reason": "大厅装修", "until": until.isoformat()})
    zone = fresh(open_zone)
    assert Case.objects.open().filter(pk=zone.pk, turn_unit=place.centre).exists()
    assert timezone.localdate(zone.due_at - dt.timedelta(seconds=1)) == until
    with pytest.raises(WrongState):
        noted(zone, place.desk)
    for url in (reverse("zones-public:index"), zone.public_url):
        page = client.get(url).content.decode()
        assert "大厅装修" in page
        assert f"{until.day}日" in page
    perform("zone.resume", zone, place.desk, {})
    zone = fresh(zone)
    assert (zone.state, zone.suspended_until, zone.due_at) == ("open", None, None)
    perform("zone.suspend", zone, place.desk, {"reason": "停电", "until": until.isoformat()})
    perform("zone.resume", fresh(zone), place.desk, {})
    perform("zone.close", fresh(zone), place.supervisor, {"reason": "并入新中心"})
    assert client.get(zone.public_url).status_code == 404
    assert zone.title not in client.get(reverse("zones-public:index")).content.decode()
    with pytest.raises(WrongState):
        perform("zone.open", fresh(zone), place.desk, {})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"opens_at": "18:00"}, "关门要晚于开门"),
        ({"break_to": ""}, "要一起填"),
        ({"break_from": "08:00"}, "午休要在"),
        ({"address": ""}, ""),
        ({"sign": ""}, ""),
    ],
)
def test_a_zone_with_faults_is_refused(place, change, words):
    with pytest.raises(InvalidData) as found:
        perform("zone.set_up", None, place.desk, {**ZONE, **change})
    assert words in str(found.value.form.errors)


def test_the_register_counts_people_and_names_nobody(place, open_zone):
    noted(open_zone, place.desk, "advice", 3, "问老楼加装电梯补贴")
    noted(open_zone, place.clerk, "advice", 2)
    noted(open_zone, place.desk, "gazette", 5)
    kept = {row.service: (row.notes, row.people) for row in ServiceMonth.objects.all()}
    assert kept == {"advice": (2, 5), "gazette": (1, 5)}
    assert measures["zones.served"].compute(Scope()).value == 10
    assert measures["zones.served"].compute(Scope(until=timezone.localdate().replace(day=1))).value == 0
    for words in ("电话13812345678问补贴", "身份证110101199003071233"):
        with pytest.raises(InvalidData):
            noted(open_zone, place.desk, words=words)
    event = Event.objects.filter(act="zone.note").earliest("pk")
    with pytest.raises(InvalidData):
        perform("zone.note", fresh(open_zone), place.desk, {"service": "obstacles", "people": 1, "on": "2026-01-01"})
    assert event.summary == "政策咨询，3人"


def test_a_line_has_a_day_on_which_the_zone_was_open(place, open_zone):
    for on, words in (("2099-01-01", "不能晚于今天"), ("2001-01-01", "才开放")):
        with pytest.raises(ActError, match=words):
            perform("zone.note", open_zone, place.desk, {"service": "advice", "people": 1, "on": on, "words": ""})


def test_a_wrong_line_stays_and_counts_no_more(place, open_zone):
    noted(open_zone, place.desk, "advice", 30)
    note = ServiceNote.objects.get()
    perform("zone.correct", fresh(open_zone), place.desk, {"note": note.pk, "reason": "多按了一个0"})
    with pytest.raises(InvalidData):
        perform("zone.correct", fresh(open_zone), place.desk, {"note": note.pk, "reason": "再来一次"})
    assert ServiceMonth.objects.get().people == 0
    assert ServiceNote.objects.get().voided_reason == "多按了一个0"


def test_counters_that_were_tampered_with_are_found_and_mended(place, open_zone):
    noted(open_zone, place.desk, "advice", 3)
    ServiceMonth.objects.update(people=9)
    assert len(counting.verify()) == 1
    counting.verify(repair=True)
    assert counting.verify() == []
    ServiceMonth.objects.all().delete()
    counting.verify(repair=True)
    assert ServiceMonth.objects.get().people == 3


def test_open_now_follows_the_clock_and_the_calendar(place, open_zone):
    zone = open_zone
    assert queries.is_open_now(zone, at("2026-11-23", 10))
    assert not queries.is_open_now(zone, at("2026-11-23T12:30:00", 12))
    assert not queries.is_open_now(zone, at("2026-11-23", 17))
    # A Sunday, a holiday, and a Saturday on which people work (国庆节调休).
    assert not queries.is_open_now(zone, at("2026-11-22", 10))
    assert not queries.is_open_now(zone, at("2026-10-01", 10))
    assert queries.is_open_now(zone, at("2026-10-10", 10))
    zone.days = "not_monday"
    assert not queries.is_open_now(zone, at("2026-11-23", 10))
    zone.days = "every"
    assert queries.is_open_now(zone, at("2026-10-01", 10))
    assert queries.changes_at([zone], at("2026-11-23", 10)) == at("2026-11-23", 12)
    assert queries.changes_at([zone], at("2026-11-23", 18)) == at("2026-11-24", 0)


# Written by hand, so that a slip in the code does not move the yardstick.
STAFF, DECIDE = {Role.OFFICER, Role.HANDLER}, {Role.OFFICER, Role.LEADER}
RULES = {
    "change": STAFF, "offer": STAFF, "stop_service": STAFF, "note": STAFF, "correct": STAFF,
    "open": DECIDE, "suspend": DECIDE, "resume": DECIDE, "close": DECIDE,
}  # fmt: skip


def test_who_may_do_what(place, zone):
    people = {
        (role, where): person(f"{where.code}-{role}", where, role)
        for role in Role
        for where in (place.centre, place.office, place.beside)
    }
    assert {act.name for act in acts.values() if act.kind == Zone.KIND and not act.creates and not act.system} == set(
        RULES
    )
    for name, roles in RULES.items():
        for (role, where), user in people.items():
            office = roles is DECIDE and where == place.office and role == Role.OFFICE
            allowed = (where == place.centre and role in roles) or office
            assert acts[f"zone.{name}"].permitted(zone, user) == allowed, (name, role, where)
    for name in ("set_up", "take"):
        for (role, where), user in people.items():
            assert acts[f"zone.{name}"].permitted(None, user) == (role in STAFF), (name, role, where)
    zone = opened(offered(zone, place.desk), place.desk)
    with pytest.raises(NotPermitted):
        perform("zone.took", zone, place.desk, {})
    with pytest.raises(InvalidData):
        perform("zone.set_up", None, place.neighbour, {**ZONE, "unit": place.centre.pk})


# --- pages ------------------------------------------------------------------------------------------------------------


def test_staff_pages(place, open_zone, client, django_assert_max_num_queries):
    noted(open_zone, place.desk, "advice", 3, "问老楼加装电梯补贴")
    noted(open_zone, place.desk, "gazette", 5)
    today = timezone.localdate()
    client.force_login(place.desk)
    for url, words in (
        (reverse("zones:index"), "云溪区政务公开专区"),
        (reverse("zones:register"), "问老楼加装电梯补贴"),
        (reverse("zones:figures"), "政府公报取阅"),
        (reverse("zones:figures") + f"?month={today:%Y-%m}", f"{today.day}日"),
        (reverse("zones:taken"), "还没有受理申请"),
        (open_zone.get_absolute_url(), "本月"),
        (reverse("workbench:new", args=["zone", "set_up"]), "开放日"),
        (f"{open_zone.get_absolute_url()}acts/note/", "简要内容"),
        (f"{open_zone.get_absolute_url()}acts/offer/", "服务岗位"),
    ):
        client.get(url)
        with django_assert_max_num_queries(12):
            response = client.get(url)
        assert response.status_code == 200, url
        assert words in response.content.decode(), url
    page = client.get(reverse("zones:register") + "?service=gazette").content.decode()
    assert "共1笔，5人次" in page
    assert "问老楼" not in page
    for url in (reverse("zones:register"), reverse("zones:figures"), reverse("zones:index")):
        assert client.get(f"{url}?export=xlsx").content[:2] == b"PK"


def test_each_number_opens_exactly_its_lines(place, open_zone, client):
    import re
    from html import unescape

    noted(open_zone, place.desk, "advice", 3)
    noted(open_zone, place.desk, "advice", 4)
    noted(open_zone, place.desk, "lookup", 8)
    perform(
        "zone.correct", fresh(open_zone), place.desk, {"note": ServiceNote.objects.get(people=8).pk, "reason": "错"}
    )
    client.force_login(place.desk)
    page = client.get(reverse("zones:figures") + f"?month={timezone.localdate():%Y-%m}").content.decode()
    links = {(unescape(url), int(number)) for url, number in re.findall(r'<a href="([^"]*counted=1)">(\d+)</a>', page)}
    assert len(links) >= 5
    for url, number in links:
        behind = client.get(url).content.decode()
        notes, people = re.search(r"共(\d+)笔，(\d+)人次", behind).groups()
        assert number in (int(notes), int(people)), url


def test_the_register_is_paged_by_keys(place, open_zone, client):
    jurisdiction.change("case.page_size", "10", place.admin)
    for people in range(1, 26):
        noted(open_zone, place.desk, people=people)
    client.force_login(place.desk)
    seen: list[int] = []
    url, pages = reverse("zones:register"), 0
    while url and pages < 5:
        response = client.get(url)
        found = [int(row["cells"][3]["words"]) for row in response.context["table"]["rows"]]
        seen += found
        following = response.context["pager"]["next_url"]
        url, pages = reverse("zones:register") + following if following else "", pages + 1
    assert seen == list(range(25, 0, -1))
    back = client.get(reverse("zones:register") + response.context["pager"]["previous_url"])
    assert [int(row["cells"][3]["words"]) for row in back.context["table"]["rows"]] == list(range(15, 5, -1))


def test_other_bodies_read_nothing_of_it(place, open_zone, client):
    noted(open_zone, place.desk, words="问老楼加装电梯补贴")
    client.force_login(place.neighbour)
    assert client.get(open_zone.get_absolute_url()).status_code == 404
    for name in ("index", "register", "figures", "taken"):
        page = client.get(reverse(f"zones:{name}")).content.decode()
        assert "云溪区政务公开专区" not in page
        assert "问老楼" not in page
    assert client.get(reverse("zones:take")).status_code == 403
    client.force_login(place.admin)
    assert client.get(reverse("zones:index")).status_code == 403


@pytest.mark.duty("001-12h")
def test_readers_find_zones_by_place_service_and_hour(place, open_zone, client, django_assert_max_num_queries):
    library = perform(
        "zone.set_up", None, place.desk, {**ZONE, "title": "区图书馆查阅点", "place": "library", "days": "every"}
    ).case
    offered(library, place.desk, "lookup")
    preparing = perform("zone.set_up", None, place.desk, {**ZONE, "title": "筹备中的专区"}).case
    opened(library, place.desk)
    url = reverse("zones-public:index")
    client.get(url)
    with django_assert_max_num_queries(6):
        page = client.get(f"{url}?place=library").content.decode()
    assert "区图书馆查阅点" in page
    assert open_zone.title not in page
    page = client.get(f"{url}?service=gazette").content.decode()
    assert open_zone.title in page
    assert "区图书馆查阅点" not in page
    page = client.get(url).content.decode()
    assert "筹备中的专区" not in page
    assert client.get(preparing.concrete.public_url).status_code == 404
    page = client.get(open_zone.public_url).content.decode()
    for words in ("3号窗口", "带身份证。", "绿底白字", "9:00至12:00，13:30至17:00", reverse("requests-public:new")):
        assert words in page
    assert reverse("zones-public:index") in client.get("/").content.decode()
    perform("zone.change", fresh(open_zone), place.desk, {**ZONE, "telephone": "0000-7654321"})
    assert "0000-7654321" in client.get(open_zone.public_url).content.decode()


def test_the_list_of_open_ones_keeps_its_time(place, open_zone, client, monkeypatch):
    url = reverse("zones-public:index") + "?open=1"
    for moment, found in ((at("2026-11-23", 10), True), (at("2026-11-23", 18), False)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert (open_zone.title in client.get(url).content.decode()) is found


def test_zones_are_found_by_search(place, open_zone):
    from gongkai.channels.zones import search

    document = search.document(search.rows().get())
    assert document.public
    assert "政府公报取阅" in document.body
    assert set(search._zones_of({open_zone.pk})) == {open_zone.pk}
    perform("zone.close", fresh(open_zone), place.desk, {"reason": "撤销"})
    assert not search.rows().exists()


def test_services_are_declared_once():
    assert set(FOUR) < set(Service.values)
