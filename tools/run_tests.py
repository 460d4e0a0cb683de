"""What `make test` runs: the suite on SQLite, then on PostgreSQL. Further arguments go to pytest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.private_postgres import find_binaries, private_postgres

ROOT = Path(__file__).resolve().parent.parent
DUTIES = ROOT / "var" / "duties.json"
# What says nothing new on another database is run once: what asks none, what only looks at pages or makes files, who may do
# what, the demo (every act in it has tests of its own), and commands that are the same everywhere.
ONCE = (
    "law",
    "reading",
    "compiler",
    "screening",
    "proof",
    "publications/body",
    "publications/renditions",
    "demo",
    "core/pages/tests/test_front.py",
    "core/privacy/tests/test_mask.py",
    "core/search/tests/test_text.py",
    "core/tests/test_look_charts.py",
    "core/tests/test_look_contrast.py",
    "core/tests/test_look_tags.py",
    "core/tests/test_look_templates.py",
    "core/tests/test_permissions.py",
    "ledger/tests/test_matching.py",
    "ledger/tests/test_recurrence.py",
    "publications/areas/tests/test_catalog.py",
    "publications/importing/tests/test_faulty_files.py",
    "publications/importing/tests/test_words.py",
    "publications/tests/test_fuzz.py",
    "publications/tests/test_matrix.py",
    "requests/masking",
    "requests/tests/test_archive.py",
    "requests/tests/test_letters.py",
    "requests/tests/test_matrix_intake.py",
    "requests/tests/test_reply.py",
    "commands/tests/test_administration.py",
    "commands/tests/test_command_line.py",
)
WORKERS = os.environ.get("GONGKAI_TEST_WORKERS", "2")


def run_suite(database: str, address: str = "") -> int:
    """Run pytest once; returns its exit status."""
    print(f"\n=== Tests on {database} ===", flush=True)
    environment = {**os.environ}
    environment.pop("GONGKAI_TEST_DATABASE_URL", None)
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Kept out of the tree, as wished; but hundreds of tests start processes, and each would compile the product anew.
        environment["PYTHONPYCACHEPREFIX"] = str(ROOT / "var" / "bytecode")
    if address:
        environment["GONGKAI_TEST_DATABASE_URL"] = address
    command = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS, "--dist", "loadfile", "--duties", str(DUTIES)]
    # In the order of the files: it begins with the browser and the commands. By number of tests the longest, which have few
    # tests, would come last, and one worker would wait for the other.
    command.append("--no-loadscope-reorder")
    if address:
        command += [f"--ignore=src/gongkai/{folder}" for folder in ONCE]
        command += ["--ignore=tests/corpus", "-m", "not browser"]
    return subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """Run both; the exit status is 1 if either failed or PostgreSQL is missing where it must be there."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    DUTIES.parent.mkdir(exist_ok=True)
    DUTIES.unlink(missing_ok=True)
    statuses = {"SQLite": run_suite("SQLite")}
    given = os.environ.get("GONGKAI_TEST_DATABASE_URL", "")
    if given:
        statuses["PostgreSQL"] = run_suite("PostgreSQL", given)
    elif find_binaries():
        with private_postgres() as address:
            statuses["PostgreSQL"] = run_suite("PostgreSQL", address)
    elif os.environ.get("CI") == "true":
        print("PostgreSQL is not installed, and GONGKAI_TEST_DATABASE_URL is not set.")
        statuses["PostgreSQL"] = 1
    else:
        print("\nPostgreSQL is not installed: the suite ran on SQLite only. (Debian: apt-get install postgresql)")
    failed = [name for name, status in statuses.items() if status]
    print(f"\nTests failed on {' and '.join(failed)}." if failed else f"\nTests passed on {' and '.join(statuses)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
