"""Kept pages: what the front and nginx give against the bare minimum of the same server, measured in turn in one run.

    python benchmarks/bench_pages.py [--seconds 3] [--rounds 5]

A small world is built and its public ledger asked for once, so that the page lies on the disk. Then, in turn:

1. one gunicorn with threads: the kept page through the front, and an empty reply that knows nothing of Django;
2. one nginx with `deploy/nginx.conf` (without TLS): the kept page, and a plain file of the same content.

The client is `wrk`, else `ab`, else threads of our own, which are slower than nginx and so say little about it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from setup import prepare, table

SAMPLE = Path(__file__).resolve().parent.parent / "deploy/nginx.conf"
CASES = 2000
THREADS = 8
CONNECTIONS = 8
FRONT_SHARE = 0.8
NGINX_SHARE = 0.95
ADDRESS = "/ledger/n0/"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(port: int) -> None:
    """gunicorn with one process: the installation's own application, and beside it an empty reply."""
    import django

    django.setup()
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            values = {"bind": f"127.0.0.1:{port}", "workers": 1, "worker_class": "gongkai.config.worker.Worker", "threads": THREADS,
                      "keepalive": 30, "loglevel": "error", "control_socket_disable": True}  # fmt: skip
            for name, value in values.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from gongkai.config.wsgi import application

            def both(environ: dict, start_response: Callable) -> Any:
                if environ["PATH_INFO"] == "/empty":
                    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
                    return [b""]
                return application(environ, start_response)

            return both

    Server().run()


def nginx_configuration(folder: Path, port: int, behind: int) -> Path:
    """The sample without TLS, and a plain file with nothing around it."""
    text = SAMPLE.read_text()
    text = text.replace("/var/lib/gongkai/pages", str(folder / "pages")).replace(
        "127.0.0.1:8000;", f"127.0.0.1:{behind};"
    )
    text = re.sub(r"\n    (ssl_\w+|listen \[::\]).*;", "", text)
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    headers = "".join(re.findall(r"        add_header .*;\n", text))
    plain = f"location = /plain.html {{ root {folder}; gzip_static on; }}"
    plain += f"location = /headers.html {{ root {folder}; gzip_static on;{headers} }}"
    text = text.replace("    location ^~ / {", f"    {plain}\n    location ^~ / {{", 1)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        "events { worker_connections 256; }\n"
        f"http {{ include /etc/nginx/mime.types; access_log off; sendfile on; keepalive_requests 100000000;\n"
        f"{temporary}\n{text}\n}}\n"
    )
    return whole


# --- clients -----------------------------------------------------------------------------------------------------------


def client() -> tuple[str, Callable[[str, dict[str, str], float], float]]:
    """The best client at hand: its name and `ask(address, headers, seconds)` -> replies a second."""
    if shutil.which("wrk"):
        return "wrk", with_wrk
    if shutil.which("ab"):
        return "ab", with_ab
    return "threads of our own", with_threads


def _headers(headers: dict[str, str]) -> list[str]:
    return [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]


