"""What a reply gave: its files and their text, with everything that tells about people removed or named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai import screening
from gongkai.core import attachments
from gongkai.core.models import Unit
from gongkai.core.privacy import Fault
from gongkai.requests import materials
from gongkai.requests.appeals import anonymous
from gongkai.requests.models import Material, Request

# Replies that give something: all of it, or part of it.
GIVING = ("G-b", "P")
MOST_TEXT = 20_000
_PERSONAL = frozenset(
    {
        "identity", "identity_suspect", "mobile", "landline", "bank", "credit_code", "passport", "email", "messenger",
        "address", "minor", "health", "plate", "secrecy", "internal", "covered",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a file or text that tells about people or must not go out: what, where, and what stands there now.

    The words themselves are not carried along.
    """

    label: str
    place: str
    after: str = ""
    explanation: str = ""


@dataclass(slots=True)
class Given:
    """A file that was given, as it may become public: its cleaned text, what was found in it."""

    material: Material
    text: str = ""
    found: list[Found] = field(default_factory=list)
    # No machine can read (all of) it: somebody has to look through it.
    unread: bool = False
    failure: str = ""

    @property
    def fits(self) -> bool:
        """Whether the file itself may be attached: nothing was found in it."""
        return not self.found and not self.failure


def files_of(case: Request) -> list[Material]:
    """The materials that went out: given whole, or as masked copies."""
    rows = case.materials.filter(treatment__in=(Material.Treatment.GIVEN, Material.Treatment.MASKED))
    return [row for row in rows.select_related("original", "masked") if materials.outgoing(row) is not None]


def read(material: Material, known: Mapping[str, str]) -> Given:
    """One file that went out: never the original where parts of it were masked."""
    given = Given(material)
    attachment = materials.outgoing(material)
    if attachment is None or attachment.erased_at:
        given.failure = "文件已经不在。"
        return given
    try:
        parts = screening.extract(attachments.load(attachment.digest), attachment.own_name)
    except screening.Unreadable as problem:
        given.failure = problem.message
        return given
    except (FileNotFoundError, ValueError, Fault) as problem:
        given.failure = f"文件打不开：{problem}" if isinstance(problem, ValueError | Fault) else "文件已经不在。"
        return given
    given.unread = any(part.kind == "unchecked" for part in parts)
    # The file's name as it was uploaded does not go out.
    shown = [part for part in parts if part.kind != "unchecked" and part.place != "文件名"]
    for hit in screening.screen(shown, wordings=()):
        if hit.kind in _PERSONAL:
            given.found.append(Found(hit.label, hit.place, hit.mask or "", hit.explanation))
    for value in known:
        places = [part.place for part in shown if value in part.text]
        given.found += [Found("申请人或者第三方的信息", place, known[value]) for place in places[:3]]
    body = "\n".join(part.text for part in shown if part.kind == "body")[:MOST_TEXT]
    given.text = anonymous.cleaned(body, known)
    return given


def everything(case: Request) -> list[Given]:
    """All files that went out, read."""
    known = anonymous.known_of(case)
    return [read(material, known) for material in files_of(case)]


def suggested(case: Request, found: list[Given]) -> dict[str, Any]:
    """Title, text and files to begin a publication with."""
    known = anonymous.known_of(case)
    texts = [given.text for given in found if given.text and not given.failure]
    return {
        "title": anonymous.cleaned(case.wanted, known)[:300],
        "text": "\n\n".join(texts)[:MOST_TEXT],
        "materials": [given.material.pk for given in found if given.fits and (given.unread or not given.text)],
    }


def hits_in(texts: Mapping[str, str], case: Request) -> list[Found]:
    """What still must not stand in words that somebody typed."""
    known = anonymous.known_of(case)
    found = [
        Found("申请人或者第三方的信息", label, known[value])
        for label, text in texts.items()
        for value in known
        if value in text
    ]
    for label, text in texts.items():
        for hit in screening.screen_text(text, wordings=(), allow=offices()):
            if hit.kind in _PERSONAL:
                found.append(Found(hit.label, label, hit.mask or "", hit.explanation))
    return found


def offices() -> list[str]:
    """Offices' own telephones are no personal data."""
    return list(Unit.objects.exclude(telephone="").values_list("telephone", flat=True))


def as_html(text: str) -> str:
    """Typed paragraphs as the body of a publication."""
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def as_upload(material: Material) -> SimpleUploadedFile:
    """The file as it went out, under the material's own title."""
    attachment = materials.outgoing(material)
    if attachment is None:
        raise FileNotFoundError(material.title)
    ending = PurePath(attachment.own_name).suffix
    name = material.title if material.title.endswith(ending) else f"{material.title}{ending}"
    return SimpleUploadedFile(name, attachments.load(attachment.digest), attachment.content_type)
