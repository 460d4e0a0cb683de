"""`gongkai search`: make the search index anew, compare it with the records, repair it."""

from __future__ import annotations

import argparse
import time

from gongkai.commands.terminal import Problem, print_json, progress, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Look, repair, or make anew."""
    parser.add_argument(
        "action",
        choices=["check", "reconcile", "rebuild"],
        help="check 逐条核对索引；reconcile 核对并修复；rebuild 全部重建，期间照常可以搜索",
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """The exit status is 1 when `check` found differences."""
    start_django()
    require_migrated()
    return {"check": _check, "reconcile": _reconcile, "rebuild": _rebuild}[options.action](options)


def _rebuild(options: argparse.Namespace) -> int:
    from gongkai.core.search import work

    started = time.monotonic()
    with progress(quiet=options.json) as bar:
        task = bar.add_task("正在建立索引", total=None)
        number = work.rebuild(lambda done: bar.update(task, completed=done, description=f"已读入 {done} 条"))
    seconds = time.monotonic() - started
    if options.json:
        print_json({"ok": True, "documents": number, "seconds": round(seconds, 1)})
    else:
        print(f"索引已重建，共 {number} 条，用时 {seconds:.1f} 秒。")
    return 0


def _check(options: argparse.Namespace) -> int:
    from gongkai.core.search import index, work

    if not index.current().exists():
        raise Problem("还没有建立索引。", "请运行：gongkai search rebuild")
    return _say(work.compare(), options, repaired=False)


def _reconcile(options: argparse.Namespace) -> int:
    from gongkai.core.search import work

    difference = work.reconcile()
    waiting = work.waiting()
    if waiting and not options.json:
        print(f"还有 {waiting} 条由正在运行的服务写入，通常几秒内完成。")
    return _say(difference, options, repaired=True)


def _say(difference, options: argparse.Namespace, *, repaired: bool) -> int:
    from gongkai.core.search import work

    counts = {
        "records": difference.records,
        "missing": len(difference.missing),
        "stale": len(difference.stale),
        "dead": len(difference.dead) + difference.unknown,
        "waiting": work.waiting(),
    }
    wrong = difference.number > 0 and not repaired
    if options.json:
        print_json({"ok": not wrong, "repaired": repaired and difference.number > 0, **counts})
    elif not difference.number:
        print(
            f"索引与 {counts['records']} 条记录一致。"
            + (f"另有 {counts['waiting']} 条待更新。" if counts["waiting"] else "")
        )
    else:
        words = f"{counts['missing']} 条没有进索引，{counts['stale']} 条内容已变，{counts['dead']} 条应当删去"
        print(f"{words}。" + ("已修复。" if repaired else "要修复，请运行：gongkai search reconcile"))
    return 1 if wrong else 0
