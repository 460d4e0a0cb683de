"""The lines of zones in both shells."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.channels.zones import queries
from gongkai.channels.zones.models import Zone
from gongkai.core import navigation, pages, portal

LIST = "list:zones"


def _tags(case: Zone) -> list[str]:
    return [LIST, f"zone:{case.pk}"]


def _addresses() -> list[tuple[str, Any]]:
    return [(reverse("zones-public:index"), None), *((zone.public_url, zone.updated_at) for zone in queries.shown())]


def register_all() -> None:
    """Called when the room is ready."""
    pages.follow(Zone.KIND, _tags)
    navigation.register("业务", "政务公开专区", "map-pin", "zones:index", navigation.workers, order=26)
    portal.register_page("政务公开专区", "zones-public:index", order=35, footer=True)
    portal.register_sitemap(_addresses)
