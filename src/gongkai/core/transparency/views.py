"""Public pages of the log, the files of the log itself, and the look-up for programs."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from gongkai.core.portal import portal_shell
from gongkai.core.transparency import keys, limits, queries, sequencer
from gongkai.core.transparency.models import LogCheckpoint
from gongkai.proof.leaf import is_digest

UPLOADS_A_MINUTE = 20
LOOKUPS_A_MINUTE = 120
_BUSY = "核验得太频繁了，请一分钟后再试。"


def _crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "首页", "url": "/"}, {"label": "存证核验", "url": reverse("proof:index")}, *more]


# The form changes nothing and knows nobody: there is no request to forge. Without the exemption the upload would be
# read before its size is looked at.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The page on which anybody checks a file."""
    if request.method == "POST":
        return _uploaded(request)
    digest = request.GET.get("sha256", "").strip().lower()
    if not digest:
        return _page(request)
    if not is_digest(digest):
        return _page(request, fault="指纹应是64位的0到9、a到f，请核对后再试。", status=400)
    if not limits.allows(request, "look", LOOKUPS_A_MINUTE):
        return _page(request, fault=_BUSY, status=429)
    return _page(request, digest=digest, found=_results(digest))


def _verifier() -> str:
    """The log's public key; empty while its file cannot be used, which `gongkai doctor` tells."""
    try:
        return str(keys.verifier())
    except keys.KeyFault:
        return ""


def _uploaded(request: HttpRequest) -> HttpResponse:
    """Compute the digest of an upload; the file is not kept."""
    most = settings.GONGKAI_UPLOAD_MEGABYTES * 1024 * 1024
    if not limits.allows(request, "upload", UPLOADS_A_MINUTE):
        return _page(request, fault=_BUSY, status=429)
    # Looked at before the body is read.
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > most + 64 * 1024:
        fault = (
            f"文件超过{settings.GONGKAI_UPLOAD_MEGABYTES} MB，不能在这里核验。请按页面下方的方法在自己的电脑上核验。"
        )
        return _page(request, fault=fault, status=413)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, fault="请先选择一个文件。", status=400)
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    return HttpResponseRedirect(f"{reverse('proof:index')}?{urlencode({'sha256': digest.hexdigest()})}")


def _results(digest: str) -> list[dict[str, Any]]:
    return [{"found": found, "proof": queries.inclusion(found.entry)} for found in queries.find(digest)]


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    before = request.GET.get("before", "")
    rows, further = queries.newest(int(before) if before.isdecimal() and len(before) < 19 else None)
    checkpoint = queries.latest()
    response = render(
        request,
        "transparency/index.html",
        portal_shell(
            request,
            crumbs=_crumbs(),
            rows=rows,
            further=further,
            before=before,
            checkpoint=checkpoint,
            witnessed=queries.latest_witnessed(),
            verifier=_verifier(),
            limit=settings.GONGKAI_UPLOAD_MEGABYTES,
            log_address=f"{settings.GONGKAI_PUBLIC_ADDRESS}/tlog",
            **context,
        ),
        status=status,
    )
    patch_cache_control(response, no_store=True)
    return response


@require_safe
def entry(request: HttpRequest, position: int) -> HttpResponse:
    """One entry: what it says and the proof that it is in the log."""
    found = queries.at_position(position)
    if found is None:
        raise Http404
    context = portal_shell(
        request,
        crumbs=_crumbs({"label": f"第{position}号", "url": ""}),
        entry=found,
        public=queries.is_public(found),
        proof=queries.inclusion(found),
        verifier=_verifier(),
    )
    response = render(request, "transparency/entry.html", context)
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def subject(request: HttpRequest, subject: str) -> HttpResponse:
    """Everything that happened to one public thing."""
    rows = queries.entries_of(subject)
    if not rows:
        raise Http404
    last = rows[-1]
    address = "" if last.act == "withdrawn" else next((row.address for row in reversed(rows) if row.address), "")
    crumbs = _crumbs({"label": subject, "url": ""})
    context = portal_shell(request, crumbs=crumbs, subject=subject, rows=rows, last=last, address=address)
    response = render(request, "transparency/subject.html", context)
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def lookup(request: HttpRequest) -> HttpResponse:
    """For programs: the entries of every subject that published a file (`sha256`), or stands at a path (`address`)."""
    if not limits.allows(request, "look", LOOKUPS_A_MINUTE):
        return _json({"error": _BUSY}, status=429)
    digest, address = request.GET.get("sha256", "").lower(), request.GET.get("address", "")
    if is_digest(digest):
        subjects = queries.answer("sha256", digest)
    elif address.startswith("/") and "\x00" not in address:
        subjects = queries.answer("address", address)
    else:
        return _json({"error": "请给出 sha256（64位十六进制）或 address（以/开头的路径）。"}, status=400)
    return _json({"log": f"{settings.GONGKAI_PUBLIC_ADDRESS}/tlog", "subjects": subjects})


def _json(value: dict[str, Any], status: int = 200) -> HttpResponse:
    response = JsonResponse(value, status=status, json_dumps_params={"ensure_ascii": False})
    return _open(response, no_store=True)


def _open(response: HttpResponse, **caching: Any) -> HttpResponse:
    """What is public to everybody may be read by pages of other sites, too: verifiers that run in a browser."""
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, **caching)
    return response


def _text(words: str, **caching: Any) -> HttpResponse:
    return _open(HttpResponse(words, content_type="text/plain; charset=utf-8"), **caching)


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint, with the lines of witnesses."""
    found = queries.latest()
    if found is None:
        raise Http404
    return _text(queries.note_of(found), public=True, max_age=2)


@require_safe
def old_checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """An earlier checkpoint."""
    found = get_object_or_404(LogCheckpoint, size=size)
    return _text(queries.note_of(found), public=True, max_age=300)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The key that verifies checkpoints, as one line."""
    words = _verifier()
    if not words:
        raise Http404
    return _text(f"{words}\n", public=True, max_age=300)


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """A tile of hashes or a bundle of entries; these never change."""
    try:
        data = sequencer.store().read(f"tile/{path}")
    except (FileNotFoundError, ValueError):
        raise Http404 from None
    response = HttpResponse(data, content_type="application/octet-stream")
    return _open(response, public=True, max_age=31_536_000, immutable=True)
