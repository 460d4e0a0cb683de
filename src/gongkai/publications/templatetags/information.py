"""What templates of the public pages of information need."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongkai.core import icons
from gongkai.core.days import day_words
from gongkai.publications import shown

register = template.Library()


@register.simple_tag
def meta_tags(rows: list[tuple[str, str]]) -> SafeString:
    """The page tags of 《政府网站发展指引》."""
    return format_html_join("\n    ", '<meta name="{}" content="{}">', rows)


@register.filter
def file_address(file: Any) -> str:
    """Where a released file is read."""
    return shown.file_address(file)


@register.filter
def public_address(path: str) -> str:
    """The full public address of a path."""
    return shown.absolute(path)


_TONES = {"ok": "circle-check", "info": "info"}


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The sign of a notice: a check, an i, or the mark of its light."""
    return icons.icon(_TONES[tone]) if tone in _TONES else icons.mark(tone)


_BADGES = {"amended": ("soon", "已修改"), "lapsed": ("off", "失效"), "repealed": ("off", "废止")}


@register.simple_tag
def validity_tag(value: str) -> SafeString:
    """The tag of a document that does not stand as it was made; documents in force need none."""
    if value not in _BADGES:
        return SafeString("")
    tone, words = _BADGES[value]
    return format_html('<span class="tag v-{}">{}</span>', tone, words)


@register.simple_tag
def facet_options(options: list[dict[str, Any]]) -> SafeString:
    """The values of a facet, each a link with what would remain; the chosen one takes itself away."""
    pieces = []
    for option in options:
        current = ' aria-current="true"' if option["on"] else ""
        pieces.append(
            f'<li><a href="{escape(option["url"])}" rel="nofollow"{current}><span>{escape(option["words"])}</span>'
            f' <span class="count">{option["number"]:,}</span></a></li>'
        )
    return mark_safe("".join(pieces))  # noqa: S308  every piece is escaped


@register.simple_tag
def document_lines(rows: list[Any], hide_unit: Any = False) -> SafeString:
    """Documents as lines of a list: title, what it is worth, number, body, day. Written here, not in a template: every
    public list has them, twenty times.
    """
    before, after = reverse("information:document", args=[0]).split("0")
    pieces = []
    for row in rows:
        tags = validity_tag(row.validity) + (' <span class="tag">规范性文件</span>' if row.normative else "")
        small = [row.document_number] if row.document_number else []
        small += [] if hide_unit else [str(row.unit)]
        line = "".join(f"<span>{escape(words)}</span>" for words in small)
        day = timezone.localtime(row.published_at)
        pieces.append(
            f'<li><span><a href="{before}{row.pk}{after}">{escape(row.title)}</a> {tags}<span class="ml">{line}</span></span>'
            f'<time class="date" datetime="{day:%Y-%m-%d}">{day_words(day)}</time></li>'
        )
    return mark_safe(f'<ul class="list dated docs">{"".join(pieces)}</ul>')  # noqa: S308  every piece is escaped


def _title(column: Any, titles: Counter[str]) -> str:
    shared = titles[column.title] > 1 and column.unit_id
    return f"{column.unit}：{column.title}" if shared else str(column.title)


@register.simple_tag
def branch_tree(branches: list[Any]) -> SafeString:
    """Columns as nested lists of links with their figures; columns of one title are told apart by their bodies."""
    before, after = reverse("information:column", args=["x"]).rsplit("x", 1)

    def level(rows: list[Any]) -> str:
        titles = Counter(row.column.title for row in rows)
        return "".join(
            f'<li><a href="{before}{row.column.code}{after}">{escape(_title(row.column, titles))}</a>'
            f' <span class="count">{row.total:,}</span>{f"<ul>{level(row.children)}</ul>" if row.children else ""}</li>'
            for row in rows
        )

    return mark_safe(level(branches))  # noqa: S308  every piece is escaped
