"""The public pages of key areas."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.core import charts, listing, transparency
from gongkai.core import pages as kept
from gongkai.core.portal import portal_shell
from gongkai.publications.areas import catalog, outward, public_queries, tags, values
from gongkai.publications.areas.catalog.model import Template
from gongkai.publications.areas.export import FORMS, export
from gongkai.publications.areas.models import Batch, Entry
from gongkai.publications.areas.public_queries import SERIES, Chosen, Drawn

HOME = {"label": "首页", "url": "/"}
MOST_YEARS = 12
REST = "其他各项"


def _crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    rows = [HOME, {"label": "重点领域", "url": reverse("areas-public:index")}]
    return [*rows, *({"label": label, "url": url} for label, url in more)]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every template that holds something, by area."""
    kept.tag(request, tags.INDEX)
    areas = public_queries.shelves()
    context = portal_shell(
        request,
        crumbs=[HOME, {"label": "重点领域"}],
        areas=areas,
        total=sum(shelf.rows for _, _, shelves in areas for shelf in shelves),
        has_projects=any(shelf.template.code == catalog.PROJECT_MAIN for _, _, held in areas for shelf in held),
    )
    return render(request, "areas/public/index.html", context)


def _template(code: str) -> Template:
    template = public_queries.template_of(code)
    if template is None:
        raise Http404("没有这个栏目。")
    return template


@require_safe
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """The rows of a template: filters, totals, chart, table, what is behind it."""
    template = _template(code)
    datasets = public_queries.public_datasets(code)
    if not datasets:
        raise Http404("这个栏目还没有公开的数据。")
    units = {held.unit_id: str(held.unit) for held in datasets}
    chosen = public_queries.chosen_of(template, request.GET, units)
    _keep(request, template, code, chosen)
    found = public_queries.entries_of(template, chosen)
    after = request.GET.get("after", "")
    entries, cursor = public_queries.page_of(found.select_related("unit"), after)
    number, total, drawn = public_queries.summary(template, found)
    context = portal_shell(
        request,
        crumbs=_crumbs((template.title, "")),
        template=template,
        area=catalog.AREAS.get(template.area, ""),
        table=_table(template, entries, several=len(units) > 1),
        number=number,
        total=_total_words(template, total),
        chart=_draw(drawn) if drawn else None,
        chips=_chips(request, template, units, public_queries.years_of(code)),
        chosen=chosen,
        datasets=datasets,
        explanations=[held for held in datasets if held.explanation],
        exports=[
            {"label": words, "url": _export_url(request, code, form)}
            for form, words in (("xlsx", "Excel"), ("csv", "CSV"), ("json", "JSON"))
        ],
        updated_at=max((held.updated_at for held in datasets if held.updated_at), default=None),
        checked_at=max((held.checked_at for held in datasets if held.checked_at), default=None),
        due_on=min((held.due_on for held in datasets if held.due_on), default=None),
        next_url=listing.address(request.GET, after=cursor) if cursor else "",
        first_url=listing.address(request.GET) if after else "",
        projects_url=reverse("areas-public:projects") if template.project else "",
    )
    return render(request, "areas/public/list.html", context)


def _keep(request: HttpRequest, template: Template, code: str, chosen: Chosen) -> None:
    """The page may be kept with conditions that were understood; with anything else it is made anew."""
    kept.tag(request, tags.area(code))
    understood = {"unit"} if chosen.unit else set()
    understood |= {"year"} if chosen.year else set()
    kept.query(request, *understood, *chosen.choices)


def _total_words(template: Template, total: Any) -> str:
    """金额合计1,234.5万元; nothing without a figure to add up."""
    if total is None or not template.amount:
        return ""
    field = template.by_name[template.amount]
    return f"{field.label}合计{values.figure_words(values.plain(total))}{field.said_unit}"


def _table(template: Template, entries: list[Entry], *, several: bool) -> dict[str, Any]:
    """The rows as core/parts/table.html shows them: heading first, then the listed fields."""
    columns = [one for one in template.listed if one.name != template.heading]
    heads: list[dict[str, Any]] = [{"label": template.by_name[template.heading].label}]
    heads += [{"label": one.head, "number": one.numeric} for one in columns]
    if several:
        heads.append({"label": "公开单位"})
    lines = []
    for entry in entries:
        cells: list[dict[str, Any]] = [{"words": entry.title, "url": entry.get_absolute_url()}]
        for one in columns:
            cells.append({"words": values.words_of(one, entry.shown.get(one.name)) or "–", "number": one.numeric})
        if several:
            cells.append({"words": str(entry.unit)})
        lines.append({"cells": cells})
    return {"caption": template.title, "heads": heads, "rows": lines}


def _chips(request: HttpRequest, template: Template, units: dict[int, str], years: list[int]) -> list[dict[str, Any]]:
    """The filters of the list; those with one value only are left out."""
    choices = []
    if len(units) > 1:
        choices.append(listing.Choice("unit", "单位", [(str(pk), name) for pk, name in units.items()]))
    if len(years) > 1:
        choices.append(listing.Choice("year", "年份", [(str(year), f"{year}年") for year in years[:MOST_YEARS]]))
    choices += [
        listing.Choice(one.name, one.label, [(word, word) for word in public_queries.options_of(one)])
        for one in template.filters
    ]
    return listing.chips(request, choices)


