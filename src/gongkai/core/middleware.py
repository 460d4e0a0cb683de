"""Middleware of our own: the script of a response in simplified or traditional characters."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class ScriptMiddleware:
    """Turn public pages into traditional characters when the reader asked for them.

    The workbench stays in simplified characters: what staff type must come back as they typed it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # There is one language. Said once, it need not be found out anew for every address and figure of the page.
        with translation.override(settings.LANGUAGE_CODE):
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


class PlainAddressMiddleware:
    """Refuse addresses with a NUL: no page means one, and PostgreSQL cannot even be asked for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The API says it in its own form.
        api = request.path.startswith("/api/v1/")
        if not api and ("\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")):
            raise BadRequest("网址里有不能用的字符。请检查网址。")
        return self.get_response(request)
