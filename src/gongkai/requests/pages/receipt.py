"""After submission: the receipt with number, query code and QR, shown for some minutes in the browser that submitted."""

from __future__ import annotations

import segno
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gongkai.requests import codes, public_queries
from gongkai.requests.models import Request
from gongkai.requests.pages import access
from gongkai.requests.pages.shell import crumbs, shell

COOKIE = "gongkai_receipt"
SALT = "gongkai.requests.receipt"
MINUTES = 20


def give(response: HttpResponse, case: Request) -> HttpResponse:
    """Let this browser see the receipt with its code for some minutes."""
    response.set_cookie(
        COOKIE,
        signing.dumps(case.pk, salt=SALT),
        max_age=MINUTES * 60,
        path="/requests/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def fresh(request: HttpRequest) -> int:
    """The request that this browser has just submitted; 0 without one."""
    try:
        return int(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MINUTES * 60))
    except (signing.BadSignature, TypeError, ValueError):
        return 0


def status_address(number: str = "") -> str:
    """The whole address of the query page; the number stands behind #, which browsers keep to themselves."""
    address = f"{settings.GONGKAI_PUBLIC_ADDRESS}{reverse('requests-public:query')}"
    return f"{address}#{number}" if number else address


def qr(number: str) -> str:
    """The query page's address as a QR code: an SVG as a data address."""
    return segno.make(status_address(number), error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff")


@never_cache
@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """Number, code, what happens next; the code is shown here and nowhere else."""
    case = public_queries.request_of(fresh(request) or 0)
    if case is None:
        return redirect("requests-public:query")
    status = public_queries.status_of(case)
    context = shell(
        request,
        crumbs=crumbs(("提交成功", "")),
        case=case,
        status=status,
        code=codes.shown(case.code),
        address=status_address(),
        qr=qr(case.number),
        way=public_queries.way_words(case),
        # A draft of the same words on this machine is of no more use.
        submitted=True,
    )
    return access.private(render(request, "requests/public/receipt.html", context))
