"""The public page of a document: what it shows, what it costs, and that nothing is left after withdrawal."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.utils import timezone

from gongkai.core import attachments
from gongkai.publications import public, public_queries, rendered, shown
from gongkai.publications.models import DocumentRelation, VersionFile
from gongkai.publications.tests.helpers import BODY, act, draft, review, through

pytestmark = pytest.mark.django_db


def with_file(case, name="招生范围.txt", data=b"abc"):
    """A released file of the current version."""
    kept = attachments.keep(data)
    return VersionFile.objects.create(
        version=case.current_version, name=name, digest=kept.digest, size=kept.size, content_type="text/plain"
    )


@pytest.mark.duty("P-003-1", "P-004-1")
def test_the_page_shows_metadata_text_and_proof(client, published, django_assert_max_num_queries):
    client.get(published.public_address)
    with django_assert_max_num_queries(4):
        response = client.get(published.public_address)
    page = response.content.decode()
    assert response.status_code == 200
    for words in (
        "索引号",
        "发文机关",
        "云教发〔2026〕8号",
        "成文日期",
        "2026年11月2日",
        "发布日期",
        "主动公开",
        "体裁",
    ):
        assert words in page
    assert "一、招生范围" in page
    assert "写入公开日志" in page
    for name in ("SiteName", "ArticleTitle", "PubDate", "ContentSource", "ColumnName"):
        assert f'<meta name="{name}"' in page
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])
    assert data["name"] == published.title
    assert '<link rel="canonical"' in page


def test_a_title_cannot_break_out_of_the_data_block(client, office):
    case = through(draft(office, title="关于</script><script>alert(1)</script>的通知"), office)
    page = client.get(case.public_address).content.decode()
    assert "<script>alert(1)" not in page
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])
    assert data["name"] == case.title


@pytest.mark.parametrize(
    ("validity", "data", "words"),
    [
        ("amended", {"validity": "amended"}, "已修改"),
        ("repealed", {"validity": "repealed", "day": "2026-11-10"}, "已废止"),
    ],
)
def test_the_banner_says_what_the_document_is_worth(client, office, validity, data, words):
    old = through(draft(office, normative="on", effective_on="2026-11-02", plan="不需要解读：内容简单"), office)
    new = through(draft(office, title="新的通知", document_number="云教发〔2026〕9号"), office)
    assert "现行有效" in client.get(old.public_address).content.decode()
    act("change_validity", old, office.reviewer, {**data, "by": "云教发〔2026〕9号"})
    page = client.get(old.public_address).content.decode()
    assert words in page
    assert new.public_address in page
    assert old.public_address in client.get(new.public_address).content.decode()


def test_links_to_what_is_not_public_are_not_shown(client, office, published):
    hidden = draft(office, title="还没有公开的文件")
    DocumentRelation.objects.create(source=published, target=hidden, kind="basis")
    DocumentRelation.objects.create(source=published, kind="basis", outside="上级的办法")
    page = client.get(published.public_address).content.decode()
    assert "还没有公开的文件" not in page
    assert "上级的办法" in page


def test_versions_stay_addressable_and_are_compared(client, office, published):
    case = act("amend", published, office.officer, {"reason": "调整范围"})
    case = act("edit", case, office.officer, {**_fields(case), "body": BODY.replace("划片入学", "分批入学")})
    case = review(act("submit", case, office.officer), office)
    assert case.version_count == 2
    first = client.get(f"{case.public_address}versions/1/").content.decode()
    assert "划片入学" in first
    assert "不是现行版" in first
    assert "分批入学" in client.get(case.public_address).content.decode()
    beside = client.get(f"{case.public_address}versions/1/compare/").content.decode()
    assert "<del>" in beside
    assert "<ins>" in beside
    assert client.get(f"{case.public_address}versions/3/").status_code == 404


def _fields(case):
    from gongkai.publications.tests.helpers import values

    return values(title=case.title)


def test_files_are_found_by_number_and_never_by_path(client, published):
    file = with_file(published)
    response = client.get(f"/information/files/{file.pk}/anything.txt")
    assert response.content == b"abc"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert client.get(f"/information/files/{file.pk}/x", headers={"if-none-match": response["ETag"]}).status_code == 304
    assert client.get(f"/information/files/{file.pk + 1}/招生范围.txt").status_code == 404
    assert client.get(f"/information/files/{file.pk}/../../secret-key").status_code == 404


@pytest.mark.duty("004-46b")
def test_the_text_is_downloaded_in_three_forms(client, published):
    for form, start in (("txt", b""), ("docx", b"PK")):
        response = client.get(f"{published.public_address}download/{form}/")
        assert response.status_code == 200, form
        assert response.content.startswith(start)
        assert response["Content-Disposition"].startswith("attachment")
    assert "招生范围" in client.get(f"{published.public_address}download/txt/").content.decode()
    assert client.get(f"{published.public_address}download/exe/").status_code == 404
    assert any(rendered.folder_of(published.pk).iterdir())


def test_withdrawal_leaves_the_note_and_nothing_else(client, office, published):
    file = with_file(published)
    client.get(f"{published.public_address}download/txt/")
    new = through(draft(office, title="新的招生通知", document_number="云教发〔2026〕9号"), office)
    act("withdraw", published, office.officer, {"reason": "内容有误", "successor": "云教发〔2026〕9号"})
    response = client.get(published.public_address)
    page = response.content.decode()
    assert response.status_code == 410
    assert "内容有误" in page
    assert published.title in page
    assert new.public_address in page
    assert "划片入学" not in page
    for path in ("versions/1/", "versions/1/compare/", "download/txt/", "print/", "versions/1/download/docx/"):
        response = client.get(published.public_address + path)
        assert response.status_code == 410, path
        assert "划片入学" not in response.content.decode()
    assert client.get(f"/information/files/{file.pk}/{file.name}").status_code == 404
    assert not rendered.folder_of(published.pk).exists()
    for path in ("/information/", "/information/feed.atom", f"/information/units/{office.unit.code}/"):
        assert published.public_address not in client.get(path).content.decode(), path
    assert client.get("/information/999999/").status_code == 404


@pytest.mark.duty("P-001-1")
def test_print_share_and_code(client, office):
    case = through(draft(office, body=BODY + '<p class="note">（此件公开发布）</p>'), office)
    page = client.get(case.public_address).content.decode()
    for words in ("（此件公开发布）", "打印", "复制链接", "qr.svg"):
        assert words in page
    # An empty source leaves no empty line in the table.
    assert "信息来源" not in page
    drawing = client.get(f"{case.public_address}qr.svg")
    assert drawing["Content-Type"] == "image/svg+xml"
    sheet = client.get(f"{case.public_address}print/").content.decode()
    assert "一、招生范围" in sheet
    assert sheet.count("此件公开发布") == 1


def test_what_is_not_in_force_yet_is_kept_until_it_is(rf, client, office):
    day = timezone.localdate() + dt.timedelta(days=20)
    case = through(draft(office, normative="on", effective_on=day.isoformat(), plan="不需要解读：内容简单"), office)
    assert "尚未施行" in client.get(case.public_address).content.decode()
    row = public_queries.public_row(case.pk)
    standing = shown.standing(public_queries.page_of(row), timezone.localdate())
    assert standing.until == day
    assert shown.standing(public_queries.page_of(row), day).title == "现行有效"


def test_a_long_text_has_contents_and_no_gaps_between_headings(client, office):
    body = "".join(f"<h4>第{n}部分</h4><p>{'政务公开。' * 60}</p>" for n in range(1, 12))
    case = through(draft(office, body=body), office)
    page = client.get(case.public_address).content.decode()
    assert page.count('<li class="l') == 11
    assert "<h4" not in page
    assert page.count('<h2 id="s') == 11


def test_other_rooms_add_parts(client, published, monkeypatch):
    monkeypatch.setattr(public, "parts", [])
    assert "办理" not in client.get(published.public_address).content.decode()
    template = "core/parts/empty.html"
    public.register_part("services", template, lambda row: {"title": f"办理{row.pk}"}, tags=lambda row: ["service:1"])
    public.register_part("below", template, lambda row: None)
    page = client.get(published.public_address).content.decode()
    assert "<h2>办理</h2>" in page
    with pytest.raises(ValueError, match="no place"):
        public.register_part("nowhere", template, lambda row: None)


def test_a_download_made_while_it_is_withdrawn_is_not_left_behind(office, published, monkeypatch):
    version = published.current_version
    made = rendered._made

    def slow(one, form):
        data = made(one, form)
        act("withdraw", published, office.officer, {"reason": "内容有误"})
        return data

    monkeypatch.setattr(rendered, "_made", slow)
    rendered.file_of(version, "txt")
    assert not rendered.folder_of(published.pk).exists()
