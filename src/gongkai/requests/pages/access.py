"""Who may see which request without an account: a signed grant in a cookie, and limits on trying.

A grant is given for a number with its query code, or for a link that was sent to a mailbox. It names the request by its
id and holds for half an hour; the number alone opens nothing, and nobody learns whether a number exists.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from gongkai.core import challenge
from gongkai.core.addresses import client_address
from gongkai.core.challenge import limits as challenge_limits
from gongkai.requests import codes
from gongkai.requests.models import Request

COOKIE = "gongkai_request"
SALT = "gongkai.requests.grant"
MINUTES = 30
MOST_GRANTED = 60
# Tries of one network in a quarter of an hour, and wrong ones on one number in an hour.
TRIES_OF_NETWORK, TRIES_OF_NUMBER = 30, 30
QUARTER = 900
WRONG = "没有找到。请核对受理号和查询码，都在回执上。"
BUSY = "试得太多了。请过一刻钟再试，或者打电话问承办单位。"


class TooMany(Exception):
    """Too many tries lately; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a reader has proven: requests opened by code, and a mailbox opened by its link."""

    requests: tuple[int, ...] = ()
    mailbox: str = ""

    def holds(self, pk: int) -> bool:
        """Whether the request may be shown."""
        return pk in self.requests


def place_of(request: HttpRequest) -> str:
    """Where a reader comes from, as a digest."""
    return hashlib.sha256(client_address(request).encode()).hexdigest()[:32]


def count(key: str, most: int, seconds: int) -> bool:
    """Count one more under a key; True when that is too many."""
    key = f"gongkai.requests.{key}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two lines
        return False


def over(key: str, most: int) -> bool:
    """Whether the limit of a key was reached already."""
    return int(cache.get(f"gongkai.requests.{key}") or 0) >= most


def find(request: HttpRequest, number: str, code: str) -> Request | None:
    """The request with this number and code; a wrong number and a wrong code look and take the same. Raises TooMany."""
    number = number.strip().upper()[:40]
    wanted = f"number.{hashlib.sha256(number.encode('utf-8', 'replace')).hexdigest()[:32]}"
    if challenge.limited(request, "requests.status", TRIES_OF_NETWORK, QUARTER) or over(wanted, TRIES_OF_NUMBER):
        raise TooMany(BUSY)
    found = codes.find(number, code)
    if found is None:
        count(wanted, TRIES_OF_NUMBER, challenge_limits.HOUR)
    return found


def read(request: HttpRequest) -> Grant:
    """The grant of a reader; an empty one when there is none, it was changed, or its time is over."""
    try:
        said = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MINUTES * 60)
        return Grant(tuple(int(pk) for pk in said["r"]), str(said.get("m", "")))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return Grant()


def give(response: HttpResponse, grant: Grant) -> HttpResponse:
    """Put a grant into the answer, for half an hour from now."""
    said = {"r": list(grant.requests[:MOST_GRANTED]), "m": grant.mailbox}
    response.set_cookie(
        COOKIE,
        signing.dumps(said, salt=SALT, compress=True),
        max_age=MINUTES * 60,
        path="/requests/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def with_request(grant: Grant, pk: int) -> Grant:
    """The grant and one request more, the newest first."""
    return Grant((pk, *(one for one in grant.requests if one != pk))[:MOST_GRANTED], grant.mailbox)


def take_back(response: HttpResponse) -> HttpResponse:
    """End the grant: for a computer that others use too."""
    response.delete_cookie(COOKIE, path="/requests/", samesite="Lax")
    return response


def private(response: HttpResponse) -> HttpResponse:
    """A page of one reader: kept nowhere, listed nowhere, and its address told to no other site."""
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
