"""Packages: a ZIP whose manifest names every file with its size and SHA-256. Made and checked without a database."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = "manifest.json"
FORMAT: Final = "gongkai-casefile-1"


def pack(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """A ZIP of the files with `manifest.json` at its head; the same files give the same bytes."""
    listed = [
        {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()
    ]
    manifest = {"format": FORMAT, **about, "files": listed}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        for path, data in files.items():
            _add(archive, path, data)
    return out.getvalue()


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o640 << 16
    archive.writestr(entry, data)


def check(source: Path | bytes) -> tuple[dict[str, Any], list[str]]:
    """What the manifest says, and every difference in words; no differences when the package is as it was made.

    Raises ValueError with a sentence for a file that is no package.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        manifest = json.loads(archive.read(MANIFEST))
        listed = {str(item["path"]): item for item in manifest["files"]}
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise ValueError("这不是案卷包，或者清单已经损坏。") from None
    if manifest.get("format") != FORMAT:
        raise ValueError(f"案卷包的格式是{manifest.get('format')}，这个版本只认得{FORMAT}。")
    return manifest, _differences(archive, listed)


def _differences(archive: zipfile.ZipFile, listed: dict[str, Any]) -> list[str]:
    names = archive.namelist()
    wrong = [f"多了一个同名文件：{name}" for name in {name for name in names if names.count(name) > 1}]
    wrong += [f"清单之外的文件：{name}" for name in names if name != MANIFEST and name not in listed]
    for path, item in listed.items():
        if path not in names:
            wrong.append(f"缺少文件：{path}")
            continue
        try:
            data = archive.read(path)
        except (zipfile.BadZipFile, OSError, ValueError):
            wrong.append(f"文件损坏：{path}")
            continue
        if hashlib.sha256(data).hexdigest() != item.get("sha256") or len(data) != item.get("size"):
            wrong.append(f"内容与摘要不符：{path}")
    return wrong
