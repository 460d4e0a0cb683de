"""Tags and filters of the ledger's pages: words for deadlines and targets, a duty's own words with their marks."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from gongkai.core.icons import LIGHTS, worst
from gongkai.ledger import public_rows
from gongkai.ledger.views import marking, words

register = template.Library()


@register.filter
def deadline_words(one: Any) -> str:
    """A deadline in words: 循环：每月22日前."""
    return words.deadline(one)


@register.filter
def target_words(one: Any) -> str:
    """A target in words: ≥ 60%."""
    return words.target(one)


@register.filter
def section_words(part: Any) -> str:
    """第二部分."""
    return words.section(part) if part else ""


@register.filter
def worst_light(lights: Any) -> str:
    """The light that a group of cases shows."""
    return worst([light for light, number in (lights or {}).items() if number])


@register.filter
def by_light(lights: Any) -> list[tuple[str, int]]:
    """(light, number) of a counter, worst first; a template cannot ask a Counter for its items."""
    return [(light, lights[light]) for light in LIGHTS if (lights or {}).get(light)]


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The value under a key, or None."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def duty_quote(task: Any) -> SafeString:
    """The sentence of the notice from which a duty comes, with the words that were recognised marked.

    Reads the notice's text and what was prefetched on the task; a duty that was written by hand shows its text.
    """
    text = task.notice.text
    marks = marking.marks_of(task.named_units.all(), task.deadlines.all(), task.targets.all(), task.citations.all())
    if not text or task.span_end <= task.span_start:
        return marking.marked(task.text, 0, len(task.text), ())
    return marking.marked(text, task.span_start, task.span_end, marks)


@register.simple_tag
def public_duty(duty: Any, text_url: str = "") -> SafeString:
    """One duty in the list of a public ledger."""
    return public_rows.duty_row(duty, text_url)


@register.simple_tag
def unit_options(units: list[tuple[str, str]], chosen: str = "") -> SafeString:
    """The options of a select of units."""
    return public_rows.unit_options(units, chosen)
