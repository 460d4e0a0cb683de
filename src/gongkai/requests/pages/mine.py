"""我的申请 without an account: a link to the mailbox, good once and for twenty minutes.

The page says the same whether the address is known or not; the letter goes out in the background, so that neither words
nor time tell. The link is taken by a button, for programs follow links in mail.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from gongkai.core import challenge, clocks
from gongkai.core.locks import writing
from gongkai.core.privacy import fingerprint
from gongkai.core.schedule import every
from gongkai.requests import public_queries
from gongkai.requests.models import MailLink
from gongkai.requests.pages import access, mails
from gongkai.requests.pages.shell import crumbs, shell

GOOD_FOR = dt.timedelta(minutes=20)
LINKS_PER_PLACE, LINKS_PER_MAILBOX = 20, 3


class MailboxForm(forms.Form):
    """The address that was given with the requests."""

    email = forms.EmailField(
        label="电子邮箱",
        max_length=200,
        help_text="申请时填写的邮箱。",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "w-20"}),
        error_messages={
            "required": "还没有写邮箱。请写申请时填写的邮箱。",
            "invalid": "邮箱写得不对。请核对，例如 name@example.cn。",
        },
    )


def _digest(token: str) -> str:
    return hashlib.sha256(f"mail link {token}".encode()).hexdigest()


def send(email: str, now: dt.datetime | None = None) -> None:
    """Send the link if the mailbox has requests; whether it has is not told. Raises nothing about it."""
    now = now or timezone.now()
    mark = fingerprint(email, "email")
    token = secrets.token_urlsafe(32)
    busy = access.count(f"mailbox.{mark[:32]}", LINKS_PER_MAILBOX, 3600)
    found = public_queries.requests_of_mailbox(mark, 1)
    if found and not busy:
        with writing():
            MailLink.objects.create(secret=_digest(token), email_mark=mark, created_at=now)
        mails.send_link.enqueue(found[0].pk, token)


def use(token: str, now: dt.datetime | None = None) -> str:
    """Take the link: the mark of its mailbox, once and in time; else empty."""
    now = now or timezone.now()
    with writing():
        rows = MailLink.objects.filter(secret=_digest(token), used_at__isnull=True, created_at__gt=now - GOOD_FOR)
        link = rows.first()
        # Two at once: the row is used by the one whose update finds it unused.
        if link is None or not rows.update(used_at=now):
            return ""
    return link.email_mark


@every("requests.links", minutes=30)
def forget_links(now: dt.datetime) -> int:
    """Links whose time is over; returns how many went."""
    return MailLink.objects.filter(created_at__lt=now - GOOD_FOR).delete()[0]


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Ask for the link."""
    form = MailboxForm(request.POST if request.method == "POST" else None)
    context = {"crumbs": crumbs(("我的申请", "")), "form": form, "minutes": 20}
    status = 200
    if request.method == "POST":
        if not form.is_valid():
            status = 422
        elif challenge.limited(request, "requests.link", LINKS_PER_PLACE):
            form.add_error(None, "要的链接太多了。请过一小时再试，或者用受理号和查询码查询。")
            status = 429
        else:
            send(form.cleaned_data["email"])
            context["sent"] = True
    return access.private(render(request, "requests/public/mine.html", shell(request, **context), status=status))


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link: a button that takes it."""
    gone = False
    if request.method == "POST":
        mark = use(token)
        if mark:
            ids = tuple(case.pk for case in public_queries.requests_of_mailbox(mark, access.MOST_GRANTED))
            return access.private(access.give(redirect("requests-public:list"), access.Grant(ids, mark)))
        gone = True
    context = shell(request, crumbs=crumbs(("我的申请", "")), gone=gone)
    return access.private(render(request, "requests/public/link.html", context, status=410 if gone else 200))


@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The requests of the mailbox that was proven."""
    grant = access.read(request)
    if not grant.mailbox:
        return redirect("requests-public:mine")
    now = timezone.now()
    rows = clocks.with_faces(public_queries.requests_of_mailbox(grant.mailbox, access.MOST_GRANTED), now)
    context = shell(request, crumbs=crumbs(("我的申请", "")), rows=rows)
    return access.private(render(request, "requests/public/list.html", context))
