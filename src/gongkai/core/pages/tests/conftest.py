"""Pages kept in a folder of the test's own, and a reader who asks through the front as through the web server."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

HOST = "gongkai.test"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Reader:
    """Asks the front; `rendered` counts how often Django had to answer."""

    application: Any = None
    rendered: int = 0
    cookies: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Begin anew: middlewares read the settings when they are made."""
        from gongkai.core.pages.front import Front

        django = WSGIHandler()

        def counted(environ, start_response):
            self.rendered += 1
            return django(environ, start_response)

        self.application = Front(counted)

    def get(self, address: str, method: str = "GET", **headers: str) -> Reply:
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "HTTP_HOST": HOST,
            "SERVER_NAME": HOST,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            **{f"HTTP_{name.upper()}": value for name, value in {**self.headers, **headers}.items()},
        }
        if self.cookies:
            environ["HTTP_COOKIE"] = self.cookies
        seen: list[Any] = []
        parts = self.application(environ, lambda status, rows, *_: seen.append((status, rows)))
        body = b"".join(parts)
        status, rows = seen[0]
        return Reply(int(status[:3]), dict(rows), body)


@pytest.fixture
def kept(settings, tmp_path):
    """The page cache switched on, in a folder of its own."""
    from gongkai.core.pages import front, starting
    from gongkai.core.pages.store import store

    settings.GONGKAI_PAGES = True
    settings.GONGKAI_PAGES_DIR = tmp_path / "pages"
    settings.GONGKAI_PUBLIC_ADDRESS = f"http://{HOST}"
    starting._ready = False
    front._public_address.cache_clear()
    front.standard_headers.cache_clear()
    yield store()
    starting._ready = False
    front._public_address.cache_clear()
    front.standard_headers.cache_clear()


@pytest.fixture
def reader(kept):
    """A reader before the front, with Django behind it counting its renderings."""
    found = Reader()
    found.start()
    # As Django's own test client does: the connection belongs to the test.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield found
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