def with_wrk(address: str, headers: dict[str, str], seconds: float) -> float:
    command = [
        "wrk",
        "-t",
        "1",
        "-c",
        str(CONNECTIONS),
        "-d",
        f"{max(1, round(seconds))}s",
        *_headers(headers),
        address,
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def with_ab(address: str, headers: dict[str, str], seconds: float) -> float:
    command = ["ab", "-q", "-k", "-c", str(CONNECTIONS), "-t", str(round(seconds)), "-n", "10000000"]
    said = subprocess.run([*command, *_headers(headers), address], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or not re.search(r"Failed requests:\s+0\b", said):
        raise RuntimeError(said)
    return float(re.search(r"Requests per second:\s+([\d.]+)", said)[1])


def with_threads(address: str, headers: dict[str, str], seconds: float) -> float:
    host, path = re.fullmatch(r"http://([^/]+)(/.*)", address).groups()
    until, counts = time.perf_counter() + seconds, [0] * CONNECTIONS

    def ask(at: int) -> None:
        connection = HTTPConnection(host)
        while time.perf_counter() < until:
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            reply.read()
            if reply.status != 200:
                raise RuntimeError(f"{path} answers {reply.status}")
            counts[at] += 1

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


# --- the run -----------------------------------------------------------------------------------------------------------


def wait_for(address: str, headers: dict[str, str]) -> bytes:
    for _ in range(200):
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as reply:
                return reply.read()
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer")


def in_turn(
    pairs: dict[str, str], headers: dict[str, str], seconds: float, rounds: int, ask: Callable
) -> dict[str, list[float]]:
    """Each address of the pair in every round, first one first, then the other first."""
    found: dict[str, list[float]] = {name: [] for name in pairs}
    for at in range(rounds):
        for name in pairs if at % 2 else reversed(pairs):
            found[name].append(ask(pairs[name], headers, seconds))
    return found


def compared(kept: str, bare: str, found: dict[str, list[float]]) -> tuple[list[object], float]:
    """A row of the table, and the median over the rounds of the share within each round."""
    share = statistics.median(a / b for a, b in zip(found[kept], found[bare], strict=True))
    row = [
        kept,
        f"{statistics.median(found[kept]):,.0f}",
        bare,
        f"{statistics.median(found[bare]):,.0f}",
        f"{share:.2f}",
    ]
    return row, share


def main() -> int:
    """Measure and print; the exit status is 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="gongkai-bench-"))
    port, nginx_port = free_port(), free_port()
    os.environ |= {"GONGKAI_PUBLIC_ADDRESS": f"http://127.0.0.1:{port}", "GONGKAI_PAGES": "1"}
    prepare("", str(folder))
    import world as worlds

    from gongkai.commands.serve import collect_static
    from gongkai.core.pages.store import store

    worlds.build(CASES)
    collect_static()
    running = [subprocess.Popen([sys.executable, __file__, "--serve", str(port)])]
    try:
        headers = {"Host": f"127.0.0.1:{port}", "Accept-Encoding": "gzip"}
        wait_for(f"http://127.0.0.1:{port}{ADDRESS}", headers)
        if store().status().pages != 1:
            raise RuntimeError("the page was not kept")
        size = len(wait_for(f"http://127.0.0.1:{port}{ADDRESS}", headers))
        name, ask = client()
        print(f"{size / 1000:.1f} kB compressed, {CONNECTIONS} connections, {THREADS} threads, client: {name}\n")
        rows, missed = [], []
        found = in_turn(
            {"kept page": f"http://127.0.0.1:{port}{ADDRESS}", "empty reply": f"http://127.0.0.1:{port}/empty"},
            headers, options.seconds, options.rounds, ask,
        )  # fmt: skip
        row, share = compared("kept page", "empty reply", found)
        rows.append(["gunicorn", *row])
        missed += (
            [f"the front gives {share:.2f} of an empty reply (at least {FRONT_SHARE})"] if share < FRONT_SHARE else []
        )
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if nginx:
            page = folder / "pages/kept/page/ledger/n0/index.html"
            for ending in ("", ".gz"):
                shutil.copy(f"{page}{ending}", folder / f"plain.html{ending}")
            whole = nginx_configuration(folder, nginx_port, port)
            running.append(subprocess.Popen([nginx, "-c", str(whole)], stderr=subprocess.DEVNULL))
            wait_for(f"http://127.0.0.1:{nginx_port}/plain.html", headers)
            found = in_turn(
                {"kept page": f"http://127.0.0.1:{nginx_port}{ADDRESS}", "plain file": f"http://127.0.0.1:{nginx_port}/plain.html"},
                headers, options.seconds, options.rounds, ask,
            )  # fmt: skip
            row, share = compared("kept page", "plain file", found)
            rows.append(["nginx", *row])
            missed += (
                [f"nginx gives {share:.2f} of a plain file (at least {NGINX_SHARE})"] if share < NGINX_SHARE else []
            )
        print(table(["server", "what", "replies/s", "against", "replies/s", "share"], rows))
        if not nginx:
            print("nginx is not installed: not measured")
    finally:
        for one in running:
            one.terminate()
            one.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
    print("\n" + ("Missed:\n  " + "\n  ".join(missed) if missed else "Every target was met."))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
