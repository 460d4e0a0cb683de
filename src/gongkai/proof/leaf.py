"""The leaf of the log: one public act as canonical JSON. It commits to content and files by digest and names no person.

Canonical JSON here: UTF-8, names sorted by code point, no spaces, text in Unicode form NFC with \\n as line end, whole
numbers only. Two programs that follow this sentence write the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = 1
PUBLISHED = "published"
AMENDED = "amended"
WITHDRAWN = "withdrawn"
VALIDITY = "validity_changed"
FIGURES = "ledger_figures_released"
RENDERED = "rendered"
ANCHOR = "audit_anchored"
ACTS = {
    PUBLISHED: "发布",
    AMENDED: "修改",
    WITHDRAWN: "撤回",
    VALIDITY: "有效性变更",
    FIGURES: "公开台账数据",
    RENDERED: "登记下载件",
    ANCHOR: "登记留痕摘要",
}
# Acts that bring content, or (downloads) another form of the content of the same version.
CONTENT_ACTS = frozenset({PUBLISHED, AMENDED, FIGURES, RENDERED})
DETAILS = {"": "", "valid": "有效", "modified": "部分修改", "repealed": "已废止", "lapsed": "已失效"}
# More files than these are told in several leaves: the length of a leaf is limited by the format of bundles.
FILES_PER_LEAF = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))
_NEUTRAL = re.compile(r"(正文|附件\d{0,3}|网页|图\d{0,3}|台账|方案|原文)\.[a-z0-9]{1,8}")
_ENDING = re.compile(r"\.([a-z0-9]{1,8})$")


@dataclass(frozen=True, slots=True)
class LeafFile:
    """A public file of the version: a neutral name and the SHA-256 of its bytes, in hex."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One public act."""

    act: str
    subject: str
    version: int
    content: str
    unit: str
    time: dt.datetime
    files: tuple[LeafFile, ...] = ()
    detail: str = ""

    def encode(self) -> bytes:
        """The bytes that the log commits to.

        Raises:
            ValueError: unknown act or detail, a digest that is none, a version below 1, a time without zone.
        """
        self._check()
        value: dict[str, Any] = {
            "act": self.act,
            "content": self.content,
            "files": [{"name": file.name, "sha256": file.sha256} for file in self.files],
            "format": FORMAT,
            "subject": self.subject,
            "time": self.time.astimezone(_SHANGHAI).isoformat(timespec="seconds"),
            "unit": self.unit,
            "version": self.version,
        }
        if self.detail:
            value["detail"] = self.detail
        return canonical(value)

    def _check(self) -> None:
        if self.act not in ACTS:
            raise ValueError(f"{self.act!r} is no act of the log")
        if self.detail not in DETAILS:
            raise ValueError(f"{self.detail!r} is no detail of an act")
        if not self.subject or self.version < 1 or self.time.tzinfo is None:
            raise ValueError("a leaf has a subject, a version from 1 and a time with its zone")
        digests = [file.sha256 for file in self.files] + ([self.content] if self.content else [])
        if not all(_DIGEST.fullmatch(digest) for digest in digests):
            raise ValueError("a digest is 64 hexadecimal digits in lower case")

    @classmethod
    def decode(cls, data: bytes) -> Leaf:
        """Read a leaf; ValueError when it is none."""
        try:
            value = json.loads(data)
            if value["format"] != FORMAT:
                raise ValueError(f"format {value['format']} of a leaf is unknown")
            leaf = cls(
                act=value["act"],
                subject=value["subject"],
                version=value["version"],
                content=value["content"],
                unit=value["unit"],
                time=dt.datetime.fromisoformat(value["time"]),
                files=tuple(LeafFile(file["name"], file["sha256"]) for file in value["files"]),
                detail=value.get("detail", ""),
            )
            leaf._check()
        except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
            raise ValueError("this is no leaf of the log") from error
        return leaf


def canonical(value: Any) -> bytes:
    """A value as canonical JSON.

    Raises:
        TypeError: fractions and other values whose written form is not settled.
    """
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        if "\r" in value:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise TypeError("a time without zone has no settled written form")
        return value.astimezone(_SHANGHAI).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no settled written form")


def canonical_content(content: Mapping[str, Any]) -> bytes:
    """What a version of a public document says, as the bytes whose digest the leaf holds.

    A room that serves these bytes lets anybody check the words themselves, apart from any file format.
    """
    return canonical(content)


def content_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical content, in hex."""
    return hashlib.sha256(canonical_content(content)).hexdigest()


def is_digest(words: str) -> bool:
    """Whether this is a SHA-256 in hex, lower case."""
    return _DIGEST.fullmatch(words) is not None


def neutral_name(name: str, ordinal: int) -> str:
    """A name that tells nothing of persons: 正文.docx stays, every other becomes 附件1.pdf by its place (from 1)."""
    if _NEUTRAL.fullmatch(name):
        return name
    ending = _ENDING.search(name.lower())
    return f"附件{ordinal}" + (f".{ending[1]}" if ending else "")
