"""Rows of lists as HTML.

A list shows fifty rows of many small parts. A template would spend most of a page's time on walking its nodes for them,
so the inside of lists is put together here; what stands around it is in templates. Every value is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString

from gongkai.core import charts, icons

SEPARATOR = '<span class="sep" aria-hidden="true"></span>'
_DAY = re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日")


def text(value: Any) -> str:
    """A value as HTML: escaped unless it says that it is HTML already."""
    if isinstance(value, SafeString):
        return value
    return "" if value is None else escape(str(value))


@lru_cache(maxsize=32)
def _state_start(light: str) -> str:
    return f'<span class="state is-{escape(light)}">{icons.mark(light, coloured=False)}'


def state(light: str, words: str = "") -> str:
    """Mark and words of a light, as the tag `state` writes them."""
    return f"{_state_start(light)}{text(words or icons.STAFF_WORDS[light])}</span>"


def todo_row(row: Mapping[str, Any], form: str = "", primary: bool = False) -> SafeString:
    """One line of core/parts/todo_list.html; `primary` fills its button, `form` takes the box's id."""
    title, url, selected = text(row["title"]), text(row["url"]), row.get("selected")
    act = row.get("act")
    chosen, box = (' class="sel"', " checked") if selected else ("", "")
    belongs = f' form="{text(form)}"' if form else ""
    button = ""
    if act:
        address = text(act["url"])
        dialog = f' hx-get="{address}" hx-target="#dialog"' if act.get("dialog") else ""
        filled = " primary" if primary else ""
        button = f'<a class="btn sm{filled}" href="{address}"{dialog} data-act>{text(act["label"])}</a>'
    return SafeString(
        f"<li data-row{chosen}>"
        f'<input type="checkbox" name="case" value="{text(row.get("id"))}" aria-label="选择：{title}"'
        f"{belongs}{box}>"
        f'<div class="what"><a href="{url}" data-open>{title}</a>'
        f'<p class="meta">{SEPARATOR.join([text(words) for words in row.get("meta", ())])}</p></div>'
        f'<p class="ask">{text(row.get("ask"))}</p><div class="due">{_due(row["light"], row.get("face"), row.get("words", ""))}</div><div class="act">{button}</div></li>'
    )


def _due(light: str, face: Any, words: str = "") -> str:
    if not face:
        return f'{state(light, words)}<span class="d num"></span>'
    words, date_words, measured = _read(face, "words"), _read(face, "date_words"), _read(face, "ruler")
    drawn = ""
    if isinstance(measured, Mapping):
        drawn = charts.counted_ruler(light, measured["total"], measured.get("used", 0), measured.get("stopped", 0))
    elif measured:
        drawn = charts.ruler(light, measured.slots, measured.share, measured.now)
    return f'{state(light, words)}<span class="d num">{text(date_words)}</span>{drawn}'


def _read(value: Any, name: str) -> Any:
    return value.get(name, "") if isinstance(value, Mapping) else getattr(value, name, "")


def navigation(sections: Iterable[Mapping[str, Any]]) -> SafeString:
    """The sections of core/parts/navigation.html, which every page shows twice."""
    parts = []
    for section in sections:
        if section["title"]:
            parts.append(f"<h2>{text(section['title'])}</h2>")
        parts.append("<ul>")
        for item in section["items"]:
            current = ' aria-current="page"' if item.get("current") else ""
            drawing = icons.icon(item["icon"]) if item.get("icon") else ""
            number = item.get("count")
            figure = f'<span class="count">{text(_figure(number))}</span>' if number else ""
            parts.append(f'<li><a href="{text(item["url"])}"{current}>{drawing}{text(item["label"])}{figure}</a></li>')
        parts.append("</ul>")
    return SafeString("".join(parts))


def options(found: Iterable[Mapping[str, Any]]) -> SafeString:
    """The menu of a filter of core/parts/filters.html."""
    parts = []
    for option in found:
        current = ' aria-current="true"' if option.get("current") else ""
        number = option.get("count")
        figure = f'<span class="count">{text(_figure(number))}</span>' if number is not None else ""
        parts.append(f'<a href="{text(option["url"])}"{current}>{text(option["label"])}{figure}</a>')
    return SafeString("".join(parts))


def days(week: Iterable[Mapping[str, Any]]) -> SafeString:
    """One week of core/parts/mini_calendar.html."""
    parts = []
    for item in week:
        kind = (
            ' class="today" aria-current="date"'
            if item.get("today")
            else ' class="off"'
            if item.get("off")
            else ' class="past"'
            if item.get("past")
            else ""
        )
        due = ""
        if item.get("count"):
            light = f' class="is-{text(item["light"])}"' if item.get("light") else ""
            words = f"{item['count']}件"
            due = f'<a class="quiet" href="{text(item["url"])}">{words}</a>' if item.get("url") else words
            due = f"<b{light}>{due}</b>"
        parts.append(f"<td{kind}>{item['day'].day}{due}</td>")
    return SafeString("".join(parts))


def _figure(number: Any) -> str:
    return number if isinstance(number, str) else f"{number:,}"


def table_row(row: Mapping[str, Any], select: bool = False, acts: bool = False) -> SafeString:
    """One line of core/parts/table.html: the first cell is its head."""
    first, *rest = row["cells"]
    parts = ["<tr data-row>"]
    words = text(first.get("words"))
    if select:
        parts.append(
            f'<td><input type="checkbox" name="case" value="{text(row.get("id"))}" aria-label="选择：{words}"></td>'
        )
    head = f'<a href="{text(first["url"])}" data-open>{words}</a>' if first.get("url") else words
    parts.append(f'<th scope="row">{head}</th>')
    for cell in rest:
        kind = ' class="n"' if cell.get("number") else ' class="keep"' if _is_short(cell.get("words")) else ""
        parts.append(f"<td{kind}>{_cell(cell)}</td>")
    if acts:
        links = SEPARATOR.join(
            [f'<a href="{text(act["url"])}">{text(act["label"])}</a>' for act in row.get("acts", ())]
        )
        parts.append(f'<td class="acts">{links}</td>')
    return SafeString("".join([*parts, "</tr>"]))


def _is_short(words: Any) -> bool:
    """A day or a few signs are not broken over two lines."""
    return isinstance(words, str) and len(words) < 12 and (len(words) < 7 or _DAY.fullmatch(words) is not None)


def _cell(cell: Mapping[str, Any]) -> str:
    if cell.get("light"):
        return state(cell["light"], cell.get("words", ""))
    if cell.get("url"):
        return f'<a href="{text(cell["url"])}">{text(cell.get("words"))}</a>'
    return text(cell.get("words"))
