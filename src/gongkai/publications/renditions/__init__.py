"""What people take away: a public document as Word, PDF, plain text, print page, and the QR code of its address."""

from __future__ import annotations

from gongkai.publications.renditions.code import qr_svg
from gongkai.publications.renditions.document import Fonts, OfficialDocument, RenditionError
from gongkai.publications.renditions.pdf import pdf_missing, to_pdf
from gongkai.publications.renditions.plain import to_text
from gongkai.publications.renditions.sheet import style, to_print_html
from gongkai.publications.renditions.titles import break_title
from gongkai.publications.renditions.word import to_word

__all__ = [
    "Fonts",
    "OfficialDocument",
    "RenditionError",
    "break_title",
    "pdf_missing",
    "qr_svg",
    "style",
    "to_pdf",
    "to_print_html",
    "to_text",
    "to_word",
]
