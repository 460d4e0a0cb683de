"""`gongkai serve`: bring everything up to date, then web and background work in one."""

from __future__ import annotations

import argparse
import hashlib
import os
import socket
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from gongkai.commands.instance import only_one
from gongkai.commands.terminal import Problem, pending_migrations, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen and how many threads and processes."""
    parser.add_argument("--bind", metavar="地址:端口", help="监听地址，默认取 GONGKAI_BIND（127.0.0.1:8000）")
    parser.add_argument("--threads", type=int, metavar="N", help="每个进程的线程数，默认取 GONGKAI_THREADS（8）")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="网站进程数，仅 PostgreSQL 可以大于1")
    parser.add_argument("--no-worker", action="store_true", help="不在网站进程里做后台工作（另外运行 gongkai worker）")
    parser.add_argument("--demo", action="store_true", help="演示模式：数据库为空时生成演示数据，列出演示账号")
    parser.add_argument("--reload", action="store_true", help="代码变动后自动重启，开发时用")


def run(options: argparse.Namespace) -> int:
    """Prepare and serve until told to stop."""
    named = options.bind or os.environ.get("GONGKAI_BIND", "")
    if named and not named.startswith(("0.0.0.0", "[::]", "unix:")):  # noqa: S104  only compared
        os.environ.setdefault("GONGKAI_PUBLIC_ADDRESS", f"http://{named}")
    start_django(demo=options.demo)
    from django.conf import settings
    from django.db import connection, connections

    bind = options.bind or settings.GONGKAI_BIND
    if options.processes > 1 and connection.vendor == "sqlite":
        raise Problem("SQLite 只能用一个网站进程。", "请去掉 --processes，或改用 PostgreSQL（GONGKAI_DATABASE_URL）。")
    alone = only_one(settings.DATA_DIR) if connection.vendor == "sqlite" else nullcontext()
    with alone:
        check_free(bind)
        prepare()
        connections.close_all()
        server(bind, options).run()
    return 0


def check_free(bind: str, wait: float = 10.0) -> None:
    """Stop with a sentence when the port is taken; a server that was just killed gets time to let go.

    Raises:
        Problem: the address is wrong or in use.
    """
    if bind.startswith("unix:"):
        return
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        raise Problem(f"监听地址写得不对：{bind}", "应写成 地址:端口，例如 127.0.0.1:8000。", status=2)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    until = time.monotonic() + wait
    while True:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host.strip("[]"), int(port)))
            return
        except OSError as error:
            if time.monotonic() > until:
                raise Problem(
                    f"不能在 {bind} 上监听：{error.strerror}。",
                    "端口可能被占用。换一个：gongkai serve --bind 127.0.0.1:8080",
                ) from error
            time.sleep(0.3)


def prepare() -> None:
    """Database, front-end files, and in a demo the demo data."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        if pending_migrations():
            print("正在建立或升级数据库……", flush=True)
            call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise Problem(f"连不上数据库：{error}", "请检查 GONGKAI_DATABASE_URL，并确认数据库已启动。") from error
    if not settings.DEBUG:
        collect_static()
    if settings.GONGKAI_DEMO:
        from gongkai.commands.demo import build_if_empty

        build_if_empty()


def collect_static() -> bool:
    """Gather front-end files with digests in their names; skipped while nothing changed. Returns whether it ran."""
    from django.conf import settings
    from django.core.management import call_command

    root: Path = settings.STATIC_ROOT
    stamp = root / ".fingerprint"
    fingerprint = static_fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint:
        return False
    print("正在整理网页所需的样式和脚本……", flush=True)
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(fingerprint, encoding="ascii")
    return True


def static_fingerprint() -> str:
    """SHA-256 over names, sizes and times of all front-end files."""
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            seen.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def server(bind: str, options: argparse.Namespace) -> Any:
    """The web server with its settings, not started yet."""
    from django.conf import settings
    from gunicorn.app.base import BaseApplication

    values = {
        "bind": bind,
        "workers": options.processes,
        "worker_class": "gongkai.config.worker.Worker",
        "threads": options.threads or settings.GONGKAI_THREADS,
        "timeout": 120,
        "graceful_timeout": 20,
        "loglevel": "warning",
        "control_socket_disable": True,
        "reload": options.reload,
        "proc_name": "gongkai",
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108  heartbeat only
        "when_ready": lambda arbiter: announce(bind),
        "post_worker_init": _start_worker if not options.no_worker else lambda worker: None,
        "worker_exit": _stop_worker,
        "on_exit": _leave_one_file,
    }

    class Server(BaseApplication):
        """gunicorn without its command line and configuration files."""

        def load_config(self) -> None:
            """Take over the values."""
            for name, value in values.items():
                if value is not None:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            """The application, loaded in each worker process."""
            from gongkai.config.wsgi import application

            return application

    return Server()


def _start_worker(worker: Any) -> None:
    from gongkai.core import background

    background.start_worker_thread()


def _stop_worker(arbiter: Any, worker: Any) -> None:
    from gongkai.core import background

    background.stop()


def _leave_one_file(arbiter: Any) -> None:
    """On SQLite the last connection that is closed moves what was written into the one file; make sure there is one."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.close()


def announce(bind: str) -> None:
    """Say where to go, and in a demo as whom."""
    from django.conf import settings

    address = settings.GONGKAI_PUBLIC_ADDRESS
    print(f"\n已启动：{bind}\n  公众网站  {address}/\n  工作台    {address}/workbench/")
    if settings.GONGKAI_DEMO:
        from gongkai.commands.demo import accounts

        print("\n演示账号（单位、文件和数据均为虚构）：")
        for account in accounts():
            print(f"  {account['username']:<18}{account['password']:<16}{account['unit']} {account['post']}")
    print("\n按 Ctrl+C 停止。", flush=True)
    sys.stdout.flush()
