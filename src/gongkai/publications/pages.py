"""The public page of a document: as it stands now, its versions, its files, its downloads; what is left after withdrawal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.core import attachments, transparency
from gongkai.core import pages as cache
from gongkai.core.listing import day_start
from gongkai.core.portal import portal_shell
from gongkai.publications import body, outward, public, public_queries, rendered, shown
from gongkai.publications.models import PublicDocument, Version
from gongkai.publications.public_queries import Page

# The tag of everything that shows columns: dropped when a column is renamed, moved or closed.
CATALOG = "catalog"
# The log gives an entry its number a moment after the act; a page without it is not kept for long.
WAIT_FOR_LOG = dt.timedelta(minutes=2)


def shell(request: HttpRequest, *, section: str = "", **context: Any) -> dict[str, Any]:
    """The portal's frame with the search box; `section` names the page of the navigation below which this one stands."""
    frame = portal_shell(request, portal_search_url=search_address(), **context)
    here = reverse(section) if section else ""
    for item in frame["portal_navigation"]:
        item["current"] = item["current"] or item["url"] == here
    return frame


def section_of(row: PublicDocument) -> str:
    """Where a document stands in the navigation."""
    return "information:policies" if row.policy or row.normative else "information:disclosure"


def search_address() -> str:
    """Where the search form goes."""
    try:
        return reverse("search:index")
    except NoReverseMatch:
        return ""


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One document as it is public now."""
    row = public_queries.public_row(pk)
    if row is None:
        return gone(request, pk)
    page = public_queries.page_of(row)
    return render(request, "publications/public/document.html", _document(request, page))


def _document(request: HttpRequest, page: Page) -> dict[str, Any]:
    row, today = page.row, timezone.localdate()
    standing = shown.standing(page, today)
    parts = public.parts_of(row)
    _tag(request, page, parts)
    if standing and standing.until:
        cache.until(request, day_start(standing.until))
    interpreting = page.links("interprets", backwards=True)
    facts = shown.facts(row, page.version)
    return shell(
        request,
        section=section_of(row),
        page=page,
        row=row,
        version=page.version,
        crumbs=crumbs(row),
        facts=facts,
        pairs=shown.in_pairs(facts),
        standing=standing,
        text=shown.text(page.version, page.pictures),
        contents=shown.contents(page.version),
        points=shown.points(page.version.summary),
        interpreting=interpreting,
        related=_grouped([one for one in page.related if one not in interpreting]),
        parts=parts,
        forms=[(form, rendered.LABELS[form]) for form in rendered.FORMS],
        proof=transparency.address_of(f"{outward.SOURCE}/{row.pk}"),
        address=shown.absolute(row.get_absolute_url()),
        tags=shown.tags(page),
        structured=shown.structured(page),
        telephone=row.unit.telephone,
    )


def _tag(request: HttpRequest, page: Page, parts: dict[str, Any] | None = None) -> None:
    """What the page shows: the document, those at the other ends of its links, its column's name."""
    row = page.row
    cache.tag(request, f"document:{row.pk}", CATALOG, *(f"document:{one.pk}" for one in page.related if one.pk))
    for part in public.parts:
        if part.tags is not None:
            cache.tag(request, *part.tags(row))
    if page.log is not None and page.log.position is None:
        cache.until(request, timezone.now() + WAIT_FOR_LOG)


def _grouped(related: list[Any]) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for one in related:
        groups.setdefault(one.label, []).append(one)
    return list(groups.items())


def crumbs(row: PublicDocument, *more: tuple[str, str]) -> list[dict[str, str]]:
    """Where a document stands: policy library or the body's page, column, number."""
    here = row.document_number or "正文"
    rows = [{"label": "首页", "url": "/"}]
    if row.policy or row.normative:
        name = "normative" if row.normative else "policies"
        rows.append({"label": "规范性文件库" if row.normative else "政策文件库", "url": reverse(f"information:{name}")})
    else:
        rows.append({"label": "政府信息公开", "url": reverse("information:disclosure")})
    if row.column is not None:
        rows.append({"label": row.column.title, "url": reverse("information:column", args=[row.column.code])})
    else:
        rows.append({"label": str(row.unit), "url": reverse("information:unit", args=[row.unit.code])})
    rows.append({"label": here, "url": row.get_absolute_url() if more else ""})
    return rows + [{"label": label, "url": url} for label, url in more]


