"""`gongkai worker`: background work alone, for installations on PostgreSQL with several processes."""

from __future__ import annotations

import argparse
import signal
from contextlib import nullcontext

from gongkai.commands.instance import only_one
from gongkai.commands.terminal import print_json, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Once or for ever."""
    parser.add_argument("--once", action="store_true", help="把到期的工作做完就退出")
    parser.add_argument("--json", action="store_true", help="与 --once 同用，输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Work until told to stop."""
    start_django()
    require_migrated()
    from django.conf import settings
    from django.db import connection

    from gongkai.core import background

    # With SQLite the worker lives in the serving process: two would fight for the write lock.
    with only_one(settings.DATA_DIR) if connection.vendor == "sqlite" else nullcontext():
        if options.once:
            done = background.work_once()
            print_json({"ok": True, "done": done}) if options.json else print(f"做了 {done} 项工作。")
            return 0
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: background.stop())
        print("后台工作已启动，按 Ctrl+C 停止。", flush=True)
        background.loop()
    return 0
