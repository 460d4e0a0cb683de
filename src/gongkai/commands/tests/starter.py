"""A process in which Django has started once, and that forks for every command: starting takes longer than most commands.

A command run this way is a process of its own in everything else: its database connections, its files, its exit status.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
from typing import Any

# Longer than any command takes; a command that hangs is ended by it.
LIMIT = 120


def main() -> None:
    """Carry out orders, one a line, and answer each with its exit status."""
    from gongkai.commands.terminal import start_django

    start_django()
    for line in sys.stdin:
        process = os.fork()
        if not process:
            carry_out(json.loads(line))
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def carry_out(order: dict[str, Any]) -> None:
    """In the new process: run a command, or a file of Python, as if it had been started with these three files."""
    signal.alarm(LIMIT)
    for name, descriptor, how in (("stdin", 0, os.O_RDONLY), ("stdout", 1, os.O_WRONLY), ("stderr", 2, os.O_WRONLY)):
        opened = os.open(order[name], how)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if "file" in order:
        runpy.run_path(order["file"], run_name="__main__")
        sys.exit()
    from gongkai import cli

    sys.exit(cli.main(order["arguments"]))


if __name__ == "__main__":
    main()
