"""`gongkai calendar import`: take over the yearly list of days off."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from gongkai.commands.terminal import Problem, print_json, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file and the notice it comes from."""
    parser.add_argument("action", choices=["import"], help="import 导入一年的放假安排")
    parser.add_argument("file", type=Path, metavar="文件", help="JSON 或 CSV（date,kind,name；kind 为 off 或 work）")
    parser.add_argument("--document", required=True, metavar="文号", help="放假通知的文号")
    parser.add_argument("--issued", type=dt.date.fromisoformat, metavar="日期", help="发布日期，如 2026-11-05")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Import the list and recompute every open clock."""
    start_django()
    require_migrated()
    from gongkai.core import calendars

    try:
        text = options.file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Problem(f"读不了文件 {options.file}：{error.strerror}。") from error
    except UnicodeDecodeError as error:
        raise Problem(f"{options.file} 不是 UTF-8 编码。", "请另存为 UTF-8 后再导入。") from error
    try:
        warnings, moved = calendars.import_year(text, None, document_number=options.document, issued_on=options.issued)
    except ValueError as error:
        raise Problem(f"没有导入：{error}", "请与原通知核对后再试。") from error
    words = [str(getattr(warning, "message", warning)) for warning in warnings]
    if options.json:
        print_json({"ok": True, "warnings": words, "moved": moved})
        return 0
    print(
        "\n".join(f"注意：{word}" for word in words)
        + ("\n" if words else "")
        + f"已导入，{moved} 个事项的到期日随之改变。"
    )
    return 0
