"""What leaves the web server: the same bytes as gunicorn alone would send, in fewer messages."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from gunicorn.http import wsgi

from gongkai.config.worker import Reply


class Line:
    """A connection that remembers every message."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.messages.append(data)

    def sendfile(self, file, offset=0, count=None) -> None:
        file.seek(offset)
        self.messages.append(file.read(count))


def sent(reply_class, headers, pieces, *, method="GET", status="200 OK", file=None) -> list[bytes]:
    request = SimpleNamespace(method=method, version=(1, 1), should_close=lambda: False)
    line = Line()
    reply = reply_class(request, line, SimpleNamespace(protocol="http", is_ssl=False, sendfile=None))
    reply.start_response(status, headers)
    if file is not None:
        reply.write_file(wsgi.FileWrapper(file, 4))
    for piece in pieces:
        reply.write(piece)
    reply.close()
    return line.messages


LENGTH, TYPE = ("Content-Length", "6"), ("Content-Type", "text/plain")
CASES = [
    ("whole", [LENGTH, TYPE], [b"public"], {}, 1),
    ("in pieces", [LENGTH, TYPE], [b"pub", b"lic"], {}, 2),
    ("of unknown length", [TYPE], [b"pub", b"", b"lic"], {}, 4),
    ("nothing", [("Content-Length", "0")], [b""], {}, 1),
    ("nothing at all", [("Content-Length", "0")], [], {}, 1),
    ("asked for its head", [LENGTH, TYPE], [b""], {"method": "HEAD"}, 1),
    ("not changed", [TYPE], [b""], {"status": "304 Not Modified"}, 1),
    ("a file", [LENGTH, TYPE], [], {"file": io.BytesIO(b"public")}, 3),
]


@pytest.mark.parametrize(
    ("headers", "pieces", "more", "messages"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_same_bytes_in_fewer_messages(headers, pieces, more, messages, monkeypatch):
    monkeypatch.setattr("gunicorn.util.http_date", lambda: "Sun, 22 Nov 2026 00:00:00 GMT")
    found = sent(Reply, headers, pieces, **more)
    if "file" in more:
        more["file"].seek(0)
    assert b"".join(found) == b"".join(sent(wsgi.Response, headers, pieces, **more))
    assert len(found) == messages
