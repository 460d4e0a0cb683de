"""Files: kept once under their digest, type checked by content, scanned for viruses where a scanner is set."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import socket
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from gongkai.core.models import ActDraft, Attachment, Letter, LetterTemplate, User
from gongkai.core.privacy import sealing
from gongkai.core.schedule import every

# Ending -> (content type, first bytes one of which must stand there; empty = text).
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (b"PK\x03\x04",)),
    "doc": ("application/msword", (b"\xd0\xcf\x11\xe0",)),
    "xls": ("application/vnd.ms-excel", (b"\xd0\xcf\x11\xe0",)),
    "wps": ("application/vnd.ms-works", (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")),
    "et": ("application/vnd.ms-excel", (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")),
    "ofd": ("application/ofd", (b"PK\x03\x04",)),
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": ("image/gif", (b"GIF8",)),
    "mp4": ("video/mp4", ()),
    "mp3": ("audio/mpeg", ()),
    "zip": ("application/zip", (b"PK\x03\x04", b"PK\x05\x06")),
    "txt": ("text/plain", ()),
    "csv": ("text/csv", ()),
    "html": ("text/html", ()),
    "htm": ("text/html", ()),
}
# Uploads of a draft that nobody sent are kept this long.
DRAFT_DAYS = 30
_OFFICE_FOLDER = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}


class Refused(ValidationError):
    """The file is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store."""

    digest: str
    size: int


def path_of(digest: str) -> Path:
    """Where the file with this digest lies."""
    storages: Any = settings.STORAGES
    return Path(storages["default"]["OPTIONS"]["location"]) / digest[:2] / digest[2:4] / digest


def keep(data: bytes, *, sealed: bool = False) -> Kept:
    """Put bytes into the store; the same bytes twice are kept once. The write is atomic and reaches the disk.

    Sealed bytes are encrypted on disk, their address stays the digest of the plain ones; what lies there sealed stays so,
    what lies there plain is sealed as soon as one keeper asks for it. Raises privacy.KeyFault without a key.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(digest)
    # A plain file that begins like a sealed one could not be told from it.
    sealed = sealed or sealing.is_sealed(data)
    if not path.exists() or (sealed and not is_sealed(digest)):
        put(path, sealing.seal_file(data, digest) if sealed else data)
    return Kept(digest, len(data))


