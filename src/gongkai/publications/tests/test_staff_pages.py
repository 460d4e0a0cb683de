"""The staff pages: writing from every source, errors that lose nothing, lists, who may read."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from gongkai.core.roles import Role
from gongkai.core.tests.factories import user_with
from gongkai.publications.models import Publication
from gongkai.publications.tests.helpers import act, draft, through

pytestmark = pytest.mark.django_db


def word() -> bytes:
    """A notice as an office writes it."""
    paper = Document()
    for line in (
        "云溪区教育局关于做好校车安全工作的通知",
        "云教发〔2026〕18号",
        "各学校：",
        "现就有关事项通知如下。",
        "一、总体要求",
        "坚持安全第一。",
        "云溪区教育局",
        "2026年11月10日",
    ):
        paper.add_paragraph(line)
    table = paper.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "学校", "校车"
    table.cell(1, 0).text, table.cell(1, 1).text = "第一小学", "3辆"
    saved = io.BytesIO()
    paper.save(saved)
    return saved.getvalue()


def test_a_word_file_becomes_a_draft_with_what_was_recognised(office, client):
    client.force_login(office.officer)
    file = SimpleUploadedFile("通知.docx", word())
    answer = client.post(reverse("publications:new"), {"way": "file", "file": file}, follow=True)
    case = Publication.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("publications:edit", args=[case.pk])
    assert case.title == "云溪区教育局关于做好校车安全工作的通知"
    assert (case.document_number, f"{case.made_on}") == ("云教发〔2026〕18号", "2026-11-10")
    assert "<table" in case.body


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"way": "file"}, "还没有选择文件"),
        ({"way": "text", "text": " "}, "正文是空的"),
    ],
)
def test_nothing_given_is_said(office, client, typed, words):
    client.force_login(office.officer)
    answer = client.post(reverse("publications:new"), typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_broken_file_is_refused_in_words(office, client):
    client.force_login(office.officer)
    file = SimpleUploadedFile("通知.docx", b"PK\x03\x04 broken")
    answer = client.post(reverse("publications:new"), {"way": "file", "file": file})
    assert answer.status_code == 422
    assert not Publication.objects.exists()


def test_what_was_typed_stays_when_something_is_wrong(office, client):
    case = draft(office)
    client.force_login(office.officer)
    typed = {
        "title": "改过的标题",
        "body": "<p>改过的正文</p>",
        "document_number": "第〔二〇二六〕号",
        "made_on": "2026-11-02",
        "effective_on": "2026-01-01",
    }
    answer = client.post(reverse("publications:edit", args=[case.pk]), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "改过的标题" in page
    assert "改过的正文" in page
    assert "不合发文字号的写法" in page
    assert "施行日期早于成文日期" in page
    assert Publication.objects.get().title == case.title


def test_scripts_never_get_into_a_body(office, client):
    case = draft(office)
    client.force_login(office.officer)
    client.post(
        reverse("publications:edit", args=[case.pk]),
        {"title": case.title, "body": '<p onclick="x()">好<script>x()</script><img src=x onerror=x()></p>'},
    )
    body = Publication.objects.get().body
    assert "script" not in body
    assert "onclick" not in body
    assert "onerror" not in body


def test_lists_and_pages_keep_their_budget(office, client, django_assert_max_num_queries):
    for number in range(12):
        case = draft(office, document_number=f"云教发〔2026〕{number + 20}号", title=f"第{number}份文件")
    through(case, office)
    client.force_login(office.officer)
    with django_assert_max_num_queries(9):
        page = client.get(reverse("publications:index")).content.decode()
    assert "第11份文件" in page
    with django_assert_max_num_queries(12):
        assert client.get(case.get_absolute_url()).status_code == 200
    assert client.get(reverse("publications:index"), {"state": "published"}).content.decode().count("第11份文件") == 1
    assert client.get(reverse("publications:index"), {"export": "xlsx"}).status_code == 200


@pytest.mark.parametrize("state", ["draft", "review", "returned", "published", "withdrawn", "filed"])
def test_the_page_of_a_case_in_every_state_and_for_every_reader(office, client, state, django_assert_max_num_queries):
    case = draft(office, **({"attribute": "on_request", "reason": "过程性"} if state == "filed" else {}))
    if state in ("review", "returned"):
        case = act("submit", case, office.officer)
    if state == "returned":
        case = act("return", case, office.reviewer, {"reason": "请改正。"})
    if state in ("published", "withdrawn", "filed"):
        case = through(case, office)
    if state == "withdrawn":
        case = act("withdraw", case, office.officer, {"reason": "有误。"})
    assert case.state == state
    for person in (office.officer, office.reviewer, office.leader, office.supervisor):
        client.force_login(person)
        with django_assert_max_num_queries(12):
            assert client.get(case.get_absolute_url()).status_code == 200


def test_people_of_other_units_see_nothing(office, client):
    case = draft(office)
    client.force_login(user_with(Role.OFFICER))
    for name in ("edit",):
        assert client.get(reverse(f"publications:{name}", args=[case.pk])).status_code == 404
    assert client.get(case.get_absolute_url()).status_code == 404
    assert case.title not in client.get(reverse("publications:index")).content.decode()


@pytest.mark.duty("001-14f", "001-14d")
def test_personal_data_is_found_masked_and_only_then_approved(office, client):
    body = "<p>联系人手机13812345678，身份证号11010519491231002X。</p>"
    case = act("submit", draft(office, body=body), office.officer)
    case = act("pass", case, office.reviewer)
    case = act("pass", case, office.secrecy)
    client.force_login(office.leader)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "身份证号" in page
    assert "没有处理" in page
    case = act("return", case, office.leader, {"reason": "请遮盖个人信息。"})
    hits = list(case.hits.filter(resolution="").values_list("pk", flat=True))
    case = act("mask", case, office.officer, {"hits": hits})
    assert "11010519491231002X" not in case.body
    assert "13812345678" not in case.body
    case = through(case, office)
    assert case.state == "published"
    assert set(case.hits.values_list("resolution", flat=True)) == {"masked"}


@pytest.mark.duty("001-14f")
def test_what_a_firm_keeps_to_itself_is_found_and_answered_for(office):
    """A mark stops the release until a reviewer answers for it; a word is shown; a rule that names them is neither."""
    from gongkai.core.acts import ActError
    from gongkai.publications import screen

    rule = draft(office, document_number="", body="<p>工作人员不得泄露国家秘密、商业秘密和个人隐私。</p>")
    assert not rule.hits.filter(kind="trade").exists()
    case = draft(office, document_number="", body="<p>（商业秘密）</p><p>附：客户名单及报价明细。</p>")
    must, *words = case.hits.filter(kind="trade").order_by("-blocking", "id")
    assert (must.blocking, must.label) == (True, "商业秘密")
    assert "征求权利人意见" in must.explanation
    assert [hit.found for hit in words] == ["客户名单", "报价明细"]
    assert not any(hit.blocking for hit in words)
    case = act("pass", act("pass", act("submit", case, office.officer), office.reviewer), office.secrecy)
    with pytest.raises(ActError, match="检查发现"):
        act("approve", case, office.leader)
    act("overrule", case, office.leader, {"hits": [must.pk], "reason": "权利人书面同意公开。"})
    assert act("approve", case, office.leader).state == "published"
    other = draft(office, document_number="")
    file = SimpleUploadedFile("说明.txt", "商业秘密★\n产品配方如下。".encode())
    other = act("add_files", other, office.officer, files={"files": [file]})
    screen.check_files.call(other.pk)
    assert set(other.hits.filter(kind="trade").values_list("file__name", flat=True)) == {"说明.txt"}


@pytest.mark.duty("000-2b")
def test_a_secrecy_mark_is_cleared_by_the_secrecy_reviewer_only(office):
    from gongkai.core.acts import ActError

    case = act("submit", draft(office, body="<p>秘密★5年</p><p>正文。</p>"), office.officer)
    hits = list(case.hits.filter(kind="secrecy").values_list("pk", flat=True))
    assert hits
    with pytest.raises(ActError, match="保密审查员"):
        act("overrule", case, office.reviewer, {"hits": hits, "reason": "误标"})
    case = act("overrule", case, office.secrecy, {"hits": hits, "reason": "引用旧文件版头，已解密。"})
    assert case.hits.get(pk=hits[0]).by_label == office.secrecy.who


def test_files_are_checked_cleaned_and_their_findings_settled(office):
    from gongkai.publications import screen

    case = draft(office)
    file = SimpleUploadedFile("校车名单.docx", word())
    case = act("add_files", case, office.officer, files={"files": [file]})
    screen.check_files.call(case.pk)
    kept = case.files.get()
    assert (kept.check_state, bool(kept.digest)) == ("clean", True)
    assert "第一小学" in kept.text
    assert through(case, office).current_version.files.get().digest == kept.digest


def people(number: str, *, phone: str = "") -> str:
    head, cell = ("<th>联系电话</th>", f"<td>{phone}</td>") if phone else ("<th>身份证号</th>", f"<td>{number}</td>")
    return (
        "<table><thead><tr><th>姓名</th><th>所在村</th>"
        + head
        + "</tr></thead><tbody><tr><td>张大山</td><td>望江镇柳湾村</td>"
        f"{cell}</tr></tbody></table>"
    )


@pytest.mark.duty("001-14e")
def test_lists_that_are_harmless_alone_are_warned_of_together(office):
    through(draft(office, title="第一批名单", document_number="", body=people("1101011949********")), office)
    second = draft(office, title="第二批名单", document_number="", body=people("**********12310029"))
    risk = second.hits.get(kind="aggregation")
    assert "第一批名单" in risk.excerpt
    assert "张大山" in risk.explanation
    assert act("submit", second, office.officer).state == "review"


def test_a_link_to_what_is_not_public_is_said(office, published):
    bad = draft(office, document_number="", body='<p><a href="/information/999/">原文</a></p>')
    good = draft(office, document_number="", body=f'<p><a href="{published.public_address}">原文</a></p>')
    assert bad.hits.get(kind="link").explanation.startswith("链接有问题")
    assert not good.hits.filter(kind="link").exists()


def test_what_the_public_copy_lost_is_told_and_settled(office, client):
    import openpyxl

    from gongkai.publications import screen

    book = openpyxl.Workbook()
    book.active.append(["学校", "校车"])
    hidden = book.create_sheet("底稿")
    hidden.sheet_state = "hidden"
    hidden.append(["联系人", "13812345678"])
    saved = io.BytesIO()
    book.save(saved)
    case = draft(office)
    case = act("add_files", case, office.officer, files={"files": [SimpleUploadedFile("校车.xlsx", saved.getvalue())]})
    screen.check_files.call(case.pk)
    hit = case.hits.get(kind="mobile")
    assert (hit.resolution, hit.reason) == ("mended", "公开件已去除这部分内容")
    client.force_login(office.reviewer)
    kept = case.files.get()
    copy = b"".join(client.get(reverse("publications:public-copy", args=[case.pk, kept.pk])).streaming_content)
    assert b"13812345678" not in copy
    assert "底稿" not in openpyxl.load_workbook(io.BytesIO(copy)).sheetnames
    client.force_login(user_with(Role.OFFICER))
    assert client.get(reverse("publications:public-copy", args=[case.pk, kept.pk])).status_code == 404


def test_columns_of_one_title_are_told_apart_by_their_tree(office, client):
    from gongkai.publications.models import CatalogColumn

    parent = CatalogColumn.objects.create(code="ywjy", title="义务教育", unit=office.unit)
    CatalogColumn.objects.create(code="zs-own", title="招生信息", unit=office.unit, parent=parent)
    CatalogColumn.objects.create(code="zs-all", title="招生信息")
    client.force_login(office.officer)
    page = client.get(reverse("publications:edit", args=[draft(office).pk])).content.decode()
    assert "义务教育 / 招生信息（区教育局目录）" in page
    assert "招生信息（公共目录）" in page


def test_our_styles_of_the_writing_page_come_after_those_of_the_editor(office, client):
    client.force_login(office.officer)
    page = client.get(reverse("publications:edit", args=[draft(office).pk])).content.decode()
    assert -1 < page.find("django_prose_editor/editor") < page.find("publications/css/staff")


@pytest.mark.parametrize("way", ["file", "text"])
def test_what_a_way_of_writing_needs_is_not_called_optional(office, client, way):
    client.force_login(office.officer)
    assert "选填" not in client.get(reverse("publications:new"), {"way": way}).content.decode()


@pytest.mark.parametrize(
    ("body", "warned"), [("<p>救助对象电话13800138000。</p>", True), ("<p>按照户籍划片入学。</p>", False)]
)
def test_an_author_is_told_what_the_check_found_before_sending_it_up(office, client, body, warned):
    case = draft(office, body=body)
    client.force_login(office.officer)
    page = client.get(reverse("workbench:act", args=[case.pk, "submit"])).content.decode()
    assert ("处没有处理" in page) is warned
