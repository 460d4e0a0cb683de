"""Measures 指标: named figures over cases and events, declared beside the mechanism they measure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when a figure is asked for: a series (e.g. one notice), units, a period (end exclusive)."""

    series: str = ""
    units: tuple[int, ...] | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it stands: a share has numerator and denominator, a count only a value.

    `cases` is the query string of the list that shows the cases behind it.
    """

    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    cases: str = ""

    @property
    def words(self) -> str:
        """87件中82件, or nothing for a plain count."""
        if self.denominator is None:
            return ""
        return f"{self.denominator}件中{self.numerator}件"


@dataclass(frozen=True, slots=True)
class Measure:
    """A named figure: `unit` is 件, % or 天; `better` says which way is good."""

    name: str
    label: str
    unit: str
    compute: Callable[[Scope], Figure]
    better: str = "higher"
    help: str = ""


measures: dict[str, Measure] = {}


def measure(name: str, label: str, unit: str, *, better: str = "higher", help: str = ""):
    """Declare a function `f(scope) -> Figure` as a measure."""

    def decorate(function: Callable[[Scope], Figure]):
        measures[name] = Measure(name, label, unit, function, better, help)
        return function

    return decorate


def share(numerator: int, denominator: int, cases: str = "") -> Figure:
    """A percentage with one decimal; None when there is nothing to divide by."""
    value = round(100 * numerator / denominator, 1) if denominator else None
    return Figure(value, numerator, denominator, cases)


def met(value: float | None, op: str, target: float) -> bool | None:
    """Whether a value keeps a target such as (">=", 60); None without a value."""
    if value is None:
        return None
    return value >= target if op == ">=" else value <= target
