"""`gongkai audit verify`: was any event changed, removed or slipped in?"""

from __future__ import annotations

import argparse
from dataclasses import replace

from gongkai.commands.terminal import print_json, progress, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One action so far."""
    parser.add_argument("action", choices=["verify"], help="verify 逐条核验")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Read everything anew; the exit status is 1 if something was altered."""
    start_django()
    require_migrated()
    from gongkai.core import audit
    from gongkai.core.models import Event
    from gongkai.core.transparency import anchors

    with progress(quiet=options.json) as bar:
        task = bar.add_task("核验留痕", total=Event.objects.count())
        verdict = audit.verify(progress=lambda step: bar.advance(task, step))
    if verdict.intact:
        # A chain that was rewritten as a whole fits itself, but not the heads that were published.
        verdict = replace(verdict, fault=anchors.verify())
    if options.json:
        print_json({"ok": verdict.intact, "events": verdict.events, "links": verdict.links, "fault": verdict.fault})
    elif verdict.intact:
        print(f"{verdict.events} 条留痕逐条核验，没有改动、缺失或插入。")
    else:
        print(f"{verdict.fault}\n请停止使用，保留现场，并与最近的备份比对。")
    return 0 if verdict.intact else 1
