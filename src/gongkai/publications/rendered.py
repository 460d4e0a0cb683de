"""Downloads of a document: made once from the released version, kept on disk under its digest, gone with withdrawal."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django_tasks import task as background

from gongkai.core import attachments, transparency
from gongkai.core.locks import writing
from gongkai.core.transparency.models import LogFile
from gongkai.publications.models import Publication, PublicDocument, Version
from gongkai.publications.outward import subject_of

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS = {"docx": WORD, "pdf": "application/pdf", "txt": "text/plain; charset=utf-8"}
LABELS = {"docx": "Word", "pdf": "PDF", "txt": "纯文本"}
# Raised when what the renditions look like changes: kept files of before are made anew.
FORMAT = 1


class NotMade(Exception):
    """The file cannot be made on this server; the message is a sentence for the reader."""


def heard(what: str, publication: Publication, row: PublicDocument | None) -> None:
    """Listener of `outward`: nothing derived outlives a withdrawal."""
    if row is None:
        purge(publication.pk)


def folder_of(publication: int) -> Path:
    """Where the kept files of a document lie."""
    return Path(settings.DATA_DIR) / "renditions" / f"{publication % 1000:03d}" / str(publication)


def purge(publication: int) -> None:
    """Take away every kept file of a document."""
    folder = folder_of(publication)
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def file_of(version: Version, form: str) -> bytes:
    """The version as Word, PDF or text; made on first use.

    Raises:
        NotMade: the server lacks what the form needs.
    """
    path = folder_of(version.publication_id) / f"{version.number}-{version.digest}-{FORMAT}.{form}"
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    data = _made(version, form)
    _register(version, form, data)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(name).replace(path)
    # Withdrawn while it was being made: what was written a moment ago goes too.
    if not PublicDocument.objects.filter(pk=version.publication_id).exists():
        purge(version.publication_id)
    return data


def _register(version: Version, form: str, data: bytes) -> None:
    """Put the digest of a download into the log, once, so that whoever has the file can prove where it came from."""
    digest = hashlib.sha256(data).hexdigest()
    with writing():
        row = PublicDocument.objects.select_related("publication__unit").filter(version=version.pk).first()
        if row is None or LogFile.objects.filter(sha256=digest, entry__subject=subject_of(row.publication)).exists():
            return
        transparency.record(
            row.publication,
            act="rendered",
            subject=subject_of(row.publication),
            version=version.number,
            files=[(f"正文.{form}", digest)],
            address=row.publication.public_address,
            at=timezone.now(),
        )


@background()
def prepare(version_id: int) -> None:
    """Make the downloads of a released version before anybody asks for them."""
    version = Version.objects.select_related("unit").filter(pk=version_id, public=True).first()
    for form in FORMS if version is not None else ():
        with contextlib.suppress(NotMade):
            file_of(version, form)


def _made(version: Version, form: str) -> bytes:
    from gongkai.publications import renditions

    document = official(version)
    if form == "docx":
        return renditions.to_word(document)
    if form == "txt":
        return renditions.to_text(document).encode("utf-8")
    try:
        return renditions.to_pdf(document)
    except renditions.RenditionError as problem:
        raise NotMade("本服务器暂时不能生成PDF。请下载Word或纯文本，或者用浏览器打印成PDF。") from problem


def official(version: Version):
    """A version as the renditions take it."""
    from gongkai.publications import renditions

    return renditions.OfficialDocument(
        title=version.title,
        html=version.body,
        number=version.document_number,
        issuing_body=version.issuer or version.unit.name,
        made=version.made_on,
        enclosures=tuple(file.name.rpartition(".")[0] or file.name for file in version.files.all() if not file.inline),
        note="此件公开发布",
        image=_picture,
    )


def _picture(digest: str) -> bytes | None:
    try:
        return attachments.load(digest)
    except (FileNotFoundError, ValueError):
        return None
