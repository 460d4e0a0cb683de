"""The public pages of information."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from gongkai.core import pages
from gongkai.core.portal import portal_shell
from gongkai.publications import outward
from gongkai.publications.models import PublicDocument


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One document as it is public now."""
    rows = PublicDocument.objects.select_related("publication", "version", "unit", "column")
    row = get_object_or_404(rows, pk=pk)
    pages.tag(request, *outward.tags_of(row.publication))
    return render(request, "publications/public/document.html", portal_shell(request, row=row, version=row.version))
