"""The to-do list: what stands on it, in which order, with how many queries."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.models import Case, SavedFilter
from gongkai.core.notifications import tell

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.workbench.tests.urls")]

TODO = "/workbench/"


def titles(response) -> list[str]:
    if "table" in response.context:
        return [row["title"] for row in response.context["table"]["rows"]]
    return [row["title"] for group in response.context["groups"] for row in group["rows"]]


def test_groups_by_urgency_with_the_verb_of_the_expected_act(world, sign_in):
    world.open("以后的", workdays=60)
    world.open("超期的", workdays=2, days_ago=40)
    response = sign_in("officer").get(TODO)
    groups = [(group["title"], [row["title"] for row in group["rows"]]) for group in response.context["groups"]]
    assert groups == [("已超期", ["超期的"]), ("以后", ["以后的"])]
    row = response.context["groups"][0]["rows"][0]
    assert row["act"]["label"] == "开始办理"
    assert row["ask"] == "开始办理"
    assert 'class="ruler is-late"' in response.content.decode()


def test_only_what_waits_for_me(world, sign_in):
    case = world.open("教育局的")
    world.open("卫健局的", unit=world.health)
    assert titles(sign_in("officer").get(TODO)) == ["教育局的"]
    assert titles(sign_in("stranger").get(TODO)) == ["卫健局的"]
    # A reviewer of the unit is not asked, unless named as handler.
    assert titles(sign_in("reviewer").get(TODO)) == []
    Case.objects.filter(pk=case.pk).update(handler=world.people["reviewer"])
    assert titles(sign_in("reviewer").get(TODO)) == ["教育局的"]


@pytest.mark.parametrize("number", [5, 60])
def test_queries_do_not_grow_with_rows(number, world, sign_in, django_assert_max_num_queries):
    for n in range(number):
        world.open(f"事项{n}", workdays=3 + n, days_ago=n % 30)
    officer = world.people["officer"]
    SavedFilter.objects.create(user=officer, page="todo", name="我经办的", query="handler=me")
    tell([officer], "催办", case=Case.objects.first(), kind="urge", key="k", now=timezone.now())
    client = sign_in("officer")
    client.get(TODO)
    with django_assert_max_num_queries(8):
        response = client.get(TODO)
    assert len(titles(response)) == min(number, 50)
    with django_assert_max_num_queries(8):
        client.get(reverse("workbench:unit-cases"))
    client = sign_in("office")
    client.get(reverse("workbench:cases"))
    with django_assert_max_num_queries(8):
        client.get(reverse("workbench:cases"))


def test_pages_follow_by_key_without_loss_or_repeat(world, sign_in, monkeypatch):
    from gongkai.core import listing

    monkeypatch.setattr(listing, "size", lambda: 4)
    made = [world.open(f"事项{n}", workdays=3 + n // 3) for n in range(10)]
    client = sign_in("officer")
    seen, address, pages = [], TODO, []
    while address:
        response = client.get(address)
        page = titles(response)
        pages.append(page)
        seen += page
        following = response.context["pager"]["next_url"]
        # Something closes between two clicks: what comes after it neither jumps nor repeats.
        if len(pages) == 1:
            perform("sample.begin", made[0], world.people["officer"], {"words": "办"})
            perform("sample.finish", made[0], world.people["officer"])
        address = TODO + following if following else ""
    assert seen == [f"事项{n}" for n in range(10)]
    back = client.get(TODO + response.context["pager"]["previous_url"])
    assert titles(back) == pages[1]


def test_filters_from_the_address(world, sign_in):
    late = world.open("超期的", workdays=2, days_ago=40)
    world.open("以后的", workdays=60)
    client = sign_in("officer")
    assert titles(client.get(TODO, {"due": "late"})) == ["超期的"]
    assert titles(client.get(TODO, {"due": "later"})) == ["以后的"]
    assert titles(client.get(TODO, {"q": late.number})) == ["超期的"]
    assert titles(client.get(TODO, {"kind": "nothing"})) == []
    assert titles(client.get(TODO, {"due": "nonsense", "unit": "x'--", "after": "rubbish"})) == ["超期的", "以后的"]


def test_tabs(world, sign_in):
    case = world.open("已报送")
    Case.objects.filter(pk=case.pk).update(state="checking", turn_unit=world.office, turn_role="office")
    done = world.open("办完")
    perform("sample.begin", done, world.people["officer"], {"words": "办"})
    perform("sample.finish", done, world.people["officer"])
    client = sign_in("officer")
    assert titles(client.get(TODO, {"tab": "waiting"})) == ["已报送"]
    assert titles(client.get(TODO, {"tab": "closed"})) == ["办完"]
    counts = {tab["label"]: tab["count"] for tab in client.get(TODO).context["tabs"]}
    assert counts == {"待我处理": 0, "等待他人": 1, "暂停计时": 0, "本月办结": 1}


def test_export_holds_what_the_filter_shows(world, sign_in):
    from io import BytesIO

    from openpyxl import load_workbook

    world.open("=HYPERLINK(1)", workdays=60)
    world.open("超期的", workdays=2, days_ago=40)
    client = sign_in("officer")
    response = client.get(TODO, {"export": "xlsx", "due": "late"})
    assert "filename*=utf-8" in response["Content-Disposition"].lower()
    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(min_row=4, values_only=True))
    assert [row[1] for row in rows] == ["超期的"]
    assert client.get(TODO, {"export": "docx"}).content[:2] == b"PK"


def test_saved_filters(world, sign_in):
    client = sign_in("officer")
    kept = client.post(
        reverse("workbench:filter-save"), {"name": "只看超期", "page": "todo", "query": "due=late&after=x"}
    )
    assert kept.status_code == 302
    row = SavedFilter.objects.get()
    assert row.query == "due=late"
    assert "只看超期" in client.get(TODO).content.decode()
    # Nobody else's filter can be deleted.
    assert sign_in("stranger").post(reverse("workbench:filter-delete", args=[row.pk])).status_code == 404
    assert sign_in("officer").post(reverse("workbench:filter-delete", args=[row.pk])).status_code == 302
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("page", ["unit-cases", "watched", "cases"])
def test_lists_show_saved_filters(page, world, sign_in):
    office = world.people["office"]
    kept = {"unit-cases": "unit", "watched": "watched", "cases": "cases"}[page]
    SavedFilter.objects.create(user=office, page=kept, name="我留的", query="due=late")
    shown = sign_in("office").get(reverse(f"workbench:{page}"))
    assert "我留的" in shown.content.decode()


def test_lists_follow_a_changed_role_and_a_changed_address_at_once(world, sign_in):
    """Only what is asked is kept, by person, roles and address; never what was found."""
    world.open("教育局的")
    client = sign_in("officer")
    address = reverse("workbench:unit-cases")
    assert titles(client.get(address)) == ["教育局的"]
    assert titles(client.get(address, {"q": "没有这件"})) == []
    world.open("刚派来的")
    assert len(titles(client.get(address))) == 2
    membership = world.people["officer"].memberships.get()
    membership.unit = world.health
    membership.save()
    world.open("卫健局的", unit=world.health)
    assert titles(client.get(address)) == ["卫健局的"]
    membership.delete()
    assert titles(client.get(address)) == []


def test_a_filter_that_is_set_shows_the_way_out_and_keeps_the_others(world, sign_in):
    chips = sign_in("officer").get(TODO, {"due": "late", "q": "公开 & 回应", "after": "x"}).context["chips"]
    found = {chip["label"]: chip for chip in chips}
    assert found["时限"]["value"] == "已超期"
    rest = "q=%E5%85%AC%E5%BC%80+%26+%E5%9B%9E%E5%BA%94"
    assert found["时限"]["clear_url"] == f"?{rest}"
    assert found["我的角色"]["options"][0] == {"label": "承办", "url": f"?due=late&{rest}&role=owner", "current": False}


def test_two_weeks_shade_days_off_and_count(world, sign_in):
    case = world.open("两周内", workdays=1)
    weeks = sign_in("officer").get(TODO).context["weeks"]
    days = [item for week in weeks for item in week]
    assert len(days) == 14
    due = timezone.localtime(case.due_at - dt.timedelta(seconds=1)).date()
    by_day = {item["day"]: item for item in days}
    if due in by_day:
        assert by_day[due]["count"] == 1
    assert all(item["off"] for item in days if item["day"].weekday() == 6 and item["day"].month == 11)


def test_batch_does_each_case_on_its_own(world, sign_in):
    good = [world.open(f"好{n}") for n in range(3)]
    gone = world.open("已经在办")
    perform("sample.begin", gone, world.people["officer"], {"words": "办"})
    foreign = world.open("别人的", unit=world.health)
    client = sign_in("officer")
    address = reverse("workbench:batch", args=["sample", "begin"])
    ids = [case.pk for case in (*good, gone, foreign)]
    page = client.get(address, {"case": ids})
    assert "现在是“办理中”" in page.content.decode()
    assert "别人的" not in page.content.decode()
    # Between the form and the sending one more case moves on.
    perform("sample.begin", good[0], world.people["officer"], {"words": "办"})
    response = client.post(address, {"case": ids, "words": "一起开始"})
    assert [case.pk for case, _ in response.context["done"]] == [good[1].pk, good[2].pk]
    assert {case.pk for case, _ in response.context["left"]} == {good[0].pk, gone.pk}
    states = dict(Case.objects.values_list("pk", "state"))
    assert states[good[1].pk] == states[good[2].pk] == "doing"
    assert states[foreign.pk] == "new"


def test_batch_with_a_failure_in_the_middle_keeps_the_rest(world, sign_in, monkeypatch):
    from gongkai.core.acts import ActError, acts

    made = [world.open(f"事项{n}") for n in range(3)]
    act = acts["sample.begin"]
    apply = type(act).apply

    def fragile(self, work):
        if work.case.pk == made[1].pk:
            raise ActError("这件不行。")
        apply(self, work)

    monkeypatch.setattr(type(act), "apply", fragile)
    address = reverse("workbench:batch", args=["sample", "begin"])
    response = sign_in("officer").post(address, {"case": [case.pk for case in made], "words": "办"})
    assert [case.pk for case, _ in response.context["failed"]] == [made[1].pk]
    assert len(response.context["done"]) == 2
    assert f"case={made[1].pk}" in response.context["again_url"]
    assert Case.objects.get(pk=made[1].pk).event_count == 1


def test_batch_with_a_wrong_form_changes_nothing(world, sign_in):
    made = [world.open(f"事项{n}") for n in range(2)]
    address = reverse("workbench:batch", args=["sample", "begin"])
    response = sign_in("officer").post(address, {"case": [case.pk for case in made], "words": ""})
    assert response.status_code == 422
    assert set(Case.objects.values_list("state", flat=True)) == {"new"}
