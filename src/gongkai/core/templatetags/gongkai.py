"""Tags and filters of the look: states, rulers, icons, dates, figures, links that change the address.

`{% load gongkai %}`. Times are shown in the current time zone; dates carry no leading zero.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from gongkai.core import charts, icons, preferences, records, rows
from gongkai.core.days import day_words

register = template.Library()

WEEKDAYS = "一二三四五六日"


# --- files ------------------------------------------------------------------------------------------------------------


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file, as {% static %} gives it; found once, files change only with the installation."""
    return _asset(staticfiles_storage, path)


@lru_cache(maxsize=256)
def _asset(storage: Any, path: str) -> str:
    return str(storage.url(path))


# --- states and icons -------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 0, label: str = "") -> SafeString:
    """A lucide icon: {% icon "bell" %}, {% icon "search" size=20 %}, {% icon "x" label="关闭" %}."""
    return icons.icon(name, size, label)


@register.simple_tag
def mark(light: str) -> SafeString:
    """The state mark alone, coloured; only beside words or a figure."""
    return icons.mark(light)


@register.simple_tag
def todo_row(row: dict[str, Any], form: str = "", primary: bool = False) -> SafeString:
    """One line of the to-do list."""
    return rows.todo_row(row, form, primary)


@register.simple_tag
def todo_rows(group: dict[str, Any], form: str = "") -> SafeString:
    """The lines of one group of the to-do list; the first late one has the filled button."""
    late = group["light"] == "late"
    return SafeString(
        "".join([rows.todo_row(row, form, late and not place) for place, row in enumerate(group["rows"])])
    )


@register.simple_block_tag(name="records")
def records_block(content: str) -> SafeString:
    """A table of records, which becomes a list of entries on a phone: {% records %}<table class="tbl">…{% endrecords %}."""
    return mark_safe(records.laid_out(content))  # noqa: S308 what stands in the block is escaped already


@register.simple_tag
def table_row(row: dict[str, Any], select: bool = False, acts: bool = False) -> SafeString:
    """One line of a data table."""
    return rows.table_row(row, select, acts)


@register.simple_tag
def case_rows(table: dict[str, Any]) -> SafeString:
    """The lines of workbench/parts/case_table.html."""
    return SafeString("".join([_case_row(row, table.get("select")) for row in table["rows"]]))


def _case_row(row: dict[str, Any], select: bool | None) -> str:
    text, title, act = rows.text, rows.text(row["title"]), row["act"]
    box = (
        f'<td><input type="checkbox" name="case" value="{row["id"]}" aria-label="选择：{title}"></td>' if select else ""
    )
    link = ""
    if act:
        to = text(act["url"])
        link = f'<a href="{to}" hx-get="{to}" hx-target="#dialog" data-act>{text(act["label"])}</a>'
    return (
        f'<tr data-row>{box}<th scope="row"><a href="{text(row["url"])}" data-open>{title}</a></th>'
        f'<td class="keep num">{text(row["number"])}</td><td class="spare keep">{text(row["kind"])}</td>'
        f'<td class="keep">{text(row["state"])}</td><td class="unit">{text(row["unit"])}</td>'
        f'<td class="spare person">{text(row["handler"])}</td>'
        f'<td class="keep">{rows.state(row["light"], row["words"])}</td><td class="keep num">{text(row["due"])}</td>'
        f'<td class="acts keep">{link}</td></tr>'
    )


_NOTHING = '<td class="z"><span class="vh">没有任务</span><span aria-hidden="true">–</span></td>'


@register.simple_tag
def matrix_rows(found: list[dict[str, Any]]) -> SafeString:
    """The lines of core/parts/matrix.html."""
    parts = []
    for row in found:
        label, late = rows.text(row["label"]), row["late"]
        head = f'<a class="quiet" href="{rows.text(row["url"])}">{label}</a>' if row.get("url") else label
        cells = "".join([_matrix_cell(cell) for cell in row["cells"]])
        last = f'<b class="is-late">{rows.text(late)}</b>' if late else '<span class="z">0</span>'
        total = rows.text(row["total"])
        parts.append(
            f'<tr><th scope="row">{head}</th>{cells}<td class="sum">{total}</td><td class="sum">{last}</td></tr>'
        )
    return SafeString("".join(parts))


