"""What other rooms may use of publishing: parts that they add to the page of a public document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict

from gongkai.core.models import Case, Unit, User
from gongkai.publications.models import PublicDocument

# Where a part may stand, in the order of the page: beside the text, or below it.
PLACES = ("interpretation", "services", "questions", "below")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the document page: a template and what it reads; left out when `context` gives nothing.

    `context(row)` gets the public document and may ask the database once. `tags(row)` are what the part shows, for the
    page cache.
    """

    place: str
    template: str
    context: Callable[[PublicDocument], dict[str, Any] | None]
    order: int = 50
    tags: Callable[[PublicDocument], list[str]] | None = None


parts: list[Part] = []


def register_part(
    place: str,
    template: str,
    context: Callable[[PublicDocument], dict[str, Any] | None],
    order: int = 50,
    *,
    tags: Callable[[PublicDocument], list[str]] | None = None,
) -> Part:
    """Show something of a room on the page of a document; called in `apps.ready()`.

    Raises ValueError for a place that the page does not have.
    """
    if place not in PLACES:
        raise ValueError(f"no place {place!r}")
    part = Part(place, template, context, order, tags)
    parts.append(part)
    parts.sort(key=lambda one: (PLACES.index(one.place), one.order))
    return part


def parts_of(row: PublicDocument) -> dict[str, list[dict[str, Any]]]:
    """Place -> the filled parts of a document's page; a place without any is not there."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        context = part.context(row)
        if context is not None:
            found.setdefault(part.place, []).append({"template": part.template, **context})
    return found


class LayoutError(Exception):
    """A document cannot be laid out as pages; the message says why and what to do."""


def pages_of_word(data: bytes, name: str) -> tuple[bytes, tuple[str, ...]]:
    """A Word file (or what LibreOffice makes one of) as PDF in the official layout, and what could not be kept.

    Raises `reading.ReadingError` for a file that cannot be read, LayoutError where no PDF can be made.
    """
    from gongkai.publications import body, renditions

    read = body.from_word(data, name)
    images = {image.sha256: image.data for image in read.images}
    try:
        pdf = renditions.to_pdf(renditions.OfficialDocument(title="", html=read.html, mark="", image=images.get))
    except renditions.RenditionError as error:
        raise LayoutError(str(error)) from error
    return pdf, read.warnings


def draft_from(
    unit: Unit, user: User | None, *, title: str, html: str, files: Sequence[Any], source: str, now: dt.datetime
) -> Case:
    """A draft for proactive disclosure made of what another room has, reviewed and checked like every other draft.

    `files` are uploads as a browser would send them, `html` is sanitised. Returns the draft's case.
    Raises ActError when the person does not write for the unit, or when publishing refuses the content.
    """
    from gongkai.core.acts import perform

    values = {"unit": unit.pk, "title": title, "body": html, "attribute": "proactive", "source": source}
    uploads = MultiValueDict({"files": list(files)})
    event = perform("publication.write", None, user, values, files=uploads, now=now, consequence=True)
    return Case.objects.get(pk=event.case_id)
