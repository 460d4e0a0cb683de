"""A private PostgreSQL for tests and measurements: in a temporary folder, on a free port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest version first; None if there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    if found:
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _as_server_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: root runs it as the user that the package made."""
    if os.getuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def private_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a server and yield its address as `postgres://…`.

    Args:
        durable: write to the disk as in production (for measurements); tests do without.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed.")
    folder = Path(tempfile.mkdtemp(prefix="gongkai-postgres-"))
    identity = _as_server_user()
    try:
        if identity:
            shutil.chown(folder, "postgres", "postgres")
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
        common: dict[str, Any] = {"env": environment, "cwd": folder, "stdin": subprocess.DEVNULL, **identity}
        initialise: list[str | Path] = [
            binaries / "initdb",
            "-D",
            folder / "data",
            "-U",
            "gongkai",
            "--auth=trust",
            "--no-sync",
        ]
        subprocess.run(
            [*initialise, "--locale=C.UTF-8", "--encoding=UTF8"], check=True, stdout=subprocess.DEVNULL, **common
        )
        port = _free_port()
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=100"
        if not durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        control: list[str | Path] = [binaries / "pg_ctl", "-D", folder / "data", "-w", "-t", "60"]
        subprocess.run(
            [*control, "-l", folder / "log", "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, **common
        )
        try:
            # Through the socket: half of what a question costs over the loopback network.
            yield f"postgres://gongkai@{quote(str(folder), safe='')}:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, **common)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run a command with GONGKAI_TEST_DATABASE_URL set: `python tools/private_postgres.py COMMAND…`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with private_postgres() as address:
        return subprocess.run(
            sys.argv[1:], env={**os.environ, "GONGKAI_TEST_DATABASE_URL": address}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
