"""Whatever is typed, pasted or uploaded: shown escaped, never run, refused in words, and never an error page."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from gongkai.core.acts import ActError, InvalidData, perform
from gongkai.publications import screen
from gongkai.publications.models import Publication, PublicationFile
from gongkai.publications.tests.helpers import act, draft, fresh, through, values

pytestmark = pytest.mark.django_db

FEW = settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
MARK = "<b id=x onclick=alert(1)>记号</b>"
TEXT_FIELDS = (
    "title",
    "issuer",
    "document_number",
    "reason",
    "negative_entry",
    "plan",
    "keywords",
    "summary",
    "source",
)
DATE_FIELDS = ("made_on", "effective_on", "expires_on")
BIDI = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

odd_text = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "\x00",
            "\x01\x02\x1f\x7f\x85",
            f"通{BIDI}知",
            "\ud7ff\ufffe\uffff",
            "通" * 10_000,
            MARK,
            "{{ 7*7 }}{% debug %}",
            '=HYPERLINK("http://x")',
            "\u200b",
            "\n\n\t",
            "%00%0d%0aSet-Cookie: a=b",
            "‮.txt",
        ]
    ),
)
odd_dates = st.one_of(
    st.sampled_from(
        [
            "0001-01-01",
            "9999-12-31",
            "2026-02-30",
            "2026年2月29日",
            "１２",
            "-1",
            "10000-01-01",
            "1900-01-01",
            "今天",
            "\x00",
            "2026-11-02",
        ]
    ),
    st.dates(min_value=dt.date(1, 1, 1)).map(lambda day: day.isoformat()),
)


def executable(page: str) -> list[str]:
    """What a browser might run in a part of a page that came from outside: elements, handlers, addresses."""
    found = []
    root = lxml_html.fromstring(f"<div>{page}</div>")
    for element in root.iter():
        tag = str(element.tag).lower()
        if tag in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "svg",
            "math",
            "base",
            "link",
            "meta",
            "form",
            "input",
            "template",
            "noscript",
            "audio",
            "video",
        }:
            found.append(tag)
        for name, value in element.attrib.items():
            plain = "".join(c for c in value if c > " " and unicodedata.category(c) not in ("Cc", "Cf")).lower()
            if name.lower().startswith("on") or name.lower() in (
                "style",
                "srcdoc",
                "formaction",
                "xlink:href",
                "background",
                "ping",
            ):
                found.append(f"{tag} {name}")
            if plain.startswith(("javascript:", "vbscript:", "data:", "file:")):
                found.append(f"{tag} {name}={plain[:40]}")
    return found


# --- metadata ---------------------------------------------------------------------------------------------------------


@FEW
@given(st.data())
def test_the_editing_page_takes_or_refuses_whatever_is_typed(office, client, data):
    case = draft(office)
    client.force_login(office.officer)
    typed = values()
    for name in data.draw(st.sets(st.sampled_from(TEXT_FIELDS), min_size=1)):
        typed[name] = data.draw(odd_text)
    for name in data.draw(st.sets(st.sampled_from(DATE_FIELDS))):
        typed[name] = data.draw(odd_dates)
    typed["body"] = data.draw(st.one_of(st.just("<p>正文</p>"), odd_text))
    for name in ("subject", "document_kind", "column", "attribute", "ground", "stage", "normative", "policy"):
        if data.draw(st.integers(0, 9)) == 0:
            typed[name] = data.draw(odd_text)
    answer = client.post(reverse("publications:edit", args=[case.pk]), typed)
    assert answer.status_code in (302, 422), typed
    saved = fresh(case)
    for name in (*TEXT_FIELDS, "body"):
        value = getattr(saved, name)
        assert not [c for c in value if unicodedata.category(c) == "Cc" and c not in "\n\t\r"], (name, value)
        assert not set(value) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069"), (name, value)
    assert client.get(saved.get_absolute_url()).status_code == 200
    assert client.get(reverse("publications:index")).status_code == 200
    assert client.get(reverse("publications:index"), {"export": "xlsx"}).status_code == 200
    if answer.status_code == 302:
        # What was taken can be sent up or is refused in words.
        try:
            act("submit", saved, office.officer, {"exception": "试"})
        except ActError as problem:
            assert str(problem)  # noqa: PT017


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "9999-12-31", "2999-12-31"])
@pytest.mark.parametrize("normative", [False, True])
def test_odd_days_never_break_the_way_to_release(office, client, day, normative):
    more = {"normative": "on"} if normative else {}
    for name in DATE_FIELDS:
        try:
            through(draft(office, **{name: day}, document_number="", **more), office)
        except ActError as problem:
            assert str(problem)  # noqa: PT017
    assert client.get(reverse("information:list")).status_code == 200
    for row in Publication.objects.filter(current_version__isnull=False):
        assert client.get(row.public_address).status_code == 200


def test_html_in_every_field_is_shown_escaped(office, client):
    marks = {name: MARK for name in TEXT_FIELDS if name != "document_number"}
    case = draft(office, **marks)
    client.force_login(office.officer)
    pages = [case.get_absolute_url(), reverse("publications:edit", args=[case.pk]), reverse("publications:index")]
    shown = [client.get(page).content.decode() for page in pages]
    released = through(case, office)
    for page in (
        released.public_address,
        f"{released.public_address}print/",
        f"{released.public_address}versions/1/",
        reverse("information:list"),
        reverse("information:feed"),
    ):
        answer = client.get(page)
        assert answer.status_code == 200, page
        shown.append(answer.content.decode())
    withdrawn = act("withdraw", released, office.officer, {"reason": MARK})
    shown += [
        client.get(withdrawn.public_address).content.decode(),
        client.get(withdrawn.get_absolute_url()).content.decode(),
    ]
    for page in shown:
        assert "<b id=x" not in page
        assert '<b id="x"' not in page
    assert any("&lt;b id=x" in page for page in shown)


def test_every_download_of_a_document_with_controls_is_well_formed(office, client):
    from lxml import etree

    title = f"关于\x0b\x1f{BIDI}招生的通知\x7f"
    case = through(
        draft(office, title=title, body=f"<p>正\x0c文\x01{BIDI}</p>", summary="概\x08述", source="\x02来源"), office
    )
    for form in ("docx", "txt"):
        answer = client.get(f"{case.public_address}download/{form}/")
        assert answer.status_code == 200, form
    for page in (reverse("information:feed"), reverse("information:sitemap-block", args=[0])):
        answer = client.get(page)
        if answer.status_code == 200:
            etree.fromstring(answer.content)


# --- the body ---------------------------------------------------------------------------------------------------------

TRICKS = (
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=`javascript:alert(1)`>",
    "<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>",
    "<a href='java\tscript:alert(1)'>甲</a>",
    "<a href='java&#x0A;script:alert(1)'>甲</a>",
    "<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)'>甲</a>",
    "<a href=' \x01javascript:alert(1)'>甲</a>",
    "<a href='vbscript:msgbox(1)'>甲</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>甲</a>",
    "<a href='//evil.example' target=_blank ping='https://x'>甲</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>甲</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math href='javascript:alert(1)'>甲</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<div style='background:url(javascript:alert(1))'>甲</div>",
    "<p style='width:expression(alert(1))'>甲</p>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href='https://evil.example'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>甲</details>",
    "<video><source onerror=alert(1)></video>",
    "<table background='javascript:alert(1)'><tr><td>甲</td></tr></table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<p>&amp;lt;img src=x onerror=alert(1)&amp;gt;</p>",
    "<xss id=x tabindex=1 onfocus=alert(1)></xss>",
    "<a id=location name=document href='#x'>甲</a>",
    "<img srcset='x 1x, javascript:alert(1) 2x'>",
    "<button formaction='javascript:alert(1)'>甲</button>",
    "<p><a href='https://a.example/\"onmouseover=alert(1)//'>甲</a></p>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "＜script＞alert(1)＜/script＞",
    "<td title='\"><script>alert(1)</script>'>甲</td>",
    "<h2 id='\"><img src=x onerror=alert(1)>'>一、甲</h2>",
    "<img src='attachment:zz\" onerror=\"alert(1)'>",
)


def test_no_trick_in_a_body_survives_on_staff_or_public_pages(office, client):
    body = "".join(f"<p>段{number}</p>{trick}" for number, trick in enumerate(TRICKS))
    case = draft(office, body=body)
    client.force_login(office.officer)
    for trick in TRICKS:
        assert not executable(draft_body(trick)), trick
    assert not executable(fresh(case).body)
    editing = client.get(reverse("publications:edit", args=[case.pk])).content.decode()
    assert "<script>alert" not in editing
    for hit in list(fresh(case).hits.filter(resolution="", blocking=True)):
        act("overrule", fresh(case), office.secrecy, {"hits": [hit.pk], "reason": "试验内容"})
    released = through(fresh(case), office)
    base = client.get(draft_public(office).public_address).content.decode()
    for page in (released.public_address, f"{released.public_address}print/", f"{released.public_address}versions/1/"):
        shown = client.get(page).content.decode()
        assert "alert(1)>" not in shown.replace("alert(1)&gt;", ""), page
        root = lxml_html.fromstring(shown)
        scripts = [
            element
            for element in root.iter("script")
            if not element.get("src") and element.get("type") != "application/ld+json"
        ]
        assert not scripts, page
        for element in root.iter():
            assert not [name for name in element.attrib if name.startswith("on") or name == "style"], (
                page,
                element.tag,
            )
            assert not (element.get("href") or "").lower().startswith(("javascript", "vbscript", "data:text"))
    assert "段0" in client.get(released.public_address).content.decode()
    assert base


def draft_body(trick: str) -> str:
    from gongkai.publications import body

    return body.sanitise(trick)


def draft_public(office) -> Publication:
    return through(draft(office, document_number=""), office)


@FEW
@given(st.lists(st.sampled_from(TRICKS), min_size=1, max_size=4), st.data())
def test_tricks_inside_tricks_are_cleaned_too(tricks, data):
    from gongkai.publications import body

    text = tricks[0]
    for more in tricks[1:]:
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + more + text[at:]
    cleaned = body.sanitise(text)
    assert not executable(cleaned), text
    assert body.sanitise(cleaned) == cleaned


# --- files ------------------------------------------------------------------------------------------------------------


def zipped(**files: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return kept.getvalue()


def deep(levels: int) -> bytes:
    data = b"x"
    for level in range(levels):
        data = zipped(**{f"l{level}_dot_zip": data})
    return data


BROKEN = {
    "空.docx": b"",
    "断.docx": b"PK\x03\x04 broken",
    "假.docx": zipped(word__document_dot_xml=b"<not xml"),
    "实体.docx": zipped(
        word__document_dot_xml=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'
    ),
    "笑.docx": zipped(
        word__document_dot_xml=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w>&b;</w>'
    ),
    "宏.docx": zipped(word__document_dot_xml=b"<w/>", word__vbaProject_dot_bin=b"x"),
    "假.xlsx": zipped(xl__workbook_dot_xml=b"<workbook/>"),
    "断.xlsx": zipped(xl__workbook_dot_xml=b"\x00\x01\x02"),
    "假.pptx": zipped(ppt__presentation_dot_xml=b"<p/>"),
    "断.pdf": b"%PDF-1.7\n%%EOF",
    "乱.pdf": b"%PDF-1.7\n" + bytes(range(256)) * 20,
    "环.pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "断.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
    "断.jpg": b"\xff\xd8\xff\xe0" + b"\x00" * 50,
    "断.gif": b"GIF89a\xff\xff\xff\xff",
    "断.zip": b"PK\x03\x04" + b"\x00" * 60,
    "套.zip": deep(12),
    "路.zip": zipped(**{"..__..__etc__passwd": b"x", "a\\b": b"y"}),
    "断.doc": b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
    "断.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600,
    "断.wps": b"PK\x03\x04 x",
    "断.et": b"\xd0\xcf\x11\xe0" + b"\x11" * 100,
    "断.ofd": zipped(OFD_dot_xml=b"<x"),
    "断.mp4": b"\x00\x00",
    "乱.txt": b"\xff\xfe\x00\xd8" + b"\x81" * 30,
    "乱.csv": b"a,\x00b",
    "页.html": b"<script>alert(1)</script>" * 50,
    "程序.exe": b"MZ" + b"\x00" * 50,
    "假名.pdf.exe": b"%PDF-1.7",
    "无": b"abc",
    ".docx": b"PK\x03\x04",
    "字.pdf": b"PK\x03\x04",
}
NAMES = (
    "../../etc/passwd.txt",
    "..\\..\\windows\\x.txt",
    "名\x00单.txt",
    "名\n单\r.txt",
    "\u202etxt.exe.txt",
    "a" * 400 + ".txt",
    "con.txt",
    '"; filename="x.html.txt',
    "<img src=x onerror=alert(1)>.txt",
    " . .txt",
)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_is_refused_or_fails_in_words_and_the_work_goes_on(office, client, name):
    case = draft(office)
    client.force_login(office.officer)
    address = reverse("workbench:act", args=[case.pk, "add_files"])
    answer = client.post(address, {"files": SimpleUploadedFile(name, BROKEN[name])})
    assert answer.status_code in (200, 302, 422), name
    file = PublicationFile.objects.filter(publication=case).first()
    if file is None:
        return
    screen.check_files.call(case.pk)
    file.refresh_from_db()
    assert file.check_state in ("clean", "failed"), name
    assert file.check_state == "clean" or file.failure
    assert client.get(case.get_absolute_url()).status_code == 200
    edited = client.post(reverse("publications:edit", args=[case.pk]), values(title="改过的标题"))
    assert edited.status_code == 302
    assert fresh(case).title == "改过的标题"
    act("remove_file", fresh(case), office.officer, {"file": file.pk})
    assert act("submit", fresh(case), office.officer).state == "review"


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_is_kept_harmless(office, client, name):
    case = draft(office)
    upload = SimpleUploadedFile("x.txt", "第一小学".encode())
    upload._name = name
    try:
        act("add_files", case, office.officer, {}, files=MultiValueDict({"files": [upload]}))
    except InvalidData as problem:
        refused = str(problem.form.errors)
        assert "格式" in refused
        return
    screen.check_files.call(case.pk)
    file = PublicationFile.objects.get()
    assert not set(file.name) & set('/\\\x00\n\r\u202e"<>')
    client.force_login(office.officer)
    page = client.get(reverse("workbench:attachment", args=[file.original_id]))
    assert page["Content-Disposition"].startswith("attachment")
    assert page["X-Content-Type-Options"] == "nosniff"
    released = through(fresh(case), office)
    assert "onerror=alert(1)>" not in client.get(released.public_address).content.decode()


@pytest.mark.parametrize(
    "problem", [RuntimeError("kaputt"), MemoryError(), RecursionError(), FileNotFoundError("x"), ValueError("y")]
)
def test_the_check_of_a_file_never_leaves_it_waiting(office, monkeypatch, problem):
    """Whatever goes wrong in reading one file, it fails in words, and the files behind it are checked."""
    case = draft(office)
    real = screen.screening.extract

    def extract(data, name):
        if name == "甲.txt":
            raise problem
        return real(data, name)

    monkeypatch.setattr(screen.screening, "extract", extract)
    files = [SimpleUploadedFile("甲.txt", "一".encode()), SimpleUploadedFile("乙.txt", "二".encode())]
    act("add_files", case, office.officer, {}, files=MultiValueDict({"files": files}))
    screen.check_files.call(case.pk)
    found = dict(PublicationFile.objects.values_list("name", "check_state"))
    assert found == {"甲.txt": "failed", "乙.txt": "clean"}
    assert "没有读成" in PublicationFile.objects.get(name="甲.txt").failure


@pytest.mark.parametrize("state", ["withdrawn", "dropped"])
def test_a_file_that_waits_while_its_document_goes_away_troubles_nobody(office, published, state):
    """Withdrawn or dropped while a file was being checked: the check ends, and is not tried for ever."""
    case = act("amend", published, office.officer, {"reason": "改。"}) if state == "withdrawn" else draft(office)
    upload = SimpleUploadedFile("甲.txt", "一".encode())
    perform("publication.add_files", case, office.officer, {}, files=MultiValueDict({"files": [upload]}))
    name = "withdraw" if state == "withdrawn" else "drop"
    case = act(name, fresh(case), office.officer, {"reason": "有误。"})
    assert case.state == state
    screen.check_files.call(case.pk)
    from django.utils import timezone

    screen.check_left_over(timezone.now())
    assert not PublicationFile.objects.filter(check_state="waiting", publication__state="withdrawn").exists()
