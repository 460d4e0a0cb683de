"""What the public pages of key areas ask. Only `Entry`, its public versions and the datasets' own words are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from gongkai.publications.areas import catalog, values
from gongkai.publications.areas.catalog.model import Chart, Field, Template, Type
from gongkai.publications.areas.models import Dataset, Entry, EntryVersion, OwnTemplate

PAGE_SIZE = 50
MOST_EXPORTED = 20_000
MOST_BARS = 12
SERIES = 4


def template_of(code: str) -> Template | None:
    """A template by its code, shipped or made by the office."""
    if code in catalog.TEMPLATES:
        return catalog.TEMPLATES[code]
    own = OwnTemplate.objects.filter(code=code).first()
    return own.template if own else None


def public_datasets(code: str = "") -> list[Dataset]:
    """Datasets of which the public can read something, those of one template or all."""
    rows = Dataset.objects.filter(row_count__gt=0).select_related("unit", "own").order_by("code", "unit__path")
    return list(rows.filter(code=code) if code else rows)


@dataclass(slots=True)
class Shelf:
    """One template on the index: how many rows, of how many units, when last renewed."""

    template: Template
    url: str
    rows: int = 0
    units: int = 0
    updated_at: dt.datetime | None = None


def shelves() -> list[tuple[str, str, list[Shelf]]]:
    """(code, words, shelves) of each area that holds something; one query."""
    found: dict[str, Shelf] = {}
    for held in public_datasets():
        shelf = found.get(held.code)
        if shelf is None:
            base = catalog.TEMPLATES.get(held.code) or held.template
            shelf = found[held.code] = Shelf(base, reverse("areas-public:list", args=[held.code]))
        shelf.rows += held.row_count
        shelf.units += 1
        if held.updated_at and (shelf.updated_at is None or held.updated_at > shelf.updated_at):
            shelf.updated_at = held.updated_at
    order = list(catalog.TEMPLATES)
    place = {code: at for at, code in enumerate(order)}
    return [
        (area, words, mine)
        for area, words in catalog.AREAS.items()
        if (
            mine := sorted(
                (shelf for shelf in found.values() if shelf.template.area == area),
                key=lambda shelf: place.get(shelf.template.code, len(order)),
            )
        )
    ]


def home_part() -> dict[str, Any] | None:
    """For the home page: the areas that hold something and how many rows each; None when nothing is public."""
    areas = shelves()
    if not areas:
        return None
    lines = [{"code": code, "words": words, "rows": sum(one.rows for one in mine)} for code, words, mine in areas]
    return {"areas": lines}


# --- the list --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Chosen:
    """The conditions of a list, understood: column -> value, and the field or word that the chip shows."""

    unit: int | None = None
    year: int | None = None
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.unit or self.year or self.choices)


def chosen_of(template: Template, parameters: Mapping[str, str], units: Iterable[int]) -> Chosen:
    """The conditions an address asks for; whatever is not understood is passed over."""
    chosen = Chosen()
    unit, year = parameters.get("unit", ""), parameters.get("year", "")
    if unit.isascii() and unit.isdigit() and len(unit) < 10 and int(unit) in set(units):
        chosen.unit = int(unit)
    if year.isascii() and year.isdigit() and len(year) == 4:
        chosen.year = int(year)
    for one in template.filters:
        value = parameters.get(one.name, "")
        if value and value in options_of(one):
            chosen.choices[one.name] = value
    return chosen


def options_of(one: Field) -> tuple[str, ...]:
    """The words a filter offers."""
    return one.choices or ("是", "否")


def entries_of(template: Template, chosen: Chosen) -> QuerySet[Entry]:
    """The public rows of a template that meet the conditions."""
    rows = Entry.objects.filter(code=template.code, published=True)
    if chosen.unit:
        rows = rows.filter(unit=chosen.unit)
    if chosen.year:
        rows = rows.filter(year=chosen.year)
    for number, one in enumerate(template.filters, 1):
        if one.name in chosen.choices:
            rows = rows.filter(**{f"choice{number}": chosen.choices[one.name]})
    return rows


def page_of(rows: QuerySet[Entry], after: str, size: int = PAGE_SIZE) -> tuple[list[Entry], str]:
    """The rows after a cursor, newest first, and the cursor of the next page (empty at the end)."""
    place = _read_cursor(after)
    if place is not None:
        day, pk = place
        rows = rows.filter(Q(day__lte=day), Q(day__lt=day) | Q(pk__lt=pk))
    found = list(rows.order_by("-day", "-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return found, f"{found[-1].day:%Y%m%d}-{found[-1].pk}" if more else ""


def _read_cursor(text: str) -> tuple[dt.date, int] | None:
    stamp, _, number = text.partition("-")
    if not (len(stamp) == 8 and stamp.isascii() and stamp.isdigit() and number.isascii() and number.isdigit()):
        return None
    try:
        return dt.date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:])), int(number[:18])
    except ValueError:
        return None


def years_of(code: str) -> list[int]:
    """The years that have rows, newest first."""
    rows = Entry.objects.filter(code=code, published=True, year__isnull=False)
    return [year for year in rows.order_by("-year").values_list("year", flat=True).distinct()[:60] if year]


def totals(rows: QuerySet[Entry]) -> tuple[int, Decimal | None]:
    """How many rows, and the sum of the template's figure."""
    found = rows.aggregate(number=Count("pk"), total=Sum("amount"))
    return found["number"], found["total"]


