"""PDF in the official layout. WeasyPrint needs pango from the system."""

from __future__ import annotations

import hashlib
import logging
import re
from html import escape
from typing import Any

from gongkai.publications.renditions.document import Fonts, OfficialDocument, RenditionError
from gongkai.publications.renditions.sheet import style, to_print_html

_PICTURE = re.compile(r"attachment:([0-9a-f]{64})")


def pdf_missing() -> str:
    """Why PDF cannot be made here and how to mend it; empty when it can."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return "服务器缺少 pango 组件，暂时不能生成 PDF。请管理员安装 libpango-1.0-0、libpangoft2-1.0-0、libharfbuzz-subset0。"
    return ""


def to_pdf(document: OfficialDocument, fonts: Fonts = Fonts()) -> bytes:  # noqa: B008 - frozen
    """The document as PDF; the same document gives the same bytes. Raises `RenditionError` where the server lacks pango."""
    reason = pdf_missing()
    if reason:
        raise RenditionError(reason)
    from weasyprint import CSS, HTML

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    fragment = to_print_html(document)
    made = f'<meta name="dcterms.created" content="{document.made.isoformat()}">' if document.made else ""
    author = f'<meta name="author" content="{escape(document.issuing_body)}">' if document.issuing_body else ""
    page = (
        f'<!doctype html><html lang="{escape(document.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(document.title)}</title>{author}{made}</head><body>{fragment}</body></html>"
    )
    fetch = _fetcher(document)
    sheet = HTML(string=page, url_fetcher=fetch)
    # The identifier of a PDF is random unless given; the digest of the words makes it lasting.
    return sheet.write_pdf(
        stylesheets=[CSS(string=style(fonts), url_fetcher=fetch)],
        pdf_identifier=hashlib.sha256(page.encode()).digest()[:16],
    )


def _fetcher(document: OfficialDocument) -> Any:
    from weasyprint.urls import URLFetcherResponse

    def fetch(url: str, *args: Any, **kwargs: Any) -> Any:
        match = _PICTURE.fullmatch(url)
        data = document.image(match[1]) if match else None
        if data is None:
            raise ValueError(f"nothing but the document's own pictures is loaded: {url}")
        return URLFetcherResponse(url, data)

    return fetch
