"""What somebody has filled in so far: kept sealed on the server under a random cookie, forgotten a day after the last step.

So the form works without scripts and without an account, files need not be chosen twice, and nothing personal stands in
an address or in the page.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from gongkai.core import attachments
from gongkai.core.locks import writing
from gongkai.core.schedule import every
from gongkai.requests.models import Draft, DraftFile

COOKIE = "gongkai_application"
KEPT = dt.timedelta(hours=24)
MOST_FILES = 5
MOST_MEGABYTES = 20


class Refused(Exception):
    """A file is not taken; the message is a sentence for the reader."""


def _key(secret: str) -> str:
    return hashlib.sha256(f"application draft {secret}".encode()).hexdigest()


def key_of(request: HttpRequest) -> str:
    """The key of this browser's draft; empty where it has none."""
    secret = request.COOKIES.get(COOKIE, "")
    return _key(secret) if 30 <= len(secret) <= 100 else ""


def read(request: HttpRequest) -> Draft | None:
    """The draft of this browser, while it lasts; `with_files` tells whether it has any."""
    key = key_of(request)
    return read_all([key]).get(key) if key else None


def read_all(keys: Sequence[str]) -> dict[str, Draft]:
    """Drafts by their keys, those that last, each with `with_files`."""
    since = connection.ops.adapt_datetimefield_value(timezone.now() - KEPT)
    # Every step asks this first: it is written out, and asks for both at once.
    found: Any = Draft.objects.raw(
        "SELECT draft.*, EXISTS (SELECT 1 FROM requests_draftfile file WHERE file.draft_id = draft.id) AS with_files"  # noqa: S608
        f" FROM requests_draft draft WHERE draft.key IN ({_marks(keys)}) AND draft.updated_at > %s",
        [*keys, since],
    )
    return {draft.key: draft for draft in found}


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def begin(response_to: dict[str, str]) -> Draft:
    """A new draft; its cookie's value is put into the dictionary, for `remember`."""
    secret = secrets.token_urlsafe(32)
    response_to["secret"] = secret
    with writing():
        return Draft.objects.create(key=_key(secret), content={})


def remember(response: HttpResponse, secret: str) -> HttpResponse:
    """Give the browser the cookie of its draft."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(KEPT.total_seconds()),
        path="/requests/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def save(draft: Draft, **parts: Any) -> None:
    """Write parts of the content down."""
    draft.content = {**draft.content, **parts}
    with writing():
        draft.save(update_fields=["content", "updated_at"])


def add_file(draft: Draft, upload: UploadedFile) -> DraftFile:
    """Keep one more file. Raises Refused."""
    name = attachments.clean_name(upload.name or "")
    if draft.files.count() >= MOST_FILES:
        raise Refused(f"最多{MOST_FILES}个文件，“{name}”没有收下。请去掉不要的，或者合并以后再传。")
    if (upload.size or 0) > MOST_MEGABYTES * 1024 * 1024:
        raise Refused(f"“{name}”超过{MOST_MEGABYTES} MB。请压缩或拆分后再传。")
    data = upload.read()
    try:
        content_type = attachments.check(name, data)
    except attachments.Refused as problem:
        raise Refused(problem.messages[0]) from None
    kept = attachments.keep(data, sealed=True)
    with writing():
        return DraftFile.objects.create(
            draft=draft, name=name, digest=kept.digest, size=kept.size, content_type=content_type
        )


def drop_file(draft: Draft, pk: int) -> None:
    """Take a file out again."""
    digests = set(draft.files.filter(pk=pk).values_list("digest", flat=True))
    with writing():
        draft.files.filter(pk=pk).delete()
    _discard(digests)


def uploads(draft: Draft) -> list[UploadedFile]:
    """The files as an act takes them. Raises Refused when one cannot be read any more."""
    found: list[UploadedFile] = []
    for file in draft.files.all():
        try:
            data = attachments.load(file.digest)
        except (OSError, ValueError):
            raise Refused(f"“{file.name}”已经读不出来。请回到第2步重新上传。") from None
        found.append(SimpleUploadedFile(file.name, data, file.content_type))
    return found


def forget(draft: Draft) -> None:
    """The draft goes, with its files."""
    with writing():
        forget_all([draft.pk])


def forget_all(keys: Sequence[int]) -> None:
    """Drafts go, with their files, in two statements; runs in a transaction."""
    marks = _marks(keys)
    with connection.cursor() as cursor:
        # In this order: whoever adds a file at this moment is waited for, and the file is there to be deleted.
        cursor.execute(f"DELETE FROM requests_draft WHERE id IN ({marks})", keys)  # noqa: S608
        cursor.execute(f"DELETE FROM requests_draftfile WHERE draft_id IN ({marks}) RETURNING digest", keys)  # noqa: S608
        digests = {digest for (digest,) in cursor.fetchall()}
    if digests:
        transaction.on_commit(partial(_discard, digests))


def _discard(digests: set[str]) -> None:
    """The content goes where no other draft and no request has the same file."""
    shared = set(DraftFile.objects.filter(digest__in=digests).values_list("digest", flat=True))
    attachments.discard(digests - shared)


@every("requests.drafts", minutes=30)
def forget_old(now: dt.datetime) -> int:
    """Drafts that nobody went on with for a day; returns how many went."""
    old = Draft.objects.filter(updated_at__lt=now - KEPT)
    number = 0
    for draft in old[:500]:
        forget(draft)
        number += 1
    return number