# --- charts ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Drawn:
    """A chart ready to be drawn: labels of the bars, names of the series, figures by (bar, series)."""

    chart: Chart
    labels: list[str]
    series: list[str]
    figures: dict[tuple[str, str], Decimal]
    unit: str
    upright: bool


def summary(template: Template, rows: QuerySet[Entry]) -> tuple[int, Decimal | None, Drawn | None]:
    """How many rows, the sum of the template's figure, and its chart if there is something to compare; one query."""
    if not template.charts:
        return (*totals(rows), None)
    chart = template.charts[0]
    by, split = _column(template, chart.by), _column(template, chart.split)
    columns = [by, *([split] if split else [])]
    found = list(rows.order_by().values_list(*columns).annotate(number=Count("pk"), total=Sum("amount")))
    number = sum(line[-2] for line in found)
    known = [Decimal(line[-1]) for line in found if line[-1] is not None]
    total = sum(known, Decimal()) if known else None
    sums: dict[tuple[str, str], Decimal] = {}
    for line in found:
        label, name = str(line[0] or "未填"), str(line[1] or "未填") if split else ""
        figure = line[-1] if chart.summed else line[-2]
        sums[label, name] = sums.get((label, name), Decimal()) + Decimal(figure or 0)
    labels = _labels(template, chart.by, {label for label, _ in sums})
    if not labels or not any(sums.values()):
        return number, total, None
    names = _labels(template, chart.split, {name for _, name in sums}) if split else [""]
    unit = template.by_name[template.amount].said_unit if chart.summed else "条"
    return number, total, Drawn(chart, labels[-MOST_BARS:], names, sums, unit, by == "year")


def _column(template: Template, name: str) -> str:
    """The column of `Entry` that repeats a field."""
    if not name:
        return ""
    if name == template.year or name == "year":
        return "year"
    for number, one in enumerate(template.filters, 1):
        if one.name == name:
            return f"choice{number}"
    raise ValueError(f"{template.code}: a chart cannot go by {name}")


def _labels(template: Template, name: str, found: set[str]) -> list[str]:
    one = template.by_name.get(name)
    order = list(options_of(one)) if one is not None and one.filter else []
    known = [label for label in order if label in found]
    return [*known, *sorted(found - set(known))]


# --- one row, projects -----------------------------------------------------------------------------------------------


def history_of(entry: Entry) -> list[EntryVersion]:
    """The public versions of a row, newest first, without what is for staff."""
    return list(entry.versions.filter(public=True).select_related("batch").defer("values")[:50])


@dataclass(slots=True)
class Change:
    """What one version changed against the one before: (label, before, after)."""

    version: EntryVersion
    lines: list[tuple[str, str, str]]