def _matrix_cell(cell: dict[str, Any] | None) -> str:
    if not cell or not cell["count"]:
        return _NOTHING
    light = cell["light"]
    kind = f' class="cell-{light}"' if light in ("late", "soon") else ""
    words = f'{icons.mark(light)}<span class="vh">{icons.STAFF_WORDS.get(light, "")}</span>{rows.text(cell["count"])}'
    return f'<td{kind}><a href="{rows.text(cell["url"])}">{words}</a></td>'


@register.simple_tag
def month_week(week: list[dict[str, Any] | None]) -> SafeString:
    """The days of a week of core/parts/month.html."""
    return SafeString("".join([_month_day(item) if item else '<td class="off"></td>' for item in week]))


def _month_day(item: dict[str, Any]) -> str:
    kind = ' class="today" aria-current="date"' if item.get("today") else ' class="off"' if item.get("off") else ""
    first = f"{item['day'].month}月" if item.get("first") else ""
    name = f"<br>{rows.text(item['name'])}" if item.get("name") else ""
    due = ""
    if item.get("count"):
        words = f"{rows.text(item['count'])}件"
        if item.get("url"):
            drawn = icons.mark(item["light"]) if item.get("light") else ""
            due = f'<br><a class="quiet strong nowrap" href="{rows.text(item["url"])}">{drawn}{words}</a>'
        else:
            due = f'<br><span class="strong nowrap">{words}</span>'
    return f"<td{kind}>{first}{item['day'].day}{name}{due}</td>"


@register.simple_tag
def navigation_sections(sections: list[dict[str, Any]] | None) -> SafeString:
    """The sections of the side navigation."""
    return rows.navigation(sections or ())


@register.simple_tag
def filter_options(options: list[dict[str, Any]]) -> SafeString:
    """The menu of a filter."""
    return rows.options(options)


@register.simple_tag
def feed_lines(feed: list[dict[str, Any]]) -> SafeString:
    """The lines of core/parts/feed.html."""
    return SafeString("".join([_feed_line(item) for item in feed]))


def _feed_line(item: dict[str, Any]) -> str:
    at, words, link = item["at"], rows.text(item.get("words")), rows.text(item.get("link"))
    stamp = _time(at).isoformat() if at else ""
    strong = f"<strong>{rows.text(item['strong'])}</strong>" if item.get("strong") else ""
    to = f'<a href="{rows.text(item.get("url"))}">'
    told = f"{words}{to}{link}</a>" if link else f"{to}{words}</a>" if item.get("url") else words
    return f'<li><time datetime="{stamp}">{when(at)}</time>{strong}{told}</li>'


@register.simple_tag
def calendar_week(week: list[dict[str, Any]]) -> SafeString:
    """The days of a week with what falls due."""
    return rows.days(week)


def _state(light: str, words: str, public: bool, badge: bool) -> SafeString:
    words = words or (icons.PUBLIC_WORDS if public else icons.STAFF_WORDS)[light]
    return format_html(
        '<span class="state is-{}{}">{}{}</span>',
        light,
        " badge" if badge else "",
        icons.mark(light, coloured=False),
        words,
    )


@register.simple_tag
def state(light: str, words: str = "", public: bool = False) -> SafeString:
    """Mark and words of a light; without words the usual ones of the workbench (or of public pages)."""
    return _state(light, words, public, badge=False)


@register.simple_tag
def state_badge(light: str, words: str = "", public: bool = False) -> SafeString:
    """The same on a soft ground, for the head of a case."""
    return _state(light, words, public, badge=True)


@register.filter
def light_words(light: str) -> str:
    """The usual words of a light in the workbench."""
    return icons.STAFF_WORDS.get(light, "")


@register.filter
def light_words_public(light: str) -> str:
    """The usual words of a light on public pages."""
    return icons.PUBLIC_WORDS.get(light, "")


