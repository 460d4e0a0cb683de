"""How much work one file may cause, and the watch that stops it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from gongkai.reading.blocks import ReadingError

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for reading one file; sizes in bytes, text in characters, time in seconds."""

    input_bytes: int = 50 * MEGABYTE
    unpacked_bytes: int = 300 * MEGABYTE
    part_bytes: int = 64 * MEGABYTE
    unpacked_ratio: int = 200
    entries: int = 5000
    pages: int = 1000
    text_length: int = 12_000_000
    table_cells: int = 500_000
    elements: int = 600_000
    seconds: float = 60.0


DEFAULT = Limits()


@dataclass(slots=True)
class Watch:
    """Checks the clock and the length of the text while a reader works."""

    limits: Limits = DEFAULT
    started: float = field(default_factory=time.monotonic)

    @property
    def remaining(self) -> float:
        """Seconds left; never below zero."""
        return max(0.0, self.limits.seconds - (time.monotonic() - self.started))

    def check(self) -> None:
        """Raise `ReadingError("too_slow")` when the time is used up."""
        if self.remaining <= 0:
            raise ReadingError(
                "too_slow",
                f"这个文件超过 {self.limits.seconds:g} 秒还没有读完，已经停止。"
                "请拆成几个较小的文件，或把正文复制后粘贴导入。",
            )

    def check_length(self, length: int) -> None:
        """Raise `ReadingError("too_large")` when the text has more than the permitted characters."""
        if length > self.limits.text_length:
            raise ReadingError(
                "too_large",
                f"文件里的文字超过 {self.limits.text_length // 10_000} 万字，读不完。"
                "请只保留通知正文和附件表格后再上传。",
            )

    def check_input(self, length: int) -> None:
        """Raise `ReadingError("too_large")` when the file has more than the permitted bytes."""
        if length > self.limits.input_bytes:
            raise ReadingError(
                "too_large",
                f"文件有 {length / MEGABYTE:.0f} MB，超过 {self.limits.input_bytes / MEGABYTE:g} MB 的上限。"
                "请压缩其中的图片或拆分后再上传。",
            )
