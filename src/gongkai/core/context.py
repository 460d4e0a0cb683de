"""What every template may read: `site` (names, demo banner) and `look` (the reader's preferences)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from gongkai.core import preferences


def site(request: HttpRequest) -> dict[str, object]:
    """Context processor: no query, no session."""
    return {
        "site": {
            "name": getattr(settings, "GONGKAI_SITE_NAME", "政务公开"),
            "owner": getattr(settings, "GONGKAI_SITE_OWNER", ""),
            "contact": getattr(settings, "GONGKAI_SITE_CONTACT", ""),
            "home_url": "/",
            "workbench_url": "/workbench/",
            "demo": getattr(settings, "GONGKAI_DEMO", False),
        },
        "look": preferences.read(request),
    }
