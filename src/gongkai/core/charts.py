"""Charts drawn on the server as SVG: classes and attributes only, so that themes, print and a strict CSP hold.

Every chart has a title, a description and the same figures as a table (`data_table`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongkai.core.icons import PUBLIC_WORDS

_ids = count(1)
SLOTS = 24  # more counted days than this are drawn as one bar
PROGRESS_ORDER = ("done", "donelate", "ok", "soon", "late", "paused", "wait")
# Stands above a drawing that is wider than a phone, as core/parts/wide_hint.html does above a table.
WIDE_HINT = mark_safe('<p class="wide-hint">图较宽，可以左右滑动。</p>')
# Clocks whose day of today needs no tick: nothing runs any more, or everything has run.
_NO_TICK = ("late", "done", "donelate")


def number(value: float) -> str:
    """A coordinate with at most two decimals and no trailing zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _rect(kind: str, x: float, y: float, width: float, height: float) -> SafeString:
    # Kinds are words of this module and the rest are figures: a page draws hundreds of these.
    return SafeString(
        f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}"'
        f' height="{number(height)}"/>'
    )


def ruler(light: str, slots: Sequence[str], share: float = 0, now: float | None = None, label: str = "") -> SafeString:
    """The time ruler of a clock in its light.

    slots: "used", "stop" or "slot" for each counted or stopped day; empty draws one bar, used up to share (0 to 1).
    now: where the tick of today stands, 0 to 1. A label makes it an image with words; without one it is decoration
    beside the words.
    """
    return _ruler(light, tuple(slots), share, now, label)


@lru_cache(maxsize=4096)
def _ruler(light: str, slots: tuple[str, ...], share: float, now: float | None, label: str) -> SafeString:
    """A list shows the same few drawings again and again."""
    parts: list[SafeString] = []
    if slots:
        width = len(slots) * 10.0
        gap = 0.4 if len(slots) < 10 else 0.8
        parts += [_rect(kind, place * 10, 0, 10 - gap, 8) for place, kind in enumerate(slots)]
    else:
        width = 1000.0
        parts += [_rect("slot", 0, 0, width, 8), _rect("used", 0, 0, min(max(share, 0), 1) * width, 8)]
    if now is not None:
        tick = width * 0.016
        parts.append(_rect("now", min(max(now * width - tick / 2, 0), width - tick), -3, tick, 14))
    words = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="ruler is-{}" viewBox="0 0 {} 8" preserveAspectRatio="none" {}>{}</svg>',
        light,
        number(width),
        words,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def counted_ruler(light: str, total: int, used: int = 0, stopped: int = 0, label: str = "") -> SafeString:
    """The ruler from plain counts in the clock's own units; stopped units stand after the used ones and are not counted."""
    finished = light in _NO_TICK
    used = total if finished else min(max(used, 0), total)
    length = total + stopped
    now = None if finished or not length else (used + stopped) / length
    if not 0 < length <= SLOTS:
        return ruler(light, (), used / total if total else 0, now, label)
    return ruler(light, ["used"] * used + ["stop"] * stopped + ["slot"] * (total - used), 0, now, label)


def bullet(
    value: float, target: float | None = None, maximum: float = 100, label: str = "", small: bool = False
) -> SafeString:
    """A value bar with a black tick at the target; value, target and maximum share one unit."""
    maximum = max(maximum, value if maximum <= 0 else maximum, 1e-9)
    scale = 1000 / maximum
    parts = [_rect("bg", 0, 4, 1000, 10), _rect("val", 0, 4, min(max(value, 0), maximum) * scale, 10)]
    if target is not None:
        parts.append(_rect("tgt", min(max(target * scale - 2.5, 0), 995), -1, 5, 20))
    words = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="bullet{}" viewBox="0 0 1000 18" preserveAspectRatio="none" {}>{}</svg>',
        " sm" if small else "",
        words,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def percent_bar(value: float, label: str) -> SafeString:
    """A thin bar for work that is running; value is 0 to 100."""
    return format_html(
        '<svg class="pbar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>',
        label,
        _rect("bg", 0, 0, 100, 8),
        _rect("val", 0, 0, min(max(value, 0), 100), 8),
    )