def _read(value: object, name: str, default: Any = None) -> Any:
    return value.get(name, default) if isinstance(value, dict) else getattr(value, name, default)


@register.simple_tag
def ruler(clock: object, light: str = "", label: str = "") -> SafeString:
    """The time ruler of a clock: its `ruler` as the law floor makes it, or a dict of total, used and stopped.

    The light comes from the clock unless given. A clock that has not begun draws nothing.
    """
    measured = _read(clock, "ruler")
    if not measured:
        return SafeString("")
    light = light or _read(clock, "light", "ok")
    if isinstance(measured, dict):
        return charts.counted_ruler(
            light, measured["total"], measured.get("used", 0), measured.get("stopped", 0), label
        )
    return charts.ruler(light, measured.slots, measured.share, measured.now, label)


@register.simple_tag
def bullet(
    value: float, target: float | None = None, maximum: float = 100, label: str = "", small: bool = False
) -> SafeString:
    """A value bar with the target's tick."""
    return charts.bullet(value, target, maximum, label, small)


@register.simple_tag
def percent_bar(value: float, label: str) -> SafeString:
    """A thin bar for running work, 0 to 100."""
    return charts.percent_bar(value, label)


@register.simple_tag
def progress(counts: dict[str, int], noun: str = "项任务", unit: str = "项") -> SafeString:
    """A strip of all duties by light."""
    return charts.progress(counts, noun, unit)


@register.simple_tag
def sep() -> SafeString:
    """The thin rule between items of one line."""
    return mark_safe('<span class="sep" aria-hidden="true"></span>')


# --- dates ------------------------------------------------------------------------------------------------------------


