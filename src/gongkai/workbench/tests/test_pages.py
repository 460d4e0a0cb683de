"""Every page for every role: opened, refused, or sent to the login page; and what every page must not hold."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from gongkai.core.roles import Role
from gongkai.workbench.urls import urlpatterns

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.workbench.tests.urls")]

EVERYBODY = frozenset(role.value for role in Role)
SYSTEM, SECURITY, AUDIT = {"system_admin"}, {"security_admin"}, {"audit_admin"}
# url name -> who may open it with GET. Names that take an id are in the tests of their page.
PAGES: dict[str, set[str] | frozenset[str]] = {
    "todo": EVERYBODY,
    "password": EVERYBODY,
    "settings": EVERYBODY,
    "unit-cases": EVERYBODY,
    "watched": EVERYBODY,
    "cases": {"office", "auditor"},
    "filter-save": EVERYBODY,
    "filters": EVERYBODY,
    "search": EVERYBODY,
    "notifications": EVERYBODY,
    "units": SYSTEM,
    "unit-new": SYSTEM,
    "units-import": SYSTEM,
    "units-export": SYSTEM,
    "units-template": SYSTEM,
    "groups": SYSTEM,
    "group-new": SYSTEM,
    "tokens": SYSTEM,
    "jurisdiction": SYSTEM,
    "calendar": SYSTEM,
    "calendar-import": SYSTEM,
    "calendar-layer": SYSTEM,
    "letters": SYSTEM,
    "webhooks": SYSTEM,
    "webhook-new": SYSTEM,
    "jobs": SYSTEM,
    "people": SECURITY,
    "person-new": SECURITY,
    "people-export": SECURITY,
    "audit": AUDIT,
}
POSTED = {"logout", "notifications-read", "audit-verify"}


def test_every_address_without_an_id_is_in_the_matrix():
    plain = {pattern.name for pattern in urlpatterns if "<" not in str(pattern.pattern)}
    assert plain == set(PAGES) | POSTED | {"login"}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_matrix_of_page_and_role(role, sign_in):
    client = sign_in(role)
    wrong = []
    for name, allowed in PAGES.items():
        status = client.get(reverse(f"workbench:{name}")).status_code
        if status != (200 if role in allowed else 403):
            wrong.append((name, status))
    assert not wrong


def test_strangers_are_sent_to_the_login_page(client, world):
    case = world.open()
    for name in PAGES:
        response = client.get(reverse(f"workbench:{name}"))
        assert response.status_code == 302, name
        assert response["Location"].startswith("/workbench/login/"), name
    for pattern in urlpatterns:
        converters = pattern.pattern.converters
        if converters:
            values = {key: case.pk if "Int" in type(value).__name__ else "x" for key, value in converters.items()}
            response = client.get(reverse(f"workbench:{pattern.name}", kwargs=values))
            assert response.status_code in (302, 405), pattern.name


def test_pages_hold_no_inline_style_script_or_handler(world, sign_in):
    case = world.open()
    world.open("第二件", days_ago=60)
    faults = []
    for role in ("officer", "system_admin", "security_admin", "audit_admin"):
        client = sign_in(role)
        addresses = [
            reverse(f"workbench:{name}") for name, allowed in PAGES.items() if role in allowed and "export" not in name
        ]
        if role == "officer":
            addresses += [case.get_absolute_url() + tail for tail in ("", "?tab=files", "?tab=related", "?tab=trace")]
            addresses += [
                reverse("workbench:act", args=[case.pk, "begin"]),
                reverse("workbench:derivation", args=[case.pk, case.clocks.get().pk]),
            ]
        for address in addresses:
            response = client.get(address)
            if not response["Content-Type"].startswith("text/html"):
                continue
            text = response.content.decode()
            if re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=\"", text):
                faults.append(address)
            assert "unsafe" not in response["Content-Security-Policy"]
    assert not faults


def test_error_pages_in_chinese(world, sign_in):
    client = sign_in("officer")
    missing = client.get("/workbench/cases/999999/")
    assert missing.status_code == 404
    assert "没有找到" in missing.content.decode()
    refused = client.get(reverse("workbench:units"))
    assert refused.status_code == 403
    assert "只对系统管理员开放" in refused.content.decode()


def test_forms_need_their_token(world, client):
    from django.test import Client

    case = world.open()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.people["officer"], backend="django.contrib.auth.backends.ModelBackend")
    for address in (
        reverse("workbench:act", args=[case.pk, "begin"]),
        reverse("workbench:act-draft", args=[case.pk, "begin"]),
        reverse("workbench:watch", args=[case.pk]),
        reverse("workbench:notifications-read"),
        reverse("workbench:logout"),
    ):
        assert strict.post(address, {"words": "一"}).status_code == 403, address
    case.refresh_from_db()
    assert case.state == "new"
