"""Repeated and similar requests: found and shown with their links, never decided by the machine (条例 art. 36, 6).

Who asks again is found by the mark of the identity. Who asks alike is found by bands of a signature of the words: two
requests that share a band may be alike, and only those are compared word by word. Every question reads a bounded number
of rows, however many requests there are.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable

from django.db.models import Count, Max, Q

from gongkai.core.locks import writing
from gongkai.core.schedule import every
from gongkai.law.requests.likeness import bigrams, similarity
from gongkai.requests.models import Request, Resemblance, Wording

# From here on two texts are worth showing: of the same person earlier than of two strangers.
ALIKE_OF_SAME, ALIKE_OF_OTHERS = 0.5, 0.65
MOST_OWN, MOST_PER_BAND, MOST_SHOWN = 60, 40, 10
BANDS, ROWS = 4, 2
OVERLAP, MOST_AT_ONCE = 1000, 500
_PRIME = (1 << 61) - 1
# Fixed multipliers, so that a signature means the same for ever.
_STEPS = tuple((0x9E3779B97F4A7C15 * (2 * n + 1) % _PRIME, 0xC2B2AE3D27D4EB4F * (n + 3) % _PRIME) for n in range(8))


def bands(text: str) -> list[int]:
    """The signature of a text in four numbers: texts of which half is common share one in two of three cases."""
    marks = [zlib.crc32(pair.encode()) for pair in bigrams(text)]
    if not marks:
        return []
    least = [min((a * mark + b) % _PRIME for mark in marks) for a, b in _STEPS]
    return [
        (least[at] * 0xD6E8FEB86659FD93 + least[at + 1] + at) & 0x7FFFFFFFFFFFFFFF
        for at in range(0, BANDS * ROWS, ROWS)
    ]


def words_of(case: Request) -> str:
    """What is compared: name of the information and content."""
    return f"{case.subject}\n{case.content}"


def percent(case: Request, other: Request) -> int:
    """How alike the words of two requests are, in per cent."""
    return round(similarity(words_of(case), words_of(other)) * 100)


def refresh(case: Request) -> list[Resemblance]:
    """Find the requests a request resembles and keep them as hints; what people judged already stays.

    Runs inside a transaction; asking again changes nothing unless requests came in between.
    """
    if not Wording.objects.filter(request=case).exists():
        Wording.objects.bulk_create([Wording(request=case, band=band) for band in bands(words_of(case))])
    known = set(Resemblance.objects.filter(request=case).order_by().values_list("earlier_id", flat=True))
    rows = [row for row in _compared(case) if row.earlier_id not in known]
    Resemblance.objects.bulk_create(rows[:MOST_SHOWN], ignore_conflicts=True)
    return rows[:MOST_SHOWN]


def known_again(case: Request) -> None:
    """Who asked is known better now: say anew of each hint whether it is the same person, and look for others."""
    rows = Resemblance.objects.filter(Q(request=case) | Q(earlier=case)).select_related("request", "earlier")
    changed = []
    for row in rows:
        same = bool(case.identity_mark) and row.request.identity_mark == row.earlier.identity_mark
        if same != row.same_applicant:
            row.same_applicant = same
            changed.append(row)
    Resemblance.objects.bulk_update(changed, ["same_applicant"])
    refresh(case)


def _compared(case: Request) -> list[Resemblance]:
    text = words_of(case)
    found = []
    for earlier in [*_own(case), *_others(case)]:
        same = bool(case.identity_mark) and earlier.identity_mark == case.identity_mark
        alike = similarity(text, words_of(earlier))
        if alike >= (ALIKE_OF_SAME if same else ALIKE_OF_OTHERS):
            found.append(Resemblance(request=case, earlier=earlier, same_applicant=same, percent=round(alike * 100)))
    return sorted(found, key=lambda row: (not row.same_applicant, -row.percent, -row.earlier_id))


def _earlier(case: Request):
    # Parts of one request and what was moved here are one matter, not two.
    family = [case.origin_id] if case.origin_id else []
    rows = Request.objects.filter(pk__lt=case.pk).exclude(pk__in=family)
    return rows.only("subject", "content", "identity_mark", "unit_id", "origin_id")


def _own(case: Request) -> Iterable[Request]:
    """Earlier requests of the same person, to whatever body."""
    if not case.identity_mark:
        return []
    rows = _earlier(case).filter(identity_mark=case.identity_mark)
    if case.origin_id:
        rows = rows.exclude(origin=case.origin_id)
    return rows.order_by("-received_on", "-pk")[:MOST_OWN]


def _others(case: Request) -> Iterable[Request]:
    """Earlier requests of other people to the same body, alike by their signature."""
    ids: set[int] = set()
    for band in Wording.objects.filter(request=case).values_list("band", flat=True):
        ids.update(
            Wording.objects.filter(band=band, request__lt=case.pk)
            .order_by("-id")
            .values_list("request_id", flat=True)[:MOST_PER_BAND]
        )
    if not ids:
        return []
    rows = _earlier(case).filter(pk__in=ids, unit=case.unit_id)
    return rows.exclude(identity_mark=case.identity_mark) if case.identity_mark else rows


@every("requests.duplicates", minutes=1)
def look(now: dt.datetime) -> int:
    """Look for what new requests resemble, so that nobody who submits waits for it; returns how many were looked at.

    Those whose signature was never made are found behind the newest that has one; a transaction that ended late falls
    into the overlap.
    """
    last = Wording.objects.aggregate(last=Max("request_id"))["last"]
    if last is None:
        last = Request.objects.aggregate(last=Max("pk"))["last"] or 0
    rows = Request.objects.filter(pk__gt=last - OVERLAP, wordings__isnull=True).order_by("pk")
    done = 0
    for case in rows[:MOST_AT_ONCE]:
        with writing():
            refresh(case)
        done += 1
    return done


def shown(case: Request) -> list[Resemblance]:
    """The hints of a request for its page, with the earlier requests and their bodies."""
    return list(case.resemblances.select_related("earlier__unit")[:MOST_SHOWN])


def open_count(case: Request) -> int:
    """How many hints nobody judged yet."""
    return case.resemblances.filter(finding="").aggregate(number=Count("id"))["number"]
