"""Rows of lists as HTML.

A list shows fifty rows of many small parts. A template would spend most of a page's time on walking its nodes for them,
so the inside of lists is put together here; what stands around it is in templates. Every value is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString

from gongkai.core import charts, icons

SEPARATOR = '<span class="sep" aria-hidden="true"></span>'


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
        f'<p class="ask">{text(row.get("ask"))}</p><div class="due">{_due(row["light"], row.get("face"))}</div><div class="act">{button}</div></li>'
    )


def _due(light: str, face: Any) -> str:
    if not face:
        return f'{state(light)}<span class="d num"></span>'
    words, date_words, measured = _read(face, "words"), _read(face, "date_words"), _read(face, "ruler")
    drawn = ""
    if isinstance(measured, Mapping):
        drawn = charts.counted_ruler(light, measured["total"], measured.get("used", 0), measured.get("stopped", 0))
    elif measured:
        drawn = charts.ruler(light, measured.slots, measured.share, measured.now)
    return f'{state(light, words)}<span class="d num">{text(date_words)}</span>{drawn}'


def _read(value: Any, name: str) -> Any:
    return value.get(name, "") if isinstance(value, Mapping) else getattr(value, name, "")


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
        parts.append(f'<td class="n">{_cell(cell)}</td>' if cell.get("number") else f"<td>{_cell(cell)}</td>")
    if acts:
        links = SEPARATOR.join(
            [f'<a href="{text(act["url"])}">{text(act["label"])}</a>' for act in row.get("acts", ())]
        )
        parts.append(f'<td class="acts">{links}</td>')
    return SafeString("".join([*parts, "</tr>"]))


def _cell(cell: Mapping[str, Any]) -> str:
    if cell.get("light"):
        return state(cell["light"], cell.get("words", ""))
    if cell.get("url"):
        return f'<a href="{text(cell["url"])}">{text(cell.get("words"))}</a>'
    return text(cell.get("words"))