def _draw(drawn: Drawn) -> dict[str, Any]:
    """The chart with its heading: bars by year; lying bars where the words of a choice are too long to stand below."""
    names, figures = list(drawn.series), dict(drawn.figures)
    if len(names) > SERIES:
        rest = names[SERIES - 1 :]
        for label in drawn.labels:
            figures[label, REST] = sum((figures.get((label, name), Decimal()) for name in rest), Decimal())
        names = [*names[: SERIES - 1], REST]
    said = [name or drawn.unit for name in names]
    title = f"{drawn.chart.title}（{drawn.unit}）" if drawn.unit not in drawn.chart.title else drawn.chart.title
    lines = [[figures.get((label, name), Decimal()) for name in names] for label in drawn.labels]
    if drawn.upright:
        bars = [
            charts.Column(label, tuple(round(one) for one in line))
            for label, line in zip(drawn.labels, lines, strict=True)
        ]
        shape = charts.stacked_bars(bars, said, title, f"{title}，具体数字见数据表。", drawn.unit)
    else:
        sums = [sum(line, Decimal()) for line in lines]
        top = float(max(sums))
        shape = format_html_join(
            "",
            '<div class="area-bar"><span>{}</span>{}<b class="num">{}</b></div>',
            (
                (label, charts.bullet(float(total), maximum=top), values.figure_words(values.plain(total)))
                for label, total in zip(drawn.labels, sums, strict=True)
            ),
        )
    table = charts.data_table(
        ["", *said],
        [
            (label, *(values.figure_words(values.plain(one)) for one in line))
            for label, line in zip(drawn.labels, lines, strict=True)
        ],
        title,
    )
    return {"title": title, "shape": shape, "table": table}


def _export_url(request: HttpRequest, code: str, form: str) -> str:
    address = listing.address(request.GET)
    return reverse("areas-public:export", args=[code, form]) + (address if address != "?" else "")


@require_safe
def download(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """The rows that the list shows, as a file."""
    if form not in FORMS:
        raise Http404
    template = _template(code)
    units = [held.unit_id for held in public_queries.public_datasets(code)]
    if not units:
        raise Http404("这个栏目还没有公开的数据。")
    chosen = public_queries.chosen_of(template, request.GET, units)
    data = export(template, public_queries.entries_of(template, chosen), form)
    return _file(data, f"{template.title}.{form}", FORMS[form])


def _file(data: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def entry(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One row with its history; what was withdrawn leaves a note."""
    held = get_object_or_404(Entry.objects.select_related("dataset", "dataset__own", "unit"), pk=pk, code=code)
    template = held.dataset.template
    kept.tag(request, tags.dataset(held.dataset_id))
    list_url = reverse("areas-public:list", args=[code])
    crumbs = _crumbs((template.title, list_url), ("已撤回" if not held.published else held.title, ""))
    if not held.published:
        context = portal_shell(request, crumbs=crumbs, template=template, held=held, list_url=list_url)
        return render(request, "areas/public/withdrawn.html", context, status=410)
    versions = public_queries.history_of(held)
    context = portal_shell(
        request,
        crumbs=crumbs,
        template=template,
        held=held,
        fields=[
            {"field": one, "words": said, "url": public_queries.address_of(one, held.shown.get(one.name))}
            for one, said in values.words_of_row(template, held.shown)
        ],
        masked=any(one.shown == "masked" and one.name in held.shown and not one.when for one in template.seen),
        changes=public_queries.changes_of(template, versions),
        source=next((version.batch.source_document for version in versions if version.batch.source_document), ""),
        proof_url=transparency.address_of(outward.subject_of(versions[0].batch)) if versions else "",
        list_url=list_url,
        project_url=reverse("areas-public:project", args=[held.project]) if held.project else "",
    )
    return render(request, "areas/public/entry.html", context)


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """The major projects and how far each has come."""
    kept.tag(request, tags.PROJECTS)
    lines, cursor, number = public_queries.projects(request.GET.get("after", ""))
    context = portal_shell(
        request,
        crumbs=_crumbs(("项目全过程", "")),
        lines=lines,
        number=number,
        stages=list(catalog.PROJECT_STAGES.values()),
        next_url=listing.address(request.GET, after=cursor) if cursor else "",
    )
    return render(request, "areas/public/projects.html", context)


@require_safe
def project(request: HttpRequest, code: str) -> HttpResponse:
    """The whole life of one project: every unit's records on one page, stage by stage."""
    found = public_queries.project(code)
    if found is None:
        raise Http404("没有这个项目的公开信息。")
    kept.tag(request, tags.project(code))
    context = portal_shell(
        request,
        crumbs=_crumbs(("项目全过程", reverse("areas-public:projects")), (found.title, "")),
        found=found,
    )
    return render(request, "areas/public/project.html", context)


@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The public rows of a batch, byte for byte as the transparency log commits to them."""
    held = get_object_or_404(Batch.objects.select_related("dataset", "dataset__own", "unit"), pk=pk)
    if not held.file_digest:
        raise Http404("这批数据没有公开，或者已经撤回。")
    return _file(outward.data_of(held), f"{held.number}.json", "application/json")
