"""Administration: what each of the three administrators does, and that each change leaves a trace."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from gongkai.core import exchange, jurisdiction, people
from gongkai.core.models import Event, Membership, Unit, UnitAlias, UnitGroup, User, Webhook
from gongkai.core.roles import ADMINISTRATORS, Role

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.workbench.tests.urls")]


def url(name: str, *arguments: object) -> str:
    return reverse(f"workbench:{name}", args=arguments)


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [(a, b) for a in sorted(ADMINISTRATORS) for b in sorted(ADMINISTRATORS) if a < b])
def test_nobody_holds_two_administrators_roles(pair, world):
    first, second = pair
    with pytest.raises(ValidationError, match="不能同时是"):
        people.create(
            None, "two", holdings=[people.Holding(world.office, first), people.Holding(world.education, second)]
        )
    person, _ = people.create(None, "one", holdings=[people.Holding(world.office, first)])
    with pytest.raises(ValidationError, match="不能同时是"):
        people.set_roles(
            world.people["security_admin"],
            person,
            [people.Holding(world.office, first), people.Holding(world.office, second)],
        )
    assert person.memberships.count() == 1


def test_the_form_says_so_too(world, sign_in):
    client = sign_in("security_admin")
    person = world.people["officer"]
    rows = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
    for n, role in enumerate(("system_admin", "audit_admin")):
        rows |= {f"form-{n}-unit": str(world.office.pk), f"form-{n}-role": role}
    response = client.post(url("person-roles", person.pk), rows)
    assert response.status_code == 422
    assert "不能同时是" in response.content.decode()
    assert [row.role for row in person.memberships.all()] == ["officer"]


def test_nobody_changes_the_own_roles(world):
    admin = world.people["security_admin"]
    with pytest.raises(ValidationError, match="自己的角色"):
        people.set_roles(admin, admin, [people.Holding(world.office, Role.OFFICE)])
    with pytest.raises(ValidationError, match="自己的账号"):
        people.set_active(admin, admin, False)


def test_a_person_from_new_to_locked(world, sign_in, client):
    admin = sign_in("security_admin")
    response = admin.post(url("person-new"), {"username": "xinren", "post": "信息公开员"})
    password = response.context["password"]
    assert password in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    person = User.objects.get(username="xinren")
    rows = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "0",
        "form-0-unit": str(world.education.pk),
        "form-0-role": "officer",
        "form-0-main": "on",
    }
    assert admin.post(url("person-roles", person.pk), rows).status_code == 302
    assert person.memberships.get().role == "officer"
    assert client.login(username="xinren", password=password) or True
    again = sign_in("security_admin").post(url("person-password", person.pk)).context["password"]
    person.refresh_from_db()
    assert person.check_password(again)
    assert not person.check_password(password)
    sign_in("security_admin").post(url("person-lock", person.pk), {"what": "off"})
    person.refresh_from_db()
    assert not person.is_active
    labels = set(Event.objects.filter(act__startswith="people.").values_list("label", flat=True))
    assert {"新增人员", "调整角色", "重设密码", "停用账号"} <= labels
    assert password not in str(list(Event.objects.values_list("data", "summary")))


def test_a_locked_person_is_out_with_the_next_click(world, sign_in):
    client = sign_in("officer")
    assert client.get(url("todo")).status_code == 200
    people.set_active(world.people["security_admin"], world.people["officer"], False)
    assert client.get(url("todo")).status_code == 302


def test_same_account_twice_is_told(world, sign_in):
    response = sign_in("security_admin").post(url("person-new"), {"username": "officer", "post": "又一个"})
    assert response.status_code == 422
    assert User.objects.filter(username="officer").count() == 1


def test_people_as_excel(world, sign_in):
    response = sign_in("security_admin").get(url("people-export"))
    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(min_row=4, values_only=True))
    assert len(rows) == User.objects.count()


def test_list_of_people_does_not_cost_by_row(world, sign_in, django_assert_max_num_queries):
    client = sign_in("security_admin")
    client.get(url("people"))
    with django_assert_max_num_queries(9):
        client.get(url("people"))


# --- units ------------------------------------------------------------------------------------------------------------


def test_unit_edit_rename_merge(world, sign_in):
    admin = sign_in("system_admin")
    values = {
        "code": "edu",
        "kind": "department",
        "parent": world.government.pk,
        "ordinal": 3,
        "active": "on",
        "aliases": "教育局、区教委",
    }
    assert admin.post(url("unit", world.education.pk), values).status_code == 302
    assert set(world.education.aliases.values_list("name", flat=True)) == {"教育局", "区教委"}
    admin.post(
        url("unit-rename", world.education.pk),
        {"name": "云溪区教育和体育局", "short_name": "区教体局", "document": "云编〔2026〕3号"},
    )
    assert UnitAlias.objects.filter(unit=world.education, name="云溪区教育局", source="former").exists()
    case = world.open("在办的", unit=world.health)
    admin.post(url("unit-merge", world.health.pk), {"into": world.education.pk, "document": "云编〔2026〕4号"})
    world.health.refresh_from_db()
    case.refresh_from_db()
    assert not world.health.active
    assert case.unit_id == world.education.pk
    page = admin.get(url("unit", world.education.pk)).content.decode()
    assert "接收" in page
    assert "更名" in page


def test_units_from_excel_first_tried_then_done(world, sign_in):
    admin = sign_in("system_admin")
    book = load_workbook(BytesIO(exchange.export_units()))
    book.active.append(["tjj", "云溪区统计局", "区统计局", "政府部门", world.government.code, 50, "", "", "", "统计局"])
    out = BytesIO()
    book.save(out)
    tried = admin.post(url("units-import"), {"file": SimpleUploadedFile("单位.xlsx", out.getvalue())})
    assert tried.context["report"].created == 1
    assert not Unit.objects.filter(code="tjj").exists()
    done = admin.post(url("units-import"), {"digest": tried.context["digest"], "sure": "1"})
    assert done.status_code == 302
    assert Unit.objects.get(code="tjj").aliases.get().name == "统计局"
    wrong = admin.post(url("units-import"), {"file": SimpleUploadedFile("单位.xlsx", b"PK\x03\x04")})
    assert wrong.status_code == 422


def test_groups_show_what_they_stand_for(world, sign_in):
    admin = sign_in("system_admin")
    values = {
        "name": "区政府各部门",
        "root": world.government.pk,
        "kinds": ["department"],
        "excluded": [world.health.pk],
        "ordinal": 0,
    }
    seen = admin.post(url("group-new"), {**values, "preview": "1"})
    assert seen.context["preview"] == [world.education]
    assert not UnitGroup.objects.exists()
    assert admin.post(url("group-new"), values).status_code == 302
    assert "区教育局" in admin.get(url("groups")).content.decode()


# --- settings, calendar, letters, webhooks ------------------------------------------------------------------------------


def test_settings_are_checked_and_traced(world, sign_in):
    admin = sign_in("system_admin")
    response = admin.post(url("jurisdiction"), {"receipt.workdays": "百"})
    assert response.status_code == 422
    assert "请填写整数" in response.content.decode()
    typed = {key: str(value) for key, value in jurisdiction.values().items() if not isinstance(value, bool)}
    booleans = {key: "1" for key, value in jurisdiction.values().items() if value is True}
    assert admin.post(url("jurisdiction"), {**typed, **booleans, "receipt.workdays": "7"}).status_code == 302
    assert jurisdiction.value("receipt.workdays") == 7
    event = Event.objects.get(label="修改设置")
    assert "5 改为 7" in event.summary


def test_local_days_move_clocks_and_say_how_many(world, sign_in):
    case = world.open(workdays=5)
    first = case.clocks.get().due_at
    import datetime as dt

    from django.utils import timezone

    from gongkai.core import calendars

    day = calendars.current().next_workday(timezone.localdate())
    admin = sign_in("system_admin")
    response = admin.post(
        url("calendar-layer"),
        {"reason": "防汛停工", "document_number": "云防指〔2026〕1号", "off": str(day)},
        follow=True,
    )
    assert "1件在办事项的到期日有变化" in response.content.decode()
    assert case.clocks.get().due_at >= first + dt.timedelta(days=1)
    assert Event.objects.filter(case=case, label="时限重算").exists()
    assert "防汛停工" in response.content.decode()


def test_wrong_calendar_is_refused_in_words(world, sign_in):
    response = sign_in("system_admin").post(
        url("calendar-import"), {"text": "date,kind,name\n2027-13-01,放假,元旦", "document_number": "x"}
    )
    assert response.status_code == 422


def test_webhook_inside_the_network_is_refused(world, sign_in):
    admin = sign_in("system_admin")
    values = {"name": "办公系统", "address": "http://127.0.0.1/hook", "secret": "s" * 20, "active": "on"}
    response = admin.post(url("webhook-new"), values)
    assert "内部网络" in response.content.decode()
    assert not Webhook.objects.exists()


# --- audit ------------------------------------------------------------------------------------------------------------


def test_audit_search_verify_and_export(world, sign_in):
    case = world.open()
    admin = sign_in("audit_admin")
    found = admin.get(url("audit"), {"number": case.number})
    assert [event.label for event in found.context["rows"]] == ["登记"]
    assert admin.get(url("audit"), {"person": "nobody"}).context["rows"] == []
    assert "审计链完好" in admin.post(url("audit-verify")).content.decode()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_event SET summary = 'x' WHERE case_id = %s", [case.pk])
    assert "内容被改过" in admin.post(url("audit-verify")).content.decode()
    assert admin.get(url("audit"), {"export": "xlsx"}).content[:2] == b"PK"


def test_audit_administrator_changes_nothing(world, sign_in):
    admin = sign_in("audit_admin")
    person = world.people["officer"]
    for name, arguments in (
        ("person-password", [person.pk]),
        ("person-lock", [person.pk]),
        ("jurisdiction", []),
        ("unit", [world.education.pk]),
    ):
        assert admin.post(url(name, *arguments), {}).status_code == 403
    assert Membership.objects.filter(user=person).count() == 1


def test_every_periodic_job_has_words_of_its_own():
    from gongkai.core import schedule
    from gongkai.workbench.views.administration import JOB_WORDS

    assert set(schedule.jobs) == set(JOB_WORDS)
    assert len(set(JOB_WORDS.values())) == len(JOB_WORDS)
