"""The living pages render, and the pages obey a policy without inline code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.http import Http404
from django.template.loader import get_template
from django.test import RequestFactory, override_settings

from gongkai.core import components

TEMPLATES = Path(__file__).parents[1] / "templates" / "core"
SCRIPTS = Path(__file__).parents[1] / "static" / "gongkai" / "js"


def page(**query: str) -> str:
    request = RequestFactory().get("/components", query)
    with override_settings(GONGKAI_DEMO=True):
        return components.components(request).content.decode()


def breaches(html: str) -> list[str]:
    """What a content policy without `unsafe-*` would refuse."""
    found = re.findall(r"<[^>]*\sstyle\s*=[^>]*>", html)
    found += re.findall(r"<[^>]*\son[a-z]+\s*=[^>]*>", html)
    found += [tag for tag in re.findall(r"<script[^>]*>", html) if "src=" not in tag]
    found += re.findall(r"<style[^>]*>", html)
    return found + re.findall(r'(?:href|src)="https?://[^"]*"', html)


@pytest.mark.parametrize("query", [{}, {"face": "portal"}, {"part": "act"}], ids=["workbench", "portal", "act"])
def test_the_living_pages_render_without_inline_code(query):
    html = page(**query)
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert '<html lang="zh-Hans"' in html
    assert 'href="#main"' in html
    assert breaches(html) == []
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_every_symbol_that_is_used_is_on_the_page():
    for query in ({}, {"face": "portal"}):
        html = page(**query)
        used = set(re.findall(r'<use href="#([^"]+)"', html))
        assert used <= set(re.findall(r'<symbol id="([^"]+)"', html))


def test_the_living_page_is_not_there_in_production():
    with override_settings(GONGKAI_DEMO=False, DEBUG=False), pytest.raises(Http404):
        components.components(RequestFactory().get("/components"))


def test_an_act_is_a_fragment_for_htmx_and_a_page_without():
    factory = RequestFactory()
    with override_settings(GONGKAI_DEMO=True):
        fragment = components.components(
            factory.get("/components", {"part": "act"}, headers={"HX-Request": "true"})
        ).content.decode()
        wrong = components.components(factory.post("/components?part=act", {}, headers={"HX-Request": "true"}))
    assert "<html" not in fragment
    assert 'hx-post="/components?part=act"' in fragment
    assert "csrfmiddlewaretoken" in fragment
    assert wrong.status_code == 422
    assert "data-error-summary" in wrong.content.decode()
    assert "hx-post" not in page(part="act")


@pytest.mark.parametrize(
    ("cookies", "query", "attribute"),
    [
        ({"contrast": "high"}, {}, 'data-contrast="high"'),
        ({"theme": "dark"}, {}, 'data-theme="dark"'),
        ({"mode": "elder"}, {"face": "portal"}, 'data-mode="elder"'),
    ],
)
def test_preferences_are_one_attribute_on_the_page(cookies, query, attribute):
    request = RequestFactory().get("/components", query)
    request.COOKIES = cookies
    with override_settings(GONGKAI_DEMO=True):
        assert attribute in components.components(request).content.decode().split("<head>")[0]


def test_dark_stays_in_the_workbench_and_elder_on_the_portal():
    request = RequestFactory().get("/components", {"face": "portal"})
    request.COOKIES = {"theme": "dark"}
    with override_settings(GONGKAI_DEMO=True):
        assert "data-theme" not in components.components(request).content.decode().split("<head>")[0]


@pytest.mark.parametrize(
    ("acts", "classes"),
    [
        ([{"label": "撤回发布", "url": "#", "danger": True}], ["btn danger"]),
        ([{"label": "签收", "url": "#"}, {"label": "撤销", "url": "#", "danger": True}], ["btn primary", "btn danger"]),
        ([{"label": "批准", "url": "#", "blocked": "还有一步"}, {"label": "退回", "url": "#"}], ["btn", "btn"]),
    ],
)
def test_a_dangerous_act_is_never_the_filled_button(acts, classes):
    html = get_template("core/parts/actbar.html").render({"acts": acts})
    assert re.findall(r'class="(btn[^"]*)"', html) == classes


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "locked"])
def test_error_pages_say_what_to_do(name):
    html = get_template(f"core/{name}.html").render({}, RequestFactory().get("/nowhere"))
    assert breaches(html) == []
    assert html.count("<h1>") == 1
    assert "请" in html or "可以" in html


def test_the_last_error_page_needs_nothing():
    html = get_template("core/500.html").render()
    assert "系统出错了" in html
    assert breaches(html) == []
    source = (TEMPLATES / "500.html").read_text(encoding="utf-8")
    assert not re.findall(r"{{|{% (?!comment|endcomment)", source)


def test_login_lists_the_demo_accounts_in_the_demo_only():
    accounts = [{"unit": "区政府办公室", "post": "公开科", "username": "office", "password": "demo"}]
    context = {"form": components.Sample(), "demo_accounts": accounts}
    source = get_template("core/login.html")

    class Login(components.forms.Form):
        username = components.forms.CharField()
        password = components.forms.CharField(widget=components.forms.PasswordInput)

    context["form"] = Login()
    request = RequestFactory().get("/login")
    with override_settings(GONGKAI_DEMO=True):
        assert "office" in source.render(context, request)
    with override_settings(GONGKAI_DEMO=False):
        assert "office" not in source.render(context, request)


def test_every_template_says_what_it_expects():
    for path in TEMPLATES.rglob("*.html"):
        assert "{% comment %}" in path.read_text(encoding="utf-8")[:400], path.name


def test_scripts_need_no_eval_and_no_other_host():
    for path in SCRIPTS.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"\beval\(|new Function|innerHTML|document\.write|https?://|\.style\b", text), path.name
