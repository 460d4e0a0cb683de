"""Pytest plugin: writes down which tests prove which duties (`@pytest.mark.duty("001-18a")`), for `make duties`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

PROPERTY = "duty"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--duties FILE`."""
    parser.addoption("--duties", metavar="FILE", help="write the outcome of every test that proves duties to FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Only the controlling process writes; workers of xdist send their reports to it."""
    target = config.getoption("--duties")
    if target and not hasattr(config, "workerinput"):
        config.pluginmanager.register(DutyRecorder(Path(target)), "duty-recorder")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the duties into each test's properties: these travel with the reports."""
    for item in items:
        for mark in item.iter_markers("duty"):
            for duty in mark.args:
                item.user_properties.append((PROPERTY, duty))


class DutyRecorder:
    """Collects outcomes and writes them at the end, under the name of the database that was used."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.outcomes: dict[str, str] = {}
        self.duties: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test passed if its call passed and neither setup nor teardown failed."""
        duties = [str(value) for name, value in report.user_properties if name == PROPERTY]
        if not duties:
            return
        self.duties[report.nodeid] = sorted(set(duties))
        known = self.outcomes.get(report.nodeid)
        if report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.skipped and known != "failed":
            self.outcomes[report.nodeid] = "skipped"
        elif report.when == "call" and known is None:
            self.outcomes[report.nodeid] = "passed"

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Add this run to the file."""
        database = "postgresql" if os.environ.get("GONGKAI_TEST_DATABASE_URL") else "sqlite"
        content = json.loads(self.target.read_text(encoding="utf-8")) if self.target.exists() else {"runs": {}}
        content["runs"][database] = {
            "exit_status": int(exitstatus),
            "tests": {
                test: {"duties": self.duties[test], "outcome": outcome}
                for test, outcome in sorted(self.outcomes.items())
            },
        }
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
