"""The running ledger's pages: for the office and for units, with few and with many cases."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.ledger.models import Assignment, Hearing, LookBack, Plan, Supervision, TaskMatch
from gongkai.ledger.tests.helpers import NOTICE, at, received, settle
from gongkai.ledger.tests.test_screens_review import client_of, url


@pytest.fixture
def office(district):
    return client_of(district.chief)


@pytest.mark.parametrize("tab", ["", "units", "plans", "supervisions", "public"])
def test_every_tab_of_a_notice_opens(district, office, dispatched, tab):
    response = office.get(url("notice", dispatched.pk), {"tab": tab})
    assert response.status_code == 200
    assert "style=" not in response.content.decode()


@pytest.mark.duty("001-18b", "002-29b")
def test_the_office_sees_every_duty_with_its_light_and_units_see_their_own(district, office, dispatched):
    page = office.get(url("notice", dispatched.pk)).content.decode()
    assert "更新主动公开目录" in page
    assert "已超期" in page
    page = client_of(district.teacher).get(url("notice", dispatched.pk)).content.decode()
    assert "本单位任务" in page
    assert "?tab=units" not in page


@pytest.mark.parametrize("query", ["", "?state=open", "?light=late", "?section=01", "?unit=%s", "?state=dispatched"])
def test_every_figure_opens_to_its_cases(district, office, dispatched, query):
    if "%s" in query:
        query %= district.education.pk
    response = office.get(url("cases", dispatched.pk) + query)
    assert response.status_code == 200


def test_the_numbers_of_the_matrix_are_those_of_the_lists(district, office, dispatched):
    from gongkai.core.clocks import refresh_lights

    refresh_lights(timezone.now())
    page = office.get(url("dashboard"))
    matrix = page.context["matrix"]
    for row in matrix["rows"]:
        for cell in filter(None, row["cells"]):
            listed = office.get(cell["url"])
            assert len(listed.context["table"]["rows"]) == cell["count"]


@pytest.mark.parametrize("query", ["", "?by=lead", "?only=1", "?export=xlsx"])
def test_the_dashboard_in_all_its_ways(district, office, dispatched, query):
    response = office.get(url("dashboard") + query)
    assert response.status_code == 200
    if "export" not in query:
        page = response.content.decode()
        assert "未来30天到期" in page
        assert "<svg" in page
        assert "看数据表" in page


def test_the_dashboard_without_a_notice_says_what_comes_next(district, office):
    assert "还没有派发的工作要点" in office.get(url("dashboard")).content.decode()


def test_the_dashboard_is_not_for_units(district, dispatched):
    assert client_of(district.teacher).get(url("dashboard")).status_code == 403


def many(notice, number: int) -> None:
    """More assignments, written straight into the tables."""
    sample = Assignment.objects.filter(series=notice.ledger_series).first()
    for place in range(number):
        one = Assignment.objects.get(pk=sample.pk)
        one.pk = one.id = one.case_ptr_id = None
        one._state.adding = True
        one.number, one.clock = f"{sample.number}-Y{place}", None
        one.save()


@pytest.mark.parametrize(("page", "most"), [("dashboard", 14), ("notices", 9), ("cases", 11), ("notice", 18)])
def test_pages_ask_the_same_few_queries_for_few_and_many_cases(
    district, office, dispatched, django_assert_max_num_queries, page, most
):
    from gongkai.core import counters

    where = url(page, *([dispatched.pk] if page in ("cases", "notice") else []))
    office.get(where)
    with django_assert_max_num_queries(most) as few:
        office.get(where)
    many(dispatched, 80)
    counters.rebuild()
    with django_assert_max_num_queries(most) as more:
        office.get(where)
    assert len(more) <= len(few)
    Assignment.objects.filter(number__contains="-Y").delete()
    counters.rebuild()


@pytest.mark.duty("001-18c", "002-31", "003-38", "004-6b")
@pytest.mark.parametrize(
    ("what", "form"),
    [("breakdown", "docx"), ("breakdown", "xlsx"), ("ledger", "docx"), ("ledger", "xlsx"), ("implementation", "docx")],
)
def test_files_of_a_notice(district, office, dispatched, what, form):
    response = office.get(url("export", dispatched.pk, what), {"form": form})
    assert response.status_code == 200
    assert response.content[:2] == b"PK"
    assert client_of(district.teacher).get(url("export", dispatched.pk, what), {"form": form}).status_code == 200


def test_late_cases_are_handed_to_the_batch_urging(district, office, dispatched):
    response = office.get(url("urge", dispatched.pk))
    assert response.url.startswith("/workbench/batch/assignment/urge/?case=")


@pytest.mark.duty("001-18d")
def test_a_report_is_released_from_the_public_tab(district, office, dispatched):
    case = received(dispatched, 1, district.education, district.teacher)
    data = {"text": "目录已更新。", "percent": 50, "public": "yes"}
    perform("assignment.report", case, district.teacher, data, now=at("2026-05-04"))
    page = office.get(url("notice", dispatched.pk), {"tab": "public"}).content.decode()
    assert "目录已更新。" in page
    office.post(url("release", dispatched.pk), {"case": case.pk, "progress": case.reports.get().pk})
    assert case.reports.get().released_at is not None


@pytest.mark.duty("001-18a", "004-60")
def test_a_unit_fills_in_its_plan_on_one_page(district, dispatched):
    plan = Plan.objects.get(unit=district.education)
    teacher = client_of(district.teacher)
    assert plan.title in teacher.get(url("plans")).content.decode()
    items = list(plan.items.all())
    data = {}
    for item in items:
        data |= {f"measure-{item.pk}": item.measure, f"responsible-{item.pk}": "办公室", f"due_on-{item.pk}": ""}
    data |= {"measure-new": "自己加一项", "responsible-new": "宣传科", "due_on-new": ""}
    assert teacher.post(url("plan-items", plan.pk), data).status_code == 302
    assert plan.items.count() == len(items) + 1
    assert not plan.items.filter(responsible="").exists()
    assert teacher.get(url("plan-document", plan.pk)).content[:2] == b"PK"
    late = {f"measure-{items[0].pk}": "改", f"responsible-{items[0].pk}": "甲", f"due_on-{items[0].pk}": "2030-01-01"}
    response = teacher.post(url("plan-items", plan.pk), late)
    assert response.status_code == 422
    assert "不能晚于" in response.content.decode()


@pytest.mark.duty("001-17a", "002-26", "004-54b")
def test_the_ledger_of_hearings_counts_against_the_yearly_demand(district, office, dispatched):
    year = timezone.localdate().year
    data = {"form": "report", "held_on": f"{year}-01-05", "chair": "局长", "content": "听取工作汇报。"}
    perform("hearing.record", None, district.teacher, data)
    page = office.get(url("hearings")).content.decode()
    assert "已达到" in page
    assert "还差1次" in page
    assert office.get(url("hearings"), {"export": "xlsx"}).content[:2] == b"PK"
    assert Hearing.objects.count() == 1


@pytest.mark.parametrize("who", ["chief", "teacher"])
def test_panels_of_the_case_page(district, dispatched, who):
    case = received(dispatched, 1, district.education, district.teacher)
    data = {"text": "目录已更新。", "percent": 50, "public": "yes"}
    perform("assignment.report", case, district.teacher, data, now=at("2026-05-04"))
    client = client_of(getattr(district, who))
    page = client.get(f"/workbench/cases/{case.pk}/").content.decode()
    assert "任务原文" in page
    assert 'class="sp sp-deadline"' in page
    assert "目录已更新。" in page
    assert "待公开" in page
    plan = Plan.objects.get(unit=district.education)
    assert client.get(f"/workbench/cases/{plan.pk}/").status_code == 200
    if who == "chief":
        page = client.get(f"/workbench/cases/{case.task_id}/").content.decode()
        assert "总体进展" in page
        assert "区教育局" in page


def test_lists_of_supervisions_and_look_backs(district, office, dispatched):
    case = received(dispatched, 1, district.education, district.teacher)
    perform("assignment.supervise", case, district.chief, {"problem": "超期", "demand": "限期完成"})
    assert "督办：" in office.get(url("supervisions")).content.decode()
    assert Supervision.objects.count() == 1
    assert "还没有开展回头看" in office.get(url("lookbacks")).content.decode()


@pytest.mark.duty("002-30a", "003-37b")
def test_a_look_back_is_filled_in_on_its_page(district, office, dispatched):
    event = perform("lookback.start", None, district.chief, {"notice": dispatched.pk})
    lookback = LookBack.objects.get(pk=event.case_id)
    item = lookback.items.first()
    office.post(url("lookback-find", lookback.pk), {"item": item.pk, "finding": "unfinished", "note": "没有做"})
    item.refresh_from_db()
    assert item.finding == "unfinished"
    assert office.get(url("lookback-unfinished", lookback.pk)).content[:2] == b"PK"
    assert office.get(url("lookbacks")).status_code == 200


def test_two_notices_side_by_side_and_a_decision(district, office, dispatched):
    event = perform(
        "notice.import", None, district.chief, {"text": NOTICE.replace("2026", "2025")}, now=at("2025-04-01")
    )
    old = event.case.concrete
    settle(old, district.chief)
    perform("notice.link", dispatched, district.chief, {"previous": old.pk})
    response = office.get(url("compare", dispatched.pk))
    page = response.content.decode()
    assert "相近" in page
    row = next(row for row in response.context["rows"] if row["left"] and row["right"])
    data = {
        "relation": "year",
        "left": row["left"].pk,
        "right": row["right"].pk,
        "score": "0.9",
        "decision": "confirmed",
    }
    office.post(url("compare-decide", dispatched.pk), data)
    assert TaskMatch.objects.get().decision == "confirmed"
    assert office.get(url("compare", dispatched.pk), {"export": "xlsx"}).content[:2] == b"PK"
    assert "还没有关联要点" in office.get(url("compare", dispatched.pk), {"relation": "level"}).content.decode()


def test_a_calendar_address_of_ones_own_can_be_withdrawn(district, dispatched, client):
    teacher = client_of(district.teacher)
    teacher.post(url("calendar-subscribe"))
    page = teacher.get(url("calendar"))
    path = page.context["feed_url"].split("/", 3)[3]
    response = client.get(f"/{path}")
    assert response["Content-Type"].startswith("text/calendar")
    from icalendar import Calendar

    read = Calendar.from_ical(response.content)
    assert all(isinstance(entry["dtstart"].dt, dt.date) for entry in read.walk("VEVENT"))
    teacher.post(url("calendar-subscribe"), {"withdraw": "1"})
    assert client.get(f"/{path}").status_code == 404
    assert client.get(f"/{path}".replace(".ics", "0.ics")).status_code == 404


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_pages_have_no_barrier(district, dispatched, page, sign_in, axe):
    sign_in(district.chief)
    for where in (
        url("notices"),
        url("import"),
        url("dashboard"),
        url("notice", dispatched.pk),
        url("cases", dispatched.pk),
        url("review", dispatched.pk),
        url("dispatch", dispatched.pk),
        url("hearings"),
        url("plans"),
        url("supervisions"),
        url("lookbacks"),
        url("calendar"),
        url("targets", dispatched.pk),
        url("compare", dispatched.pk),
    ):
        page.goto(where)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
