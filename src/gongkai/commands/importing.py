"""`gongkai import`: documents of an old site from a folder of the server, with the same dry run and approval as in the browser."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gongkai.commands.terminal import Problem, print_json, require_migrated, start_django

_MOST_FILES = 20_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A sheet, a folder of saved pages, or the template; what is meant where they say nothing."""
    parser.add_argument(
        "source", type=Path, nargs="?", metavar="表格或文件夹", help="表格（.xlsx、.csv），或另存网页的文件夹、压缩包"
    )
    parser.add_argument("--files", type=Path, metavar="文件夹", help="表格里写到的附件在哪个文件夹或压缩包")
    parser.add_argument("--user", metavar="用户名", help="以谁的名义导入；批准要由另一个人在网页上办")
    parser.add_argument("--system", metavar="名称", default="", help="来自哪个网站，例如“旧门户网站”")
    parser.add_argument("--unit", metavar="单位编码", default="", help="没有写明单位的，算哪个单位的")
    parser.add_argument("--column", metavar="栏目代码", default="", help="没有写明栏目的，放到哪个栏目")
    parser.add_argument(
        "--missing",
        choices=["proactive", "on_request", "refuse"],
        default="proactive",
        help="没有公开属性的：proactive 按主动公开，on_request 先归档待复查，refuse 不导入",
    )
    parser.add_argument("--report", type=Path, metavar="文件.xlsx", help="把逐条预检报告写到这个文件")
    parser.add_argument("--template", type=Path, metavar="文件.xlsx", help="只写一个空白模板")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Upload, read and look through; nothing is published before somebody approves it in the workbench."""
    start_django()
    if options.template:
        from gongkai.publications.importing import sheet

        options.template.write_bytes(sheet.template())
        print_json({"ok": True, "file": str(options.template)}) if options.json else print(
            f"已写入 {options.template}。"
        )
        return 0
    require_migrated()
    if options.source is None or not options.system or not options.user:
        raise Problem("请写明表格或文件夹，并用 --system 写明来自哪个网站、--user 写明以谁的名义导入。")
    case = _upload(options)
    from gongkai.publications.importing import report, running
    from gongkai.publications.importing.acts import outcome_words
    from gongkai.publications.importing.models import Import

    running.read_files.func(case.pk)
    held = Import.objects.get(pk=case.pk)
    if held.state == "failed":
        raise Problem(held.failure)
    if held.state == "reading":
        raise Problem(f"{held.number} 正在由后台读取，请到工作台“历史信息导入”里看结果。")
    if options.report:
        options.report.write_bytes(report.workbook(held))
    if options.json:
        print_json({"ok": held.state == "checked", "number": held.number, "counts": held.counts, "notes": held.notes})
    else:
        print(f"{held.number} 预检完成：{outcome_words(held.counts)}。")
        for words in held.notes:
            print(f"  {words}")
        print("还没有公开任何信息。请在工作台“历史信息导入”里核对、送审，由另一个人批准。")
    return 0 if held.state == "checked" else 1


def _upload(options: argparse.Namespace) -> Any:
    from gongkai.core.acts import ActError, InvalidData, perform
    from gongkai.core.models import Attachment, Unit, User
    from gongkai.publications.models import CatalogColumn

    user = User.objects.filter(username=options.user, is_active=True).first()
    if user is None:
        raise Problem(f"没有用户 {options.user}。")
    unit = Unit.objects.filter(code=options.unit).first() if options.unit else None
    column = CatalogColumn.objects.filter(code=options.column).first() if options.column else None
    if options.unit and unit is None:
        raise Problem(f"没有编码为 {options.unit} 的单位。")
    if options.column and column is None:
        raise Problem(f"没有代码为 {options.column} 的栏目。")
    rows = _stored(options, user)
    Attachment.objects.bulk_create(rows, batch_size=200)
    data = {
        "source_system": options.system,
        "fallback_unit": unit.pk if unit else "",
        "fallback_column": column.pk if column else "",
        "missing_attribute": options.missing,
        "kept": [row.pk for row in rows],
    }
    try:
        return perform("import.upload", None, user, data).case
    except InvalidData as problem:
        raise Problem(" ".join(str(words) for found in problem.form.errors.values() for words in found)) from None
    except ActError as problem:
        raise Problem(str(problem)) from None


def _stored(options: argparse.Namespace, user: Any) -> list[Any]:
    """The files, kept in the store, with their path inside the folder as remark."""
    from gongkai.core import attachments
    from gongkai.core.models import Attachment

    named: list[tuple[Path, str]] = []
    for place, below in ((options.source, ""), (options.files, "附件/")):
        if place is None:
            continue
        if place.is_dir():
            found = [path for path in sorted(place.rglob("*")) if path.is_file()]
            named += [(path, below + path.relative_to(place).as_posix()) for path in found]
        elif place.is_file():
            named.append((place, place.name))
        else:
            raise Problem(f"没有找到 {place}。")
    if len(named) > _MOST_FILES:
        raise Problem(f"文件超过{_MOST_FILES:,}个。请分几次导入。")
    rows = []
    for path, remark in named:
        data = path.read_bytes()
        kept = attachments.keep(data)
        rows.append(
            Attachment(
                name=attachments.clean_name(path.name),
                digest=kept.digest,
                size=kept.size,
                content_type="application/octet-stream",
                remark=remark[:200],
                draft_of=user,
                draft_act="import.upload",
                uploaded_by=user,
            )
        )
    return rows
