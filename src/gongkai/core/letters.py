"""Letters 文书: a Word file filled in from a template that the office may edit, and its PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from gongkai.core import attachments, audit, numbers
from gongkai.core.acts import ActError, Work
from gongkai.core.days import day_words
from gongkai.core.locks import writing
from gongkai.core.models import Letter, LetterTemplate


@dataclass(frozen=True, slots=True)
class LetterKind:
    """A kind of letter. `fields` are the words a template may use: name -> meaning; `required` must not be empty.

    `body` is the text of the template that comes with the program, one paragraph a line, {{ name }} where words go.
    """

    code: str
    title: str
    prefix: str
    fields: dict[str, str]
    required: tuple[str, ...]
    body: str
    number_format: Callable[[int, int], str] = field(default=lambda year, serial: f"{year}-{serial}")


letter_kinds: dict[str, LetterKind] = {}


def declare(kind: LetterKind) -> LetterKind:
    """Make a kind of letter known."""
    letter_kinds[kind.code] = kind
    return kind


def template_bytes(kind: LetterKind) -> bytes:
    """The Word template in use: the office's own, else one built from the body."""
    own = LetterTemplate.objects.filter(code=kind.code).first()
    return attachments.load(own.digest) if own else build_template(kind)


def build_template(kind: LetterKind) -> bytes:
    """A Word template in the usual layout: title centred, body in 仿宋 16 pt on 29 pt lines."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )

    def paragraph(text: str, *, font: str, size: int, align=None, indent: bool = False) -> None:
        line = document.add_paragraph()
        run = line.add_run(text)
        run.font.name = font
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        run.font.size = Pt(size)
        form = line.paragraph_format
        form.line_spacing = Pt(29)
        form.space_after = form.space_before = Pt(0)
        if indent:
            form.first_line_indent = Pt(32)
        if align is not None:
            line.alignment = align

    paragraph(kind.title, font="方正小标宋简体", size=22, align=WD_ALIGN_PARAGRAPH.CENTER)
    paragraph("{{ number }}", font="楷体_GB2312", size=16, align=WD_ALIGN_PARAGRAPH.CENTER)
    for text in kind.body.strip().splitlines():
        text = text.strip()
        if text.startswith(">"):
            paragraph(text[1:].strip(), font="仿宋_GB2312", size=16, align=WD_ALIGN_PARAGRAPH.RIGHT)
        else:
            paragraph(text, font="仿宋_GB2312", size=16, indent=not text.endswith("：") and bool(text))
    _keep_seal_with_words(document.paragraphs)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _keep_seal_with_words(lines: Any) -> None:
    """The close at the right never stands on a page of its own: the last words before it go along (GB/T 9704)."""
    close = len(lines)
    while close and (lines[close - 1].alignment is not None or not lines[close - 1].text):
        close -= 1
    if close == len(lines):
        return
    for line in lines[max(close - 1, 0) : -1]:
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.keep_together = True


def render(kind: LetterKind, fields: dict[str, Any], template: bytes | None = None) -> bytes:
    """The filled-in Word file; ActError names a required element that is empty."""
    from docxtpl import DocxTemplate

    missing = [kind.fields[name] for name in kind.required if not str(fields.get(name) or "").strip()]
    if missing:
        raise ActError(f"{kind.title}缺少：{'、'.join(missing)}。请补齐后再发。")
    document = DocxTemplate(io.BytesIO(template or template_bytes(kind)))
    # Without autoescape a name such as 甲<乙 would vanish from the letter.
    document.render(fields, autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def issue(kind: LetterKind, work: Work, fields: dict[str, Any], *, sealed: bool = False) -> Letter:
    """Number, fill in and keep a letter; it belongs to the event of the act.

    A sealed one is encrypted, the file and what was filled in; number, date and title stay readable.
    """
    year = timezone.localtime(work.now).year
    number = kind.number_format(year, numbers.take_serial(kind.prefix, year))
    fields = {**fields, "number": number, "date": day_words(timezone.localtime(work.now).date())}
    kept = attachments.keep(render(kind, fields), sealed=sealed)
    letter = Letter(
        case=work.case,
        code=kind.code,
        number=number,
        title=kind.title,
        fields={name: fields[name] for name in ("number", "date")} if sealed else fields,
        private_fields=fields if sealed else None,
        sealed=sealed,
        digest=kept.digest,
        issued_at=work.now,
    )
    work.letters.append(letter)
    return letter


def save_template(kind: LetterKind, name: str, data: bytes, user) -> None:
    """Take over the office's own template after proving that it fills in; ActError with a sentence when it does not."""
    from docx import Document
    from jinja2 import TemplateError

    attachments.check(name, data)
    try:
        filled = render(
            kind, {key: f"〔{words}〕" for key, words in kind.fields.items()} | {"number": "〔文号〕"}, data
        )
        text = "\n".join(p.text for p in Document(io.BytesIO(filled)).paragraphs)
    except (TemplateError, ValueError, KeyError) as error:
        raise ActError(f"模板里的占位符写法有误：{error}。请对照说明改正后再上传。") from None
    lost = [kind.fields[key] for key in kind.required if f"〔{kind.fields[key]}〕" not in text]
    if lost:
        raise ActError(f"模板缺少必备要素：{'、'.join(lost)}。请补上对应的占位符后再上传。")
    kept = attachments.keep(data)
    with writing():
        LetterTemplate.objects.update_or_create(code=kind.code, defaults={"digest": kept.digest, "name": name})
        audit.note("letter.template", "更换文书模板", user, summary=kind.title, data={"digest": kept.digest})


def pdf_missing() -> str:
    """Why PDF cannot be made here and how to mend it; empty when it can."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return "服务器缺少 pango 组件，暂时不能生成 PDF。请管理员安装 libpango-1.0-0、libpangoft2-1.0-0、libharfbuzz-subset0。"
    return ""


def docx_to_pdf(data: bytes, title: str) -> bytes:
    """A Word letter as PDF in the official page layout; ActError when the server lacks what PDF needs."""
    reason = pdf_missing()
    if reason:
        raise ActError(reason)
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from weasyprint import HTML

    from gongkai.core.paper import page

    def refuse(url: str, *args, **kwargs):
        raise ValueError(f"letters load nothing: {url}")

    align: dict[Any, str] = {WD_ALIGN_PARAGRAPH.CENTER: "center", WD_ALIGN_PARAGRAPH.RIGHT: "right"}
    lines = []
    for number, line in enumerate(Document(io.BytesIO(data)).paragraphs):
        kind = "title" if number == 0 else align.get(line.alignment, "body")
        if kind == "body" and line.text.rstrip().endswith("："):
            kind = "flush"
        lines.append((kind, line.text))
    return HTML(string=page(title, lines), url_fetcher=refuse).write_pdf()
