"""Old office formats: LibreOffice turns them into new ones, where the server has it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from gongkai.reading.blocks import ReadingError
from gongkai.reading.limits import Watch

_PROGRAMS = ("soffice", "libreoffice")
_NAMES = {"docx": "Word（.docx）", "xlsx": "Excel（.xlsx）"}


def convert(data: bytes, ending: str, target: str, watch: Watch) -> bytes:
    """Convert a file named `*.ending` into `target` (docx or xlsx); macros and links stay shut.

    Raises `ReadingError`: unsupported (no LibreOffice), damaged, too_slow.
    """
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise ReadingError(
            "unsupported",
            f"这是旧格式文件（.{ending}），不能直接读。请用 Word 或 WPS 另存为 {_NAMES[target]} 后再上传；"
            "或请管理员在服务器上安装 LibreOffice。",
        )
    with tempfile.TemporaryDirectory(prefix="gongkai-") as name:
        folder = Path(name)
        source = folder / f"source.{ending}"
        source.write_bytes(data)
        _run(program, folder, source, target, watch)
        result = folder / "out" / f"source.{target}"
        if not result.is_file():
            raise ReadingError(
                "damaged",
                f"旧格式文件（.{ending}）转换失败，可能已损坏或设有密码。"
                f"请用 Word 或 WPS 打开并另存为 {_NAMES[target]} 后再上传。",
            )
        if result.stat().st_size > watch.limits.input_bytes:
            watch.check_input(result.stat().st_size)
        return result.read_bytes()


def _run(program: str, folder: Path, source: Path, target: str, watch: Watch) -> None:
    # A profile of its own lets several conversions run at once and keeps the user's settings out of it.
    process = subprocess.Popen(  # noqa: S603 - a fixed program with fixed arguments
        [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            target,
            "--outdir",
            str(folder / "out"),
            str(source),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=watch.remaining)
    except subprocess.TimeoutExpired:
        # soffice is a launcher: its children must end with it.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        watch.check()
        raise
