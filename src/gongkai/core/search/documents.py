"""What the index knows of a record, and the registry of what can be found."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import QuerySet

# More of one file is not looked through: a table of a million lines would drown everything else.
MOST_OF_A_FILE = 300_000
MOST_OF_A_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class AttachedText:
    """The words of an attachment: its name and the text that was read out of it."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A record as it is searched and shown in the list of hits.

    Attributes:
        source: code of the registered source.
        pk: the record's id within its source.
        title: shown as the link; found first.
        url: address of its page.
        body: plain text; paragraphs separated by newlines.
        numbers: document number, index number, number of the case: found as numbers in any way of writing.
        attachments: words inside attached files.
        unit: id of the publishing or owning unit (facet; and the owner when staff search).
        unit_name: the unit's name as shown with the hit.
        category: kind in words, e.g. 政策文件 (facet 类别).
        subject: subject class in words (facet 主题).
        validity: 现行有效, 已废止 … (facet 有效性); empty where none applies.
        day: date shown and sorted by; the facet of years comes from it unless `year` is given.
        year: the year under which it is listed.
        public: everybody may find it. False: staff only.
        everyone: all staff may find it, whatever their unit.
        shared_units: further units whose staff may find it.
        keywords: other words under which it shall be found, not shown.
        note: a short line shown with the best hit.
    """

    source: str
    pk: int
    title: str
    url: str
    body: str = ""
    numbers: tuple[str, ...] = ()
    attachments: tuple[AttachedText, ...] = ()
    unit: int | None = None
    unit_name: str = ""
    category: str = ""
    subject: str = ""
    validity: str = ""
    day: dt.date | None = None
    year: int | None = None
    public: bool = False
    everyone: bool = False
    shared_units: tuple[int, ...] = ()
    keywords: tuple[str, ...] = ()
    note: str = ""

    @property
    def key(self) -> str:
        """The document's name in the index."""
        return key_of(self.source, self.pk)

    @property
    def listed_year(self) -> int:
        """The year for the facet; 0 without a date."""
        return self.year or (self.day.year if self.day else 0)

    @property
    def digest(self) -> int:
        """A fingerprint of 62 bits: reconciliation compares it with the index."""
        values = [getattr(self, name) for name in _NAMES]
        values += [[item.name, item.text] for item in self.attachments]
        content = json.dumps(values, ensure_ascii=False, default=str)
        return int.from_bytes(hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=8).digest()) >> 2


_NAMES = tuple(field.name for field in fields(SearchDocument) if field.name != "attachments")


def key_of(source: str, pk: int) -> str:
    """Name of a record in the index."""
    return f"{source}:{pk}"


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record that can be found: all its rows, and how one becomes a document (None: not to be found)."""

    code: str
    label: str
    queryset: Callable[[], QuerySet]
    document: Callable[[Any], SearchDocument | None]


sources: dict[str, Source] = {}


def register_source(
    code: str,
    label: str,
    queryset: Callable[[], QuerySet],
    document: Callable[[Any], SearchDocument | None],
) -> Source:
    """Make records findable; called in `apps.ready()`.

    Args:
        code: short name, e.g. "publication"; stands in the index.
        label: what readers call these records.
        queryset: all rows that belong into the index, with everything `document` reads joined or prefetched.
        document: the document of one row, or None when it must not be found.

    Raises:
        ValueError: the code holds a colon or is longer than 30 characters.
    """
    if ":" in code or not 0 < len(code) <= 30:
        raise ValueError(f"no code of a search source: {code!r}")
    sources[code] = Source(code, label, queryset, document)
    return sources[code]


# What somebody who found nothing can do next: label, url name.
ways_on: list[tuple[str, str]] = []


def register_way_on(label: str, url_name: str) -> None:
    """Offer a way on at the end of a search, such as 申请公开; called in `apps.ready()`."""
    if (label, url_name) not in ways_on:
        ways_on.append((label, url_name))


# Categories whose documents come before others that match as well: what binds before what tells of it.
leading: set[str] = set()
# What a document's validity is called while it is in force, and after.
IN_FORCE = ("现行有效", "有效")
PAST = ("失效", "废止", "已失效", "已废止")


def register_leading(*categories: str) -> None:
    """Let documents of these categories come first among equals, unless they are past; called in `apps.ready()`."""
    leading.update(categories)


# Where readers ask to be told of new answers by mail: url name, taking `what=search` and `keyword`.
mail_pages: list[str] = []


def register_mail_page(url_name: str) -> None:
    """Offer a mail subscription of a search; called in `apps.ready()`."""
    if url_name not in mail_pages:
        mail_pages.append(url_name)


def unregister_source(code: str) -> None:
    """Forget a source; for tests."""
    sources.pop(code, None)
