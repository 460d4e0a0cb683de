"""Pages made for the tests, each doing one thing that a kept page may or may not do."""

from __future__ import annotations

import itertools

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from gongkai.core import pages

counter = itertools.count(1)
# What the page says, and what happens while it is rendered; set by the tests.
shown: dict[str, str] = {"text": "一"}
while_rendering: list = []
lasts: dict = {"until": None}


def page(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1", "list:documents")
    pages.until(request, lasts["until"])
    text = shown["text"]
    for step in while_rendering:
        step()
    return HttpResponse(f"<p>{text} {next(counter)}</p>")


def untagged(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>不留</p>")


def with_query(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    pages.query(request, "year", "kind")
    return HttpResponse(f"<p>{request.GET.get('year')} {next(counter)}</p>")


def with_token(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return HttpResponse(f"<input value='{get_token(request)}'>")


def with_form(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return HttpResponse("<input name='csrfmiddlewaretoken'>")


def with_session(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    request.session["seen"] = 1
    return HttpResponse("<p>会话</p>")


def with_message(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    messages.info(request, "已保存")
    return render(request, "core/404.html")


def with_cookie(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    response = HttpResponse("<p>饼干</p>")
    response.set_cookie("mine", "1")
    return response


def private(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return HttpResponse("<p>私</p>", headers={"Cache-Control": "no-store"})


def missing(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return HttpResponse("<p>没有</p>", status=404)


def attached(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return HttpResponse("a", content_type="text/plain; charset=utf-8", headers={"Content-Disposition": "attachment"})


def other_policy(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return HttpResponse("<p>a</p>", headers={"Content-Security-Policy": "default-src 'none'"})


def look(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return render(request, "portal/accessibility.html", {"now": timezone.now()})


@csrf_exempt
def feed(request: HttpRequest) -> HttpResponse:
    pages.tag(request, "document:1")
    return HttpResponse("<feed/>", content_type="application/atom+xml; charset=utf-8")


urlpatterns = [
    path("page/", page),
    path("页面/", page),
    path("untagged/", untagged),
    path("query/", with_query),
    path("refused/token/", with_token),
    path("refused/form/", with_form),
    path("refused/session/", with_session),
    path("refused/message/", with_message),
    path("refused/cookie/", with_cookie),
    path("refused/private/", private),
    path("refused/missing/", missing),
    path("refused/attached.txt", attached),
    path("refused/policy/", other_policy),
    path("refused/feed/", feed),
    path("look/", look),
    path("feed.atom", feed),
]
