"""What a request may cost (信息处理费): whether this place charges at all, which request of the month it is, the amount.

The rules stand in `law.fees`; here is where they meet a request and the settings of the place.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError
from gongkai.law import fees as law
from gongkai.law.requests.decisions import DECISIONS
from gongkai.requests.models import Request

OFF = "本地区没有开始收取信息处理费，不能收费。"


def start_date() -> dt.date | None:
    """From which day on requests may be charged; None while the place does not charge."""
    text = str(jurisdiction.value("requests.fee_start")).strip()
    return dt.date.fromisoformat(text) if text else None


def restarts() -> bool:
    """Whether the reply's time begins anew with the payment here; else it goes on, without the time of waiting."""
    return jurisdiction.value("requests.fee_clock") == "restart"


def after_payment() -> str:
    """What becomes of the reply's time with the payment, in words."""
    return "重新计算" if restarts() else "接着计算"


def is_on(case: Request) -> bool:
    """Whether a request may be charged at all, by the day it was received."""
    start = start_date()
    return start is not None and case.received_on is not None and case.received_on >= start


def first_received_on(case: Request) -> dt.date:
    """The day of the first receipt: a supplement moves a request to no other month. Raises ActError while unconfirmed."""
    if case.received_on is None:
        raise ActError("还没有确认收到申请，不能计算费用。")
    return case.received_on


def number_in_month(case: Request) -> int:
    """Which request of the applicant to this body in the calendar month it is, by the order of receipt.

    The applicant is known by the fingerprint of the document number alone.
    """
    day = first_received_on(case)
    if not case.identity_mark:
        return 1
    same = Request.objects.filter(
        unit=case.unit_id,
        identity_mark=case.identity_mark,
        received_on__gte=day.replace(day=1),
        received_on__lte=day,
    ).exclude(pk=case.pk)
    # Moved to another body: it counts there.
    same = same.exclude(state="moved")
    if not jurisdiction.value("requests.fee_counts_withdrawn"):
        same = same.exclude(state="ended", decision="O3")
    earlier = [received for received, pk in same.values_list("received_on", "pk") if (received, pk) < (day, case.pk)]
    return law.number_in_month(earlier, day)


def assess(case: Request, kind: law.Kind, *, pages: int | None = None, decision: str = "") -> law.Assessment:
    """What a request costs by item or by volume. Raises ActError with a sentence when it cannot be charged this way."""
    known = decision if decision in DECISIONS else ""
    try:
        return law.assess(
            kind,
            received_on=first_received_on(case),
            start_date=start_date(),
            number=number_in_month(case) if kind == "items" else None,
            pages=pages,
            decision_code=known,
        )
    except law.FeeError as error:
        raise ActError(str(error)) from error


def threshold_words(case: Request) -> str:
    """What staff should know about the number of requests this month; empty below the first threshold or while off."""
    return law.threshold(number_in_month(case)) if is_on(case) else ""


def public_context() -> dict[str, Any]:
    """What the public page on fees shows: whether and since when, the tariffs, how to pay. For `requests/public/_fees.html`."""
    start = start_date()
    return {
        "on": start is not None,
        "start": start,
        "document": jurisdiction.value("requests.fee_document"),
        "account": jurisdiction.value("requests.fee_account"),
        "tariffs": [
            {"title": "按件计收", "unit": "件", "note": ITEMS_NOTE, "rows": ITEM_ROWS},
            {"title": "按量计收", "unit": "页", "note": PAGES_NOTE, "rows": _rows(law.PAGES, "页")},
        ],
    }


ITEMS_NOTE = "同一申请人在同一自然月内向同一行政机关提出的申请，按件数累进计算。"
PAGES_NOTE = "一件申请提供的页数（A4及以下幅面纸张的单面为一页）累进计算，不同申请不合并。"


def _rows(tariff: law.Tariff, unit: str) -> list[dict[str, str]]:
    """The brackets of a tariff as lines of a table."""
    rows, first = [], 1
    for bracket in tariff.brackets:
        if bracket.upto is None:
            span = f"第{first}{unit}及以上"
        elif first == 1:
            span = f"第1至{bracket.upto}{unit}"
        else:
            span = f"第{first}至{bracket.upto}{unit}"
        rows.append({"span": span, "price": f"{bracket.price}元/{unit}" if bracket.price else "不收费"})
        first = (bracket.upto or first) + 1
    if tariff.step:
        rows += [
            {"span": f"第{at}至{at + tariff.step - 1}{unit}", "price": f"{tariff.price(at)}元/{unit}"}
            for at in (first, first + tariff.step)
        ]
        rows.append({"span": f"以后每增加{tariff.step}{unit}", "price": f"每{unit}再加{tariff.rise}元"})
    return rows


ITEM_ROWS = _rows(law.ITEMS, "件")
