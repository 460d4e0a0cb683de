"""The processing fee (信息处理费): tariffs, what one application costs, which month it counts in.

《政府信息公开信息处理费管理办法》 (国办函〔2020〕109号, in force since 2021-01-01): an agency charges an application by
item or by volume, never both; both tariffs are progressive by bracket. The fee steers behaviour: it may be charged from
the eleventh request of a month, nobody must charge it, and it stays off until the jurisdiction's start date.
All amounts are whole 元.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from gongkai.law.requests.decisions import decision

Kind = Literal["items", "pages"]
KIND_LABELS: Final = {"items": "按件计收", "pages": "按量计收"}
UNIT_LABELS: Final = {"items": "件", "pages": "页"}


class FeeError(ValueError):
    """The fee cannot be assessed this way; the sentence says why."""


class Bracket(NamedTuple):
    """`price` 元 for each unit up to and including the `upto`-th; None for all that follow."""

    upto: int | None
    price: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """Marginal brackets (超额累进); behind the last bounded one the price rises by `rise` with each further `step`.

    Raises ValueError when the brackets do not ascend or leave units without a price.
    """

    brackets: tuple[Bracket, ...]
    step: int = 0
    rise: int = 0

    def __post_init__(self) -> None:
        bounds = [item.upto for item in self.brackets[:-1]]
        last = self.brackets[-1].upto if self.brackets else None
        known = [bound for bound in (*bounds, last) if bound is not None]
        if not self.brackets or None in bounds or any(a >= b for a, b in pairwise(known)):
            raise ValueError("收费标准的档次要从低到高排列。")
        if (last is None) == bool(self.step) or any(item.price < 0 for item in self.brackets):
            raise ValueError("收费标准没有写全：最后一档要么不封顶，要么写明以后每增加多少怎样加价。")

    def price(self, n: int) -> int:
        """Price of the n-th unit, n from 1. Raises ValueError below."""
        if n < 1:
            raise ValueError("从第1件（页）算起。")
        for bracket in self.brackets:
            if bracket.upto is None or n <= bracket.upto:
                return bracket.price
        last = self.brackets[-1]
        return last.price + self.rise * -(-(n - (last.upto or 0)) // self.step)

    def total(self, n: int) -> int:
        """Sum of the prices of the first n units. Raises ValueError for a negative number."""
        return sum(line.amount for line in self.lines(1, n))

    def lines(self, first: int, last: int) -> list[FeeLine]:
        """The units first to last by price, as printed on the notice: from, to, price, amount. Empty if last < first."""
        if first < 1 or last < 0:
            raise ValueError("件数、页数不能是负数。")
        found: list[FeeLine] = []
        at = first
        while at <= last:
            until = min(self._end(at), last)
            found.append(FeeLine(at, until, self.price(at)))
            at = until + 1
        return found

    def _end(self, n: int) -> int:
        """The last unit of the bracket that unit n lies in; a large number when there is none."""
        for bracket in self.brackets:
            if bracket.upto is None:
                return 10**9
            if n <= bracket.upto:
                return bracket.upto
        top = self.brackets[-1].upto or 0
        return top + -(-(n - top) // self.step) * self.step


class FeeLine(NamedTuple):
    """Units first to last at one price."""

    first: int
    last: int
    price: int

    @property
    def amount(self) -> int:
        return (self.last - self.first + 1) * self.price


ITEMS: Final = Tariff((Bracket(10, 0), Bracket(30, 100)), step=10, rise=100)
PAGES: Final = Tariff((Bracket(30, 0), Bracket(100, 10), Bracket(200, 20), Bracket(None, 40)))
NOTICE_AT: Final = 8
CHARGE_FROM: Final = 11


def items_total(n: int, tariff: Tariff = ITEMS) -> int:
    """What n requests of one applicant to one agency in one calendar month cost together, by item."""
    return tariff.total(n)


def item_price(n: int, tariff: Tariff = ITEMS) -> int:
    """What the n-th request of the month costs, by item."""
    return tariff.price(n)


def pages_total(p: int, tariff: Tariff = PAGES) -> int:
    """What p pages (A4 or smaller, one side) in one application cost; applications are not added together."""
    return tariff.total(p)


def month_of(first_received_on: date) -> tuple[int, int]:
    """Year and month a request counts in: that of the first receipt. A supplement moves it to no other month."""
    return first_received_on.year, first_received_on.month


def number_in_month(earlier: Sequence[date], first_received_on: date) -> int:
    """Which request of the month this one is, given the days of receipt of the applicant's earlier ones."""
    return 1 + sum(1 for day in earlier if month_of(day) == month_of(first_received_on))


