"""What templates of publishing need."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from gongkai.publications.models import DocumentRelation, Publication
from gongkai.publications.views.common import for_editor

register = template.Library()


@register.simple_tag
def working_body(publication: Publication) -> SafeString:
    """The working copy's body; it was sanitised when it was saved."""
    return mark_safe(for_editor(publication))  # noqa: S308


@register.filter
def hit_excerpt(hit: Any) -> SafeString:
    """The words around a finding, the finding marked."""
    before, found, after = hit.excerpt.partition(hit.found) if hit.found else ("", "", "")
    if not found:
        return format_html("<mark>{}</mark>", hit.found)
    return mark_safe(f"{escape(before)}<mark>{escape(found)}</mark>{escape(after)}")  # noqa: S308


@register.filter
def backwards(link: DocumentRelation) -> str:
    """How a link reads from its other end."""
    return DocumentRelation.BACKWARDS[link.kind]
