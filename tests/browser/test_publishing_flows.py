"""Publishing as people do it, in Chromium: from a Word file to the public page through every reviewer, sent back, withdrawn."""

from __future__ import annotations

import io

import pytest
from docx import Document
from openpyxl import Workbook
from openpyxl.comments import Comment

from gongkai.core import attachments, audit, counters
from gongkai.core.search import work
from gongkai.core.search.testing import fresh_index
from gongkai.core.transparency import entries_of
from gongkai.core.transparency.tests.conftest import log, sequence
from gongkai.publications import counts
from gongkai.publications.models import Publication, PublicDocument
from gongkai.publications.tests.conftest import office
from gongkai.publications.tests.helpers import draft, through

from .test_flows import act, send

__all__ = ["fresh_index", "log", "office", "sequence"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_index", "log")]

TITLE = "关于做好中小学校园食堂公开日活动的通知"
NEEDLE = "公开日当天家长可以进入后厨"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def letter() -> bytes:
    """A notice as an office writes it: title, number, recipients, headings, a table, signature, date."""
    document = Document()
    document.core_properties.author = "李某某"
    for line in (TITLE, "云教发〔2026〕31号", "各中小学校：", "为让家长放心，现将有关事项通知如下。"):
        document.add_paragraph(line)
    document.add_heading("一、时间", level=1)
    document.add_paragraph(f"每学期不少于两次。{NEEDLE}参观。")
    document.add_heading("二、安排", level=1)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "学段", "次数"
    for row in (("小学", "2"), ("初中", "2")):
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    for line in ("云溪区教育局", "2026年11月9日"):
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def sheet() -> bytes:
    """A list with a comment and a hidden sheet, neither of which may go out."""
    book = Workbook()
    book.active.append(["学校", "公开日"])
    book.active.append(["第一小学", "11月20日"])
    book.active["A2"].comment = Comment("这所学校再核对", "李某某")
    book.create_sheet("内部").sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def look(page, axe) -> None:
    axe(page)
    assert fits(page), page.url


def decide(page, sign_in, axe, user, case, label: str, words: str = "", field: str = "审核意见") -> None:
    """A reviewer opens the case, decides, and gives the words asked for."""
    sign_in(user)
    page.goto("/workbench/")
    assert page.get_by_text(case.title).first.is_visible()
    page.goto(f"/workbench/cases/{case.pk}/")
    look(page, axe)
    act(page, label)
    if words:
        page.locator("#dialog").get_by_label(field).fill(words)
    send(page, label)


def write(page, sign_in, axe, user) -> Publication:
    """From a Word file to a complete draft, in the browser."""
    sign_in(user)
    page.goto("/workbench/information/")
    look(page, axe)
    page.goto("/workbench/information/new/")
    look(page, axe)
    page.locator("input[type=file]").set_input_files({"name": "食堂公开日.docx", "mimeType": WORD, "buffer": letter()})
    page.get_by_role("button", name="起草", exact=True).click()
    page.wait_for_url("**/edit/")
    case = Publication.objects.get()
    assert page.get_by_label("标题", exact=True).input_value() == TITLE
    assert page.get_by_label("发文字号").input_value() == "云教发〔2026〕31号"
    editor = page.locator(".prose-editor .ProseMirror[contenteditable]")
    editor.wait_for()
    assert NEEDLE in editor.inner_text()
    assert editor.locator("table").count() == 1
    look(page, axe)
    page.get_by_label("主动公开", exact=True).check()
    page.get_by_label("主题分类").select_option("科技、教育\\教育")
    page.get_by_label("成文日期").fill("2026-11-09")
    editor.locator("p").last.click()
    page.keyboard.press("End")
    page.keyboard.type("（联系人：基础教育科）")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(f"**/workbench/cases/{case.pk}/")
    look(page, axe)
    return Publication.objects.get(pk=case.pk)


@pytest.mark.duty("001-14c", "003-28c")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_from_a_word_file_to_the_public_page(page, sign_in, axe, office, sequence, viewport):
    case = write(page, sign_in, axe, office.officer)
    assert case.attribute == "proactive"
    assert "（联系人：基础教育科）" in case.body
    assert "<table" in case.body

    act(page, "添加附件")
    page.locator("#dialog input[type=file]").first.set_input_files(
        {"name": "公开日安排.xlsx", "mimeType": SHEET, "buffer": sheet()}
    )
    send(page, "添加附件")
    page.goto(f"/workbench/cases/{case.pk}/")
    assert page.get_by_text("隐藏的工作表").first.is_visible()
    act(page, "送审")
    axe(page)
    send(page, "送审")

    # Nothing is public before the last of them has agreed.
    for user, label in ((office.reviewer, "审核通过"), (office.secrecy, "审核通过"), (office.leader, "批准")):
        assert not PublicDocument.objects.exists()
        decide(page, sign_in, axe, user, case, label, "同意。")
    case.refresh_from_db()
    assert case.state == "published"

    page.context.clear_cookies()
    page.goto(case.public_address)
    look(page, axe)
    assert page.get_by_role("heading", level=1).inner_text() == TITLE
    assert page.get_by_text(NEEDLE).first.is_visible()
    assert page.get_by_text(case.index_number).first.is_visible()
    work.drain()
    page.goto(f"/search/?q={NEEDLE}")
    look(page, axe)
    page.get_by_role("link", name=TITLE).first.click()
    page.wait_for_url(f"**{case.public_address}*")

    # The file that is offered is the one the log knows, without what was hidden in the original.
    with page.expect_download() as wanted:
        page.get_by_role("link", name="公开日安排.xlsx").click()
    data = wanted.value.path().read_bytes()
    assert b"\xe6\x9d\x8e" not in data
    sequence()
    page.goto("/proof/")
    page.get_by_label("要核验的文件").set_input_files({"name": "公开日安排.xlsx", "mimeType": SHEET, "buffer": data})
    page.get_by_role("button", name="核验", exact=True).click()
    page.get_by_text("是现行版本").wait_for()
    axe(page)
    assert counters.verify() == []
    assert counts.verify() == []
    assert audit.verify().intact


@pytest.mark.duty("003-28e")
def test_what_was_sent_back_is_mended_and_goes_round_again(page, sign_in, axe, page_faults, office):
    page_faults.allow("422")
    case = write(page, sign_in, axe, office.officer)
    act(page, "送审")
    send(page, "送审")
    decide(page, sign_in, axe, office.reviewer, case, "审核通过")
    decide(page, sign_in, axe, office.secrecy, case, "退回", "第二条的次数请核实。", "原因")
    case.refresh_from_db()
    assert case.state == "returned"
    assert not PublicDocument.objects.exists()

    sign_in(office.officer)
    page.goto(f"/workbench/cases/{case.pk}/")
    look(page, axe)
    assert page.get_by_text("第二条的次数请核实。").first.is_visible()
    # Wrong dates are said at their field, and nothing typed is lost.
    page.goto(f"/workbench/information/{case.pk}/edit/")
    page.locator(".prose-editor .ProseMirror[contenteditable]").wait_for()
    page.get_by_label("标题", exact=True).fill(f"{TITLE}（修改）")
    page.get_by_label("发文字号").fill("不是文号")
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator("[aria-invalid=true]").first.wait_for()
    look(page, axe)
    assert page.get_by_label("标题", exact=True).input_value() == f"{TITLE}（修改）"
    page.get_by_label("发文字号").fill("云教发〔2026〕32号")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(f"**/workbench/cases/{case.pk}/")
    act(page, "送审")
    send(page, "送审")
    case.refresh_from_db()
    # The content is another one: even who had passed looks again.
    assert list(case.steps.filter(round=2).values_list("decision", flat=True)) == ["", "", ""]
    # Whoever wrote it is not asked to review it.
    page.goto(f"/workbench/cases/{case.pk}/")
    assert page.get_by_role("link", name="审核通过", exact=True).count() == 0


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_what_is_withdrawn_is_gone_everywhere_but_for_a_note(page, sign_in, axe, page_faults, office, viewport):
    page_faults.allow("410")
    page_faults.allow("404")
    kept = attachments.keep(b"public copy")
    case = through(draft(office, title=TITLE, body=f"<p>{NEEDLE}参观。</p>"), office)
    case.current_version.files.create(name="公开日安排.txt", digest=kept.digest, size=11, content_type="text/plain")
    newer = through(
        draft(office, title="关于调整校园食堂公开日时间的通知", document_number="云教发〔2026〕40号"), office
    )
    work.drain()
    page.goto(f"/search/?q={NEEDLE}")
    assert page.get_by_role("link", name=TITLE).first.is_visible()
    page.goto(case.public_address)
    address = page.get_by_role("link", name="公开日安排.txt").get_attribute("href")
    assert page.request.get(address).status == 200

    sign_in(office.officer)
    page.goto(f"/workbench/cases/{case.pk}/")
    look(page, axe)
    act(page, "撤回")
    axe(page)
    page.get_by_label("撤回原因").fill("公开日时间有误，已另发通知。")
    page.get_by_label("替代文件").fill("云教发〔2026〕40号")
    send(page, "撤回")

    page.context.clear_cookies()
    response = page.goto(case.public_address)
    assert response.status == 410
    look(page, axe)
    assert page.get_by_text("公开日时间有误，已另发通知。").is_visible()
    assert NEEDLE not in page.content()
    assert page.request.get(address).status in (404, 410)
    for form in ("docx", "txt"):
        assert page.request.get(f"{case.public_address}download/{form}/").status in (404, 410)
    assert page.request.get(f"{case.public_address}versions/1/").status in (404, 410)
    # Hidden at once, before the index has caught up; and after it has.
    for _ in range(2):
        page.goto(f"/search/?q={NEEDLE}")
        assert page.get_by_role("link", name=TITLE).count() == 0
        work.drain()
    look(page, axe)
    page.goto("/information/")
    assert page.get_by_role("link", name=TITLE).count() == 0
    page.goto(case.public_address)
    page.get_by_role("link", name=newer.title).click()
    page.wait_for_url(f"**{newer.public_address}")
    assert page.get_by_role("heading", level=1).inner_text() == newer.title
    acts = [entry.act for entry in entries_of(f"document/{case.pk}")]
    assert [name for name in acts if name != "rendered"] == ["published", "withdrawn"]