def progress(
    counts: dict[str, int], noun: str = "项任务", unit: str = "项", words: dict[str, str] = PUBLIC_WORDS
) -> SafeString:
    """One strip of all duties by light; counts maps light to number of duties."""
    total = sum(counts.values())
    if not total:
        return format_html('<p class="muted">还没有{}</p>', noun)
    gap = total * 10 / 380
    left = 0.0
    parts = []
    told = []
    for light in PROGRESS_ORDER:
        share = counts.get(light, 0)
        if not share:
            continue
        width = share * 10
        last = left + width >= total * 10
        parts.append(_rect(f"p-{light}", left, 0, width if last else max(width - gap, width / 2), 20))
        told.append(f"{words[light]}{share}{unit}")
        left += width
    return format_html(
        '<svg class="progress" viewBox="0 0 {} 20" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        total * 10,
        f"{total}{noun}：{'，'.join(told)}",
        format_html_join("", "{}", ((part,) for part in parts)),
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a stacked bar chart: its label, one value per series, and what belongs to it."""

    label: str
    values: tuple[int, ...]
    note: str = ""  # second line under the label, such as the year
    url: str = ""  # the cases behind the column
    unfinished: bool = False  # the running month, drawn lighter


# Room for one more digit of an axis label, in units of the drawing.
DIGIT = 8
# So few columns fit on a phone; more of them scroll sideways there, and a line above says so.
FEW = 5


def _step(highest: int) -> int:
    """Distance of grid lines: 1, 2, 5 times a power of ten, giving two to five lines."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if highest <= factor * power * 4:
                return factor * power
        power *= 10


def _column(
    place: int, column: Column, pitch: float, scale: float, ground: float, names: Sequence[str], unit: str
) -> SafeString:
    width = min(30.0, pitch * 0.6)
    left = 46 + place * pitch + (pitch - 60) / 2 if pitch < 60 else 46 + place * pitch
    centre = left + width / 2
    parts = []
    top = ground
    for series, value in enumerate(column.values):
        height = value * scale
        if not height:
            continue
        gap = 2 if top < ground and height > 4 else 0
        kind = f"series-{series + 1}" + (" unfinished" if column.unfinished and not series else "")
        parts.append(_rect(kind, left, top - height, width, height - gap))
        top -= height
    total = sum(column.values)
    words = "，".join(f"{name}{value}{unit}" for name, value in zip(names, column.values, strict=True))
    title = format_html("<title>{}：{}</title>", f"{column.note}{column.label}", words)
    bars = format_html("<g>{}{}</g>", title, format_html_join("", "{}", ((part,) for part in parts)))
    if column.url:
        bars = format_html(
            '<a href="{}" aria-label="{}">{}</a>', column.url, f"{column.note}{column.label}：{words}", bars
        )
    label = format_html(
        '<text class="lbl" x="{}" y="{}" text-anchor="middle">{}</text>', number(centre), number(top - 5), total
    )
    below = format_html('<text x="{}" y="193" text-anchor="middle">{}</text>', number(centre), column.label)
    note = (
        format_html('<text x="{}" y="208" text-anchor="middle">{}</text>', number(centre), column.note)
        if column.note
        else ""
    )
    return format_html("{}{}{}{}", bars, label, below, note)


def stacked_bars(
    columns: Sequence[Column], names: Sequence[str], title: str, description: str, unit: str = "件"
) -> SafeString:
    """Stacked bars with totals written on them; names are the series from the ground up (at most four)."""
    number_of_chart = next(_ids)
    ground, height = 175.0, 138.0
    highest = max((sum(column.values) for column in columns), default=0)
    step = _step(max(highest, 1))
    top = max(step, -(-highest // step) * step)
    scale = height / top
    # Three digits fit beside the axis; longer ones get their room on the left.
    room = max(len(str(top)) - 3, 0) * DIGIT
    few = len(columns) <= FEW
    # A few columns make a small drawing: at least as wide as the names of its series.
    end = max(46 + len(columns) * 60, 40 + len(names) * 88, 200) if few else 750
    width = end + 10 + room
    pitch = 720 / max(len(columns), 1) if len(columns) > 12 else 60.0
    lines = []
    for value in range(0, top + 1, step):
        y = ground - value * scale
        lines.append(
            format_html(
                '<line class="{}" x1="30" x2="{}" y1="{}" y2="{}"/><text x="22" y="{}" text-anchor="end">{}</text>',
                "gr" if value else "ax",
                end,
                number(y),
                number(y),
                number(y + 4),
                value,
            )
        )
    legend = format_html_join(
        "",
        '<rect class="series-{}" x="{}" y="2" width="12" height="12"/><text x="{}" y="12">{}</text>',
        ((place + 1, 40 + place * 88, 58 + place * 88, name) for place, name in enumerate(names)),
    )
    return format_html(
        '{}<div class="scroll-x" tabindex="0" role="region" aria-label="{}">'
        '<svg class="chart{}" viewBox="{} 0 {} 212" role="group" aria-labelledby="chart-{}-t chart-{}-d">'
        '<title id="chart-{}-t">{}</title><desc id="chart-{}-d">{}</desc>{}{}<g>{}</g></svg></div>',
        "" if few else WIDE_HINT,
        title,
        " few" if few else "",
        -room,
        width,
        number_of_chart,
        number_of_chart,
        number_of_chart,
        title,
        number_of_chart,
        description,
        format_html_join("", "{}", ((line,) for line in lines)),
        format_html_join(
            "",
            "{}",
            ((_column(place, column, pitch, scale, ground, names, unit),) for place, column in enumerate(columns)),
        ),
        legend,
    )


def data_table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], caption: str, summary: str = "看数据表"
) -> SafeString:
    """The figures of a chart as a table, folded; the first cell of a row is its head, the others are numbers."""
    head = format_html_join(
        "",
        '<th scope="col"{}>{}</th>',
        ((mark_safe(' class="n"') if place else "", name) for place, name in enumerate(heads)),
    )
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        ((row[0], format_html_join("", '<td class="n">{}</td>', ((cell,) for cell in row[1:]))) for row in rows),
    )
    return format_html(
        '<details class="data"><summary>{}</summary><div class="scroll-x" tabindex="0">'
        '<table class="tbl"><caption class="vh">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>",
        summary,
        caption,
        head,
        body,
    )
