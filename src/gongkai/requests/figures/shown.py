"""The figures as pages draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gongkai.core import charts
from gongkai.law import annual_tables as law
from gongkai.requests.figures.tables import Pace, Paces

CellAddress = Callable[[str, str], str]
PaceAddress = Callable[[str, str, str], str]
FIRST_GROUP = "法人或其他组织"


def table_b(table: Mapping[law.Cell, int], address: CellAddress | None) -> dict[str, Any]:
    """Table B as it is printed: heads with spans, and rows whose first cells span those that belong together."""
    rows = []
    spans = {
        "first": _spans(row.first for row in law.ROWS),
        "second": _spans((row.first, row.second) for row in law.ROWS),
    }
    for place, row in enumerate(law.ROWS):
        heads = []
        for level, words in (("first", row.first), ("second", row.second)):
            span = spans[level][place]
            if words and span:
                wide = 3 if not row.second else 2 if level == "second" and not row.third else 1
                heads.append({"words": words, "rows": span, "columns": wide})
        if row.third:
            heads.append({"words": row.third, "rows": 1, "columns": 1})
        cells = [
            {"number": table[row.key, column.key], "url": address(row.key, column.key) if address else ""}
            for column in law.COLUMNS
        ]
        rows.append(
            {"key": row.key, "label": row.label, "heads": heads, "cells": cells, "sum": row.key in ("tot", "next")}
        )
    return {
        "title": law.TABLE_B_TITLE,
        "corner": law.TABLE_B_CORNER,
        "header": law.TABLE_B_HEADER,
        "group": FIRST_GROUP,
        "columns": [column.label for column in law.COLUMNS],
        "rows": rows,
    }


def _spans(words: Iterable[Any]) -> list[int]:
    """For each place the number of equal words that begin there; 0 inside a stretch."""
    listed = list(words)
    found = [0] * len(listed)
    start = 0
    for place in range(1, len(listed) + 1):
        if place == len(listed) or listed[place] != listed[start]:
            found[start] = place - start
            start = place
    return found


def table_c(table: Mapping[law.Cell, int], address: CellAddress) -> dict[str, Any]:
    """Table C in one line of fifteen cells."""
    return {
        "title": law.TABLE_C_TITLE,
        "groups": [{"label": group.label, "group": group.group} for group in law.C_GROUPS],
        "cells": [cell.label for _ in law.C_GROUPS for cell in law.C_CELLS],
        "numbers": [
            {"number": table[group.key, cell.key], "url": address(group.key, cell.key)}
            for group in law.C_GROUPS
            for cell in law.C_CELLS
        ],
    }


def tiles(
    table: Mapping[law.Cell, int],
    every: Pace,
    lights: Mapping[str, int],
    address: CellAddress,
    late: str,
    open_now: str,
) -> list[dict[str, Any]]:
    """The strip of the staff page; `late` leads to the late replies, `open_now` to what is being handled today."""
    running = sum(lights.get(light, 0) for light in ("ok", "soon", "late", "paused", "wait"))
    return [
        {"label": "本年新收", "value": table["r1", "total"], "unit": "件", "url": address("r1", "total"), "words": f"上年结转{table['r2', 'total']}件"},
        {"label": "本年办结", "value": table["tot", "total"], "unit": "件", "url": address("tot", "total"), "words": f"应计时限的{every.judged}件"},
        {"label": "按时答复率", "light": "late" if every.late else "ok", "value": _percent(every), "unit": "%" if every.rate is not None else "", "url": late if every.late else "#pace", "words": f"逾期{every.late}件"},
        {"label": "答复用时中位数", "value": _days(every.median), "unit": "个工作日" if every.median is not None else "", "url": "#pace", "words": "不含依法不计的时间"},
        {"label": "正在办理", "light": "late" if lights.get("late") else "ok", "value": running, "unit": "件", "url": open_now, "words": f"超期{lights.get('late', 0)}件，暂停计时{lights.get('paused', 0)}件"},
    ]  # fmt: skip


def _percent(one: Pace) -> str:
    return "—" if one.rate is None else f"{one.rate:g}"


def _days(median: float | None) -> str:
    return "—" if median is None else f"{median:g}"


def paces(found: Paces, address: PaceAddress | None = None) -> list[dict[str, Any]]:
    """The tables of the pace: by body, channel and result; for the public without `address` and without channels."""
    groups = (
        ("unit", "按单位", found.units),
        ("channel", "按申请渠道", found.channels),
        ("decision", "按答复类型", found.decisions),
    )
    return [
        {
            "key": key,
            "title": title,
            "head": title.removeprefix("按"),
            "rows": [
                {
                    "label": one.label,
                    "numbers": [
                        {"number": number, "url": address(key, one.key, cell) if address else ""}
                        for cell, number in (("total", one.total), ("judged", one.judged), ("late", one.late))
                    ],
                    "rate": _percent(one),
                    "bar": charts.percent_bar(one.rate, f"按时答复率{one.rate:g}%") if one.rate is not None else "",
                    "median": _days(one.median),
                }
                for one in rows
            ],
        }
        for key, title, rows in groups
        if rows and (address or key != "channel")
    ]  # fmt: skip


def public_figures(table: Mapping[law.Cell, int], every: Pace) -> list[dict[str, str]]:
    """The four figures at the top of the public page."""
    total, given = table["tot", "total"], table["g", "total"] + table["p", "total"]
    return [
        {"label": "收到申请", "value": f"{table['r1', 'total']}", "unit": "件", "words": f"另有上年结转{table['r2', 'total']}件"},
        {"label": "已经办结", "value": f"{total}", "unit": "件", "words": f"还在办理{table['next', 'total']}件"},
        {"label": "予以公开、部分公开", "value": f"{given}", "unit": "件", "words": f"占办结的{100 * given / total:.1f}%" if total else "还没有办结的"},
        {"label": "按时答复率", "value": _percent(every), "unit": "%" if every.rate is not None else "", "words": f"用时中位数{_days(every.median)}个工作日"},
    ]  # fmt: skip
