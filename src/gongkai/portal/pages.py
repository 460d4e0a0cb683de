"""Public pages that belong to no room."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.views.decorators.http import require_safe

from gongkai.core import components as living
from gongkai.core import pages as cache
from gongkai.core.portal import home_parts, pages, portal_shell, sitemaps

HOME_STANDS = dt.timedelta(minutes=10)
HOME_WORDS = "承诺了什么，谁来做，做到哪一步，逐项公布。"
# Rooms with very many pages keep sitemaps of their own.
# Forms of requests, and what one applicant sees.
REQUEST_PAGES = ("new", "receipt", "status", "mine")
SITEMAPS = ("portal:sitemap", "information:sitemap")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the rooms show of themselves."""
    cache.tag(request, cache.HOME)
    # Rooms show days and lights here, which change without an act.
    cache.until(request, min(cache.end_of_day(), timezone.now() + HOME_STANDS))
    parts = []
    for part in home_parts:
        context = part.context()
        if context is not None:
            parts.append({"template": part.template, **context})
    words = next((part["hero_words"] for part in parts if part.get("hero_words")), HOME_WORDS)
    context = portal_shell(request, parts=parts, hero_words=words, hero_search_url=_address_of("search:index"))
    return render(request, "portal/home.html", context)


def _address_of(name: str) -> str:
    """The address of a page that an installation may lack; empty then."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the site can be used with aids, and what to do where it cannot."""
    cache.tag(request, "accessibility")
    crumbs = [{"label": "首页", "url": "/"}, {"label": "无障碍声明"}]
    return render(request, "portal/accessibility.html", portal_shell(request, crumbs=crumbs))


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """All public pages of the navigation, for people."""
    cache.tag(request, cache.SITEMAP)
    entries = [{"label": page.label, "url": reverse(page.url_name)} for page in pages]
    return render(request, "portal/map.html", portal_shell(request, entries=entries))


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """All public addresses, for machines (sitemaps.org 0.9)."""
    cache.tag(request, cache.SITEMAP)
    rows = [(reverse(page.url_name), None) for page in pages]
    for addresses in sitemaps:
        rows += addresses()
    body = format_html_join(
        "",
        "<url><loc>{}{}</loc>{}</url>",
        (
            (
                settings.GONGKAI_PUBLIC_ADDRESS,
                path,
                format_html_join("", "<lastmod>{}</lastmod>", [(changed.date().isoformat(),)] if changed else []),
            )
            for path, changed in rows
        ),
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Public pages may be read by machines; the workbench is no reading matter."""
    cache.tag(request, "robots")
    closed = ("workbench", "preferences", "information/subscribe", *(f"requests/{name}" for name in REQUEST_PAGES))
    lines = ["User-agent: *", *(f"Disallow: /{path}/" for path in closed)]
    addresses = [_address_of(name) for name in SITEMAPS]
    lines += [f"Sitemap: {settings.GONGKAI_PUBLIC_ADDRESS}{address}" for address in addresses if address]
    text = "\n".join([*lines, ""])
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """The living page of components, in the demo and while developing only."""
    if not (settings.GONGKAI_DEMO or settings.DEBUG):
        raise Http404
    return living.components(request)
