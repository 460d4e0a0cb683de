"""`gongkai units`: the registry of units as an Excel workbook."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from gongkai.commands.terminal import Problem, print_json, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """In, out, or an empty workbook."""
    parser.add_argument(
        "action", choices=["import", "export", "template"], help="import 导入，export 导出，template 空白模板"
    )
    parser.add_argument("file", type=Path, metavar="文件.xlsx", help="Excel 文件")
    parser.add_argument("--dry-run", action="store_true", help="只说会改什么，不真的改")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    start_django()
    from gongkai.core import exchange

    # An empty workbook is the same before there is a database.
    if options.action != "template":
        require_migrated()
    if options.action == "import":
        return _import(options)
    if options.action == "export":
        exchange.export_units(options.file)
    else:
        options.file.write_bytes(exchange.template())
    print_json({"ok": True, "file": str(options.file)}) if options.json else print(f"已写入 {options.file}。")
    return 0


def _import(options: argparse.Namespace) -> int:
    from gongkai.core import exchange

    if not options.file.is_file():
        raise Problem(f"没有找到文件 {options.file}。")
    report = exchange.import_units(options.file, dry_run=options.dry_run)
    if options.json:
        print_json({"ok": not report.errors, "dry_run": options.dry_run, **asdict(report)})
    elif report.errors:
        print(f"有 {len(report.errors)} 处问题，没有导入：")
        print("\n".join(f"  {error}" for error in report.errors))
    else:
        verb = "将" if options.dry_run else "已"
        print(f"{verb}新增 {report.created} 个单位，修改 {report.changed} 个，{report.unchanged} 个没有变化。")
    return 1 if report.errors else 0
