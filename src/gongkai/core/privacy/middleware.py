"""A page in words where sealed data cannot be opened or sealed, instead of an error without any."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongkai.core.privacy.faults import Fault

log = logging.getLogger(__name__)


class FaultMiddleware:
    """Answer 503 with the fault's sentence, and write the fault into the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only faults of sealed data; readers on the public side learn no more than that it does not work."""
        if not isinstance(exception, Fault):
            return None
        log.error("%s: %s", request.path, exception)
        inside = request.path.startswith("/workbench/")
        reason = (
            str(exception) if inside else "服务器暂时不能安全地保存或读取个人信息。请过一会儿再试，或者打电话联系我们。"
        )
        return render(request, "privacy/fault.html", {"reason": reason, "inside": inside}, status=503)
