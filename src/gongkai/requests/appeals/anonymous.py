"""Words without anybody's data: what a request says of people is masked, and whatever is still found stops the act.

Two sieves: the sealed values of the request or appeal the words come from (names are found by no pattern), and
`screening` (identity numbers, telephones, addresses, minors, health).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gongkai import screening
from gongkai.core.acts import ActError
from gongkai.core.models import Unit
from gongkai.core.privacy import mask
from gongkai.requests.appeals.models import Appeal
from gongkai.requests.models import Consultation, Request

# Of the fields of a form, those that tell who somebody is, with the mask of each.
MASKS: dict[str, Callable[[str], str]] = {
    "name": mask.name,
    "representative": mask.name,
    "contact": mask.name,
    "agent": mask.name,
    "identity_number": mask.identity,
    "agent_identity": mask.identity,
    "credit_code": mask.credit_code,
    "address": mask.address,
    "phone": mask.phone,
    "fax": mask.phone,
    "email": mask.email,
    "employer": lambda text: "某单位",
}
# Findings about wording or secrecy are advice elsewhere; here they do not tell who somebody is.
_PERSONAL = frozenset(
    {
        "identity", "identity_suspect", "mobile", "landline", "bank", "credit_code", "passport", "email", "messenger",
        "address", "minor", "health", "plate",
    }
)  # fmt: skip
_SECRET = frozenset({"secrecy", "internal", "covered"})


_SEVERAL = re.compile(r"[、，,；;/]|\s+")


def parties(text: str) -> list[str]:
    """The parties that one line names: 张某、李某."""
    return [one.strip() for one in _SEVERAL.split(text) if one.strip()]


def known_of(request: Request | None, *appeals: Appeal | None) -> dict[str, str]:
    """Value -> mask of everything that is known of the people behind a request and its appeals."""
    found: dict[str, str] = {}
    if request is not None and request.erased_at is None:
        found |= _of(request.applicant or {})
        for row in Consultation.objects.filter(request=request.pk, kind=Consultation.Kind.THIRD_PARTY):
            found |= _of(row.party or {})
    for appeal in appeals:
        if appeal is not None and appeal.party:
            found |= {name: mask.name(name) for name in parties(appeal.party)}
    return {value: hidden for value, hidden in found.items() if len(value) > 1}


def _of(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        text: MASKS[name](text)
        for name, value in values.items()
        if name in MASKS and isinstance(value, str) and len(text := value.strip()) > 1
    }


def cleaned(text: str, known: Mapping[str, str]) -> str:
    """The words with known values and everything that screening can mask replaced."""
    for value in sorted(known, key=len, reverse=True):
        text = text.replace(value, known[value])
    hits = [hit for hit in screening.screen_text(text, wordings=(), allow=_offices()) if hit.kind in _PERSONAL]
    return screening.mask(text, hits)


def faults(texts: Mapping[str, str], known: Iterable[str] = ()) -> list[str]:
    """What must not stand there, each a sentence with its place; never the words themselves."""
    found = []
    for label, text in texts.items():
        if any(value in text for value in known):
            found.append(f"“{label}”里有来源事项中当事人的信息")
    parts = [screening.Part(place=label, text=text) for label, text in texts.items() if text]
    for hit in screening.screen(parts, wordings=(), allow=_offices()):
        if hit.kind in _PERSONAL | _SECRET:
            found.append(f"“{parts[hit.index].place}”里有{hit.label}")
    return list(dict.fromkeys(found))


def check(texts: Mapping[str, str], known: Iterable[str] = ()) -> None:
    """Raises ActError when anything is found that tells who somebody is."""
    found = faults(texts, known)
    if found:
        raise ActError(f"{'；'.join(found[:4])}。请删去或者改写后再保存。")


def _offices() -> list[str]:
    """Offices' own telephones are no personal data."""
    return list(Unit.objects.exclude(telephone="").values_list("telephone", flat=True))
