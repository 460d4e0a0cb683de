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


def start(installation, port: int) -> subprocess.Popen[bytes]:
    """A server that says it is there, and answers.

    An answer alone proves nothing: after a kill the port is answered for a moment by what the killed server left behind.
    """
    command = [sys.executable, "-m", "gongkai.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    output = said(installation)
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command, env=installation.environment, stdout=file)
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


@pytest.fixture
def site(make_installation):
    installation = make_installation("site", migrate=False)
    installation.environment["GONGKAI_TLS"] = "0"
    return installation


def test_from_nothing_to_serving_to_the_end(site):
    port = free_port()
    server = start(site, port)
    try:
        assert (site.folder / "static" / ".fingerprint").exists()
        site.run("migrate", "--check")
        time.sleep(2.5)  # the worker's first rounds
        assert (
            site.python("from gongkai.core.models import PeriodicRun\nprint(PeriodicRun.objects.count() > 0)").strip()
            == "True"
        )
        taken = site.run("serve", "--bind", f"127.0.0.1:{port}", status=1)
        assert "另一个 gongkai 进程" in taken.stderr or "不能在" in taken.stderr
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    finally:
        server.kill()
    assert "公众网站" in said(site).read_text(encoding="utf-8")


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


def test_front_end_files_are_collected_once(site):
    code = "from gongkai.commands.serve import collect_static\nprint(collect_static(), collect_static())"
    assert site.python(code).split()[-2:] == ["True", "False"]


def test_several_processes_need_postgresql(site):
    if "GONGKAI_DATABASE_URL" in site.environment:
        pytest.skip("this run is on PostgreSQL")
    assert "只能用一个网站进程" in site.run("serve", "--processes", "2", status=1).stderr