def put(path: Path, data: bytes) -> None:
    """Write a file of the store, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o640)
    Path(name).replace(path)


def is_sealed(digest: str) -> bool:
    """Whether the file with this digest is encrypted on disk; FileNotFoundError when it is gone."""
    with path_of(digest).open("rb") as file:
        return sealing.is_sealed(file.read(len(sealing.MAGIC)))


def load(digest: str) -> bytes:
    """The plain bytes with this digest.

    Raises:
        ValueError: they were changed on disk.
        FileNotFoundError: they are gone.
        privacy.Fault: they are sealed and cannot be opened.
    """
    data = path_of(digest).read_bytes()
    if sealing.is_sealed(data):
        data = sealing.unseal_file(data, digest)
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"文件 {digest[:12]} 的内容与登记的摘要不符。")
    return data


def stream(digest: str) -> BinaryIO | Iterator[bytes]:
    """The plain content for a response that streams: an open file, or the pieces of a sealed one.

    Raises:
        FileNotFoundError: it is gone.
        privacy.Fault: it is sealed and cannot be opened; the first piece is proven before this returns.
    """
    file = path_of(digest).open("rb")
    head = file.read(len(sealing.MAGIC))
    file.seek(0)
    if not sealing.is_sealed(head):
        return file
    pieces = sealing.pieces_of(file, digest)
    return chain([next(pieces)], pieces)


def clean_name(name: str) -> str:
    """A file name without folders and control characters, at most 120 characters."""
    name = PurePath(name.replace("\\", "/")).name
    name = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*\u202e\u202d\u2066\u2067\u2068\u2069').strip(
        " ."
    )
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:110]}.{ending[:10]}" if dot and stem else (name[:120] or "未命名")


def check(name: str, data: bytes) -> str:
    """The content type of an upload; raises Refused when it may not be taken."""
    ending = PurePath(name).suffix.lower().lstrip(".")
    if ending not in KINDS:
        raise Refused(f"“{name}”的格式不在允许范围。请上传 Word、Excel、PDF、图片、音视频、文本或压缩包。")
    if not data:
        raise Refused(f"“{name}”是空文件。请检查后重新上传。")
    limit = settings.GONGKAI_UPLOAD_MEGABYTES
    if len(data) > limit * 1024 * 1024:
        raise Refused(f"“{name}”超过{limit} MB。请压缩或拆分后上传。")
    content_type, starts = KINDS[ending]
    if starts and not data.startswith(starts):
        raise Refused(f"“{name}”的内容与扩展名不符。请用原来的软件打开，另存后再上传。")
    if (
        not starts
        and ending in ("txt", "csv", "html", "htm")
        and b"\x00" in data[:4096]
        and data[:2] not in (b"\xff\xfe", b"\xfe\xff")
    ):
        raise Refused(f"“{name}”不是文本文件。请检查后重新上传。")
    if ending in _OFFICE_FOLDER:
        _check_office(name, data, _OFFICE_FOLDER[ending])
    scan(name, data)
    return content_type


def _check_office(name: str, data: bytes, folder: str) -> None:
    import io

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile:
        raise Refused(f"“{name}”已损坏，打不开。请重新保存后上传。") from None
    if not any(entry.startswith(folder) for entry in names):
        raise Refused(f"“{name}”的内容与扩展名不符。请用原来的软件打开，另存后再上传。")
    if unpacked > 500 * 1024 * 1024:
        raise Refused(f"“{name}”展开后过大，可能有问题。请联系系统管理员。")
    if any(entry.endswith("vbaProject.bin") for entry in names):
        raise Refused(f"“{name}”含有宏。请去掉宏后另存再上传。")


def scan(name: str, data: bytes) -> None:
    """Ask clamd, where one is set; a scanner that does not answer is told, not passed over."""
    address = settings.GONGKAI_CLAMAV_SOCKET
    if not address:
        return
    try:
        answer = _clamd(address, data)
    except OSError:
        raise Refused("病毒检查服务没有响应，文件暂未接收。请稍后再试，或联系系统管理员。") from None
    if "FOUND" in answer:
        raise Refused(f"“{name}”未通过病毒检查，没有接收。")


def _clamd(address: str, data: bytes) -> str:
    if address.startswith("/"):
        link = socket.socket(socket.AF_UNIX)
        target: str | tuple[str, int] = address
    else:
        host, _, port = address.rpartition(":")
        link, target = socket.socket(), (host, int(port))
    with link:
        link.settimeout(30)
        link.connect(target)
        link.sendall(b"zINSTREAM\x00")
        for at in range(0, len(data), 65536):
            part = data[at : at + 65536]
            link.sendall(len(part).to_bytes(4, "big") + part)
        link.sendall(b"\x00\x00\x00\x00")
        return link.recv(4096).decode("utf-8", "replace")


def store(
    file: UploadedFile, *, user: User | None, remark: str = "", sealed: bool = False, label: str = "加密材料"
) -> Attachment:
    """Check and keep an upload; the row is not saved yet.

    A sealed one is encrypted, its own name too; lists call it by `label` and its ending. Raises Refused, privacy.KeyFault.
    """
    name = clean_name(file.name or "")
    data = file.read()
    content_type = check(name, data)
    kept = keep(data, sealed=sealed)
    return Attachment(
        name=f"{label}{PurePath(name).suffix.lower()}" if sealed else name,
        private_name=name if sealed else None,
        sealed=sealed,
        digest=kept.digest,
        size=kept.size,
        content_type=content_type,
        uploaded_by=user,
        remark=remark,
    )


def discard(digests: Iterable[str]) -> int:
    """Delete the content of files that no attachment or letter needs any more; returns how many went."""
    wanted = set(digests)
    if not wanted:
        return 0
    used = set(Attachment.objects.filter(digest__in=wanted, erased_at=None).values_list("digest", flat=True))
    used |= set(Letter.objects.filter(digest__in=wanted, erased_at=None).values_list("digest", flat=True))
    used |= set(LetterTemplate.objects.filter(digest__in=wanted).values_list("digest", flat=True))
    gone = 0
    for digest in wanted - used:
        path = path_of(digest)
        gone += path.exists()
        path.unlink(missing_ok=True)
    return gone


@every("attachments.drafts", daily_at=dt.time(3, 20))
def forget_drafts(now: dt.datetime) -> int:
    """Uploads that waited in a draft for a month and were never sent; the drafts that named them go too."""
    before = now - dt.timedelta(days=DRAFT_DAYS)
    ActDraft.objects.filter(updated_at__lt=before).delete()
    left = Attachment.objects.filter(case__isnull=True, event__isnull=True, draft_of__isnull=False)
    digests = list(left.filter(uploaded_at__lt=before).values_list("pk", "digest"))
    Attachment.objects.filter(pk__in=[pk for pk, _ in digests]).delete()
    discard(digest for _, digest in digests)
    return len(digests)
