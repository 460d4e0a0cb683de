"""What somebody has filled in so far: kept sealed on the server under a random cookie, forgotten a day after the last step.

So the form works without scripts and without an account, files need not be chosen twice, and nothing personal stands in
an address or in the page.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import HttpRequest, HttpResponse

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


def read(request: HttpRequest) -> Draft | None:
    """The draft of this browser, while it lasts."""
    from django.utils import timezone

    secret = request.COOKIES.get(COOKIE, "")
    if not 30 <= len(secret) <= 100:
        return None
    return Draft.objects.filter(key=_key(secret), updated_at__gt=timezone.now() - KEPT).first()


def begin(response_to: dict[str, str]) -> Draft:
    """A new draft; its cookie's value is put into the dictionary, for `remember`."""
    secret = secrets.token_urlsafe(32)
    response_to["secret"] = secret
    with writing():
        return Draft.objects.create(key=_key(secret), content={"token": secrets.token_urlsafe(16)})


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
    _forget(list(draft.files.filter(pk=pk)))


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
    files = list(draft.files.all())
    with writing():
        draft.delete()
    _discard(files)


def _forget(files: list[DraftFile]) -> None:
    with writing():
        DraftFile.objects.filter(pk__in=[file.pk for file in files]).delete()
    _discard(files)


def _discard(files: list[DraftFile]) -> None:
    """The content goes where no other draft and no request has the same file."""
    digests = {file.digest for file in files}
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
