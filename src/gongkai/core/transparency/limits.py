"""How often one reader may ask: enough for people, too little for those who would tire the machine."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from gongkai.core.addresses import client_address

MINUTE = 60


def allows(request: HttpRequest, what: str, most: int) -> bool:
    """Count a request of this reader; False when there were more than `most` within a minute."""
    key = f"gongkai.proof.{what}.{client_address(request)}"
    if cache.add(key, 1, MINUTE):
        return True
    try:
        return cache.incr(key) <= most
    except ValueError:  # it has just run out
        return True
