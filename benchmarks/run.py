"""What `make bench` runs: every benchmarks/bench_*.py in turn, or those named, with its tables as it prints them.

    python benchmarks/run.py [NAME…] [-- ARGUMENTS…]

`NAME` is a file's name without `bench_` and `.py`. Arguments after `--` go to each of them.
"""

from __future__ import annotations

import platform
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def machine() -> str:
    """What the figures were measured on, in one line."""
    import os

    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} × {model}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"load average at start {load:.1f}"
    )


def main() -> int:
    """Run them one after the other; the exit status is 1 if one failed or missed its target."""
    names = sys.argv[1:]
    rest: list[str] = []
    if "--" in names:
        at = names.index("--")
        names, rest = names[:at], names[at + 1 :]
    files = sorted(HERE.glob("bench_*.py"))
    if names:
        files = [file for file in files if file.stem.removeprefix("bench_") in names]
        missing = set(names) - {file.stem.removeprefix("bench_") for file in files}
        if missing:
            print(f"There is no benchmark {', '.join(sorted(missing))}.")
            return 2
    print(machine(), flush=True)
    failed = []
    for file in files:
        print(f"\n## {file.stem.removeprefix('bench_')}\n", flush=True)
        started = time.monotonic()
        if subprocess.run([sys.executable, str(file), *rest], cwd=HERE.parent, check=False).returncode:
            failed.append(file.stem)
        print(f"\n({time.monotonic() - started:.0f} s)", flush=True)
    if failed:
        print(f"\nFailed or missed the target: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
