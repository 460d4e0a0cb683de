"""The front: answers from kept pages before Django wakes up.

It stands around the WSGI application, looks at a handful of header fields and one file, and hands everything it does
not know on. What it answers is what nginx answers from the same files with `deploy/nginx.conf`.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from gongkai.core.pages.places import TYPES, place
from gongkai.core.pages.starting import ready
from gongkai.core.pages.store import FORMS, Store, enabled, store

log = logging.getLogger(__name__)
Headers = list[tuple[str, str]]
# Readers' caches ask every time whether the page still stands: a withdrawal is seen at once.
CACHE_CONTROL = "no-cache"
VARY = "Accept-Encoding, Cookie"
TOUCH_SECONDS = 3600
# So many bytes of pages stay in the memory of a process.
HELD_MOST = 32_000_000


@cache
def standard_headers(secure: bool) -> tuple[tuple[str, str], ...]:
    """What the middlewares put on every answer, so that a kept page says the same without them."""
    from csp.utils import build_policy

    rows = [
        ("Content-Security-Policy", build_policy()),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
    ]
    if secure and settings.SECURE_HSTS_SECONDS:
        rows.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
    return tuple(rows)


@cache
def _public_address() -> tuple[bool, str]:
    parts = urlsplit(settings.GONGKAI_PUBLIC_ADDRESS)
    return parts.scheme == "https", parts.netloc.lower()


def is_secure(environ: dict[str, Any]) -> bool:
    """Whether the reader came by https, as Django would see it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return environ[name].split(",", 1)[0].strip() == value
    return environ.get("wsgi.url_scheme") == "https"


def at_public_address(environ: dict[str, Any]) -> bool:
    """Pages name their own address: only those asked for under the public one are kept and served."""
    secure, host = _public_address()
    return environ.get("HTTP_HOST", "").lower() == host and is_secure(environ) == secure


@lru_cache(maxsize=512)
def _encoding(accepted: str) -> tuple[str, str]:
    """The best form that the reader takes: (ending of the file, name)."""
    if accepted:
        words = {part.partition(";")[0].strip().lower(): part.partition(";")[2].strip() for part in accepted.split(",")}
        for ending, name in FORMS:
            if name in words and words[name].replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
                return ending, name
    return "", ""


@dataclass(frozen=True, slots=True)
class Held:
    """A form of a page that was read lately, and by which the file is known to be the same."""

    known_by: tuple[int, int, int]
    tag: str
    headers: Headers
    more: Headers
    body: bytes


_held: dict[str, Held] = {}
_held_bytes = 0


def _form(folder: str, file: str) -> Held | None:
    """A form of a page, from memory if the file is still the one that was read. One look at the disk every time."""
    global _held_bytes
    path = f"{folder}/{file}"
    try:
        status = os.stat(path)  # noqa: PTH116  the hot path
        known_by = (status.st_ino, status.st_mtime_ns, status.st_size)
        held = _held.get(path)
        if held is not None and held.known_by == known_by:
            if time.time() - status.st_atime > TOUCH_SECONDS:
                # Written down by ourselves, for file systems that do not: the sweep goes by it.
                os.utime(path, (time.time(), status.st_mtime))
            return held
        held = _read(path)
    except OSError:
        return None
    if _held_bytes > HELD_MOST:
        _held.clear()
        _held_bytes = 0
    _held[path] = held
    _held_bytes += len(held.body)
    return held


def _read(path: str) -> Held:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        body = os.read(descriptor, status.st_size)
        os.utime(descriptor, (time.time(), status.st_mtime))
    finally:
        os.close(descriptor)
    name, _, ending = path.rpartition(".")
    encoding = {form.removeprefix("."): coding for form, coding in FORMS}.get(ending, "")
    if encoding:
        ending = name.rpartition(".")[2]
    tag = f'"{int(status.st_mtime):x}-{status.st_size:x}"'
    headers = [
        ("ETag", tag),
        ("Cache-Control", CACHE_CONTROL),
        ("Vary", VARY),
        *standard_headers(_public_address()[0]),
    ]
    more = [("Content-Type", TYPES[ending]), ("Content-Length", str(status.st_size))]
    if encoding:
        more.append(("Content-Encoding", encoding))
    return Held((status.st_ino, status.st_mtime_ns, status.st_size), tag, headers, more, body)


def answer(
    environ: dict[str, Any], path: str | None = None, pages: Store | None = None
) -> tuple[str, Headers, bytes] | None:
    """Status, headers and body from a kept page; None if it is not kept. `path` as in `place`."""
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "HEAD") or not at_public_address(environ):
        return None
    file = place(environ, path)
    if file is None:
        return None
    pages = pages or store()
    if pages.due():
        pages.expire()
    held = _form(pages.path, file + _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))[0])
    if held is None:
        return None
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked and _matches(asked, held.tag):
        return "304 Not Modified", held.headers.copy(), b""
    return "200 OK", held.headers + held.more, b"" if method == "HEAD" else held.body


def _matches(asked: str, tag: str) -> bool:
    return asked.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in asked.split(",")}


class Front:
    """A WSGI application that answers from kept pages and asks `application` for the rest."""

    def __init__(self, application: Callable) -> None:
        self.application = application
        self.pages = store() if enabled() else None
        # What was left undone is done now, before anybody asks: nginx may already be serving the folder.
        ready()

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        found = None
        if self.pages is not None:
            try:
                found = answer(environ, pages=self.pages) if ready() else None
            except (OSError, sqlite3.Error):
                log.exception("page cache")
        if found is None:
            return self.application(environ, start_response)
        status, headers, body = found
        start_response(status, headers)
        return [body]
