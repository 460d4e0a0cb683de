"""Middleware of our own: the script of a response in simplified or traditional characters."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class ScriptMiddleware:
    """Turn public pages into traditional characters when the reader asked for them.

    The workbench stays in simplified characters: what staff type must come back as they typed it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            request.COOKIES.get("script") == "hant"
            and not request.path.startswith("/workbench/")
            and not response.streaming
            and response.get("Content-Type", "").startswith("text/html")
        ):
            from gongkai.core.script import to_traditional

            response.content = to_traditional(response.content.decode(response.charset)).encode(response.charset)
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response
