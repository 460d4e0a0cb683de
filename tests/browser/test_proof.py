"""Checking a downloaded file in a browser: with scripts the file stays on the device, and the page says what became of it."""

from __future__ import annotations

import hashlib

import pytest

from gongkai.core.transparency.tests.conftest import bureau, log, many, publish, sequence

__all__ = ["bureau", "log", "many", "publish", "sequence"]
pytestmark = pytest.mark.django_db(transaction=True)
DATA = b"%PDF-1.7 what was published"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_a_downloaded_file_is_checked(page, axe, publish, many, sequence):
    many(40)
    publish(files=[("正文.pdf", DIGEST)], address="/")
    publish(subject="YX-2026-0002", files=[("正文.pdf", "b" * 64)])
    sequence()
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.goto("/proof/")
    axe(page)
    assert page.get_by_text("指纹在你的设备上计算").is_visible()
    page.get_by_label("要核验的文件").set_input_files(
        {"name": "通知.pdf", "mimeType": "application/pdf", "buffer": DATA}
    )
    page.get_by_role("button", name="核验", exact=True).click()
    page.wait_for_url(f"**/proof/?sha256={DIGEST}*")
    assert page.get_by_text("是现行版本").is_visible()
    axe(page)
    assert posts == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="第40号存证").click()
    page.get_by_text("证明通过").wait_for()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="YX-2026-0001").click()
    page.get_by_role("heading", name="YX-2026-0001的登记").wait_for()
    axe(page)
    page.goto("/proof/")
    page.get_by_label("要核验的文件").set_input_files({"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.get_by_role("button", name="核验", exact=True).click()
    page.get_by_text("没有查到这个文件").wait_for()
    axe(page)


@pytest.mark.parametrize("viewport", ["phone"], indirect=True)
def test_elder_mode(page, axe, publish, sequence):
    publish(files=[("正文.pdf", DIGEST)])
    publish("withdrawn")
    sequence()
    page.goto("/proof/")
    page.get_by_role("link", name="长者版").click()
    page.goto(f"/proof/?sha256={DIGEST}")
    assert page.get_by_text("撤回。").first.is_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_scripts_the_form_uploads(chromium, live_server, publish, sequence):
    publish(files=[("正文.pdf", DIGEST)])
    sequence()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/proof/")
    page.get_by_label("要核验的文件").set_input_files(
        {"name": "通知.pdf", "mimeType": "application/pdf", "buffer": DATA}
    )
    page.get_by_role("button", name="核验", exact=True).click()
    assert page.get_by_text("是现行版本").is_visible()
    context.close()
