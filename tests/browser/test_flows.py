"""Whole flows as people do them, in Chromium: from a notice to the public page, an officer's morning, wrong files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gongkai.core import audit, counters
from gongkai.ledger.models import Assignment, Notice, Progress
from gongkai.ledger.tests.helpers import NOTICE

pytestmark = pytest.mark.django_db(transaction=True)


def act(page, label: str) -> None:
    """Open an act from the act bar, wherever it stands."""
    bar = page.get_by_role("group", name="办理")
    link = bar.get_by_role("link", name=label, exact=True)
    if not link.first.is_visible():
        bar.get_by_label("更多操作").click()
    link.first.click()
    page.locator("#dialog[open] #dialog-title").wait_for()


def send(page, label: str) -> None:
    """Press the dialog's own button."""
    page.locator("#dialog").get_by_role("button", name=label, exact=True).click()
    page.locator("#dialog[open]").wait_for(state="detached")


@pytest.mark.duty("002-29a", "001-18b", "001-18d", "004-60", "003-37a")
def test_from_a_notice_to_the_public_page(page, sign_in, axe, district):
    sign_in(district.chief)
    page.goto("/workbench/ledger/import/?how=text")
    page.get_by_label("通知正文").fill(NOTICE)
    axe(page)
    page.get_by_role("button", name="导入", exact=True).click()
    page.wait_for_url("**/review/**")
    notice = Notice.objects.get()
    assert page.locator("article.tk").count() >= 5
    axe(page)

    # One task after the other is confirmed; what nobody answers for is dropped.
    for _ in range(30):
        waiting = page.locator("article.tk a.quiet")
        if page.get_by_role("button", name="批准并派发").is_enabled():
            break
        assert waiting.count()
        line = page.locator("article.tk", has=page.locator(".is-soon, .is-wait")).first
        line.locator("a.quiet").first.click()
        page.locator("article.tk.edit").wait_for()
        page.get_by_role("button", name=re.compile("^确认，看下一条")).click()
        page.wait_for_timeout(150)
    page.get_by_role("button", name="批准并派发").click()
    page.wait_for_url("**/dispatch/")
    axe(page)
    page.get_by_role("button", name="派发", exact=True).click()
    page.get_by_text("派发完成。").wait_for()
    notice.refresh_from_db()
    assert notice.state == "dispatched"
    assert Assignment.objects.filter(task__notice=notice).count() >= 10

    # The unit receives, reports and hands in.
    mine = Assignment.objects.get(task__notice=notice, task__ordinal=5, unit=district.education)
    sign_in(district.teacher)
    page.goto(f"/workbench/cases/{mine.pk}/")
    axe(page)
    act(page, "签收")
    send(page, "签收")
    act(page, "报送进展")
    axe(page)
    page.get_by_label("本期进展").fill("政策咨询窗口已答复群众咨询三十二件。")
    page.get_by_label("完成比例").fill("40")
    send(page, "报送进展")
    assert page.get_by_text("政策咨询窗口已答复群众咨询三十二件。").first.is_visible()
    act(page, "提交办结")
    page.get_by_label("完成情况").fill("全年咨询均已答复，台账已归档。")
    send(page, "提交办结")
    mine.refresh_from_db()
    assert mine.state == "submitted"

    # The office checks, publishes the ledger and releases the words.
    sign_in(district.chief)
    page.goto(f"/workbench/cases/{mine.pk}/")
    act(page, "复核通过")
    page.locator("#dialog button[type=submit].primary, #dialog .df button.primary").first.click()
    page.locator("#dialog[open]").wait_for(state="detached")
    mine.refresh_from_db()
    assert mine.state == "done"
    page.goto(f"/workbench/cases/{notice.pk}/")
    act(page, "公开台账")
    page.locator("#dialog .df button.primary").click()
    page.locator("#dialog[open]").wait_for(state="detached")
    for report in Progress.objects.filter(assignment=mine, released_at__isnull=True):
        page.goto(f"/workbench/cases/{mine.pk}/acts/release/")
        page.locator("select[name=progress]").select_option(str(report.pk))
        page.get_by_role("button", name="公开进展").click()
        page.wait_for_url(f"**/workbench/cases/{mine.pk}/")

    notice.refresh_from_db()
    page.context.clear_cookies()
    page.goto(f"/ledger/{notice.slug}/")
    axe(page)
    assert page.get_by_text("全年咨询均已答复，台账已归档。").first.is_visible()
    page.goto(f"/ledger/{notice.slug}/5/")
    axe(page)
    assert counters.verify() == []
    assert audit.verify().intact


