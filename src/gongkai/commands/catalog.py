"""`gongkai catalog`: the columns of catalogs, made from the common template, taken in and out as Excel."""

from __future__ import annotations

import argparse
from pathlib import Path

from gongkai.commands.terminal import Problem, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """init, export, import; for one body or for the columns common to all."""
    parser.add_argument("what", choices=["init", "export", "import"], help="init 按条例建立，export 导出，import 导入")
    parser.add_argument("file", nargs="?", help="Excel 文件，导入导出时填写")
    parser.add_argument("--unit", default="", help="单位编码；不填是各单位共用的栏目")
    parser.add_argument("--all", action="store_true", dest="every", help="名单上的每个公开义务主体都建立")
    parser.add_argument("--dry-run", action="store_true", help="只试算，不导入")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    start_django()
    from gongkai.core.models import Unit
    from gongkai.publications.registers import columns

    units: list[Unit | None] = [_unit(options.unit)] if options.unit else [None]
    if options.what == "init":
        if options.every:
            from gongkai.publications.registers.queries import confirmed_bodies

            units = [body.unit for body in confirmed_bodies()]
        for unit in units:
            print(f"{unit or '各单位共用'}：建立{columns.install(None, unit)}个栏目")
        return 0
    if not options.file:
        raise Problem("请写上 Excel 文件的路径。", status=2)
    path = Path(options.file)
    if options.what == "export":
        path.write_bytes(columns.export(units[0]))
        print(f"已导出到 {path}")
        return 0
    return _take_in(path, units[0], dry_run=options.dry_run)


def _unit(code: str):
    from gongkai.core.models import Unit

    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Problem(f"没有编码是“{code}”的单位。用 gongkai units 可以导出单位名录。")
    return unit


def _take_in(path: Path, unit, *, dry_run: bool) -> int:
    from gongkai.publications.registers import columns

    try:
        report = columns.take_in(None, unit, path.read_bytes(), dry_run=dry_run)
    except (OSError, columns.ColumnError) as problem:
        raise Problem(str(problem)) from None
    for error in report.errors:
        print(error)
    if report.errors:
        print("没有导入。")
        return 1
    print(f"{'试算' if dry_run else '已导入'}：新增{report.created}个，修改{report.changed}个，不变{report.same}个")
    return 0