def threshold(n: int, notice_at: int = NOTICE_AT, charge_from: int = CHARGE_FROM) -> str:
    """What staff should know about the n-th request of an applicant in a month; empty below the first threshold."""
    if n >= charge_from:
        return f"这是该申请人本月的第{n}件申请，可以决定是否收取信息处理费。"
    if n >= notice_at:
        return f"这是该申请人本月的第{n}件申请；从第{charge_from}件起可以收取信息处理费。"
    return ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an application costs and why. `is_charged` False: nothing to pay, `reason` says why."""

    kind: Kind
    amount: int
    lines: tuple[FeeLine, ...] = ()
    reason: str = ""

    @property
    def is_charged(self) -> bool:
        return self.amount > 0

    @property
    def words(self) -> str:
        """The calculation in one sentence, for the notice."""
        if not self.is_charged:
            return self.reason or f"{KIND_LABELS[self.kind]}，本件在免费范围内，不收费。"
        unit = UNIT_LABELS[self.kind]
        if self.kind == "items":
            line = self.lines[0]
            return f"按件计收：本月第{line.first}件，每件{line.price}元，应缴{self.amount}元。"
        parts = [
            f"第{line.first}至{line.last}页每{unit}{line.price}元，计{line.amount}元"
            if line.last > line.first
            else f"第{line.first}页{line.price}元"
            for line in self.lines
            if line.price
        ]
        return f"按量计收：{'；'.join(parts)}。应缴{self.amount}元。"


# Volume is charged only where something is supplied: not for pointing to what is public already (G-a).
_SUPPLYING: Final = frozenset({"G-b", "P"})


def assess(
    kind: Kind,
    *,
    received_on: date,
    start_date: date | None,
    number: int | None = None,
    pages: int | None = None,
    decision_code: str = "",
    exemption: str = "",
    items: Tariff = ITEMS,
    volume: Tariff = PAGES,
) -> Assessment:
    """What one application costs.

    Args:
        kind: by item or by volume: one of them, never both for one application.
        received_on: day of its first receipt.
        start_date: from which day the jurisdiction charges; None while it does not.
        number: which request of the applicant in the month it is (by item only).
        pages: pages supplied (by volume only).
        decision_code: the result, if known; by item fits every one, by volume only those that supply something.
        exemption: why this application is exempt; empty if it is not.

    Raises FeeError when both or neither of number and pages are given, when the kind does not fit the decision, or for
    numbers below one (pages: below zero).
    """
    units = number if kind == "items" else pages
    other = pages if kind == "items" else number
    if other is not None:
        raise FeeError("一件申请只能按件或者按量收费，不能同时收。")
    if units is None or units < (1 if kind == "items" else 0):
        raise FeeError("请填写这是本月第几件申请。" if kind == "items" else "请填写提供的页数。")
    if kind == "pages" and decision_code:
        if decision(decision_code).code == "G-a":
            raise FeeError("已主动公开的信息只是告知途径，没有提供材料，不能按量收费。")
        if decision_code not in _SUPPLYING:
            raise FeeError("这种答复没有提供材料，不能按量收费。")
    if start_date is None or received_on < start_date:
        return Assessment(kind, 0, reason="收到申请时本地区还没有开始收费，不收费。")
    if exemption.strip():
        return Assessment(kind, 0, reason=f"免收：{exemption.strip()}。")
    lines = items.lines(units, units) if kind == "items" else volume.lines(1, units)
    return Assessment(kind, sum(line.amount for line in lines), tuple(lines))
