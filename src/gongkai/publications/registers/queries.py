"""What pages of registers read: the parts of case pages, lists with their figures, what the public sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from gongkai.core import bundles, clocks
from gongkai.core.models import Unit, User, readable_case
from gongkai.core.roles import STAFF, Role
from gongkai.law import documents
from gongkai.publications.models import PublicDocument, Validity
from gongkai.publications.registers import columns
from gongkai.publications.registers.models import (
    GUIDE_ELEMENTS,
    AttributeCampaign,
    AttributeItem,
    AttributeShare,
    Catalog,
    Cleanup,
    CleanupItem,
    CleanupShare,
    ColumnUpdate,
    DisclosureBody,
    Guide,
    GuideUpdate,
    NegativeEntry,
    NegativeList,
    OpennessRule,
    RegisterVersion,
)

GROUNDS = {ground.code: f"{ground.label}（{ground.article}）" for ground in documents.GROUNDS}


# --- case pages -------------------------------------------------------------------------------------------------------


def crumbs(case: Any) -> list[tuple[str, str]]:
    """The way back to the list a case belongs to."""
    label, name = {
        DisclosureBody.KIND: ("公开主体和指南", "registers:bodies"),
        Guide.KIND: ("公开主体和指南", "registers:bodies"),
        GuideUpdate.KIND: ("公开主体和指南", "registers:bodies"),
        NegativeList.KIND: ("公开主体和指南", "registers:bodies"),
        Catalog.KIND: ("公开目录", "registers:catalogs"),
        ColumnUpdate.KIND: ("栏目更新", "registers:freshness"),
        AttributeCampaign.KIND: ("复查和清理", "registers:campaigns"),
        AttributeShare.KIND: ("复查和清理", "registers:campaigns"),
        Cleanup.KIND: ("复查和清理", "registers:campaigns"),
        CleanupShare.KIND: ("复查和清理", "registers:campaigns"),
    }[case.kind]
    return [(label, reverse(name)), (case.number, "")]


def _versions(case: Any) -> bundles.Rows:
    rows = RegisterVersion.objects.filter(record=case.pk).order_by("-number")
    return bundles.rows(rows, "id", "number", "published_at", "published_by", "note", "current", limit=50)


def _body(case: Any, user: User) -> dict[str, Any]:
    found = current_versions([case.unit_id])
    return {
        "body": case,
        "registers": _register_lines(found.get(case.unit_id, {}), case.unit),
        "openness_rules": rules_of([case.pk]).get(case.pk, []),
    }


def rules_of(bodies: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Body -> its three rules on the five stages, in order; `rule` is None where none is named or it is public no more."""
    found = OpennessRule.objects.filter(body__in=list(bodies)).select_related("document").defer("document__body")
    named = {(rule.body_id, rule.sort): rule for rule in found if rule.document.is_public}
    return {
        body: [{"label": label, "rule": named.get((body, sort))} for sort, label in OpennessRule.Sort.choices]
        for body in bodies
    }


def _register_lines(versions: dict[str, Any], unit: Unit) -> list[dict[str, Any]]:
    lines = []
    for kind, label, name in PUBLIC_REGISTERS:
        version = versions.get(kind)
        lines.append(
            {
                "label": label,
                "at": version.published_at if version else None,
                "url": reverse(name, args=[unit.code]) if version else "",
            }
        )
    return lines


def _guide(case: Any, user: User) -> dict[str, Any]:
    lists = bundles.gather({"versions": _versions(case)})
    return {
        "guide": case,
        "elements": [(label, getattr(case, name), needed) for name, label, needed, *_ in GUIDE_ELEMENTS],
        "missing": case.missing(),
        **lists,
    }


def _guide_update(case: Any, user: User) -> dict[str, Any]:
    guide = Guide.objects.filter(unit=case.unit_id).first()
    return {"update": case, "guide": guide, "may": bool(user.roles_at(case.unit) & set(STAFF))}


