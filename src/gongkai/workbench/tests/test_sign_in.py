"""Signing in and out, passwords, and the traces they leave."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongkai.core.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.workbench.tests.urls")]
LOGIN = "/workbench/login/"


def test_in_and_out_leave_traces(world, client):
    response = client.post(LOGIN, {"username": "officer", "password": "yunxi-2026"})
    assert response["Location"] == "/workbench/"
    assert client.post(reverse("workbench:logout")).status_code == 302
    assert client.get("/workbench/").status_code == 302
    labels = list(Event.objects.filter(case__isnull=True).order_by("id").values_list("label", flat=True))
    assert labels == ["登录", "退出登录"]


def test_signing_out_needs_a_post(sign_in):
    assert sign_in("officer").get(reverse("workbench:logout")).status_code == 405


def test_wrong_password_in_words(world, client):
    response = client.post(LOGIN, {"username": "officer", "password": "wrong"})
    assert "账号或密码不对" in response.content.decode()


def test_no_way_to_other_sites(world, client):
    response = client.post(LOGIN, {"username": "officer", "password": "yunxi-2026", "next": "https://elsewhere.test/"})
    assert response["Location"] == "/workbench/"


def test_too_many_wrong_passwords_lock(world, client, settings):
    settings.AXES_ENABLED = True
    for _ in range(5):
        response = client.post(LOGIN, {"username": "officer", "password": "wrong"})
    assert response.status_code == 429
    assert "暂时不能登录" in response.content.decode()
    from gongkai.core import people

    assert people.unlock(world.people["security_admin"], world.people["officer"]) > 0
    assert client.post(LOGIN, {"username": "officer", "password": "yunxi-2026"}).status_code == 302
    assert Event.objects.filter(label="解除登录锁定").exists()


def test_password_change(sign_in, client):
    client = sign_in("officer")
    address = reverse("workbench:password")
    wrong = client.post(
        address, {"old_password": "x", "new_password1": "qingshan-lvshui-9", "new_password2": "qingshan"}
    )
    assert "原密码不对" in wrong.content.decode()
    values = {"old_password": "yunxi-2026", "new_password1": "qingshan-lvshui-9", "new_password2": "qingshan-lvshui-9"}
    assert client.post(address, values).status_code == 302
    assert client.get("/workbench/").status_code == 200
    assert Event.objects.filter(label="修改密码").exists()


def test_settings(sign_in, world):
    client = sign_in("officer")
    client.post(reverse("workbench:settings"), {"email": "gk@yunxi.test", "telephone": ""})
    world.people["officer"].refresh_from_db()
    assert world.people["officer"].email == "gk@yunxi.test"
    assert not world.people["officer"].shortcuts
    assert 'data-keys="off"' in client.get("/workbench/").content.decode()


def test_a_password_set_by_somebody_else_is_changed_first(world, client):
    from gongkai.core import people

    given = people.reset_password(world.people["security_admin"], world.people["officer"])
    client.post(LOGIN, {"username": "officer", "password": given})
    assert client.get("/workbench/")["Location"] == reverse("workbench:password")
    typed = {"old_password": given, "new_password1": "yunxi-new-2026", "new_password2": "yunxi-new-2026"}
    assert client.post(reverse("workbench:password"), typed).status_code == 302
    assert client.get("/workbench/").status_code == 200
