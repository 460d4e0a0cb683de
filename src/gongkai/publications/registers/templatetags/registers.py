"""What templates of registers need."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from gongkai.core import rows
from gongkai.publications.registers.freshness import LIGHTS, STANDING_LABELS, Standing

register = template.Library()


@register.simple_tag
def standing_state(standing: str) -> SafeString:
    """How a column stands: mark and words."""
    which = Standing(standing)
    return SafeString(rows.state(LIGHTS[which], STANDING_LABELS[which]))
