"""The text inside PDF files, seen and unseen; the file itself is read in a process of its own."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from gongkai.reading.blocks import ReadingError
from gongkai.reading.limits import Watch
from gongkai.screening.parts import Part
from gongkai.screening.work import Work

_DAMAGED = "PDF 文件已损坏或没有传完整，打不开。请重新下载，或用 PDF 阅读器打开后另存再上传。"
_ERRORS = {
    "encrypted": "PDF 设有密码，打不开。请用 PDF 阅读器打开，取消密码后另存，再上传。",
    "too_large": "PDF 的页数或文字太多，检查不完。请拆成几个较小的文件后再上传。",
    "unsafe": "PDF 展开后异常庞大，为安全起见没有打开。请用 PDF 阅读器另存后再上传。",
    "layers": "PDF 带有隐藏的图层，清理不干净。请用 PDF 阅读器“打印”成新的 PDF 后再上传。",
}


def ask(task: str, data: bytes, work: Work) -> tuple[dict[str, Any], bytes]:
    """Let the other process look through ("parts") or clean ("clean") a file: its answer, and bytes where it gives any.

    Raises `ReadingError`: encrypted, damaged, too_large, too_slow, unsafe, layers.
    """
    work.watch.check()
    limits = work.limits
    order = {
        "task": task,
        "pages": limits.pages,
        "characters": limits.text_length,
        "memory": limits.unpacked_bytes,
        "attached": limits.input_bytes,
    }
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "gongkai.screening.pdf_worker"],
                input=json.dumps(order).encode() + b"\n" + data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                timeout=max(0.1, work.watch.remaining),
                check=False,
            )
        except subprocess.TimeoutExpired:
            Watch(limits, started=float("-inf")).check()
            raise
    head, _, rest = done.stdout.partition(b"\n")
    try:
        answer: dict[str, Any] = json.loads(head)
    except ValueError as error:
        raise ReadingError("damaged", _DAMAGED) from error
    if "error" in answer:
        code = answer["error"]
        raise ReadingError(code, _ERRORS.get(code, _DAMAGED))
    return answer, rest


def pdf_parts(data: bytes, work: Work) -> list[Part]:
    """The parts of a PDF file. Raises `ReadingError`."""
    answer, _ = ask("parts", data, work)
    return list(_parts(answer, work))


def _parts(answer: dict[str, Any], work: Work) -> Iterator[Part]:
    from gongkai.screening.extract import nested

    bare = []
    for number, page in enumerate(answer["pages"], 1):
        for key, place, kind in (
            ("seen", f"第{number}页", "body"),
            ("covered", f"第{number}页（被色块盖住的文字）", "covered"),
            ("unseen", f"第{number}页（不可见文字）", "hidden"),
        ):
            if page[key]:
                yield Part(place, "\n".join(page[key]), kind)  # type: ignore[arg-type]
        if page["images"]:
            bare.append(str(number))
    if bare:
        listed = "、".join(bare[:10]) + ("等" if len(bare) > 10 else "")
        yield Part("文中图片", f"第{listed}页有图片，图片里的文字机器读不出来。请人工查看。", "unchecked")
    for place, kind, text in answer["others"]:
        yield Part(place, text, kind)
    for name, encoded in answer["attached"]:
        for part in nested(base64.b64decode(encoded), name, f"PDF内附件 {name}", work):
            kind = "unchecked" if part.kind == "unchecked" else "cache"
            yield Part(part.place, part.text, kind, part.heading, part.row)  # type: ignore[arg-type]
