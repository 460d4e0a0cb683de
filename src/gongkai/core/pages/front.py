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
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from gongkai.core.pages.places import TYPES, place
from gongkai.core.pages.starting import ready
from gongkai.core.pages.store import FORMS, enabled, store

log = logging.getLogger(__name__)
Headers = list[tuple[str, str]]
# Readers' caches ask every time whether the page still stands: a withdrawal is seen at once.
CACHE_CONTROL = "no-cache"
VARY = "Accept-Encoding, Cookie"
TOUCH_SECONDS = 3600


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


def _encoding(accepted: str) -> tuple[str, str]:
    """The best form that the reader takes: (ending of the file, name)."""
    if accepted:
        words = {part.partition(";")[0].strip().lower(): part.partition(";")[2].strip() for part in accepted.split(",")}
        for ending, name in FORMS:
            if name in words and words[name].replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
                return ending, name
    return "", ""


def answer(environ: dict[str, Any], path: str | None = None) -> tuple[str, Headers, bytes] | None:
    """Status, headers and body from a kept page; None if it is not kept. `path` as in `place`."""
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "HEAD") or not at_public_address(environ):
        return None
    file = place(environ, path)
    if file is None:
        return None
    pages = store()
    if pages.due():
        pages.expire()
    ending, encoding = _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    try:
        descriptor = os.open(f"{pages.folder}/{file}{ending}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        body = os.read(descriptor, status.st_size)
        now = time.time()
        if now - status.st_atime > TOUCH_SECONDS:
            # Written down by ourselves, for file systems that do not: the sweep goes by it.
            os.utime(descriptor, (now, status.st_mtime))
    finally:
        os.close(descriptor)
    tag = f'"{int(status.st_mtime):x}-{status.st_size:x}"'
    headers = [
        ("ETag", tag),
        ("Cache-Control", CACHE_CONTROL),
        ("Vary", VARY),
        *standard_headers(_public_address()[0]),
    ]
    if _matches(environ.get("HTTP_IF_NONE_MATCH", ""), tag):
        return "304 Not Modified", headers, b""
    headers.append(("Content-Type", TYPES[file.rpartition(".")[2]]))
    headers.append(("Content-Length", str(status.st_size)))
    if encoding:
        headers.append(("Content-Encoding", encoding))
    return "200 OK", headers, b"" if method == "HEAD" else body


def _matches(asked: str, tag: str) -> bool:
    if not asked:
        return False
    return asked.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in asked.split(",")}


class Front:
    """A WSGI application that answers from kept pages and asks `application` for the rest."""

    def __init__(self, application: Callable) -> None:
        self.application = application
        # What was left undone is done now, before anybody asks: nginx may already be serving the folder.
        ready()

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        try:
            found = answer(environ) if enabled() and ready() else None
        except (OSError, sqlite3.Error):
            log.exception("page cache")
            found = None
        if found is None:
            return self.application(environ, start_response)
        status, headers, body = found
        start_response(status, headers)
        return [body]
