"""The lines of zones in both shells."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.channels.zones import queries
from gongkai.channels.zones.models import Posting, Zone
from gongkai.channels.zones.posting import source_changed
from gongkai.core import listeners, navigation, pages, portal

LIST, POSTED = "list:zones", "list:posted"


def _tags(case: Zone) -> list[str]:
    return [LIST, f"zone:{case.pk}"]


def _addresses() -> list[tuple[str, Any]]:
    return [
        (reverse("zones-public:index"), None),
        (reverse("zones-public:posted"), None),
        *((zone.public_url, zone.updated_at) for zone in queries.shown()),
    ]


def register_all() -> None:
    """Called when the room is ready."""
    pages.follow(Zone.KIND, _tags)
    pages.follow(Posting.KIND, lambda case: [POSTED])
    listeners.listen("publication", source_changed)
    navigation.register("业务", "政务公开专区", "map-pin", "zones:index", navigation.workers, order=26)
    portal.register_page("政务公开专区", "zones-public:index", order=35, footer=True)
    portal.register_page("定点公开", "zones-public:posted", order=36, footer=True)
    portal.register_sitemap(_addresses)
