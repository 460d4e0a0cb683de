"""Files: by id, only to those who may read the case or to whom the draft belongs; never guessed, never run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from gongkai.core import attachments, letters, listing, privacy
from gongkai.core.acts import ActError
from gongkai.core.models import Attachment, Case, Letter, User
from gongkai.core.navigation import signed_in
from gongkai.workbench.views.cases import viewable

# What a file may do when it is opened: nothing. A PDF shown in place cannot be sandboxed, browsers then show nothing.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
SHOWN_PDF = "default-src 'none'; object-src 'self'; frame-ancestors 'none'"


def _attachment(user: User, pk: int) -> Attachment:
    """A file the person may open; opening a sealed one is a look at personal data and is recorded."""
    found = get_object_or_404(Attachment.objects.select_related("case"), pk=pk)
    own_draft = found.case_id is None and found.draft_of_id == user.pk
    if not own_draft and not (found.case_id and Case.objects.visible_to(user).filter(pk=found.case_id).exists()):
        raise Http404
    if found.erased_at:
        raise PermissionDenied("这份材料已按保存期限删除。")
    if found.sealed and found.case_id:
        _look(found.case, user, f"材料：{found.name}", privacy.may_open)
    return found


def _look(case: Any, user: User, label: str, may: Callable[[Any, User], bool] = privacy.may_see) -> None:
    if not may(case, user):
        raise PermissionDenied("这份材料含个人信息，你在这件事项上的工作不需要打开。")
    privacy.looked(case, user, [label], "打开材料")


def _send(found: Attachment, *, inline: bool) -> FileResponse:
    try:
        content = attachments.stream(found.digest)
    except FileNotFoundError:
        raise Http404("文件不在存储里。请联系系统管理员。") from None
    response = FileResponse(content, content_type=found.content_type)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=not inline, filename=found.own_name) or "attachment"
    )
    response["Content-Length"] = str(found.size)
    response["X-Content-Type-Options"] = "nosniff"
    shown = inline and found.content_type == "application/pdf"
    response["Content-Security-Policy"] = SHOWN_PDF if shown else SANDBOX
    response["Cache-Control"] = "private, no-store"
    return response


@signed_in
def attachment(request: HttpRequest, pk: int) -> FileResponse:
    """A file to be saved."""
    return _send(_attachment(request.user, pk), inline=False)


@signed_in
def view(request: HttpRequest, pk: int) -> FileResponse:
    """A picture or PDF in the browser; everything else is only to be saved."""
    found = _attachment(request.user, pk)
    if not viewable(found.name):
        raise Http404
    return _send(found, inline=True)


@signed_in
def letter(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """A letter as Word or PDF."""
    found = get_object_or_404(Letter.objects.select_related("case"), pk=pk)
    if form not in ("docx", "pdf") or not Case.objects.visible_to(request.user).filter(pk=found.case_id).exists():
        raise Http404
    if found.erased_at:
        raise PermissionDenied("这份文书已按保存期限删除。")
    if found.sealed:
        _look(found.case, request.user, f"文书：{found.title} {found.number}")
    data = attachments.load(found.digest)
    if form == "pdf":
        try:
            data = letters.docx_to_pdf(data, found.title)
        except ActError as reason:
            raise PermissionDenied(str(reason)) from None
    return listing.download(data, f"{found.title} {found.number}.{form}", form)
