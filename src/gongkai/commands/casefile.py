"""`gongkai casefile`: whether a case file (the ZIP of a request) is as it was made. Needs no database."""

from __future__ import annotations

import argparse
from pathlib import Path

from gongkai.commands.terminal import Problem, print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file."""
    parser.add_argument("file", type=Path, help="案卷 ZIP 文件")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Check every digest of the manifest."""
    from gongkai.requests import packages

    if not options.file.exists():
        raise Problem(f"没有找到文件 {options.file}。", "请检查路径。")
    try:
        manifest, wrong = packages.check(options.file)
    except ValueError as error:
        raise Problem(str(error), "请选择从“整卷”页面下载的 ZIP。") from None
    if options.json:
        print_json({"number": manifest.get("number"), "files": len(manifest["files"]), "differences": wrong})
    elif wrong:
        print(f"案卷 {manifest.get('number')} 有{len(wrong)}处不符：")
        for line in wrong:
            print(f"  {line}")
    else:
        print(f"案卷 {manifest.get('number')} 完整：{len(manifest['files'])}个文件，内容与清单一致。")
    return 1 if wrong else 0
