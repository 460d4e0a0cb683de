"""Which duties of the requirements matrix the last `make test` proved.

One line per mechanism (`M01 12/16`), then the duties without a passing test. A duty counts when it has a test and
every test marked with it passed in at least one run and failed in none.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "duties.json"
MATRIX = ROOT.parent / "shared" / "requirements.md"
_ROW = re.compile(r"^\|\s*(\d{3}-\d+[a-z]?)\s*\|.*\|\s*(M\d{2}(?:\s*,\s*M\d{2})*)\s*\|\s*$")


def read_matrix(text: str) -> dict[str, list[str]]:
    """Duty -> mechanisms, in the order of the matrix."""
    duties: dict[str, list[str]] = {}
    for line in text.splitlines():
        found = _ROW.match(line)
        if found:
            duties.setdefault(found[1], [code.strip() for code in found[2].split(",")])
    return duties


def proven(content: dict) -> tuple[set[str], dict[str, list[str]]]:
    """The duties that are proved, and for each other duty that has tests those that did not pass."""
    outcomes: dict[str, set[str]] = defaultdict(set)
    tests_of: dict[str, set[str]] = defaultdict(set)
    for run in content["runs"].values():
        for test, result in run["tests"].items():
            outcomes[test].add(result["outcome"])
            for duty in result["duties"]:
                tests_of[duty].add(test)
    good = {test for test, seen in outcomes.items() if "passed" in seen and "failed" not in seen}
    open_tests = {duty: sorted(tests - good) for duty, tests in tests_of.items()}
    return {duty for duty, tests in open_tests.items() if not tests}, {d: t for d, t in open_tests.items() if t}


def main() -> int:
    """Print the table; the exit status is 0 also when duties are open, since they come one mechanism after another."""
    if not RESULTS.exists():
        print("No test run is recorded yet. Run `make test` first.")
        return 1
    if not MATRIX.exists():
        print("There is no shared/requirements.md beside the repository: nothing to compare with.")
        return 0
    content = json.loads(RESULTS.read_text(encoding="utf-8"))
    matrix = read_matrix(MATRIX.read_text(encoding="utf-8"))
    done, failing = proven(content)
    by_mechanism: dict[str, list[str]] = defaultdict(list)
    for duty, mechanisms in matrix.items():
        for mechanism in mechanisms:
            by_mechanism[mechanism].append(duty)
    print("Runs: " + ", ".join(f"{name} (exit {run['exit_status']})" for name, run in content["runs"].items()))
    for mechanism in sorted(by_mechanism):
        duties = by_mechanism[mechanism]
        print(f"{mechanism} {sum(duty in done for duty in duties)}/{len(duties)}")
    print(f"All {len(done & set(matrix))}/{len(matrix)}")
    missing = [duty for duty in matrix if duty not in done]
    print("\nWithout a passing test:\n" + " ".join(missing) if missing else "\nEvery duty has a passing test.")
    for duty, tests in sorted(failing.items()):
        print(f"{duty}: {', '.join(tests)} did not pass")
    unknown = sorted((done | set(failing)) - set(matrix))
    if unknown:
        print("Marked in tests but not in the matrix: " + " ".join(unknown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
