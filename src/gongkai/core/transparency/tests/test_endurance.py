"""The sequencer killed in the middle of its work: the small version of what `make bench` shows at length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).resolve().parents[5] / "benchmarks" / "bench_proof.py"

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor SIGKILL"),
    pytest.mark.skipif(not BENCHMARK.exists(), reason="the benchmarks are not installed with the package"),
]


def test_a_killed_sequencer_leaves_log_and_database_in_agreement():
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GONGKAI_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "--kills", "3", "--appends", "0", "--leaves", "2000"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "killed 3 times" in done.stdout
