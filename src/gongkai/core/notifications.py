"""Notifications 提醒: told once in the application, and once more by mail or to other systems."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from gongkai.core.locks import writing
from gongkai.core.models import Case, Delivery, Event, Notification, User, Webhook

if TYPE_CHECKING:
    from gongkai.core.acts import Work

log = logging.getLogger(__name__)
# Waiting times before the next attempt of a delivery, in minutes.
RETRIES = (1, 5, 30, 120, 720)
_HOOKS = "gongkai.webhooks"


def tell(users: Iterable[User], text: str, *, case: Case | None, kind: str, key: str, now: dt.datetime) -> int:
    """One notification for each person; whoever has one under this key gets no second."""
    rows = _rows(users, text, case=case, kind=kind, key=key, now=now)
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _rows(
    users: Iterable[User], text: str, *, case: Case | None, kind: str, key: str, now: dt.datetime
) -> list[Notification]:
    return [
        Notification(user_id=user_id, case=case, kind=kind, text=text[:300], key=key[:160], created_at=now)
        for user_id in dict.fromkeys(user.pk for user in users)
    ]


def queue(works: Sequence[Work]) -> None:
    """The notifications and deliveries that follow from acts; runs inside their transaction."""
    done = [(work, work.event) for work in works if work.event is not None]
    rows = [
        row
        for work, event in done
        for users, text, key, about in work.notices
        for row in _rows(
            (user for user in users if work.user is None or user.pk != work.user.pk),
            text,
            case=about or event.case,
            kind=work.act.name,
            key=key or (f"event-{event.pk}-{about.pk}" if about else f"event-{event.pk}"),
            now=work.now,
        )
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    hooks = _hooks()
    deliveries = [
        _delivery(hook, event, work.now)
        for work, event in done
        for hook in hooks
        if not hook.acts or event.act in hook.acts
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True, batch_size=500)


def _delivery(hook: Webhook, event: Event, now: dt.datetime) -> Delivery:
    return Delivery(
        channel="webhook",
        target=str(hook.pk),
        key=f"webhook-{hook.pk}-{event.pk}",
        next_at=now,
        payload={
            "event": event.pk,
            "act": event.act,
            "label": event.label,
            "at": event.at.isoformat(),
            "case": event.case.number if event.case else None,
            "kind": event.case.kind if event.case else None,
            "state": event.state_after,
        },
    )


def _hooks() -> list[Webhook]:
    """The addresses that are told of acts; a change made by another process counts a few seconds later."""
    found = cache.get(_HOOKS)
    if found is None:
        found = list(Webhook.objects.filter(active=True))
        cache.set(_HOOKS, found, 5)
    return found


@receiver((post_save, post_delete), sender=Webhook)
def _forget_hooks(**_: object) -> None:
    cache.delete(_HOOKS)


def unread(user: User):
    """Unread notifications, newest first."""
    return user.notifications.filter(read_at__isnull=True).select_related("case").order_by("-id")


def mark_read(user: User, ids: Iterable[int] | None = None) -> int:
    """Mark notifications as read; all of them when no ids are given."""
    rows = user.notifications.filter(read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=timezone.now())


def queue_digests(now: dt.datetime) -> int:
    """One mail a person with what is unread since the last digest; each notification goes into one digest only."""
    with writing():
        fresh = (
            Notification.objects.filter(digested_at__isnull=True)
            .select_related("user", "case")
            .order_by("user_id", "id")[:20000]
        )
        by_user: dict[User, list[Notification]] = defaultdict(list)
        for notification in fresh:
            by_user[notification.user].append(notification)
        deliveries = []
        for user, rows in by_user.items():
            waiting = [row for row in rows if row.read_at is None]
            if waiting and user.email and user.mail_digest and user.is_active:
                deliveries.append(
                    Delivery(
                        channel="mail",
                        target=user.email,
                        key=f"digest-{user.pk}-{rows[-1].pk}",
                        next_at=now,
                        payload={"subject": f"待办提醒：{len(waiting)}条", "body": _digest_text(waiting)},
                    )
                )
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        Notification.objects.filter(pk__in=[row.pk for rows in by_user.values() for row in rows]).update(
            digested_at=now
        )
    return len(deliveries)


def _digest_text(rows: list[Notification]) -> str:
    lines = [f"{timezone.localtime(row.created_at):%m月%d日 %H:%M} {row.text}" for row in rows]
    return "\n".join([*lines, "", f"请登录工作台办理：{settings.GONGKAI_PUBLIC_ADDRESS}/workbench/"])


def deliver(now: dt.datetime, limit: int = 200) -> int:
    """Send what is due; returns how many arrived."""
    arrived = 0
    for row in Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=now).order_by("next_at")[:limit]:
        # The claim goes first: a sender killed in between leaves the row for later, never for a second sender now.
        later = now + dt.timedelta(minutes=RETRIES[min(row.attempts, len(RETRIES) - 1)])
        claimed = Delivery.objects.filter(pk=row.pk, attempts=row.attempts, state=Delivery.State.WAITING).update(
            attempts=F("attempts") + 1, next_at=later
        )
        if not claimed:
            continue
        try:
            _send(row)
        except (OSError, ValueError) as error:
            state = Delivery.State.FAILED if row.attempts + 1 >= len(RETRIES) else Delivery.State.WAITING
            Delivery.objects.filter(pk=row.pk).update(state=state, error=type(error).__name__)
            log.warning("delivery %s not sent: %s", row.pk, type(error).__name__)
            continue
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.SENT, error="")
        arrived += 1
    return arrived


def _send(row: Delivery) -> None:
    if row.channel == "mail":
        send_mail(row.payload["subject"], row.payload["body"], settings.DEFAULT_FROM_EMAIL, [row.target])
        return
    hook = Webhook.objects.get(pk=row.target)
    body = json.dumps(row.payload, ensure_ascii=False, sort_keys=True).encode()
    signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
    check_address(hook.address)
    request = urllib.request.Request(  # noqa: S310  the scheme is checked by check_address
        hook.address,
        data=body,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "X-Gongkai-Signature": f"sha256={signature}",
            "X-Gongkai-Delivery": row.key,
        },
    )
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=10) as answer:
        if answer.status >= 300:
            raise OSError(f"status {answer.status}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to an address that was not checked."""

    def redirect_request(self, *args, **kwargs):
        return None


def check_address(address: str) -> None:
    """Refuse webhook addresses that are no http(s) or that point into the own network; ValueError with a sentence."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("推送地址要以 http:// 或 https:// 开头。")
    if settings.GONGKAI_WEBHOOK_PRIVATE:
        return
    for *_, place in socket.getaddrinfo(parts.hostname, parts.port or 443):
        if not ipaddress.ip_address(place[0]).is_global:
            raise ValueError("推送地址指向内部网络。确有需要时，请管理员设置 GONGKAI_WEBHOOK_PRIVATE。")
