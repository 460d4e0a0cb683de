"""The worker: periodic work and queued tasks, in a thread of the web process or in processes of its own."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections

log = logging.getLogger(__name__)
_stop = threading.Event()


def work_once() -> int:
    """Run what is due now; returns how many jobs and tasks ran."""
    from gongkai.core import schedule

    ran = len(schedule.run_due())
    return ran + run_tasks()


def run_tasks(limit: int = 20) -> int:
    """Run queued tasks until none is ready; each is claimed before it runs, so that two workers never take the same."""
    from django.conf import settings

    if "django_tasks_db" not in settings.TASKS["default"]["BACKEND"]:
        return 0
    from django_tasks_db.management.commands.db_worker import Worker

    worker = Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=limit,
        worker_id="gongkai",
        excluded_queue_names=[],
    )
    worker.run()
    return worker._run_tasks


def loop(interval: float = 1.0) -> None:
    """Work until `stop()`; a fault is logged and the loop goes on."""
    while not _stop.is_set():
        ran = 0
        try:
            close_old_connections()
            ran = work_once()
        except Exception:
            log.exception("worker")
        finally:
            close_old_connections()
        if not ran:
            _stop.wait(interval)


def start_worker_thread() -> threading.Thread:
    """Start the loop in a daemon thread of this process."""
    _stop.clear()
    thread = threading.Thread(target=loop, name="gongkai-worker", daemon=True)
    thread.start()
    return thread


def stop() -> None:
    """End the loop after the piece of work in hand."""
    _stop.set()
