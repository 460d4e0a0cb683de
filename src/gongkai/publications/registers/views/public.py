"""Public pages: the list of bodies, a body's own page, its guide, catalog and negative list in every version."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import pages as cache
from gongkai.core import transparency
from gongkai.publications import catalog as trees
from gongkai.publications.models import CatalogColumn
from gongkai.publications.pages import CATALOG, shell
from gongkai.publications.registers import outward, queries
from gongkai.publications.registers.models import (
    GUIDE_ELEMENTS,
    Catalog,
    DisclosureBody,
    Guide,
    NegativeList,
    RegisterVersion,
)

MOST_BODIES = 1000


def _crumbs(*rows: tuple[str, str]) -> list[dict[str, str]]:
    found = [("首页", "/"), ("政府信息公开", reverse("information:disclosure")), *rows]
    return [{"label": label, "url": url} for label, url in found]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """公开义务主体: one list of all bodies with each one's catalog and guide (004-3b)."""
    cache.tag(request, "bodies")
    bodies = list(queries.confirmed_bodies().order_by("unit__ordinal", "unit__pk")[:MOST_BODIES])
    versions = queries.current_versions([body.unit_id for body in bodies])
    groups = []
    for label, kinds in trees.GROUPS:
        rows: list[dict[str, Any]] = [
            {"body": body, "unit": body.unit, "versions": versions.get(body.unit_id, {})}
            for body in bodies
            if body.unit.kind in kinds
        ]
        for row in rows:
            row["guide"] = row["versions"].get(Guide.KIND)
            row["catalog"] = row["versions"].get(Catalog.KIND)
            row["negative"] = row["versions"].get(NegativeList.KIND)
        if rows:
            groups.append((label, rows))
    context = shell(
        request,
        groups=groups,
        number=len(bodies),
        crumbs=_crumbs(("公开义务主体", "")),
        column_name="公开义务主体",
    )
    return render(request, "registers/public/index.html", context)


@require_safe
def body(request: HttpRequest, code: str) -> HttpResponse:
    """One body: the fixed four parts, guide, rules, statutory contents, annual reports (004-4)."""
    found = get_object_or_404(queries.confirmed_bodies(), unit__code=code)
    unit = found.unit
    cache.tag(request, f"body:{unit.pk}", f"unit:{unit.pk}", "documents", CATALOG)
    branches = trees.branches_of(unit)
    parts = {part.part: part for part in trees.four_parts(branches, unit)}
    versions = queries.current_versions([unit.pk]).get(unit.pk, {})
    context = shell(
        request,
        body=found,
        unit=unit,
        guide=versions.get(Guide.KIND),
        catalog=versions.get(Catalog.KIND),
        negative=versions.get(NegativeList.KIND),
        openness_rules=[line for line in queries.rules_of([found.pk])[found.pk] if line["rule"]],
        rules=parts[CatalogColumn.Part.RULES],
        annual=parts[CatalogColumn.Part.ANNUAL],
        statutory=trees.statutory(branches),
        crumbs=_crumbs(("公开义务主体", reverse("bodies:index")), (str(unit), "")),
        telephone=unit.telephone,
        column_name=f"{unit.name}政府信息公开",
    )
    return render(request, "registers/public/body.html", context)


def _version(request: HttpRequest, kind: str, code: str, number: int) -> tuple[RegisterVersion, dict[str, Any]]:
    """A version with the frame of its page. Raises Http404 for one that is not public."""
    version = queries.public_version(kind, code, number)
    if version is None or version.unit is None:
        raise Http404("这个单位还没有公布。")
    cache.tag(request, f"body:{version.unit_id}", CATALOG)
    label = {Guide.KIND: "公开指南", Catalog.KIND: "公开目录", NegativeList.KIND: "负面清单"}[kind]
    steps = [("公开义务主体", reverse("bodies:index"))]
    if DisclosureBody.objects.filter(unit=version.unit_id, state="confirmed").exists():
        steps.append((str(version.unit), reverse("bodies:body", args=[code])))
    name = {Guide.KIND: "guide", Catalog.KIND: "catalog", NegativeList.KIND: "negative"}[kind]
    return version, {
        "version": version,
        "unit": version.unit,
        "label": label,
        "versions": [
            {"row": one, "url": reverse(f"bodies:{name}-version", args=[code, one.number])}
            for one in queries.versions_of(version)
        ],
        "current_url": reverse(f"bodies:{name}", args=[code]),
        "proof_url": transparency.address_of(outward.subject_of(version.record_id, kind)),
        "crumbs": _crumbs(*steps, (label, "")),
        "telephone": version.unit.telephone,
        "column_name": f"{version.unit.name}{label}",
    }


@require_safe
def guide(request: HttpRequest, code: str, number: int = 0) -> HttpResponse:
    """公开指南 with its date of update (004-5b)."""
    version, context = _version(request, Guide.KIND, code, number)
    said = version.content
    elements = [(label, said.get(name, ""), rows > 1) for name, label, _, rows, _ in GUIDE_ELEMENTS]
    context["long"] = [(label, words) for label, words, long in elements if long and words]
    context["contact"] = [(label, words) for label, words, long in elements if not long and words]
    return render(request, "registers/public/guide.html", shell(request, **context))


def _column_url(column: CatalogColumn, code: str) -> str:
    """Where what stands in a column is read; the guide has a page of its own."""
    if column.part == CatalogColumn.Part.GUIDE:
        return reverse("bodies:guide", args=[code])
    return reverse("information:column", args=[column.code])


@require_safe
def catalog(request: HttpRequest, code: str, number: int = 0) -> HttpResponse:
    """公开目录: the list as it was compiled, each line linked to what is published in it (004-10b)."""
    version, context = _version(request, Catalog.KIND, code, number)
    rows = version.content.get("rows", [])
    columns = CatalogColumn.objects.filter(
        code__in=[row["code"] for row in rows], active=True, updated_at__isnull=False
    )
    shown = {column.code: column for column in columns.only("code", "part", "updated_at")}
    context["rows"] = [
        {
            **row,
            "updated_at": shown[row["code"]].updated_at if row["code"] in shown else None,
            "url": _column_url(shown[row["code"]], code) if row["code"] in shown else "",
        }
        for row in rows
    ]
    return render(request, "registers/public/catalog.html", shell(request, **context))


@require_safe
def negative(request: HttpRequest, code: str, number: int = 0) -> HttpResponse:
    """负面清单: what the body does not disclose, on which ground."""
    version, context = _version(request, NegativeList.KIND, code, number)
    context["rows"] = [
        {**row, "ground_words": queries.GROUNDS.get(row["ground"], "")} for row in version.content.get("rows", [])
    ]
    return render(request, "registers/public/negative.html", shell(request, **context))
