"""Files: by id, only to those who may read the case or to whom the draft belongs; never guessed, never run."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from gongkai.core import attachments, letters, listing
from gongkai.core.acts import ActError
from gongkai.core.models import Attachment, Case, Letter, User
from gongkai.core.navigation import signed_in
from gongkai.workbench.views.cases import viewable

# What a file may do when it is opened: nothing. A PDF shown in place cannot be sandboxed, browsers then show nothing.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
SHOWN_PDF = "default-src 'none'; object-src 'self'; frame-ancestors 'none'"


def _attachment(user: User, pk: int) -> Attachment:
    found = get_object_or_404(Attachment, pk=pk)
    own_draft = found.case_id is None and found.draft_of_id == user.pk
    if not own_draft and not (found.case_id and Case.objects.visible_to(user).filter(pk=found.case_id).exists()):
        raise Http404
    return found


def _send(found: Attachment, *, inline: bool) -> FileResponse:
    path = attachments.path_of(found.digest)
    if not path.exists():
        raise Http404("文件不在存储里。请联系系统管理员。")
    response = FileResponse(path.open("rb"), content_type=found.content_type)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=not inline, filename=found.name) or "attachment"
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
    found = get_object_or_404(Letter, pk=pk)
    if form not in ("docx", "pdf") or not Case.objects.visible_to(request.user).filter(pk=found.case_id).exists():
        raise Http404
    data = attachments.load(found.digest)
    if form == "pdf":
        try:
            data = letters.docx_to_pdf(data, found.title)
        except ActError as reason:
            raise PermissionDenied(str(reason)) from None
    return listing.download(data, f"{found.title} {found.number}.{form}", form)
