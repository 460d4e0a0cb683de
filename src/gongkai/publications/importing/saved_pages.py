"""Pages saved from the old site: metadata block, body, pictures and attached files."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote

from gongkai.core.attachments import KINDS
from gongkai.publications import body
from gongkai.publications.importing import heads
from gongkai.publications.importing.folder import Entry, Folder
from gongkai.reading.text import decode

_LINK = re.compile(r"<a\b[^>]*?\bhref\s*=\s*([\"'])(?P<address>.*?)\1[^>]*>(?P<words>.*?)</a>", re.I | re.S)
_SOURCE = re.compile(r"(<img\b[^>]*?\bsrc\s*=\s*)([\"'])(?P<address>.*?)\2", re.I | re.S)
_TAG = re.compile(r"<[^>]*>")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.I)
_PUBLISHED = re.compile(
    r"(?:发布|公开)(?:日期|时间)\s*[：:]?\s*((?:19|20)\d\d[-/年.]\d{1,2}[-/月.]\d{1,2}日?(?:\s+\d{1,2}:\d\d)?)"
)
_PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
_ATTACHED = frozenset(f".{ending}" for ending in KINDS) - {".html", ".htm", ".txt", *_PICTURES}
_MOST_PICTURE = 5 * 1024 * 1024
# What the reader of documents offers beside the metadata block, and the field it fills.
_OFFERED = {
    "title": "title",
    "number": "document_number",
    "made": "made_on",
    "published": "published_at",
    "issuing_body": "issuer",
    "index_number": "index_number",
    "subject": "subject",
    "kind": "document_kind",
    "disclosure": "attribute",
    "validity": "validity",
}


@dataclass(slots=True)
class Page:
    """What a saved page says: its fields as on the page, its clean body, its files in the folder."""

    cells: dict[str, str]
    read: body.Body
    attached: list[tuple[str, Entry]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def read(entry: Entry, folder: Folder) -> Page:
    """Read one saved page. Raises `ReadingError` when it holds no document."""
    data = entry.load()
    base = str(PurePosixPath(entry.path).parent)
    base = "" if base == "." else base
    attached: list[tuple[str, Entry]] = []
    missing: list[str] = []
    if entry.ending == ".txt":
        text, _ = decode(data)
        found = body.from_text(text)
        source = text
    elif entry.ending in (".mht", ".mhtml"):
        found, source = body.from_html(data), ""
    else:
        declared = _CHARSET.search(data[:8192])
        source, _ = decode(data, declared[1].decode("ascii", "ignore") if declared else None)
        found = body.from_html(_with_pictures(source, folder, base))
        attached, missing = _linked(source, folder, base)
    return Page(_cells(found, source), found, attached, missing)


def _cells(found: body.Body, source: str) -> dict[str, str]:
    """The metadata block first, then what the text itself says."""
    cells = heads.from_labels(found.metadata.items())
    for one in body.suggest(found):
        name = _OFFERED.get(one.field, "")
        if name == "issuer" and "unit" in cells and one.source.startswith("网页信息"):
            continue
        if name:
            cells.setdefault(name, one.value)
    if "published_at" not in cells:
        match = _PUBLISHED.search(_TAG.sub(" ", source[:20_000]))
        if match:
            cells["published_at"] = match[1]
    # Labels of the site and its page title are no part of the document's own title.
    title = cells.get("title", "")
    cells["title"] = re.split(r"[_|]", title)[0].strip() if len(re.split(r"[_|]", title)[0]) > 8 else title
    return cells


def _with_pictures(source: str, folder: Folder, base: str) -> str:
    """The page with its saved pictures inside, so that they are read along."""

    def inside(match: re.Match[str]) -> str:
        address = unquote(unescape(match["address"]))
        ending = PurePosixPath(address.split("?")[0]).suffix.lower()
        if ending not in _PICTURES or "://" in address or address.startswith("data:"):
            return match[0]
        picture = folder.find(address, base)
        if picture is None or picture.size > _MOST_PICTURE:
            return match[0]
        coded = base64.b64encode(picture.load()).decode("ascii")
        return f"{match[1]}{match[2]}data:{_PICTURES[ending]};base64,{coded}{match[2]}"

    return _SOURCE.sub(inside, source)


def _linked(source: str, folder: Folder, base: str) -> tuple[list[tuple[str, Entry]], list[str]]:
    """Files to which the page links: those in the folder, and the names of those that are not."""
    attached: dict[str, tuple[str, Entry]] = {}
    missing: list[str] = []
    for match in _LINK.finditer(source):
        address = unquote(unescape(match["address"])).strip()
        ending = PurePosixPath(address.split("#")[0].split("?")[0]).suffix.lower()
        if ending not in _ATTACHED:
            continue
        words = " ".join(unescape(_TAG.sub("", match["words"])).split())
        found = folder.find(re.sub(r"^[a-z]+://[^/]+/", "", address, flags=re.I), base)
        if found is None:
            missing.append((words or address)[:80])
            continue
        stem = words.removesuffix(ending).strip(" 　") or PurePosixPath(found.name).stem
        attached.setdefault(found.path, (f"{stem[:100]}{found.ending}", found))
    return list(attached.values()), list(dict.fromkeys(missing))


def without_site_title(html: str, title: str) -> str:
    """The body without a first line that is the page's title with the site's name behind it."""
    match = re.match(r"\s*<(p|h[1-6])[^>]*>(.*?)</\1>", html, re.S)
    if match and title:
        words = unescape(_TAG.sub("", match[2])).strip()
        if words.startswith(title) and re.match(r"\s*[_|]", words[len(title) :]):
            return html[match.end() :]
    return html
