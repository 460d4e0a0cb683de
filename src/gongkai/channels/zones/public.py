"""Zones for readers: where one can go, what is done there, and what can be done from home instead."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gongkai.channels.zones import queries
from gongkai.channels.zones.models import Item, Place, Service, Zone
from gongkai.channels.zones.navigation import LIST, POSTED
from gongkai.core import listing, pages
from gongkai.core.portal import portal_shell

# What of a zone's services has a page on this site: words and the page's name.
ONLINE = {
    Service.LOOKUP: ("在网上查找信息", "search:index"),
    Service.INTAKE: ("在网上提交申请", "requests-public:new"),
    Service.GUIDANCE: ("看怎样申请公开", "requests-public:index"),
    Service.ADVICE: ("查政策文件和解读", "information:policies"),
}


def online(service: str) -> dict[str, str] | None:
    """The page that does the same from home, if this site has one."""
    words, name = ONLINE.get(Service(service), ("", ""))
    if not name:
        return None
    try:
        return {"words": words, "url": reverse(name)}
    except NoReverseMatch:
        return None


def _crumbs(*rows: tuple[str, str]) -> list[dict[str, str]]:
    found = [("首页", "/"), ("政务公开专区", reverse("zones-public:index")), *rows]
    return [{"label": label, "url": url} for label, url in found]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every zone, by place, by service, and those that are open now."""
    now, asked = timezone.now(), request.GET
    place = asked.get("place", "") if asked.get("place") in Place.values else ""
    service = asked.get("service", "") if asked.get("service") in Service.values else ""
    lines, zones = queries.public_list(place, service, asked.get("open") == "1", now)
    pages.tag(request, LIST)
    pages.query(request, "place", "service", "open")
    pages.until(request, queries.changes_at(zones, now))
    places = {zone.place for zone in zones}
    offered = {one.service for zone in zones for one in zone.services.all()}
    chips = [
        _chip(request, "place", "场所", [(code, label) for code, label in Place.choices if code in places]),
        _chip(request, "service", "服务", [(code, label) for code, label in Service.choices if code in offered]),
        {
            "label": "现在开放",
            "url": listing.address(asked, open=None if asked.get("open") == "1" else "1"),
            "on": asked.get("open") == "1",
        },
    ]
    context = portal_shell(request, lines=lines, any=bool(zones), chips=chips, crumbs=_crumbs()[:2])
    return render(request, "zones/public/index.html", context)


def _chip(request: HttpRequest, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    value = dict(options).get(request.GET.get(name, ""), "")
    return {
        "label": label,
        "value": value,
        "clear_url": listing.address(request.GET, **{name: None}) if value else "",
        "options": [{"label": words, "url": listing.address(request.GET, **{name: code})} for code, words in options],
    }


@require_safe
def zone(request: HttpRequest, pk: int) -> HttpResponse:
    """One zone: how to find it, when to come, who does what there, and what can be done online instead."""
    now = timezone.now()
    found = queries.shown().filter(pk=pk).first()
    if found is None:
        raise Http404("没有这个专区，或者它已经关闭。")
    pages.tag(request, f"zone:{pk}")
    pages.until(request, queries.changes_at([found], now))
    services = [{"row": one, "online": online(one.service)} for one in queries.in_order(found.services.all())]
    links: dict[str, dict[str, str]] = {}
    for code in (Service.LOOKUP, Service.INTAKE, Service.ADVICE):
        link = online(code)
        if link:
            links[link["url"]] = link
    context = portal_shell(
        request,
        zone=found,
        services=services,
        links=list(links.values()),
        open_now=queries.is_open_now(found, now),
        others=_others(found),
        telephone=found.telephone,
        crumbs=_crumbs((found.title, "")),
    )
    return render(request, "zones/public/zone.html", context)


def _others(zone: Zone) -> list[Zone]:
    return list(queries.shown().exclude(pk=zone.pk)[:8])


@require_safe
def posted(request: HttpRequest) -> HttpResponse:
    """定点公开: what hangs at which reading point, board or screen, and the document itself."""
    item = request.GET.get("item", "") if request.GET.get("item") in Item.values else ""
    pages.tag(request, POSTED)
    pages.query(request, "item")
    context = portal_shell(
        request,
        groups=queries.posted(item),
        item=item,
        chips=[_chip(request, "item", "公开事项", list(Item.choices))],
        crumbs=[{"label": "首页", "url": "/"}, {"label": "定点公开", "url": ""}],
    )
    return render(request, "zones/public/posted.html", context)
