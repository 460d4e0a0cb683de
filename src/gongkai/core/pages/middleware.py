"""Keeps what a view rendered, if the page may be kept. Stands before all other middlewares and so sees the finished page."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import patch_vary_headers

from gongkai.core.pages import Recipe
from gongkai.core.pages.front import CACHE_CONTROL, answer, at_public_address, standard_headers
from gongkai.core.pages.places import TYPES, place
from gongkai.core.pages.starting import ready
from gongkai.core.pages.store import enabled, store

log = logging.getLogger(__name__)
# Headers that the front writes itself, or that say nothing about the reader.
OWN_HEADERS = frozenset({"content-type", "content-length", "vary", "cache-control"})


class PagesMiddleware:
    """Store pages that their view has tagged, as soon as they are rendered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or not enabled():
            return self.get_response(request)
        file = place(request.META, request.path_info) if at_public_address(request.META) and ready() else None
        # Read before the view reads anything: what is dropped from now on keeps the page from being stored.
        epoch, started = _epoch() if file else 0, time.time()
        response = self.get_response(request)
        said: Recipe | None = getattr(request, "_gongkai_page", None)
        if said is None or not said.tags:
            return response
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = CACHE_CONTROL
        patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
        if file is None or epoch is None:
            return response
        reason = refusal(request, response, said, file)
        if reason:
            log.debug("not kept: %s %s", request.path, reason)
            return response
        until = said.until.timestamp() if said.until else None
        try:
            kept = store().keep(file, response.content, said.tags, epoch=epoch, started=started, until=until)
        except sqlite3.Error:
            log.exception("page cache")
            return response
        return _as_served(request, response) if kept else response


def _epoch() -> int | None:
    try:
        return store().epoch()
    except (OSError, sqlite3.Error):
        log.exception("page cache")
        return None


def refusal(request: HttpRequest, response: HttpResponse, said: Recipe, file: str) -> str:
    """Why a page must not be kept, in words; empty if it may.

    Nothing of one reader may ever reach another: no cookie, no token, no session, no message, and no header beyond
    those that every page carries.
    """
    if response.status_code != 200 or response.streaming:
        return f"status {response.status_code}"
    if response.cookies or response.has_header("Set-Cookie"):
        return "sets a cookie"
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE") or b"csrfmiddlewaretoken" in response.content:
        return "holds a CSRF token"
    session = getattr(request, "session", None)
    if session is not None and (session.modified or not session.is_empty()):
        return "has a session"
    messages = getattr(request, "_messages", None)
    if messages is not None and (getattr(messages, "added_new", False) or len(messages)):
        return "holds messages"
    if response.get("Content-Type") != TYPES[file.rpartition(".")[2]]:
        return f"is {response.get('Content-Type')}"
    unknown = set(QueryDict(request.META.get("QUERY_STRING", ""))) - said.query
    if unknown:
        return f"has the parameters {' '.join(sorted(unknown))}"
    return _odd_header(request, response)


def _odd_header(request: HttpRequest, response: HttpResponse) -> str:
    if response.get("Cache-Control") != CACHE_CONTROL:
        return f"is {response['Cache-Control']}"
    expected = {name.lower(): value for name, value in standard_headers(request.is_secure())}
    given = {name.lower(): value for name, value in response.items() if name.lower() not in OWN_HEADERS}
    for name in ("content-security-policy",):
        # The order of directives says nothing.
        expected[name], given[name] = _directives(expected.get(name, "")), _directives(given.get(name, ""))
    different = sorted(name for name in expected.keys() | given.keys() if expected.get(name) != given.get(name))
    return f"differs in {' '.join(different)}" if different else ""


def _directives(policy: str) -> str:
    return ";".join(sorted(part.strip() for part in policy.split(";")))


def _as_served(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page as the next reader will get it, with its mark and in the best form."""
    found = answer(request.META, request.path_info)
    if found is None:
        return response
    status, headers, body = found
    served = HttpResponse(body, status=int(status[:3]))
    del served["Content-Type"]
    for name, value in headers:
        served[name] = value
    return served
