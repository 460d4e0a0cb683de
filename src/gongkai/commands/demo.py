"""`gongkai demo`: an invented district with a year of history."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from gongkai.commands.terminal import Problem, print_json, progress, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Anew or only when empty."""
    parser.add_argument("--reset", action="store_true", help="清空演示数据，重新生成")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Build the demo; refuses to touch a database with real data."""
    start_django(demo=True)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    if not is_empty() and not is_demo():
        raise Problem(
            "数据库里有不属于演示的数据，没有动它。",
            "演示请用另外的数据目录，例如：GONGKAI_DATA_DIR=var-demo gongkai demo",
        )
    if not is_empty() and not options.reset:
        raise Problem("演示数据已经有了。", "要重新生成，请加 --reset。")
    seconds = _build(reset=options.reset)
    if options.json:
        print_json({"ok": True, "seconds": round(seconds, 1), "accounts": accounts()})
    else:
        print(f"演示数据已生成，用时 {seconds:.0f} 秒。启动：gongkai serve --demo")
    return 0


def is_empty() -> bool:
    """Whether there is no unit yet."""
    from gongkai.core.models import Unit

    return not Unit.objects.exists()


def is_demo() -> bool:
    """Whether the units are those of the demo."""
    import json
    from importlib import resources

    from gongkai.core.models import Unit

    units = json.loads(resources.files("gongkai.demo.data").joinpath("units.json").read_text(encoding="utf-8"))
    codes = {unit["code"] for unit in units}
    return set(Unit.objects.filter(parent=None).values_list("code", flat=True)) <= codes


def build_if_empty() -> None:
    """Build the demo in a fresh database."""
    if is_empty():
        _build(reset=False)


def _build(*, reset: bool) -> float:
    from gongkai import demo

    print("正在生成演示数据……", file=sys.stderr, flush=True)
    started = time.monotonic()
    with progress() as bar:
        task = bar.add_task("生成演示数据", total=1.0)
        demo.build(reset=reset, progress=lambda done, words: bar.update(task, completed=done, description=words))
    return time.monotonic() - started


def accounts() -> list[dict[str, Any]]:
    """The logins to show: username, password, unit, post."""
    from gongkai import demo

    return demo.accounts()
