"""What publishing shows on the home page and tells the sitemaps."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.views.decorators.http import require_safe

from gongkai.core import pages as cache
from gongkai.core.schedule import every
from gongkai.publications import catalog, counts, public_queries, shown
from gongkai.publications.models import PublicDocument
from gongkai.publications.readers.models import ListEntry
from gongkai.publications.readers.views import released

log = logging.getLogger(__name__)
# Addresses in one sitemap; sitemaps.org allows fifty thousand.
BLOCK = counts.SITEMAP_BLOCK


def part() -> dict[str, Any] | None:
    """Newest documents, the libraries, bodies, topics; nothing while nothing is public."""
    total = public_queries.total()
    if not total:
        return None
    units = [line for group in catalog.bodies() for line in group["rows"]]
    return {
        "hero_words": f"本站收录{len(units)}个单位主动公开的{total:,}件政府信息",
        "total": total,
        "bodies": len(units),
        "policies": public_queries.total("policy"),
        "normative": public_queries.total("normative"),
        "newest_policies": public_queries.newest("policy", size=5),
        "newest": public_queries.newest(size=6),
        "interpretations": public_queries.newest(kind="政策解读", size=4),
        "topics": [topic for topic in released()[:3] if topic.is_public],
        "units": units[:12],
    }


def addresses() -> list[tuple[str, Any]]:
    """Lists, bodies, columns and topics for the site's sitemap; documents have sitemaps of their own."""
    rows: list[tuple[str, Any]] = [
        (reverse(f"information:{name}"), None) for name in ("list", "normative", "units", "topics")
    ]
    for group in catalog.bodies():
        for line in group["rows"]:
            rows.append((reverse("information:unit", args=[line["unit"].code]), None))
            rows.append((reverse("information:disclosure-unit", args=[line["unit"].code]), None))
    filled = _every(public_queries.branches(public_queries.columns()))
    rows += [(reverse("information:column", args=[branch.column.code]), branch.column.updated_at) for branch in filled]
    rows += [(topic.public_address, topic.released_at) for topic in released()[:500] if topic.is_public]
    return rows


def _every(branches: list[Any]) -> list[Any]:
    return [one for branch in branches for one in (branch, *_every(branch.children))]


def _xml(root: str, item: str, rows: list[tuple[str, Any]]) -> HttpResponse:
    body = format_html_join(
        "",
        "<{0}><loc>{1}</loc>{2}</{0}>",
        (
            (
                item,
                shown.absolute(path),
                format_html_join("", "<lastmod>{}</lastmod>", [(changed.date().isoformat(),)] if changed else []),
            )
            for path, changed in rows
        ),
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</{root}>'
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The sitemaps of all documents, by blocks of numbers."""
    cache.tag(request, "documents")
    last = ListEntry.objects.order_by("-document").values_list("document", flat=True).first()
    blocks = range(last // BLOCK + 1) if last is not None else range(0)
    rows: list[tuple[str, Any]] = [(reverse("information:sitemap-block", args=[block]), None) for block in blocks]
    return _xml("sitemapindex", "sitemap", rows)


@require_safe
def sitemap_block(request: HttpRequest, block: int) -> HttpResponse:
    """The documents of one block."""
    found = PublicDocument.objects.filter(pk__gte=block * BLOCK, pk__lt=(block + 1) * BLOCK).order_by("pk")
    rows = [(reverse("information:document", args=[pk]), at) for pk, at in found.values_list("pk", "changed_at")]
    if not rows:
        raise Http404
    cache.tag(request, counts.block_tag(block * BLOCK))
    return _xml("urlset", "url", rows)


@every("readers.counters", daily_at=dt.time(3, 40))
def prove_counters(now: dt.datetime) -> int:
    """Entries and counters beside what is public; what differs is told in the log and written anew."""
    problems = counts.verify(repair=True)
    for problem in problems[:20]:
        log.warning("public lists: %s", problem)
    return len(problems)


def registered() -> None:
    """Put publishing's pages into the portal; called in `apps.ready()`."""
    from gongkai.core import portal

    portal.register_page("政策文件", "information:policies", order=10)
    portal.register_page("政府信息公开", "information:disclosure", order=20)
    portal.register_page("公开机构", "information:units", order=30, footer=True)
    portal.register_page("邮件订阅", "information:subscribe", order=40, footer=True)
    portal.register_home_part("publications/public/_home.html", part, order=5)
    portal.register_sitemap(addresses)


def follow_columns(**kwargs: Any) -> None:
    """A column was added, renamed, moved or closed: every page that shows columns is made anew."""
    cache.drop("catalog", cache.HOME, cache.SITEMAP)
