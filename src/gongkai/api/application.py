"""The API: routers of the rooms under one roof, errors in words, OpenAPI."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from gongkai import __version__
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState
from gongkai.core.machine import interfaces


def build() -> NinjaAPI:
    """The API with all routers that rooms registered."""
    api = NinjaAPI(
        title="gongkai",
        version=__version__,
        description="政务公开平台接口：报送信息、查询办理结果、读取公开的信息。",
        urls_namespace="api",
        # The page at /api/ is our own: nothing is loaded from elsewhere.
        docs_url=None,
    )
    for path, router in interfaces.routers:
        api.add_router(path, router)
    _say_errors(api)
    return api


def _say_errors(api: NinjaAPI) -> None:
    def answer(request: HttpRequest, status: int, words: str, **more: Any) -> HttpResponse:
        return api.create_response(request, {"message": words, **more}, status=status)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
        fields = {".".join(str(part) for part in error["loc"][1:]): error["msg"] for error in problem.errors}
        return answer(request, 422, "有字段不合要求。", fields=fields)

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, problem: AuthenticationError) -> HttpResponse:
        return answer(request, 401, "令牌无效、已停用，或没有这项权限。")

    @api.exception_handler(InvalidData)
    def refused(request: HttpRequest, problem: InvalidData) -> HttpResponse:
        fields = {name: " ".join(map(str, found)) for name, found in problem.form.errors.items()}
        return answer(request, 422, str(problem), fields=fields)

    @api.exception_handler(NotPermitted)
    def forbidden(request: HttpRequest, problem: NotPermitted) -> HttpResponse:
        return answer(request, 403, "对接账号没有这项操作的角色。")

    @api.exception_handler(WrongState)
    def late(request: HttpRequest, problem: WrongState) -> HttpResponse:
        return answer(request, 409, str(problem))

    @api.exception_handler(ActError)
    def stopped(request: HttpRequest, problem: ActError) -> HttpResponse:
        return answer(request, 409, str(problem))

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, problem: Http404) -> HttpResponse:
        return answer(request, 404, "没有这条信息。")

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, problem: HttpError) -> HttpResponse:
        return answer(request, problem.status_code, str(problem))


# Built once, when the addresses are read: all rooms are ready by then.
api = build()
