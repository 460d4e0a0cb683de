"""The web server's worker: gunicorn's threads, and a reply whose head leaves together with the first piece of its body.

gunicorn sends status line and header fields on their own. For a page that is ready that second message costs more than
everything else the server does for it.
"""

from __future__ import annotations

import gc
from typing import Any

from gunicorn.http import wsgi
from gunicorn.workers.gthread import ThreadWorker


class _Held:
    """Takes what would be sent."""

    def __init__(self) -> None:
        self.data = b""

    def sendall(self, data: bytes) -> None:
        """Keep it."""
        self.data += data


class Reply(wsgi.Response):
    """A reply that holds its head back until there is something to send with it, or nothing more comes."""

    sock: Any

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._holds = True
        self._head = b""

    def send_headers(self) -> None:
        """Write the head down; files are sent by the system, and theirs goes ahead."""
        if self.headers_sent or not self._holds:
            return super().send_headers()
        held, sock = _Held(), self.sock
        self.sock = held
        try:
            super().send_headers()
        finally:
            self.sock = sock
        self._head = held.data
        return None

    def _emit_body(self, data: bytes) -> None:
        head, self._head = self._head, b""
        if head and not self.chunked:
            self.sock.sendall(head + data)
            return
        if head:
            self.sock.sendall(head)
        super()._emit_body(data)

    def write_file(self, respiter: Any) -> None:
        """A file, by the system's own way of sending one."""
        self._holds = False
        super().write_file(respiter)

    def close(self) -> None:
        """Nothing more comes."""
        if not self.headers_sent:
            self.send_headers()
        head, self._head = self._head, b""
        if head:
            self.sock.sendall(head)
        super().close()


class Worker(ThreadWorker):
    """gunicorn's worker with threads."""

    def init_process(self) -> None:
        """`wsgi.create` takes this class unless a protocol names its own."""
        wsgi.Response = Reply
        super().init_process()

    def run(self) -> None:
        """The application is loaded: what is there stays, and what a request leaves behind is mostly gone with it."""
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        super().run()
