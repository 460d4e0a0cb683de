"""Killed in the middle of acts, and many writers at once: the small version of what `make bench` shows at length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor SIGKILL"),
    pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the benchmarks are not installed with the package"),
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first run leaves its empty database for the second."""
    return tmp_path_factory.mktemp("endurance") / "empty.sqlite3"


def run(template: Path, name: str, *arguments: str) -> str:
    """What a benchmark printed; it fails when one of its targets is missed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GONGKAI_", "DJANGO_"))}
    environment["GONGKAI_BENCH_TEMPLATE"] = str(template)
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / f"bench_{name}.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_kills_leave_no_half_act(template: Path) -> None:
    """Events, states, clocks, counters, chain and database fit after every kill."""
    assert "killed 5 times" in run(template, "kill", "--times", "5", "--without-server")


def test_four_writers_lose_no_act(template: Path) -> None:
    """Four writers at once: every act done once, none failed, chain and counters right."""
    assert "audit chain intact; counters right" in run(template, "writers", "--writers", "4", "--acts", "8")