def gone(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands where a withdrawn document stood: the note, and nothing of its text. 404 where there was none."""
    note = public_queries.withdrawal(pk)
    if note is None:
        raise Http404
    context = shell(request, note=note, successor=public_queries.public_successor(note))
    response = render(request, "publications/public/withdrawn.html", context, status=410)
    response["Cache-Control"] = "no-store"
    return response


# --- versions ---------------------------------------------------------------------------------------------------------


def _version(request: HttpRequest, pk: int, number: int) -> tuple[PublicDocument, Version] | HttpResponse:
    row = public_queries.public_row(pk)
    if row is None:
        return gone(request, pk)
    version = public_queries.version_of(row, number)
    if version is None:
        raise Http404
    return row, version


@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version under its own address."""
    found = _version(request, pk, number)
    if isinstance(found, HttpResponse):
        return found
    row, one = found
    page = public_queries.page_of(row, one)
    _tag(request, page)
    later = next((other for other in reversed(page.versions) if other.number > one.number), None)
    context = shell(
        request,
        section=section_of(row),
        page=page,
        row=row,
        version=one,
        later=later,
        crumbs=crumbs(row, (f"第{number}版", "")),
        pairs=shown.in_pairs(shown.facts(row, one)),
        text=shown.text(one, page.pictures),
        forms=[(form, rendered.LABELS[form]) for form in rendered.FORMS],
    )
    return render(request, "publications/public/version.html", context)


@require_safe
def compare(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version beside the one that stands now, or beside the one that the address names (`with`)."""
    found = _version(request, pk, number)
    if isinstance(found, HttpResponse):
        return found
    row, old = found
    wanted = request.GET.get("with", "")
    new = row.version
    if wanted:
        other = public_queries.version_of(row, int(wanted)) if wanted.isascii() and wanted.isdigit() else None
        if other is None:
            raise Http404
        new = other
        cache.query(request, "with")
    if new.number < old.number:
        old, new = new, old
    cache.tag(request, f"document:{row.pk}", CATALOG)
    context = shell(
        request,
        section=section_of(row),
        row=row,
        old=old,
        new=new,
        rows=body.compare(old.body, new.body),
        changed_facts=_changed_facts(row, old, new),
        crumbs=crumbs(row, (f"第{old.number}版与第{new.number}版对比", "")),
    )
    return render(request, "publications/public/compare.html", context)


def _changed_facts(row: PublicDocument, old: Version, new: Version) -> list[tuple[str, str, str]]:
    before, after = dict(shown.facts(row, old)), dict(shown.facts(row, new))
    labels = list(dict.fromkeys([*before, *after]))
    lines = [
        ("标题", old.title, new.title),
        *((label, before.get(label, ""), after.get(label, "")) for label in labels),
    ]
    return [line for line in lines if line[1] != line[2]]


# --- files and downloads ----------------------------------------------------------------------------------------------


def _sent(data: bytes, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    """Bytes that a browser neither guesses about nor runs."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    # Asked for anew every time: a file does not outlive its withdrawal in a reader's cache or on the way.
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A file of a document that is public now, found by its number alone; the name in the address is for readers."""
    found = public_queries.public_file(pk)
    if found is None:
        raise Http404
    tag = f'"{found.digest[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        try:
            data = attachments.load(found.digest)
        except FileNotFoundError:
            raise Http404 from None
        picture = found.inline and found.content_type in shown.PICTURES
        response = _sent(data, found.content_type, found.name, inline=picture)
    response["ETag"] = tag
    return response


@require_safe
def download(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The document as Word, PDF or text."""
    row = public_queries.public_row(pk)
    if row is None:
        return gone(request, pk)
    return _download(request, row, row.version, form)


@require_safe
def version_download(request: HttpRequest, pk: int, number: int, form: str) -> HttpResponse:
    """A version as Word, PDF or text."""
    found = _version(request, pk, number)
    return found if isinstance(found, HttpResponse) else _download(request, *found, form)


def _download(request: HttpRequest, row: PublicDocument, one: Version, form: str) -> HttpResponse:
    if form not in rendered.FORMS:
        raise Http404
    try:
        data = rendered.file_of(one, form)
    except rendered.NotMade as problem:
        context = shell(request, row=row, problem=str(problem), crumbs=crumbs(row, ("下载", "")))
        return render(request, "publications/public/not_made.html", context, status=503)
    name = attachments.clean_name(f"{one.title[:80]}.{form}")
    return _sent(data, rendered.FORMS[form], name)


@require_safe
def qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The page's address as a QR code: drawn only for those who come as far as to see it."""
    if not PublicDocument.objects.filter(pk=pk).exists():
        return gone(request, pk)
    from gongkai.publications import renditions

    drawing = renditions.qr_svg(shown.absolute(reverse("information:document", args=[pk])))
    return _sent(drawing.encode(), "image/svg+xml", "qr.svg", inline=True)


@require_safe
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The document as it is put on paper, in the layout of official documents."""
    row = public_queries.public_row(pk)
    if row is None:
        return gone(request, pk)
    from gongkai.publications import renditions

    page = public_queries.page_of(row)
    cache.tag(request, f"document:{row.pk}", CATALOG)
    sheet = renditions.to_print_html(rendered.official(row.version))
    for picture in page.pictures:
        sheet = sheet.replace(f"attachment:{picture.digest}", shown.file_address(picture))
    context = shell(request, row=row, version=row.version, sheet=sheet, crumbs=crumbs(row, ("打印", "")))
    return render(request, "publications/public/print.html", context)
