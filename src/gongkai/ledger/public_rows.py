"""The duties of a public ledger as HTML: sixty articles of many parts, put together as `core.rows` does for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from gongkai.core.rows import SEPARATOR, state, text
from gongkai.core.templatetags.gongkai import day

if TYPE_CHECKING:
    from gongkai.ledger.public_queries import Duty


def duty_row(duty: Duty, text_url: str = "") -> SafeString:
    """One duty in the list; `text_url` is the address of the notice's own words, empty where there are none."""
    task = duty.task
    number, url = task.ordinal, text(duty.url)
    who = SEPARATOR.join(f"{text(group['role'])}：{text('、'.join(group['names']))}" for group in duty.units)
    due = f'<p class="due">{text(duty.due)}</p>' if duty.due else ""
    part = text(task.part.title) if task.part else ""
    source = f'<a href="{text(text_url)}#t{number}">在原文中查看</a>' if text_url else ""
    figures = render_to_string("ledger/public/_figures.html", {"figures": duty.figures}) if duty.figures else ""
    return SafeString(
        f'<article class="duty" id="d{number}"><p class="no">{number}</p><div>'
        f'<h3><a href="{url}">{text(task.name)}</a></h3><p class="who">{who}</p>{_progress(duty, url)}'
        f'<details><summary>出自通知的哪一句</summary><blockquote class="quote">{duty.sentence}'
        f"<cite>{part} {source}</cite></blockquote></details></div>"
        f'<div class="aside"><p>{state(duty.light, duty.light_words)}</p>{due}{figures}</div></article>'
    )


def _progress(duty: Duty, url: str) -> str:
    """What was done: the office's summary where it was released, else the newest released report."""
    task, latest = duty.task, duty.latest
    if task.summary_released_at:
        said, at, who = task.summary_text, task.summary_at, f"{text(task.summary_by or '')}汇总"
        more = ""
    elif latest:
        said, at, who = latest.text, latest.reported_at, f"{text(latest.assignment.unit)}报送"
        more = f' <a class="small-p" href="{url}#units">各单位进展</a>'
    else:
        return ""
    moment = timezone.localtime(at).isoformat() if at else ""
    return f'<div class="prog"><p>{text(said)}</p><p><time datetime="{moment}">{day(at)} {who}</time>{more}</p></div>'


def unit_options(units: list[tuple[str, str]], chosen: str = "") -> SafeString:
    """The options of a select from (code, name)."""
    return SafeString(
        "".join(
            f'<option value="{text(code)}"{" selected" if code == chosen else ""}>{text(name)}</option>'
            for code, name in units
        )
    )