def _catalog(case: Any, user: User) -> dict[str, Any]:
    lists = bundles.gather({"versions": _versions(case)})
    return {"catalog": case, "columns_url": reverse("registers:catalog", args=[case.unit.code]), **lists}


def _column_update(case: Any, user: User) -> dict[str, Any]:
    return {"update": case, "interval": columns.interval_words(case.column)}


def _negative(case: Any, user: User) -> dict[str, Any]:
    lists = bundles.gather(
        {"versions": _versions(case), "listed": bundles.rows(NegativeEntry.objects.filter(register=case.pk))}
    )
    for entry in lists["listed"]:
        entry.ground_words = GROUNDS.get(entry.ground, entry.ground)
    return {"list": case, **lists}


def _attribute(case: Any, user: User) -> dict[str, Any]:
    return {"campaign": case, "total": attribute_figures(campaign=case.pk), "shares": attribute_shares(case, user)}


def _attribute_share(case: Any, user: User) -> dict[str, Any]:
    return {
        "share": case,
        "total": attribute_figures(share=case.pk),
        "items_url": reverse("registers:attribute-items", args=[case.pk]),
    }


def _cleanup(case: Any, user: User) -> dict[str, Any]:
    return {"campaign": case, "total": cleanup_figures(campaign=case.pk), "shares": cleanup_shares(case, user)}


def _cleanup_share(case: Any, user: User) -> dict[str, Any]:
    return {
        "share": case,
        "total": cleanup_figures(share=case.pk),
        "items_url": reverse("registers:cleanup-items", args=[case.pk]),
    }


CONTEXTS: dict[str, Callable[[Any, User], dict[str, Any]]] = {
    DisclosureBody.KIND: _body,
    Guide.KIND: _guide,
    GuideUpdate.KIND: _guide_update,
    Catalog.KIND: _catalog,
    ColumnUpdate.KIND: _column_update,
    NegativeList.KIND: _negative,
    AttributeCampaign.KIND: _attribute,
    AttributeShare.KIND: _attribute_share,
    Cleanup.KIND: _cleanup,
    CleanupShare.KIND: _cleanup_share,
}


# --- campaigns --------------------------------------------------------------------------------------------------------


def _attribute_counts() -> dict[str, Any]:
    proactive = Q(decision="proactive")
    return {
        "items": Count("pk"),
        "undecided": Count("pk", filter=Q(decision="")),
        "converted": Count("pk", filter=proactive),
        "published": Count("pk", filter=proactive & Q(publication__current_version__isnull=False)),
        "on_request": Count("pk", filter=Q(decision="on_request")),
        "withheld": Count("pk", filter=Q(decision="withheld")),
    }


def attribute_figures(*, campaign: int = 0, share: int = 0) -> dict[str, int]:
    """How far a review of attributes is, as a whole or of one unit; published is what is public by now."""
    rows = (
        AttributeItem.objects.filter(share__campaign=campaign)
        if campaign
        else AttributeItem.objects.filter(share=share)
    )
    return rows.order_by().aggregate(**_attribute_counts())


def attribute_shares(campaign: Any, user: User | None = None) -> list[Any]:
    """The units' shares of a review with their figures and clocks."""
    shares = AttributeShare.objects.filter(campaign=campaign.pk)
    found = AttributeItem.objects.filter(share__campaign=campaign.pk).order_by().values("share")
    return _with_figures(shares, found.annotate(**_attribute_counts()), user)


def cleanup_counts() -> dict[str, Any]:
    """The figures of a clean-up, as annotations."""
    outcomes = {one.value: Count("pk", filter=Q(outcome=one.value)) for one in CleanupItem.Outcome}
    return {
        # `items` counts all, the others what became of them.
        "items": Count("pk"),
        "undecided": Count("pk", filter=Q(outcome="")),
        "counselled": Count("pk", filter=~Q(counsel="")),
        "different": Count("pk", filter=Q(differences__gt=0)),
        **outcomes,
    }


def cleanup_figures(*, campaign: int = 0, share: int = 0) -> dict[str, int]:
    """How far a clean-up is, as a whole or of one unit."""
    rows = CleanupItem.objects.filter(share__campaign=campaign) if campaign else CleanupItem.objects.filter(share=share)
    return rows.order_by().aggregate(**cleanup_counts())