def changes_of(template: Template, versions: list[EntryVersion]) -> list[Change]:
    """Each version with what it changed; the first one has no lines."""
    found = []
    for at, version in enumerate(versions):
        before = versions[at + 1].shown if at + 1 < len(versions) else None
        lines = []
        for one in template.seen if before is not None else ():
            old, new = values.words_of(one, before.get(one.name)), values.words_of(one, version.shown.get(one.name))
            if old != new:
                lines.append((one.label, old or "（空）", new or "（空）"))
        found.append(Change(version, lines))
    return found


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a row as it is read: label, words, and where the words lead if they are a link."""

    label: str
    words: str
    url: str


@dataclass(slots=True)
class Stage:
    """One stage of a project with the rows of all units."""

    name: str
    entries: list[tuple[Entry, list[Fact]]]

    @property
    def last_day(self) -> dt.date | None:
        """The day of its newest row."""
        return max((entry.day for entry, _ in self.entries), default=None)


@dataclass(slots=True)
class Project:
    """The life of a project across units: its own row, the stages in order, and what else joins on its code."""

    code: str
    title: str
    main: Entry | None
    facts: list[Fact]
    stages: list[Stage]
    others: list[tuple[Entry, list[Fact]]]
    units: list[str]


def project(code: str) -> Project | None:
    """Everything public on a project; one query. None when there is nothing."""
    rows = Entry.objects.filter(project=code, published=True).exclude(project="")
    entries = list(rows.select_related("dataset", "dataset__own", "unit").order_by("day", "pk")[:500])
    if not entries:
        return None
    main = next((entry for entry in reversed(entries) if entry.code == catalog.PROJECT_MAIN), None)
    stages = {name: Stage(name, []) for name in catalog.PROJECT_STAGES.values()}
    others = []
    for entry in entries:
        line = (entry, facts_of(entry))
        if entry.code in catalog.PROJECT_STAGES:
            stages[catalog.PROJECT_STAGES[entry.code]].entries.append(line)
        elif entry.code != catalog.PROJECT_MAIN:
            others.append(line)
    named = main or entries[0]
    units = list(dict.fromkeys(str(entry.unit) for entry in entries))
    return Project(code, named.title, main, facts_of(main) if main else [], list(stages.values()), others, units)


def facts_of(entry: Entry) -> list[Fact]:
    """A row's public fields for the page of its project: without what stands in the heading."""
    template = entry.dataset.template
    skipped = {"name", template.project, template.day}
    return [
        Fact(one.head if one.numeric else one.label, said, address_of(one, entry.shown.get(one.name)))
        for one, said in values.words_of_row(template, entry.shown)
        if one.name not in skipped
    ]


def address_of(one: Field, value: Any) -> str:
    """Where a link leads: the document here, or the address itself; empty for any other cell."""
    if one.type != Type.LINK or not isinstance(value, dict):
        return ""
    return reverse("information:document", args=[value["id"]]) if "id" in value else str(value.get("url", ""))


def projects(after: str, size: int = PAGE_SIZE) -> tuple[list[dict[str, Any]], str, int]:
    """The registered projects, newest first, each with the stages that have something; two queries and a count."""
    rows = Entry.objects.filter(code=catalog.PROJECT_MAIN, published=True).select_related("unit")
    found, cursor = page_of(rows, after, size)
    joined = Entry.objects.filter(project__in=[entry.project for entry in found], published=True).exclude(project="")
    reached: dict[str, set[str]] = {}
    for code, of in joined.values_list("project", "code").distinct():
        if of in catalog.PROJECT_STAGES:
            reached.setdefault(code, set()).add(catalog.PROJECT_STAGES[of])
    order = list(catalog.PROJECT_STAGES.values())
    lines = []
    for entry in found:
        here = [name for name in order if name in reached.get(entry.project, set())]
        lines.append({"entry": entry, "stages": here, "latest": here[-1] if here else ""})
    return lines, cursor, rows.count()


def addresses() -> list[tuple[str, Any]]:
    """For the sitemap: the lists and the single rows, newest first."""
    found: list[tuple[str, Any]] = [(reverse("areas-public:index"), None)]
    latest: dict[str, Any] = {}
    for held in public_datasets():
        latest[held.code] = max(filter(None, (latest.get(held.code), held.updated_at)), default=None)
    found += [(reverse("areas-public:list", args=[code]), at) for code, at in latest.items()]
    newest = Entry.objects.filter(published=True).order_by("-pk").only("pk", "code", "changed_at")[:5000]
    found += [(entry.get_absolute_url(), entry.changed_at) for entry in newest]
    return found
