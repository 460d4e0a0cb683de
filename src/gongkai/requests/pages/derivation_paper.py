"""推算单 on paper: the count of the reply's last day, stretch by stretch and day by day, as PDF."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongkai.core.acts import ActError
from gongkai.core.letters import pdf_missing
from gongkai.core.paper import STYLE
from gongkai.law.clock import Derivation
from gongkai.law.workdays import WEEKDAYS, chinese_date
from gongkai.requests.pages.calculator import BASIS
from gongkai.requests.pages.days import Cell
from gongkai.requests.pages.days import weeks as weeks_of
from gongkai.requests.public_queries import Status


def html(status: Status) -> str:
    """The sheet as a page of its own."""
    found, case = status.derivation, status.case
    if found is None:
        raise ActError("还没有起算，没有推算单。")
    result = found.conclusion if found.due_on is None else f"最晚答复日期：{chinese_date(found.due_on)}"
    provisional = "（暂定：该年放假安排公布后重新推算）" if found.provisional else ""
    rows = format_html_join(
        "", "<tr><td>{}</td><td>{}</td></tr>", ((line.title, line.count) for line in found.stretches)
    )
    grid = days_of(found)
    changes = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
        ((chinese_date(one.on), one.words, one.cause) for one in status.changes),
    )
    moved = format_html(
        "<p>日期变动：</p><table><thead><tr><th>日期</th><th>变动</th><th>原因</th></tr></thead><tbody>{}</tbody></table>",
        changes,
    )
    return format_html(
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>'
        '<body><p class="title">{title}</p><p class="flush">受理号：{number}</p><p class="flush">承办单位：{unit}</p>'
        '<p class="flush">{result}{provisional}</p><table><thead><tr><th>日期</th><th>怎么算</th></tr></thead><tbody>{rows}'
        "</tbody></table>{grid}{moved}<p>{basis}</p><p>{calendar}。推算时间：{now}。</p></body></html>",
        title="答复期限推算单",
        style=STYLE,
        number=case.number,
        unit=case.unit.name,
        result=result,
        provisional=provisional,
        rows=rows,
        grid=grid,
        moved=moved if status.changes else "",
        basis=BASIS,
        calendar=found.calendar_note,
        now=chinese_date(status.now.date()),
    )


def days_of(found: Derivation) -> SafeString:
    """The same day by day: a week a row, on each day how it counts, in black and white."""
    heads = format_html_join("", "<th>{}</th>", ((name,) for name in WEEKDAYS))
    weeks = format_html_join(
        "",
        "<tr>{}</tr>",
        ((format_html_join("", '<td class="{}">{}</td>', (_day(cell) for cell in week)),) for week in weeks_of(found)),
    )
    return format_html(
        "<style>.days td {{ width: 14%; font-size: 9pt; line-height: 12pt; padding: 2pt 3pt; }} .days .off {{ color: #555; }}"
        " .days .due {{ border: 1.5pt solid #000; font-weight: bold; }} .days tr {{ break-inside: avoid; }}</style>"
        '<p class="flush">逐日推算：</p><table class="days"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        heads,
        weeks,
    )


def _day(cell: Cell) -> tuple[str, SafeString]:
    number = f"第{cell.number}日" if cell.number else ""
    words = " ".join(part for part in (number, cell.label or ("" if number else cell.spoken)) if part)
    return cell.kind, format_html("{}{}<br>{}", cell.month, cell.head, words) if cell.head else mark_safe("")


def pdf(status: Status) -> bytes:
    """The sheet as PDF; ActError when the server lacks what PDF needs."""
    reason = pdf_missing()
    if reason:
        raise ActError(reason)
    from weasyprint import HTML

    def refuse(url: str, *args: object, **kwargs: object) -> None:
        raise ValueError(f"the sheet loads nothing: {url}")

    return HTML(string=html(status), url_fetcher=refuse).write_pdf()
