"""What happens before the first page is served: drops left behind are carried out, pages of another version go."""

from __future__ import annotations

import hashlib
import logging
import threading
from pathlib import Path

from django.conf import settings
from django.db import connection

from gongkai.core.pages.store import enabled, store

log = logging.getLogger(__name__)
_lock = threading.Lock()
_ready = False


def ready() -> bool:
    """Whether pages may be served from the disk by this process; tried again until it is so."""
    if _ready:
        return True
    with _lock:
        return _ready or _start()


def _start() -> bool:
    global _ready
    try:
        prepare()
        _ready = True
    except Exception:
        # Without the database nobody knows what was dropped: pages are rendered until it answers.
        log.exception("page cache")
    finally:
        if not connection.in_atomic_block:
            connection.close()
    return _ready


def prepare() -> None:
    """Make the folder true: empty it where it belongs to other code or another start of the machine.

    Raises:
        DatabaseError, OSError: the database or the folder cannot be read.
    """
    from gongkai.core.pages import outbox

    pages = store()
    if not enabled():
        if Path(settings.GONGKAI_PAGES_DIR).exists():
            pages.wipe()
        return
    mark = fingerprint()
    if pages.remembered("fingerprint") != mark:
        pages.wipe()
        pages.remember("fingerprint", mark)
    outbox.work_off()
    pages.expire()


def fingerprint() -> str:
    """SHA-256 over all that pages depend on beside the data: code, templates, static files, settings, this boot."""
    seen = hashlib.sha256()
    root = Path(__file__).resolve().parents[2]
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".html", ".txt", ".js", ".css") and "__pycache__" not in path.parts:
            status = path.stat()
            seen.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    for name in ("SITE_NAME", "SITE_OWNER", "SITE_CONTACT", "PUBLIC_ADDRESS", "DEMO"):
        seen.update(f"{name}={getattr(settings, f'GONGKAI_{name}')}\n".encode())
    for path in (Path(settings.STATIC_ROOT) / ".fingerprint", Path("/proc/sys/kernel/random/boot_id")):
        if path.exists():
            seen.update(path.read_bytes())
    return seen.hexdigest()
