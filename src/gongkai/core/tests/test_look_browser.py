"""The living pages in a browser: no axe violation, nothing scrolls sideways, in every theme and width."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import RequestFactory, override_settings

from gongkai.core import components

STATIC = Path(__file__).parents[1] / "static"
pytestmark = pytest.mark.browser

PAGES = [
    ("workbench", {}, {}, 1440),
    ("workbench-phone", {}, {}, 390),
    ("workbench-middle", {}, {}, 1024),
    ("dark", {"theme": "dark"}, {}, 1440),
    ("high", {"contrast": "high"}, {}, 1440),
    ("portal", {}, {"face": "portal"}, 1440),
    ("portal-phone", {}, {"face": "portal"}, 390),
    ("elder", {"mode": "elder"}, {"face": "portal"}, 1440),
    ("elder-phone", {"mode": "elder"}, {"face": "portal"}, 390),
    ("act", {}, {"part": "act"}, 1024),
]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize(("name", "cookies", "query", "width"), PAGES, ids=[page[0] for page in PAGES])
def test_no_violation_and_no_sideways_scrolling(chromium, tmp_path, name, cookies, query, width):
    from axe_playwright_python.sync_playwright import Axe

    request = RequestFactory().get("/components", query)
    request.COOKIES = cookies
    with override_settings(GONGKAI_DEMO=True):
        html = components.components(request).content.decode()
    html = re.sub(r'"/static/gongkai/', f'"{(STATIC / "gongkai").as_uri()}/', html)
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options=AXE).response["violations"]
    page.close()
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []
