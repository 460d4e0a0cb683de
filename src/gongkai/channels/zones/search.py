"""Zones in the search: those that readers may visit."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from gongkai.channels.zones.models import Zone
from gongkai.core.search import SearchDocument, register_source
from gongkai.core.search.work import follow_cases

SOURCE = "zone"


def rows() -> QuerySet[Zone]:
    """Zones that are open or suspended for a time."""
    return Zone.objects.filter(state__in=Zone.SHOWN).select_related("unit").prefetch_related("services")


def document(zone: Zone) -> SearchDocument:
    """A zone by its name, address and services."""
    services = [f"{one.get_service_display()} {one.words}".strip() for one in zone.services.all()]
    return SearchDocument(
        source=SOURCE,
        pk=zone.pk,
        title=zone.title,
        url=zone.public_url,
        body="\n".join([f"{zone.address}，{zone.hours}，电话{zone.telephone}", *services]),
        unit=zone.unit_id,
        unit_name=zone.unit.name,
        category="政务公开专区",
        day=zone.opened_on,
        public=True,
        keywords=("专区", "体验区", "查阅点", zone.get_place_display()),
    )


def _zones_of(cases: set[int]) -> Iterable[int]:
    return Zone.objects.filter(pk__in=cases).values_list("pk", flat=True)


def register_all() -> None:
    """Called when the room is ready."""
    register_source(SOURCE, "政务公开专区", rows, document)
    follow_cases(SOURCE, _zones_of)
