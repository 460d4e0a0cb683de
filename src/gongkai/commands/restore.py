"""`gongkai restore`: an archive of `gongkai backup` into an empty installation."""

from __future__ import annotations

import argparse
from pathlib import Path

from gongkai.commands.instance import only_one
from gongkai.commands.terminal import Problem, print_json, progress, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where from, and whether what stands here may go."""
    parser.add_argument("file", type=Path, metavar="文件.tar.gz", help="gongkai backup 写的备份")
    parser.add_argument(
        "--replace", action="store_true", help="允许替换现有数据；原来的 SQLite 数据库和文件会移到旁边留存"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Check everything first, then put it in place."""
    start_django()
    from django.conf import settings

    from gongkai.commands import archive

    if not options.file.is_file():
        raise Problem(f"没有找到备份文件 {options.file}。")
    with only_one(settings.DATA_DIR, wait=1):
        if not archive.is_empty() and not options.replace:
            raise Problem("这里已经有数据，没有恢复。", "请换一个空的数据目录和数据库；确实要替换，请加 --replace。")
        with progress(quiet=options.json) as bar:
            task = bar.add_task("恢复", total=None)

            def advance(words: str, done: int, total: int) -> None:
                bar.update(task, description=words, completed=done, total=total)

            with archive.unpacked(options.file.absolute(), advance) as (folder, manifest):
                archive.check_fits(manifest)
                bar.update(task, description="写入数据库", total=None)
                aside = archive.put_in_place(folder, manifest, replace=options.replace)
            empty_pages()
    rows = sum(manifest["database"]["rows"].values())
    if options.json:
        moved = str(aside) if aside else None
        print_json({"ok": True, "rows": rows, "files": len(manifest["files"]), "moved_aside": moved})
        return 0
    print(
        f"已恢复 {manifest['created_at']} 的备份：{rows} 行数据、{len(manifest['files'])} 个文件，行数和摘要逐一核对无误。"
    )
    if aside:
        print(f"原来的数据移到了 {aside}，确认无误后可以删除。")
    fault = unreadable()
    if fault:
        print(f"个人信息还打不开：{fault}\n请把备份时所用的密钥放回原处，再运行 gongkai doctor。")
    print("搜索索引和存证日志的文件不在备份里，要按恢复的数据重建：gongkai search rebuild，gongkai log rebuild")
    print("建议再核验一次留痕：gongkai audit verify")
    return 0


def empty_pages() -> None:
    """Kept pages show what stood here before; readers get none of them any more."""
    from gongkai.core.pages.store import enabled, store

    if enabled():
        store().wipe()


def unreadable() -> str:
    """Why the restored personal data cannot be opened, in words; empty when it can or there is none."""
    from gongkai.commands.terminal import pending_migrations
    from gongkai.core.privacy import Fault, inventory

    if pending_migrations():
        return ""
    try:
        for value in inventory.samples():
            value.open()
    except Fault as fault:
        return str(fault)
    return ""
