"""Icons: line icons from the lucide package, drawn inline, and the names of our own state marks."""

from __future__ import annotations

import functools
import re

import lucide
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# Lights in the order in which a group shows its worst state.
LIGHTS = ("late", "soon", "paused", "wait", "ok", "donelate", "done")

STAFF_WORDS = {
    "ok": "进展正常",
    "soon": "临近到期",
    "late": "已超期",
    "paused": "暂停计时",
    "wait": "等待启动",
    "done": "已办结",
    "donelate": "逾期办结",
}
PUBLIC_WORDS = {
    "ok": "进展正常",
    "soon": "临近时限",
    "late": "已超时限",
    "paused": "暂停计时",
    "wait": "等待启动",
    "done": "已完成",
    "donelate": "逾期完成",
}

# Names that lucide changed between versions.
_RENAMED = {"circle-help": "circle-question-mark"}


@functools.lru_cache(maxsize=512)
def _shapes(name: str) -> str:
    """The inside of an icon's <svg>; raises lucide.IconDoesNotExist for an unknown name."""
    try:
        drawing = lucide._render_icon(name, None)
    except lucide.IconDoesNotExist:
        if name not in _RENAMED:
            raise
        drawing = lucide._render_icon(_RENAMED[name], None)
    inside = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]
    return re.sub(r"\s+", " ", inside).strip()


@functools.lru_cache(maxsize=1024)
def icon(name: str, size: int = 0, label: str = "") -> SafeString:
    """One lucide icon as inline SVG, as large as the text (or 16 or 20 px); silent unless a label is given."""
    classes = f"i i-{size}" if size else "i"
    shapes = mark_safe(_shapes(name))  # noqa: S308 drawings of an installed package
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', classes, label, shapes
        )
    return format_html('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, shapes)


@functools.lru_cache(maxsize=64)
def mark(light: str, coloured: bool = True) -> SafeString:
    """The state mark of a light, from the drawings that every page carries."""
    return format_html(
        '<svg class="mark{}" viewBox="0 0 16 16" aria-hidden="true"><use href="#s-{}"/></svg>',
        f" is-{light}" if coloured else "",
        light,
    )


def worst(lights: list[str]) -> str:
    """The light a group shows: the first present of LIGHTS, or "wait" for an empty group."""
    return min(lights, key=LIGHTS.index, default="wait")
