"""Open zip packages and XML parts from strangers without being hurt by them."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

from lxml import etree

from gongkai.reading.blocks import ReadingError
from gongkai.reading.limits import MEGABYTE, Watch

_DAMAGED = "文件已损坏或没有传完整，打不开。请用 Word 或 WPS 打开并重新保存后再上传。"
_BOMB = "文件解压后异常庞大，为安全起见没有打开。请用 Word 或 WPS 打开并重新保存后再上传。"
_DECLARATIONS = tuple(
    mark.encode(name) for mark in ("<!DOCTYPE", "<!ENTITY") for name in ("ascii", "utf-16-le", "utf-16-be")
)
# Small parts may pack well without harm; only beyond this size the ratio tells something.
_RATIO_MATTERS = 10 * MEGABYTE


def damaged() -> ReadingError:
    """The error for a package that cannot be opened."""
    return ReadingError("damaged", _DAMAGED)


class Archive:
    """A zip package whose sizes were checked before anything is unpacked."""

    def __init__(self, data: bytes, watch: Watch) -> None:
        """Raises `ReadingError`: damaged, encrypted, unsafe."""
        self.data = data
        self.watch = watch
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as error:
            raise damaged() from error
        entries = self._zip.infolist()
        limits = watch.limits
        unpacked = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        if len(entries) > limits.entries or unpacked > limits.unpacked_bytes:
            raise ReadingError("unsafe", _BOMB)
        if unpacked > _RATIO_MATTERS and unpacked > limits.unpacked_ratio * max(1, min(packed, len(data))):
            raise ReadingError("unsafe", _BOMB)
        if any(entry.flag_bits & 1 for entry in entries):
            raise ReadingError("encrypted", "压缩包设有密码，打不开。请解除密码后再上传。")
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, name: str) -> bytes:
        """The bytes of one part. Raises `ReadingError`: damaged, too_large, too_slow."""
        self.watch.check()
        try:
            if self._zip.getinfo(name).file_size > self.watch.limits.part_bytes:
                raise ReadingError("too_large", "文件里的文字和表格太多，读不完。请拆成几个较小的文件后再上传。")
            return self._zip.read(name)
        except (KeyError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError) as error:
            raise damaged() from error

    def refuse_declarations(self) -> None:
        """Raise `ReadingError("unsafe")` when any XML part declares a document type or entities."""
        for name in self.names:
            if name.endswith((".xml", ".rels", ".vml")):
                refuse_declarations(self.read(name))


def refuse_declarations(data: bytes) -> None:
    """Raise `ReadingError("unsafe")` when XML declares a document type or entities; office files never do."""
    if any(mark in data for mark in _DECLARATIONS):
        raise ReadingError("unsafe", "文件里带有外部实体声明，可能有害，没有打开。请用 Word 或 WPS 重新保存后再上传。")


def parse_xml(data: bytes) -> etree._Element:
    """The root of an XML part; no entities, no network, no document types. Raises `ReadingError`: unsafe, damaged."""
    refuse_declarations(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged() from error
