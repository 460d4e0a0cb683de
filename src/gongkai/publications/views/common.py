"""What the staff pages of publishing share."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from gongkai.core.models import User
from gongkai.core.navigation import signed_in
from gongkai.core.roles import ADMINISTRATORS
from gongkai.publications.models import Publication

View = Callable[..., HttpResponse]


def working(view: View) -> View:
    """Pages for everybody who works with information; administrators alone have no business here."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.role_set - ADMINISTRATORS:
            raise PermissionDenied("你的角色不办理业务。需要时请联系安全保密管理员。")
        return view(request, *arguments, **named)

    return signed_in(inner)


def publication_of(user: User, pk: int) -> Publication:
    """A publication the person may read; Http404 for all others, so that ids tell nothing."""
    rows = Publication.objects.visible_to(user).select_related("unit", "unit__parent", "supervisor", "column")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("没有这条信息，或者你不能查看。")
    return found


def for_editor(publication: Publication) -> str:
    """The body with pictures that the editor can show."""
    return re.sub(
        r'src="attachment:([0-9a-f]{64})"',
        lambda match: f'src="{reverse("publications:image", args=[publication.pk, match[1]])}"',
        publication.body,
    )


def from_editor(html: str) -> str:
    """Pictures of the editor as the body keeps them: by digest."""
    return re.sub(r'src="[^"]*/images/([0-9a-f]{64})/?"', r'src="attachment:\1"', html)
