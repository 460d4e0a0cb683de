"""Where the page of a request lies: by address, parameters, and how the reader wants it to look."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any

from gongkai.core.preferences import CHOICES

# A reader with one of these cookies gets pages of their own: they may hold a session or messages.
OWN_COOKIES = frozenset({"sessionid", "messages"})
# What nginx serves straight; everything with parameters lies beside it.
STRAIGHT, WITH_QUERY = "kept", "query"
TYPES = {
    "html": "text/html; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
}
LONGEST = 800
# Names of files as they are in the address; nothing hidden, nothing above, no control characters.
_SEGMENT = re.compile(r"[^\x00-\x1f\x7f/\\.][^\x00-\x1f\x7f/\\]{0,80}")


def variant(cookies: str) -> str | None:
    """How the reader wants pages, as a folder's name: `page`, `page-elder`, `page-high-hant`; None: their own page."""
    if not cookies:
        return "page"
    chosen = {}
    for part in cookies.split(";"):
        name, _, value = part.strip().partition("=")
        if name in OWN_COOKIES:
            return None
        if name in CHOICES:
            chosen[name] = value.strip('"')
    words = [chosen[name] for name, allowed in CHOICES.items() if chosen.get(name) in allowed[1:]]
    return "-".join(["page", *words])


def place(environ: dict[str, Any], path: str | None = None) -> str | None:
    """The file of a request, relative to the folder of pages; None where no page may be kept or served.

    The server hands over the path as bytes in Latin-1; once Django has put its decoded text in that place, the text is
    given as `path`.
    """
    if "HTTP_HX_REQUEST" in environ or "HTTP_AUTHORIZATION" in environ:
        return None
    if path is None:
        try:
            path = environ["PATH_INFO"].encode("latin-1").decode()
        except UnicodeError:
            return None
    parameters, cookies = environ.get("QUERY_STRING", ""), environ.get("HTTP_COOKIE", "")
    # Only what is short is remembered: an address of many kilobytes must not fill the memory.
    known = _place if len(path) + len(parameters) + len(cookies) < LONGEST else _place.__wrapped__
    return known(path, parameters, cookies)


@lru_cache(maxsize=4096)
def _place(path: str, parameters: str, cookies: str) -> str | None:
    look, name = variant(cookies), file_name(path)
    if look is None or name is None or len(parameters) > LONGEST:
        return None
    if not parameters:
        return f"{STRAIGHT}/{look}/{name}"
    key = "&".join(sorted(part for part in parameters.split("&") if part))
    digest = hashlib.sha256(f"{name}?{key}".encode(errors="replace")).hexdigest()
    return f"{WITH_QUERY}/{look}/{digest[:2]}/{digest[2:]}.{name.rpartition('.')[2]}"


def file_name(path: str) -> str | None:
    """`/ledger/2026/` -> `ledger/2026/index.html`, `/sitemap.xml` -> itself; None for names that are no files."""
    if not path.startswith("/") or len(path) > LONGEST:
        return None
    folder, _, last = path[1:].rpartition("/")
    segments = folder.split("/") if folder else []
    if path.startswith("//") or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        return None
    if not last:
        return "/".join([*segments, "index.html"])
    stem, _, ending = last.rpartition(".")
    if not stem or ending == "html" or ending not in TYPES or not _SEGMENT.fullmatch(last):
        return None
    return "/".join([*segments, last])