def cleanup_shares(campaign: Any, user: User | None = None) -> list[Any]:
    """The units' shares of a clean-up with their figures and clocks."""
    shares = CleanupShare.objects.filter(campaign=campaign.pk)
    found = CleanupItem.objects.filter(share__campaign=campaign.pk).order_by().values("share")
    return _with_figures(shares, found.annotate(**cleanup_counts()), user)


def _with_figures(shares: QuerySet, found: QuerySet, user: User | None = None) -> list[Any]:
    """The shares; for a reader each says whether it opens (`opens`)."""
    from django.utils import timezone

    if user is not None:
        shares = shares.annotate(opens=readable_case(user, "pk"))

    figures = {row.pop("share"): row for row in found}
    rows = clocks.with_faces(list(shares.select_related("unit").order_by("unit__ordinal", "id")[:500]), timezone.now())
    for row in rows:
        row.figures = figures.get(row.pk, {})
        items = row.figures.get("items", 0)
        row.done = items - row.figures.get("undecided", 0)
        row.percent = round(100 * row.done / items) if items else 100
    return rows


# --- what is public ---------------------------------------------------------------------------------------------------

PUBLIC_REGISTERS = (
    (Catalog.KIND, "公开目录", "bodies:catalog"),
    (Guide.KIND, "公开指南", "bodies:guide"),
    (NegativeList.KIND, "负面清单", "bodies:negative"),
)


def current_versions(units: list[int]) -> dict[int, dict[str, RegisterVersion]]:
    """Unit -> kind -> the version that is public, without its content."""
    rows = RegisterVersion.objects.filter(unit__in=units, current=True).defer("content")
    found: dict[int, dict[str, RegisterVersion]] = {}
    for row in rows:
        found.setdefault(row.unit_id, {})[row.kind] = row
    return found


def public_version(kind: str, code: str, number: int = 0) -> RegisterVersion | None:
    """A version that readers may see: the current one, or an earlier one by its number."""
    rows = RegisterVersion.objects.select_related("unit").filter(kind=kind, unit__code=code)
    return rows.filter(number=number).first() if number else rows.filter(current=True).first()


def versions_of(version: RegisterVersion) -> list[RegisterVersion]:
    """All versions of the same register, newest first."""
    return list(RegisterVersion.objects.filter(record=version.record_id).defer("content")[:50])


def confirmed_bodies() -> QuerySet[DisclosureBody]:
    """The bodies on the list."""
    return DisclosureBody.objects.filter(state="confirmed").select_related("unit")


# --- normative documents ----------------------------------------------------------------------------------------------


def normative(
    unit: int | None = None, standing: str = "", words: str = "", horizon: dt.date | None = None
) -> QuerySet[PublicDocument]:
    """Public normative documents: in force (the default), near their lapse, or past."""
    rows = PublicDocument.objects.filter(normative=True).select_related("unit")
    if unit:
        rows = rows.filter(unit=unit)
    if standing == "past":
        rows = rows.filter(validity__in=[Validity.LAPSED, Validity.REPEALED])
    else:
        rows = rows.filter(validity__in=[Validity.VALID, Validity.AMENDED, ""])
        if standing == "near" and horizon is not None:
            rows = rows.filter(expires_on__lte=horizon)
    if words:
        rows = rows.filter(Q(title__contains=words) | Q(document_number__contains=words))
    return rows


def in_force_by_unit() -> list[dict[str, Any]]:
    """Unit, name and how many normative documents it has in force."""
    rows = PublicDocument.objects.filter(normative=True, validity__in=[Validity.VALID, Validity.AMENDED, ""])
    return list(
        rows.values(name=F("unit__short_name"), pk=F("unit"))
        .annotate(number=Count("publication"))
        .order_by("unit__ordinal")
    )


def is_office(user: User) -> bool:
    """Whether a person oversees other units' registers."""
    return Role.OFFICE in user.role_set
