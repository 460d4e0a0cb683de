"""Drafts of the body's own answer and of the list of proof, as Word or PDF."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.core import letters as core_letters
from gongkai.core.acts import ActError
from gongkai.requests.appeals import drafts
from gongkai.requests.appeals.models import Appeal
from gongkai.requests.appeals.views import common

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@common.working
@require_safe
def draft(request: HttpRequest, pk: int, name: str, form: str) -> HttpResponse:
    """One draft, for those who answer for the body."""
    rows = Appeal.objects.visible_to(request.user).select_related("unit", "request")
    case = get_object_or_404(rows, pk=pk)
    if form not in TYPES or name not in dict(drafts.kinds_for(case)):
        raise Http404
    if not drafts.may_draft(case, request.user):
        raise PermissionDenied("答复书和证据目录由承办单位起草。")
    title = drafts.KINDS[name].title
    try:
        data = drafts.draft(case, name, timezone.localdate())
        if form == "pdf":
            data = core_letters.docx_to_pdf(data, f"{title}（草稿）")
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect(case.get_absolute_url())
    answer = HttpResponse(data, content_type=TYPES[form])
    name_of_file = f"{case.number}{title}（草稿）.{form}"
    answer["Content-Disposition"] = content_disposition_header(form == "docx", name_of_file) or ""
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
