"""Mail subscriptions: registered, confirmed by the address itself, told once a day, ended by one click.

The address is personal: it stands in the subscription's row and in the letter that is on its way, nowhere else.
Letters go out directly and are not kept in the queue of deliveries, which staff may read.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.locks import writing
from gongkai.core.models import Unit
from gongkai.core.schedule import every
from gongkai.core.search.query import PUBLIC
from gongkai.core.search.service import DEEPEST, find
from gongkai.publications import shown
from gongkai.publications.models import CatalogColumn, PublicDocument
from gongkai.publications.outward import SOURCE
from gongkai.publications.readers.models import Subscription

log = logging.getLogger(__name__)
SALT = "gongkai.subscription"
CONFIRM_WITHIN = dt.timedelta(hours=48)
# The same address is asked to confirm at most so often in an hour.
LETTERS_PER_ADDRESS = 3
MOST_LINES = 50
MOST_LETTERS = 5000
# Answers of a subscribed search that are read at once.
SEARCHED = 100


class Limited(Exception):
    """Too many letters lately; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to hear of."""

    what: str
    unit: Unit | None = None
    column: CatalogColumn | None = None
    keyword: str = ""


def register(address: str, wish: Wish, now: dt.datetime | None = None) -> None:
    """Write the wish down and send the letter that asks to confirm it.

    Whether the address is known already is not told, neither here nor on the page. Raises Limited.
    """
    now = now or timezone.now()
    address = address.strip().lower()
    with writing():
        _check_limits(address, now)
        subscription = Subscription.objects.create(
            address=address,
            what=wish.what,
            unit=wish.unit,
            column=wish.column,
            keyword=wish.keyword,
            secret=secrets.token_urlsafe(32),
            created_at=now,
        )
    _send(
        subscription,
        f"请确认订阅：{subscription.words}",
        [
            f"有人用这个邮箱在{settings.GONGKAI_SITE_NAME}订阅了“{subscription.words}”。",
            "是您本人的，请在48小时内打开下面的网址确认：",
            shown.absolute(reverse("information:subscribe-confirm", args=[token(subscription)])),
            "不是您本人的，不用理会，不确认就不会再收到邮件。",
        ],
    )


def _check_limits(address: str, now: dt.datetime) -> None:
    hour = now - dt.timedelta(hours=1)
    lately = Subscription.objects.filter(created_at__gt=hour)
    if lately.count() >= jurisdiction.value("readers.letters_per_hour"):
        raise Limited("现在订阅的人太多。请过一小时再试，或者改用订阅源。")
    if lately.filter(address=address).count() >= LETTERS_PER_ADDRESS:
        raise Limited("这个邮箱刚刚已经收到几封确认信。请先查看邮箱，或者过一小时再试。")
    confirmed = Subscription.objects.filter(address=address, confirmed_at__isnull=False).count()
    if confirmed >= jurisdiction.value("readers.subscriptions_per_address"):
        raise Limited("这个邮箱订阅的内容已经很多。请先退订一些，再订阅新的。")


def token(subscription: Subscription) -> str:
    """What stands in the links of a letter: signed, and of no use for any other subscription."""
    return signing.dumps(subscription.secret, salt=SALT)


def of_token(text: str) -> Subscription | None:
    """The subscription that a link names; None when it was tampered with or is gone."""
    try:
        secret = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return Subscription.objects.select_related("unit", "column").filter(secret=secret).first()


def confirm(subscription: Subscription, now: dt.datetime | None = None) -> bool:
    """From now on letters are sent. False when the link came too late."""
    now = now or timezone.now()
    if subscription.confirmed_at is not None:
        return True
    if now - subscription.created_at > CONFIRM_WITHIN:
        return False
    with writing():
        # One address, one wish, one subscription.
        same = Subscription.objects.filter(
            address=subscription.address,
            what=subscription.what,
            unit=subscription.unit_id,
            column=subscription.column_id,
            keyword=subscription.keyword,
        )
        same.exclude(pk=subscription.pk).delete()
        subscription.confirmed_at = subscription.told_until = now
        subscription.save(update_fields=["confirmed_at", "told_until"])
    return True


def end(subscription: Subscription) -> None:
    """The row goes, and with it the address."""
    with writing():
        subscription.delete()


def documents_for(subscription: Subscription, since: dt.datetime, until: dt.datetime) -> QuerySet[PublicDocument]:
    """What was published between two moments that the subscriber wants to hear of, newest first."""
    rows = PublicDocument.objects.filter(published_at__gt=since, published_at__lte=until)
    what = subscription.what
    if what == Subscription.What.POLICIES:
        rows = rows.filter(Q(policy=True) | Q(normative=True))
    elif what == Subscription.What.UNIT:
        rows = rows.filter(unit=subscription.unit_id)
    elif what == Subscription.What.COLUMN:
        rows = rows.filter(column=subscription.column_id)
    elif what == Subscription.What.KEYWORD:
        rows = rows.filter(Q(title__contains=subscription.keyword) | Q(version__text__contains=subscription.keyword))
    elif what == Subscription.What.SEARCH:
        rows = rows.filter(pk__in=_found(subscription.keyword, rows))
    return rows.order_by("-published_at")


def _found(words: str, rows: QuerySet[PublicDocument]) -> list[int]:
    """Which of the new documents the search finds: its answers by date, as far back as the oldest of them lies."""
    fresh = {pk: made or published.date() for pk, made, published in rows.values_list("pk", "made_on", "published_at")}
    if not fresh:
        return []
    oldest, found = min(fresh.values()), set()
    for page in range(1, DEEPEST // SEARCHED + 1):
        results = find(words, PUBLIC, by_day=True, page=page, size=SEARCHED, sources=(SOURCE,), words_apart=True)
        found |= fresh.keys() & {hit.pk for hit in results.hits}
        last = results.hits[-1].day if results.hits else None
        if page >= results.pages or last is None or last < oldest or len(found) == len(fresh):
            break
    return sorted(found)


@every("readers.digest", daily_at=dt.time(8, 0))
def send_digests(now: dt.datetime) -> int:
    """One letter a day for each address that has something new; returns how many were sent."""
    _forget_unconfirmed(now)
    due = (
        Subscription.objects.filter(confirmed_at__isnull=False, told_until__lt=now)
        .select_related("unit", "column")
        .order_by("address", "id")
    )
    sent = 0
    for _, group in groupby(due.iterator(chunk_size=500), key=lambda one: one.address):
        sent += _digest(list(group), now)
        if sent >= MOST_LETTERS:
            log.warning("more than %s letters today, the rest goes out with the next run", MOST_LETTERS)
            break
    return sent


def _digest(subscriptions: list[Subscription], now: dt.datetime) -> int:
    lines: list[str] = []
    for subscription in subscriptions:
        since = subscription.told_until or subscription.confirmed_at or now
        rows = list(documents_for(subscription, since, now).select_related("unit")[: MOST_LINES + 1])
        if rows:
            lines += _part(subscription, rows)
    if lines:
        lines.insert(0, f"{settings.GONGKAI_SITE_NAME}有新公开的信息：")
        try:
            _send(subscriptions[0], f"新公开的信息（{timezone.localtime(now):%-m月%-d日}）", lines)
        except OSError as problem:
            # Told again tomorrow; the address stays out of the log.
            log.warning("digest of subscription %s not sent: %s", subscriptions[0].pk, type(problem).__name__)
            return 0
    with writing():
        Subscription.objects.filter(pk__in=[one.pk for one in subscriptions]).update(told_until=now)
    return int(bool(lines))


def _part(subscription: Subscription, rows: list[Any]) -> list[str]:
    lines = ["", f"【{subscription.words}】"]
    for row in rows[:MOST_LINES]:
        lines.append(f"{timezone.localtime(row.published_at):%-m月%-d日} {row.title}（{row.unit}）")
        lines.append(shown.absolute(row.get_absolute_url()))
    if len(rows) > MOST_LINES:
        lines.append(f"还有更多，请到网站查看：{shown.absolute(reverse('information:list'))}")
    end_address = shown.absolute(reverse("information:subscribe-end", args=[token(subscription)]))
    return [*lines, f"不想再收到这一项，请打开：{end_address}"]


def _send(subscription: Subscription, subject: str, lines: Iterable[str]) -> None:
    end_address = shown.absolute(reverse("information:subscribe-end", args=[token(subscription)]))
    message = EmailMessage(
        subject,
        "\n".join([*lines, "", f"退订：{end_address}"]),
        settings.DEFAULT_FROM_EMAIL,
        [subscription.address],
        headers={"List-Unsubscribe": f"<{end_address}>"},
    )
    message.send()


def _forget_unconfirmed(now: dt.datetime) -> None:
    with writing():
        Subscription.objects.filter(confirmed_at__isnull=True, created_at__lt=now - CONFIRM_WITHIN).delete()
