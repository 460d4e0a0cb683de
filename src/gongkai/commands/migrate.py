"""`gongkai migrate`: build or upgrade the database."""

from __future__ import annotations

import argparse

from gongkai.commands.terminal import Problem, pending_migrations, print_json, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Look only, or do it."""
    parser.add_argument("--check", action="store_true", help="只看有没有要升级的，有则退出状态为1")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Apply what is waiting."""
    start_django()
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        waiting = pending_migrations()
        if waiting and not options.check:
            call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise Problem(f"连不上数据库：{error}", "请检查 GONGKAI_DATABASE_URL，并确认数据库已启动。") from error
    done = bool(waiting) and not options.check
    if options.json:
        print_json(
            {
                "ok": not (waiting and options.check),
                "waiting": [] if done else waiting,
                "applied": waiting if done else [],
            }
        )
    elif not waiting:
        print("数据库已是最新。")
    elif done:
        print(f"数据库已升级，执行了 {len(waiting)} 步。")
    else:
        print(f"有 {len(waiting)} 步升级没有执行。请运行：gongkai migrate")
    return 1 if waiting and options.check else 0
