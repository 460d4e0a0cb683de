"""What the applicant may do against a result, by when, and the words of it in the reply.

《行政复议法》 (2023) articles 20, 22-24, 34; 《行政诉讼法》 (2017) articles 45, 46; 法释〔2025〕8号. Periods of days and
months: the first day is not counted, an end on a day off moves to the first working day (《民事诉讼法》 art 85, 民法典
art 202).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from gongkai.law.clock import Rule
from gongkai.law.requests.decisions import DEFAULT_RECONSIDERATION_FIRST, decision, reconsideration_comes_first
from gongkai.law.workdays import Calendar

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "reconsideration": Rule("day", 60, basis="行政复议法第二十条", trigger="收到答复"),
        "suit": Rule("month", 6, basis="行政诉讼法第四十六条", trigger="收到答复"),
        "suit_after_reconsideration": Rule("day", 15, basis="行政诉讼法第四十五条", trigger="收到复议决定"),
        "acceptance": Rule("workday", 5, basis="行政复议法第三十条", trigger="收到复议申请"),
        "forwarding_simple": Rule("workday", 3, basis="行政复议法第五十四条", trigger="受理复议申请"),
        "answer_simple": Rule("workday", 5, basis="行政复议法第五十四条", trigger="收到复议申请书副本"),
        "decision_simple": Rule("day", 30, basis="行政复议法第六十二条", trigger="受理复议申请"),
        "decision": Rule("day", 60, basis="行政复议法第六十二条", trigger="受理复议申请"),
    }
)
"""Clocks of reconsideration and litigation; `answer_simple` is the agency's own answer in the simple procedure."""


def reconsideration_last_day(received: date, calendar: Calendar) -> date:
    """Last day to apply for reconsideration: 60 days from the day the reply was received (art 20)."""
    return calendar.add_days(received, 60)


def suit_last_day(received: date, calendar: Calendar) -> date:
    """Last day of a suit without reconsideration: 6 months from the day the reply was received (art 46)."""
    return calendar.add_months(received, 6)


def suit_after_reconsideration_last_day(received: date, calendar: Calendar) -> date:
    """Last day of a suit against a reconsideration decision: 15 days from its receipt (art 45)."""
    return calendar.add_days(received, 15)


def remedy_paragraph(
    decision_code: str,
    *,
    organ: str,
    court: str,
    served_online: bool = False,
    online_address: str = "",
    reconsideration_first: frozenset[str] = DEFAULT_RECONSIDERATION_FIRST,
) -> str:
    """The remedy paragraph (救济告知) of the letter that tells this result.

    Args:
        organ: the body that reconsiders; for a department the government at its level (本级人民政府).
        court: the court of first instance.
        served_online: the reply is served electronically; then it must also give the online way to apply (art 22, 2).
        online_address: that way: an address or the name of a platform.
        reconsideration_first: rows for which reconsideration comes before a suit.

    Raises ValueError for an unknown code, an empty organ or court, or a missing online way.
    """
    found = decision(decision_code)
    if not organ.strip() or not court.strip():
        raise ValueError("救济告知要写明行政复议机关和法院。请先在设置里填写。")
    if served_online and not online_address.strip():
        raise ValueError("网上送达的答复要写明网上申请行政复议的途径。请先在设置里填写。")
    letter = "本答复" if found.letter == "L13" else "本告知"
    if reconsideration_comes_first(decision_code, reconsideration_first):
        subject = f"{letter}中不予公开的部分" if found.code == "P" else letter
        text = (
            f"如对{subject}不服，应当先申请行政复议：可以自收到{letter}之日起60日内向{organ}申请行政复议；"
            f"对行政复议决定不服的，可以自收到行政复议决定书之日起15日内向{court}提起行政诉讼。"
        )
    else:
        text = (
            f"如对{letter}不服，可以自收到{letter}之日起60日内向{organ}申请行政复议，"
            f"也可以自收到{letter}之日起6个月内向{court}提起行政诉讼。"
        )
    if served_online:
        text += f"行政复议也可以在网上申请：{online_address}。"
    return text
