"""The server as an operator runs it: it prepares itself, refuses a second one, survives being killed, ends when told."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(installation, port: int, command: list[str] | None = None) -> subprocess.Popen[bytes]:
    """A server that says it is there, and answers.

    An answer alone proves nothing: after a kill the port is answered for a moment by what the killed server left behind.
    """
    output = said(installation)
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command or serve(port), env=installation.environment, stdout=file)
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if "已启动" not in output.read_text(encoding="utf-8"):
            time.sleep(0.1)
            continue
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
            return process
        except urllib.error.HTTPError:
            return process
        except OSError:
            time.sleep(0.2)
    process.kill()
    raise AssertionError(f"no answer; exit status {process.poll()}: {output.read_text(encoding='utf-8')}")


def said(installation) -> Path:
    """What the newest server of an installation printed."""
    return installation.folder.parent / "server.txt"


def serve(port: int) -> list[str]:
    """The command that serves at a port."""
    return [sys.executable, "-m", "gongkai.cli", "serve", "--bind", f"127.0.0.1:{port}"]


def without_tls(installation):
    """The same, reached without certificates."""
    installation.environment["GONGKAI_TLS"] = "0"
    return installation


@pytest.fixture
def site(make_installation):
    return without_tls(make_installation("site"))


@pytest.fixture
def nothing(make_installation):
    """An installation that has nothing yet, not even tables."""
    return without_tls(make_installation("site", migrate=False))


def wait_for_first_rounds(site) -> None:
    """Until the worker has noted that it was there."""
    noted = "from gongkai.core.models import PeriodicRun\nprint(PeriodicRun.objects.exists())"
    until = time.monotonic() + 60
    while site.python(noted).strip() != "True":
        assert time.monotonic() < until, "the worker did nothing"
        time.sleep(0.2)


def test_from_nothing_to_serving_to_the_end(nothing):
    port = free_port()
    server = start(nothing, port)
    # A second one waits some seconds for the first to go; meanwhile there is more to see.
    with subprocess.Popen(serve(port), env=nothing.environment, stderr=subprocess.PIPE, text=True) as second:
        try:
            assert (nothing.folder / "static" / ".fingerprint").exists()
            nothing.run("migrate", "--check")
            wait_for_first_rounds(nothing)
            _, words = second.communicate(timeout=120)
            assert second.returncode == 1
            assert "另一个 gongkai 进程" in words or "不能在" in words
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == 0
            assert [path.name for path in nothing.folder.glob("*.sqlite3-*")] == []
        finally:
            second.kill()
            server.kill()
    assert "公众网站" in said(nothing).read_text(encoding="utf-8")


def test_a_workbook_for_units_needs_no_database(nothing, tmp_path):
    nothing.run("units", "template", tmp_path / "units.xlsx")
    assert (tmp_path / "units.xlsx").read_bytes().startswith(b"PK")
    assert "gongkai migrate" in nothing.run("units", "export", tmp_path / "more.xlsx", status=1).stderr


def test_the_address_that_is_told_is_the_one_that_is_served(nothing):
    port = free_port()
    nothing.environment["GONGKAI_BIND"] = f"127.0.0.1:{port}"
    server = start(nothing, port, serve(port)[:-2])
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0
    assert f"http://127.0.0.1:{port}/workbench/" in said(nothing).read_text(encoding="utf-8")


def test_killed_and_started_again(site):
    port = free_port()
    first = start(site, port)
    site.python("from gongkai.core import audit\nfor n in range(20): audit.note('t.n', '记录', None)")
    first.kill()
    first.wait()
    second = start(site, port)
    try:
        assert site.json("audit", "verify")["events"] == 20
    finally:
        second.terminate()
        assert second.wait(30) == 0


def test_front_end_files_are_collected_once(nothing):
    code = "from gongkai.commands.serve import collect_static\nprint(collect_static(), collect_static())"
    assert nothing.python(code).split()[-2:] == ["True", "False"]


def test_several_processes_need_postgresql(nothing):
    if "GONGKAI_DATABASE_URL" in nothing.environment:
        pytest.skip("this run is on PostgreSQL")
    assert "只能用一个网站进程" in nothing.run("serve", "--processes", "2", status=1).stderr