@pytest.mark.duty("004-52b")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_an_officers_morning(page, sign_in, axe, dispatched, district, viewport):
    sign_in(district.teacher)
    page.goto("/workbench/")
    axe(page)
    rows = page.locator(".todo li")
    before = rows.count()
    assert before >= 3
    assert page.get_by_role("heading", name="我的待办").is_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    rows.first.locator(".what a").click()
    page.wait_for_url("**/workbench/cases/**")
    axe(page)
    act(page, "签收")
    send(page, "签收")
    page.goto("/workbench/notifications/")
    axe(page)


def test_wrong_input_keeps_what_was_typed(page, sign_in, axe, page_faults, dispatched, district, tmp_path: Path):
    page_faults.allow("422")
    mine = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.education)
    sign_in(district.teacher)
    page.goto(f"/workbench/cases/{mine.pk}/")
    act(page, "签收")
    send(page, "签收")
    act(page, "报送进展")
    good, bad = tmp_path / "清单.txt", tmp_path / "假的.docx"
    good.write_text("一、二、三", encoding="utf-8")
    bad.write_bytes(b"this is no Word file")
    page.get_by_label("本期进展").fill("写好的话不能丢。")
    page.get_by_label("完成比例").fill("500")
    page.locator("#dialog input[type=file]").set_input_files([good])
    page.locator("#dialog").get_by_role("button", name="报送进展", exact=True).click()
    page.locator("#dialog [aria-invalid=true]").first.wait_for()
    assert page.get_by_label("本期进展").input_value() == "写好的话不能丢。"
    assert page.locator("#dialog").get_by_text("清单.txt").first.is_visible()
    axe(page)
    page.locator("#dialog input[type=file]").set_input_files([bad])
    page.get_by_label("完成比例").fill("50")
    page.locator("#dialog").get_by_role("button", name="报送进展", exact=True).click()
    page.locator("#dialog").get_by_text("内容与扩展名不符").first.wait_for()
    assert page.get_by_label("本期进展").input_value() == "写好的话不能丢。"
    page.locator("#dialog input[type=file]").set_input_files([])
    send(page, "报送进展")
    report = Progress.objects.get(assignment=mine)
    assert [file.name for file in report.files.all()] == ["清单.txt"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("扫描件.png", b"\x89PNG\r\n\x1a\n" + b"0" * 64, "扫描"),
        ("空.txt", b"", "空"),
        ("坏.docx", b"PK\x03\x04 broken", "坏"),
    ],
)
def test_wrong_files_say_what_to_do(page, sign_in, page_faults, district, tmp_path: Path, name, data, words):
    page_faults.allow("422")
    file = tmp_path / name
    file.write_bytes(data)
    sign_in(district.chief)
    page.goto("/workbench/ledger/import/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="导入", exact=True).click()
    page.wait_for_load_state()
    text = page.locator("main").inner_text()
    assert words in text, text[:400]
    assert "请" in text


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_every_page_of_the_office_is_clean(page, sign_in, axe, dispatched, district, viewport):
    sign_in(district.chief)
    for address in (
        "/workbench/",
        "/workbench/unit/",
        "/workbench/cases/",
        "/workbench/search/?q=公开",
        "/workbench/ledger/",
        "/workbench/ledger/dashboard/",
        "/workbench/ledger/calendar/",
        f"/workbench/ledger/notices/{dispatched.pk}/",
        f"/workbench/ledger/notices/{dispatched.pk}/?tab=units",
        f"/workbench/ledger/notices/{dispatched.pk}/?tab=plans",
        f"/workbench/ledger/notices/{dispatched.pk}/review/",
        "/workbench/ledger/plans/",
        "/workbench/ledger/hearings/",
        "/workbench/ledger/supervisions/",
        "/workbench/ledger/look-backs/",
        "/workbench/settings/",
        "/",
        "/ledger/",
        f"/ledger/{dispatched.slug}/",
        f"/ledger/{dispatched.slug}/2/",
        f"/ledger/{dispatched.slug}/text/",
        "/accessibility/",
    ):
        answer = page.goto(address)
        assert answer.status == 200, address
        axe(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{address} is {overflow} px too wide"


def test_elder_mode_and_contrast_hold_on_the_ledger(page, axe, dispatched):
    for choice in ("mode=elder", "contrast=high"):
        page.goto(f"/preferences/?{choice}&next=/ledger/{dispatched.slug}/")
        axe(page)
    assert page.locator("html").get_attribute("data-mode") == "elder"