def _date(value: date | datetime | None) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _time(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


@register.filter
def day(value: date | datetime | None) -> str:
    """5月22日, with the year when it is not the current one."""
    moment = _date(value)
    if moment is None:
        return ""
    if moment.year == timezone.localdate().year:
        return f"{moment.month}月{moment.day}日"
    return fullday(moment)


@register.filter
def fullday(value: date | datetime | None) -> str:
    """2026年5月22日, for public pages, documents and letters."""
    return day_words(_date(value), "")


@register.filter
def weekday(value: date | datetime | None) -> str:
    """The day of the week: 星期三."""
    moment = _date(value)
    return f"星期{WEEKDAYS[moment.weekday()]}" if moment else ""


@register.filter
def clocktime(value: datetime | None) -> str:
    """17:30 in the current time zone."""
    return f"{_time(value):%H:%M}" if value else ""


@register.filter
def when(value: datetime | None) -> str:
    """今天 09:12, 昨天 16:05, else the day: for feeds and timelines."""
    if not value:
        return ""
    moment = _time(value)
    today = timezone.localdate()
    if moment.date() == today:
        return f"今天 {moment:%H:%M}"
    if moment.date() == today - timedelta(days=1):
        return f"昨天 {moment:%H:%M}"
    return day(moment.date())


@register.filter
def whenday(value: datetime | None) -> str:
    """今天, 昨天 or the day: the first line of a timeline's time."""
    moment = _date(value)
    if moment is None:
        return ""
    today = timezone.localdate()
    return "今天" if moment == today else "昨天" if moment == today - timedelta(days=1) else day(moment)


# --- figures and words ------------------------------------------------------------------------------------------------


@register.filter
def thousands(value: float | str | None) -> str:
    """1,286; decimals are kept as given, words such as 9,999+ pass through."""
    return "" if value is None else value if isinstance(value, str) else f"{value:,}"


@register.filter
def percent(value: float | None, places: int = 1) -> str:
    """94.6 from 0.946: one decimal, without the sign, which belongs to the layout."""
    return "" if value is None else f"{value * 100:.{places}f}"


@register.filter
def filesize_zh(size: int | None) -> str:
    """18 KB, 1.2 MB."""
    if size is None:
        return ""
    if size < 1024:
        return f"{size} 字节"
    value = size / 1024
    for unit in ("KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if value >= 10 or value == int(value) else f"{value:.1f} {unit}"


_BREAKS = re.compile(
    r"(?<=人民政府办公室)|(?<=人民政府办公厅)|(?<=人民政府)(?!办公)|(?<=委员会)(?=关于)|(?<=关于印发)|(?=《)|(?<=》)(?=.)"
    r"|(?<=办公室)(?=关于)|(?<=局)(?=关于)"
)


@register.filter
def break_title(title: str) -> SafeString:
    """A title with places to break by sense: after the issuing body and 关于印发, before 《, after 》."""
    pieces = [piece for piece in _BREAKS.split(str(title)) if piece]
    return mark_safe("<wbr>".join(conditional_escape(piece) for piece in pieces))  # noqa: S308 every piece is escaped


_FILE_ICONS = {
    **dict.fromkeys(("doc", "docx", "wps", "pdf", "txt", "ofd"), "file-text"),
    **dict.fromkeys(("xls", "xlsx", "et", "csv"), "file-spreadsheet"),
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp"), "image"),
    "mp4": "film",
    "zip": "file-archive",
    "html": "link",
}


@register.filter
def file_icon(name: str) -> str:
    """The icon's name for a file name, by its extension."""
    return _FILE_ICONS.get(str(name).rsplit(".", 1)[-1].lower(), "file")


# --- addresses --------------------------------------------------------------------------------------------------------


def query_string(request: HttpRequest, **changes: object) -> str:
    """The current parameters with changes: None removes one, a list gives several values; "?" when none are left."""
    parameters: QueryDict = request.GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        elif isinstance(value, list | tuple):
            parameters.setlist(name, [str(item) for item in value])
        else:
            parameters[name] = str(value)
    return "?" + parameters.urlencode()


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """The address of this page with changed parameters: href="{% query sort="due" page=None %}"."""
    return query_string(context["request"], **changes)


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, name: str, value: object = None) -> str:
    """Like query, for a parameter whose name is in a variable."""
    return query_string(context["request"], **{name: value})


@register.simple_tag(takes_context=True)
def preference(context: template.Context, **choices: str) -> str:
    """The address that sets a preference and comes back here: {% preference mode="elder" %}."""
    return preferences.address(context["request"], **choices)


# --- forms ------------------------------------------------------------------------------------------------------------


@register.inclusion_tag("core/forms/field.html")
def field(bound: BoundField, label: str = "", **extra: object) -> dict[str, object]:
    """One field with label, help and error: {% field form.reason %}, {% field form.reason label="理由" rows=5 %}."""
    return {"field": bound, "label": label, "extra": {name.replace("_", "-"): value for name, value in extra.items()}}


@register.simple_tag
def control(bound: BoundField, extra: dict[str, object] | None = None) -> SafeString:
    """The input itself with the classes of the look; used by the field template."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    attributes: dict[str, Any] = dict(extra or {})
    if kind not in ("checkbox", "radio", "hidden", "file"):
        attributes["class"] = " ".join(filter(None, ["in", str(widget.attrs.get("class", ""))]))
    return bound.as_widget(attrs=attributes)


@register.filter
def control_kind(bound: BoundField) -> str:
    """How a field is laid out: choice (one checkbox), choices (radio or several checkboxes), several, file or text."""
    widget = bound.field.widget
    if getattr(widget, "input_type", "") == "checkbox" and not hasattr(widget, "choices"):
        return "choice"
    if getattr(widget, "input_type", "") in ("radio", "checkbox"):
        return "choices"
    if getattr(widget, "input_type", "") == "file":
        return "file"
    return "several" if getattr(widget, "allow_multiple_selected", False) else "text"


@register.inclusion_tag("core/forms/errors.html")
def error_summary(*forms: object) -> dict[str, object]:
    """The list of everything to mend, with links; it takes the focus. Give it one form or several."""
    listed = [(bound, error) for form in forms if form for bound in form for error in bound.errors]  # type: ignore[attr-defined]
    general = [error for form in forms if form for error in form.non_field_errors()]  # type: ignore[attr-defined]
    return {"listed": listed, "general": general, "total": len(listed) + len(general)}
