"""提醒: what the person was told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gongkai.core import listing, notifications
from gongkai.core.models import Notification, readable_case
from gongkai.core.navigation import shell, signed_in

SIZE = 50


@signed_in
def listing_page(request: HttpRequest) -> HttpResponse:
    """Newest first; unread ones are marked."""
    rows = Notification.objects.filter(user=request.user).annotate(opens=readable_case(request.user)).order_by("-id")
    only = request.GET.get("only", "")
    if only == "unread":
        rows = rows.filter(read_at__isnull=True)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    context = shell(
        request,
        title="提醒",
        rows=found,
        only=only,
        next_url=listing.address(request.GET) + f"&before={found[-1].pk}" if more else "",
    )
    return render(request, "workbench/notifications.html", context)


@signed_in
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one (`id`) or all as read."""
    ids = listing.ids_of(request.POST.getlist("id"))
    number = notifications.mark_read(request.user, ids or None)
    messages.success(request, f"已标记{number}条为已读。" if number else "没有未读的提醒。")
    return redirect("workbench:notifications")
