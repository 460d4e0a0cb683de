"""Pytest plugin: a real Chromium for tests that look at pages as a person does.

Fixtures: `page` (Playwright's synchronous page, 1440 px wide; `viewport` chooses "desktop" or "phone"), `sign_in`,
`axe`, `page_faults`. A test that used a page fails when the page wrote an error to the console, raised an exception or
broke the content security policy; it leaves a picture and the HTML in test-artifacts/ when it fails.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "test-artifacts"
VIEWPORTS = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_reports = pytest.StashKey[dict[str, pytest.TestReport]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses the browser."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Keep the reports, so that the page's fixture knows whether the test failed."""
    report = yield
    item.stash.setdefault(_reports, {})[report.when] = report
    return report


def _executable() -> str | None:
    given = os.environ.get("GONGKAI_CHROMIUM")
    if given:
        return given
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of this process."""
    executable = _executable()
    if not executable or not Path(executable).exists():
        reason = "Chromium is not installed; install it or point GONGKAI_CHROMIUM to one"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # Playwright's synchronous interface keeps an event loop in this thread; the tests' own queries are still plain.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def viewport(request: pytest.FixtureRequest) -> str:
    """The window: desktop (1440 px) or phone (390 px).

    `@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)` runs a test in both.
    """
    return getattr(request, "param", "desktop")


class PageFaults:
    """What went wrong in the page; `allow` names faults that a test brings about on purpose."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.allowed: list[str] = []

    def allow(self, words: str) -> None:
        """Faults that contain these words are no failure."""
        self.allowed.append(words)

    @property
    def unexpected(self) -> list[str]:
        """The faults that were not allowed."""
        return [fault for fault in self.found if not any(words in fault for words in self.allowed)]


@pytest.fixture
def page_faults() -> PageFaults:
    """Console errors, exceptions and breaches of the content security policy of this test's pages."""
    return PageFaults()


_REPORT_BREACHES = """
document.addEventListener('securitypolicyviolation', event => {
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


@pytest.fixture
def context(chromium, viewport: str, page_faults: PageFaults, live_server) -> Iterator[Any]:
    """A fresh browser profile whose pages are listened to; `base_url` is the live server."""
    context = chromium.new_context(
        base_url=live_server.url,
        viewport=VIEWPORTS[viewport],
        is_mobile=viewport == "phone",
        has_touch=viewport == "phone",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(30_000)
    context.add_init_script(_REPORT_BREACHES)

    def listen(page: Any) -> None:
        page.on(
            "console",
            lambda message: (
                page_faults.found.append(f"{page.url}: {message.text}") if message.type == "error" else None
            ),
        )
        page.on("pageerror", lambda error: page_faults.found.append(f"{page.url}: {error}"))

    context.on("page", listen)
    yield context
    context.close()


@pytest.fixture
def page(context, request: pytest.FixtureRequest, page_faults: PageFaults) -> Iterator[Any]:
    """A page. The test fails when the page had faults."""
    page = context.new_page()
    yield page
    report = request.node.stash.get(_reports, {}).get("call")
    faults = page_faults.unexpected
    if faults or (report is not None and report.failed):
        _save(page, request.node.nodeid)
    if faults and not (report is not None and report.failed):
        pytest.fail("The page had faults:\n" + "\n".join(faults))


def _save(page: Any, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "_", name)[-120:]
    try:
        page.screenshot(path=ARTIFACTS / f"{stem}.png", full_page=True)
        (ARTIFACTS / f"{stem}.html").write_text(page.content(), encoding="utf-8")
    except Exception as problem:  # the page may be gone; the test's own failure matters more
        (ARTIFACTS / f"{stem}.txt").write_text(str(problem), encoding="utf-8")


@pytest.fixture
def sign_in(context, live_server) -> Callable[[Any], None]:
    """`sign_in(user)`: the browser carries the user's session from here on."""
    from django.conf import settings
    from django.test import Client

    def sign_in(user: Any) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                    "url": live_server.url,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )

    return sign_in


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` fails with a readable list when the page breaks WCAG 2.0-2.2 A/AA or a best practice."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Error

    engine = Axe()

    def check(page: Any, context: Any = None) -> None:
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        try:
            page.wait_for_load_state()
            found = engine.run(page, context=context, options=options)
        except Error:
            # A click before led on to the next page while this one was looked at: that one is meant.
            page.wait_for_load_state()
            found = engine.run(page, context=context, options=options)
        violations = found.response["violations"]
        lines = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
            + "\n    ".join(f"{node['target']} {node['html'][:160]}" for node in violation["nodes"][:5])
            for violation in violations
        ]
        assert not violations, f"{page.url}: {len(violations)} accessibility faults\n" + "\n".join(lines)

    return check
