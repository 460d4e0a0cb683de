"""What templates of the public pages of information need."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongkai.core import icons
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
    return mark_safe(  # noqa: S308  every piece is escaped
        "".join(
            format_html(
                '<li><a href="{}" rel="nofollow"{}><span>{}</span> <span class="count">{}</span></a></li>',
                option["url"],
                SafeString(' aria-current="true"') if option["on"] else "",
                option["words"],
                f"{option['number']:,}",
            )
            for option in options
        )
    )


@register.simple_tag
def branch_tree(branches: list[Any]) -> SafeString:
    """Columns as nested lists of links with their figures."""
    from django.urls import reverse

    def level(rows: list[Any]) -> str:
        return "".join(
            format_html(
                '<li><a href="{}">{}</a> <span class="count">{}</span>{}</li>',
                reverse("information:column", args=[row.column.code]),
                row.column.title,
                f"{row.total:,}",
                SafeString(f"<ul>{level(row.children)}</ul>") if row.children else "",
            )
            for row in rows
        )

    return mark_safe(level(branches))  # noqa: S308  every piece is escaped
