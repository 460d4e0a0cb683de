"""`gongkai counters verify`: do the counters of dashboards, public ledger and lists agree with what they count?"""

from __future__ import annotations

import argparse

from gongkai.commands.terminal import print_json, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Look, or look and mend."""
    parser.add_argument("action", choices=["verify"], help="verify 与事项、公开信息逐项核对")
    parser.add_argument("--repair", action="store_true", help="不一致时按事项重新计数")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Compare; the exit status is 1 if they differ and were not repaired."""
    start_django()
    require_migrated()
    from gongkai.channels.zones import counting as zones
    from gongkai.core import counters
    from gongkai.ledger import tallies
    from gongkai.publications import counts
    from gongkai.requests.figures import counting

    parts = (counters.verify, tallies.verify, counts.verify, counting.verify, zones.verify)
    problems = [problem for verify in parts for problem in verify(repair=options.repair)]
    repaired = bool(problems) and options.repair
    if options.json:
        print_json({"ok": not problems or repaired, "problems": problems, "repaired": repaired})
    elif not problems:
        print("计数与事项、公开信息一致。")
    else:
        print("\n".join(problems[:50]))
        print(f"共 {len(problems)} 处不一致" + ("，已重新计数。" if repaired else "。要改正，请加 --repair。"))
    return 1 if problems and not repaired else 0
