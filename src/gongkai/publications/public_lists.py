"""Public lists: everything, by body, by column, the policy library, the fixed column 政府信息公开."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import pages as cache
from gongkai.core.models import Unit
from gongkai.core.templatetags.gongkai import query_string
from gongkai.publications import catalog, public_queries, shown
from gongkai.publications.models import CatalogColumn
from gongkai.publications.pages import CATALOG, shell
from gongkai.publications.public_queries import FACET_LABELS, VALIDITY_LABELS
from gongkai.publications.readers.models import FACETS

# Dropped with every release, change and withdrawal of any document (see `outward.tags_of`).
DOCUMENTS = "documents"
MOST_VALUES = 12
NOTHING = "none"


def _crumbs(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": "首页", "url": "/"}, *({"label": label, "url": url} for label, url in rows)]


def _list(
    request: HttpRequest,
    scope: str,
    *,
    title: str,
    crumbs: list[dict[str, str]],
    feed: str,
    names: Sequence[str] = FACETS,
    section: str = "information:disclosure",
    template: str = "publications/public/list.html",
    **more: Any,
) -> HttpResponse:
    """One page of a list with its facets, as links that change the address."""
    asked = {name: request.GET[name] for name in names if request.GET.get(name)}
    # What has no value of a facet is asked for by its name in the address.
    asked = {name: "" if value == NOTHING else value for name, value in asked.items()}
    if "unit" in asked:
        known = Unit.objects.filter(code=asked["unit"]).values_list("pk", flat=True).first()
        asked["unit"] = str(known or "")
    found = public_queries.listing(
        scope, asked, after=request.GET.get("after", ""), before=request.GET.get("before", ""), names=names
    )
    cache.tag(request, DOCUMENTS, CATALOG)
    if found.chosen:
        # Only what was understood is kept; pages further back are not.
        cache.query(request, *found.chosen)
    units = public_queries.units_by_pk(int(pk) for pk in found.facets.get("unit", {}))
    context = shell(
        request,
        section=section,
        title=title,
        crumbs=crumbs,
        found=found,
        facets=_facets(request, found, units),
        chosen=_chosen_words(found.chosen, units),
        plain_url=request.path,
        previous_url=query_string(request, before=found.before, after=None) if found.before else "",
        next_url=query_string(request, after=found.after, before=None) if found.after else "",
        feed_url=feed,
        column_name=title,
        canonical=shown.absolute(request.path),
        **more,
    )
    return render(request, template, context)


def _facets(request: HttpRequest, found: public_queries.Listing, units: dict[int, Unit]) -> list[dict[str, Any]]:
    """What a list can be narrowed down by: every value a link, with what would remain."""
    groups = []
    for name, numbers in found.facets.items():
        chosen = found.chosen.get(name)
        without = query_string(request, **{name: None, "after": None, "before": None})
        # Putting each address together from all parameters would take longer than all questions of the page.
        start = f"{without}&{name}=" if len(without) > 1 else f"?{name}="
        options = []
        for value, number in _ordered(name, numbers, units):
            code, words = _value(name, value, units)
            on = value == chosen
            options.append({"words": words, "number": number, "url": without if on else start + quote(code), "on": on})
        if len(options) > 1 or chosen is not None:
            groups.append(
                {
                    "name": name,
                    "label": FACET_LABELS[name],
                    "first": options[:MOST_VALUES],
                    "more": options[MOST_VALUES:],
                    "open": any(option["on"] for option in options[MOST_VALUES:]),
                }
            )
    return groups


def _ordered(name: str, numbers: dict[str, int], units: dict[int, Unit]) -> list[tuple[str, int]]:
    if name == "year":
        return sorted(numbers.items(), key=lambda pair: pair[0], reverse=True)
    if name == "unit":
        return sorted(
            ((value, number) for value, number in numbers.items() if int(value) in units),
            key=lambda pair: (-pair[1], units[int(pair[0])].ordinal),
        )
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))


def _value(name: str, value: str, units: dict[int, Unit]) -> tuple[str, str]:
    """What the address says for a value, and its words."""
    if name == "unit":
        return units[int(value)].code, str(units[int(value)])
    if name == "year":
        return value, f"{value}年"
    if name == "validity":
        return value or NOTHING, VALIDITY_LABELS.get(value, value)
    return value or NOTHING, value or "未分类"


def _chosen_words(chosen: dict[str, str], units: dict[int, Unit]) -> str:
    words = []
    for name, value in chosen.items():
        if name == "unit" and int(value) not in units:
            continue
        words.append(_value(name, value, units)[1])
    return "，".join(words)


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """All public information, newest first."""
    return _list(
        request,
        "all",
        title="全部信息",
        crumbs=_crumbs(("政府信息公开", reverse("information:disclosure")), ("全部信息", "")),
        feed=reverse("information:feed"),
    )


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """政策文件库: policy and normative documents, those in force first of all."""
    past = request.GET.get("state") == "past"
    if past:
        cache.query(request, "state")
    return _list(
        request,
        "policy-past" if past else "policy",
        section="information:policies",
        title="政策文件库",
        crumbs=_crumbs(("政策文件库", "")),
        feed=reverse("information:policies-feed"),
        tabs=_states(request, past),
        lede="区政府和各部门制定的政策文件、行政规范性文件。",
        past=past,
    )


@require_safe
def normative(request: HttpRequest) -> HttpResponse:
    """规范性文件库: what each body has in force, counted, and the lists behind the figures."""
    past = request.GET.get("state") == "past"
    if past:
        cache.query(request, "state")
    numbers = public_queries.in_force_by_unit()
    bodies = public_queries.units_by_pk(numbers)
    table = [
        {"unit": bodies[pk], "number": number}
        for pk, number in sorted(numbers.items(), key=lambda pair: bodies[pair[0]].ordinal if pair[0] in bodies else 0)
        if pk in bodies
    ]
    return _list(
        request,
        "normative-past" if past else "normative",
        section="information:policies",
        title="规范性文件库",
        crumbs=_crumbs(("政策文件库", reverse("information:policies")), ("规范性文件库", "")),
        feed=reverse("information:policies-feed"),
        tabs=_states(request, past),
        lede="各单位现行有效的行政规范性文件。没有收入本库的，不得作为行政管理的依据。",
        past=past,
        in_force=table,
        in_force_total=sum(numbers.values()),
    )


def _states(request: HttpRequest, past: bool) -> list[dict[str, Any]]:
    return [
        {"label": "现行有效", "url": request.path, "current": not past},
        {"label": "失效和废止", "url": f"{request.path}?state=past", "current": past},
    ]


@require_safe
def column(request: HttpRequest, code: str) -> HttpResponse:
    """A column of a catalog: what it is about, whose it is, its documents."""
    found = get_object_or_404(CatalogColumn.objects.select_related("unit", "parent", "owner"), code=code, active=True)
    scope = f"column:{found.pk}"
    children = [one for one in catalog.below(found) if one.total]
    if not children and not public_queries.total(scope):
        # Nothing public in it: readers see no empty columns.
        raise Http404
    steps = [("政府信息公开", reverse("information:disclosure"))]
    if found.unit is not None:
        steps.append((str(found.unit), reverse("information:unit", args=[found.unit.code])))
    if found.parent is not None:
        steps.append((found.parent.title, reverse("information:column", args=[found.parent.code])))
    return _list(
        request,
        scope,
        title=found.title,
        crumbs=_crumbs(*steps, (found.title, "")),
        feed=reverse("information:column-feed", args=[found.code]),
        names=tuple(name for name in FACETS if name != "unit"),
        column=found,
        children=children,
        lede=found.description,
    )


# --- bodies -----------------------------------------------------------------------------------------------------------


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """All bodies that have published something."""
    cache.tag(request, DOCUMENTS)
    found = catalog.bodies()
    context = shell(
        request,
        section="information:disclosure",
        groups=found,
        crumbs=_crumbs(("政府信息公开", reverse("information:disclosure")), ("公开机构", "")),
    )
    return render(request, "publications/public/units.html", context)


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """A body: how to reach it, its guide, its columns, what it published last."""
    found = get_object_or_404(Unit, code=code)
    number = public_queries.total("all", unit=str(found.pk))
    branches = public_queries.branches(public_queries.columns(found), unit=found)
    cache.tag(request, f"unit:{found.pk}", CATALOG)
    context = shell(
        request,
        section="information:disclosure",
        unit=found,
        number=number,
        newest=public_queries.newest(unit=found.pk, size=10),
        parts=catalog.by_part(branches),
        crumbs=_crumbs(
            ("政府信息公开", reverse("information:disclosure")),
            ("公开机构", reverse("information:units")),
            (str(found), ""),
        ),
        telephone=found.telephone,
        feed_url=reverse("information:unit-feed", args=[found.code]),
        column_name=found.name,
    )
    return render(request, "publications/public/unit.html", context)


@require_safe
def disclosure(request: HttpRequest, code: str = "") -> HttpResponse:
    """政府信息公开: guide, rules, statutory contents, annual reports; for one body or for all."""
    found = get_object_or_404(Unit, code=code) if code else None
    branches = catalog.branches_of(found)
    cache.tag(request, DOCUMENTS, CATALOG)
    context = shell(
        request,
        unit=found,
        parts=catalog.four_parts(branches, found),
        statutory=catalog.statutory(branches),
        bodies=catalog.bodies() if found is None else [],
        newest=public_queries.newest(unit=found.pk if found else 0, size=6),
        crumbs=_crumbs(
            *(
                [("政府信息公开", reverse("information:disclosure")), (str(found), "")]
                if found
                else [("政府信息公开", "")]
            )
        ),
        column_name="政府信息公开",
    )
    return render(request, "publications/public/disclosure.html", context)
