"""The challenge of public forms in a browser: solved while the reader types, taken once, and passable without scripts."""

from __future__ import annotations

import hashlib

import pytest
from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from gongkai.core import challenge
from gongkai.core.challenge import puzzles
from gongkai.core.challenge.models import Spent
from gongkai.core.models import JurisdictionSetting

pytestmark = pytest.mark.django_db(transaction=True)
TEMPLATE = """{% extends "core/portal_base.html" %}{% load gongkai %}
{% block title %}试一试{% endblock %}
{% block main %}<h1>试一试</h1>
{% if words %}<p role="alert">{{ words }}</p>{% endif %}
<form method="post" class="stack">{% csrf_token %}{% field form.matter %}
{% include "core/parts/challenge.html" %}
<button class="btn primary" type="submit" name="go" value="1">提交</button></form>{% endblock %}"""


class MatterForm(forms.Form):
    matter = forms.CharField(label="想要什么信息")


def page_with_form(request: HttpRequest) -> HttpResponse:
    words = ""
    form = MatterForm(request.POST or None)
    if form.is_bound and form.is_valid():
        words = challenge.check(request, "test.form") or f"收到：{form.cleaned_data['matter']}{request.POST['go']}"
    context = {"form": form, "words": words, "challenge": challenge.issue("test.form")}
    return HttpResponse(engines["django"].from_string(TEMPLATE).render(context, request))


urlpatterns = [path("form/", page_with_form), path("", include("gongkai.config.urls"))]


@pytest.fixture(autouse=True)
def _own_addresses(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_the_device_does_the_work(page, axe):
    page.goto("/form/")
    axe(page)
    page.get_by_label("想要什么信息").fill("预算")
    page.locator("[name=challenge_answer]:not([value=''])").wait_for(state="attached")
    assert page.locator("[data-challenge-state]").is_hidden(), "nothing to say where nobody waits"
    page.get_by_role("button", name="提交").click()
    page.get_by_text("收到：预算1").wait_for()
    assert Spent.objects.count() == 1
    # Sent at once: the form waits for the work and then goes by itself, with the button that was pressed.
    page.locator("form [name=matter]").evaluate("field => { field.value = '决算'; }")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("收到：决算1").wait_for()
    assert Spent.objects.count() == 2


def test_a_used_page_is_told_and_renewed(page):
    page.goto("/form/")
    page.get_by_label("想要什么信息").fill("预算")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("收到：预算1").wait_for()
    page.go_back()
    page.get_by_label("想要什么信息").fill("预算")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("收到").or_(page.get_by_text("已经提交过一次")).wait_for()
    page.get_by_role("button", name="提交").click()
    page.get_by_text("收到：预算1").wait_for()


def test_progress_is_said_while_the_reader_waits(page):
    JurisdictionSetting.objects.create(key="challenge.bits", value=17)
    page.goto("/form/")
    page.get_by_label("想要什么信息").fill("预算")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("正在自动验证").wait_for()
    page.evaluate("stop()")


def test_the_browser_hashes_as_the_server_does(page):
    """One part at many difficulties: every answer the script finds is checked by the server's own hash."""
    JurisdictionSetting.objects.create(key="challenge.bits", value=9)
    page.goto("/form/")
    page.get_by_label("想要什么信息").focus()
    page.locator("[name=challenge_answer]:not([value=''])").wait_for(state="attached")
    answer = page.locator("[name=challenge_answer]").input_value()
    seed = page.locator("[data-challenge]").get_attribute("data-seed")
    assert puzzles.solves(seed, 9, answer)
    for part, number in enumerate(map(int, answer.split(","))):
        earlier = (hashlib.sha256(f"{seed}:{part}:{n}".encode()).digest() for n in range(number))
        assert all(puzzles.zero_bits(found) < 9 for found in earlier), "the first that fits, none passed over"


def test_without_scripts_a_form_goes_after_some_seconds(chromium, live_server):
    wait = JurisdictionSetting.objects.create(key="challenge.wait_seconds", value=600)
    plain = chromium.new_context(java_script_enabled=False, base_url=live_server.url, locale="zh-CN")
    other = plain.new_page()
    other.goto("/form/")
    assert "请在打开页面600秒后再提交" in other.locator("noscript").inner_text()
    other.get_by_label("想要什么信息").fill("预算")
    other.get_by_role("button", name="提交").click()
    other.get_by_text("请等600秒后再提交").wait_for()
    wait.value = 0
    wait.save()
    cache.clear()
    other.get_by_role("button", name="提交").click()
    other.get_by_text("收到：预算1").wait_for()
    plain.close()
