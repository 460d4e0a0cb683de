"""Public pages of topics and subscriptions."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache as memory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongkai.core import pages as cache
from gongkai.core.addresses import client_address
from gongkai.publications import public_queries
from gongkai.publications.pages import shell
from gongkai.publications.readers import subscriptions
from gongkai.publications.readers.forms import SubscribeForm
from gongkai.publications.readers.models import Topic

TOPICS = "topics"
LETTERS_PER_PLACE = 10


def _crumbs(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": "首页", "url": "/"}, *({"label": label, "url": url} for label, url in rows)]


# --- topics -----------------------------------------------------------------------------------------------------------


def released() -> Any:
    """Topics that readers see, newest first."""
    return Topic.objects.filter(released_at__isnull=False).order_by("-released_at")


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """All topics."""
    cache.tag(request, TOPICS)
    rows = [topic for topic in released()[:100] if topic.is_public]
    return render(request, "publications/public/topics.html", shell(request, topics=rows, crumbs=_crumbs(("专题", ""))))


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """One topic as it was approved, with the documents that are public now."""
    found = released().filter(slug=slug).first()
    if found is None or not found.is_public:
        raise Http404
    content = found.released
    chosen = [pk for section in content["sections"] for pk in section["documents"]]
    rows = {row.pk: row for row in public_queries.documents(chosen)}
    sections = [
        {**section, "documents": [rows[pk] for pk in section["documents"] if pk in rows]}
        for section in content["sections"]
    ]
    cache.tag(request, TOPICS, f"topic:{found.pk}", *(f"document:{pk}" for pk in chosen))
    context = shell(
        request,
        topic=found,
        content=content,
        sections=sections,
        crumbs=_crumbs(("专题", reverse("information:topics")), (content["title"], "")),
    )
    return render(request, "publications/public/topic.html", context)


# --- subscriptions ----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form, and what it answers. A program gets the same answer as a person, and no letter is sent."""
    crumbs = _crumbs(("邮件订阅", ""))
    if request.method != "POST":
        initial = {name: request.GET[name] for name in ("what", "unit", "column", "keyword") if name in request.GET}
        form = SubscribeForm(initial={"what": "policies", **initial})
        return render(request, "publications/public/subscribe.html", shell(request, form=form, crumbs=crumbs))
    form = SubscribeForm(request.POST)
    if form.is_valid():
        try:
            if not form.machine:
                _count(request)
                subscriptions.register(form.cleaned_data["address"], form.wish())
        except subscriptions.Limited as problem:
            form.add_error(None, str(problem))
        except OSError:
            form.add_error(None, "确认信没有发出去。请过一会儿再试，或者改用订阅源。")
        else:
            context = shell(request, crumbs=crumbs, hours=48)
            return render(request, "publications/public/subscribed.html", context)
    context = shell(request, form=form, crumbs=crumbs)
    return render(request, "publications/public/subscribe.html", context, status=422)


def _count(request: HttpRequest) -> None:
    """At most so many letters an hour at the wish of one place; raises Limited. The place is kept as a digest."""
    place = hashlib.sha256(client_address(request).encode()).hexdigest()[:32]
    key = f"gongkai.subscribe.{place}"
    memory.add(key, 0, 3600)
    try:
        number = memory.incr(key)
    except ValueError:
        number = 1
    if number > LETTERS_PER_PLACE:
        raise subscriptions.Limited("从您这里登记的订阅已经很多。请过一小时再试，或者改用订阅源。")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the first letter: shows what it is about, and takes the confirmation by a button.

    A program that follows links in mail does not confirm anything.
    """
    return _by_token(request, token, "confirm")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """The link in every letter: ends the subscription by a button."""
    return _by_token(request, token, "end")


def _by_token(request: HttpRequest, token: str, act: str) -> HttpResponse:
    found = subscriptions.of_token(token)
    state = "ask" if found is not None else "gone"
    if found is not None and request.method == "POST":
        if act == "end":
            subscriptions.end(found)
            state = "done"
        else:
            state = "done" if subscriptions.confirm(found) else "gone"
    context = shell(
        request,
        act=act,
        state=state,
        words=found.words if found is not None else "",
        crumbs=_crumbs(("邮件订阅", reverse("information:subscribe")), ("确认" if act == "confirm" else "退订", "")),
    )
    status = 200 if state != "gone" else 404
    return render(request, "publications/public/subscription.html", context, status=status)
