"""The receipt (登记回执) as Word and PDF, with a QR code that leads to the status page.

What was handed over is the letter L1, kept sealed. The QR code is put beside it when it is printed: it carries the address
of the page and the number, never the query code.
"""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from gongkai.core import attachments
from gongkai.core import letters as core_letters
from gongkai.core.acts import ActError, perform
from gongkai.core.models import Letter
from gongkai.core.paper import page
from gongkai.requests import letters
from gongkai.requests.models import Request

HINT = "扫码查看办理进度，输入查询码即可"


def letter_of(case: Request) -> Letter:
    """The receipt of a request; it is issued when it is first asked for.

    Raises ActError while receipt is not confirmed, or when it was erased after its time.
    """
    code = letters.slug_of("L1")
    found = case.letters.filter(code=code).order_by("-pk").first()
    if found is None:
        if case.received_on is None:
            raise ActError("还没有与申请人确认收到。确认后才能出具登记回执。")
        perform("request.issue_receipt", case, None)
        found = case.letters.filter(code=code).order_by("-pk")[0]
    if found.erased_at is not None:
        raise ActError("登记回执已按保存期限删除。")
    return found


def status_address(number: str) -> str:
    """The address of the status page for a number; what stands behind # stays in the reader's browser."""
    return f"{settings.GONGKAI_PUBLIC_ADDRESS}{reverse('requests-public:query')}#{number}"


def qr(number: str) -> segno.QRCode:
    """The QR code of the status page; a quarter of it may be soiled and it still reads."""
    return segno.make(status_address(number), error="q", micro=False)


def word(case: Request) -> bytes:
    """The receipt as a Word file. Raises ActError."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    document = Document(io.BytesIO(attachments.load(letter_of(case).digest)))
    picture = io.BytesIO()
    qr(case.number).save(picture, kind="png", scale=8, border=4)
    picture.seek(0)
    place = document.add_paragraph()
    place.alignment = WD_ALIGN_PARAGRAPH.CENTER
    place.add_run().add_picture(picture, width=Mm(32))
    words = document.add_paragraph(f"{HINT}：{case.number}")
    words.alignment = WD_ALIGN_PARAGRAPH.CENTER
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(case: Request) -> bytes:
    """The receipt as PDF. Raises ActError, also when PDF cannot be made here."""
    letter = letter_of(case)
    reason = core_letters.pdf_missing()
    if reason:
        raise ActError(reason)
    from weasyprint import HTML

    def refuse(url: str, *args: object, **kwargs: object) -> None:
        raise ValueError(f"receipts load nothing: {url}")

    drawn = mark_safe(qr(case.number).svg_inline(scale=4, border=4))  # noqa: S308  made here from a number and an address
    code = format_html(
        "<style>.qr {{ float: left; width: 62mm; text-align: center; break-inside: avoid; }}"
        " .qr svg {{ width: 30mm; height: 30mm; }}"
        " .qr p {{ font-size: 10.5pt; line-height: 14pt; text-indent: 0; }}</style>"
        '<div class="qr">{}<p>{}：{}</p></div>',
        drawn,
        HINT,
        case.number,
    )
    sheet = page(letter.title, letters.paragraphs(attachments.load(letter.digest)))
    # Beside the seal, so that it lies on the same page.
    before, close, after = sheet.partition('<p class="right">')
    if not close:
        before, close, after = sheet.partition("</body>")
    return HTML(string=f"{before}{code}{close}{after}", url_fetcher=refuse).write_pdf()
