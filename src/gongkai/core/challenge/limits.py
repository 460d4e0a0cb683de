"""How often one network may do one thing: counted in the database, so that all processes count together.

No address is stored: what is counted is a keyed digest that changes with every stretch of time and is deleted after it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from gongkai.core.addresses import client_address
from gongkai.core.challenge.models import Spent, Tally
from gongkai.core.locks import writing
from gongkai.core.schedule import every

HOUR = 3600
# One household or office has one of these; single addresses below it change at will.
IPV6_NETWORK = 64


@lru_cache(maxsize=4)
def key(purpose: str, secret: str) -> bytes:
    """A key of our own, derived from the installation's secret."""
    return hmac.new(secret.encode(), f"gongkai challenge {purpose}".encode(), hashlib.sha256).digest()


def network(request: HttpRequest) -> str:
    """The network a request comes from: the address itself for IPv4, the /64 around it for IPv6."""
    text = client_address(request).partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
    return str(address)


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a network: the mark under which it counts, and when that runs out."""

    mark: str
    expires_at: dt.datetime


def attempt(request: HttpRequest, what: str, seconds: int, now: dt.datetime) -> Try:
    """A try of this network at something, in the present stretch of so many seconds; not counted yet."""
    stretch = int(now.timestamp()) // seconds
    said = f"{what}\x00{seconds}\x00{stretch}\x00{network(request)}".encode()
    mark = hmac.new(key("tally", settings.SECRET_KEY), said, hashlib.sha256).hexdigest()[:32]
    return Try(mark, now + dt.timedelta(seconds=seconds))


def count(request: HttpRequest, what: str, seconds: int, now: dt.datetime | None = None) -> int:
    """Count one more try of this network; returns how many there were in the present stretch of so many seconds."""
    with writing(savepoint=False):
        return tally([attempt(request, what, seconds, now or timezone.now())])[0]


def tally(tries: Sequence[Try]) -> list[int]:
    """Count tries in one statement; of each, how many there were with it. Runs in a transaction."""
    waiting = Counter(one.mark for one in tries)
    expires = {one.mark: connection.ops.adapt_datetimefield_value(one.expires_at) for one in tries}
    with connection.cursor() as cursor:
        # In one order, so that no two transactions wait for each other.
        cursor.execute(
            f"INSERT INTO challenge_tally (mark, number, expires_at) VALUES {_rows(3, len(waiting))}"  # noqa: S608
            " ON CONFLICT (mark) DO UPDATE SET number = challenge_tally.number + excluded.number RETURNING mark, number",
            [value for mark in sorted(waiting) for value in (mark, waiting[mark], expires[mark])],
        )
        before = {mark: int(number) - waiting[mark] for mark, number in cursor.fetchall()}
    found = []
    for one in tries:
        before[one.mark] += 1
        found.append(before[one.mark])
    return found


def _rows(columns: int, number: int) -> str:
    return ", ".join([f"({', '.join(['%s'] * columns)})"] * number)


def left(seconds: int, now: dt.datetime | None = None) -> str:
    """How long the present stretch still lasts, in words."""
    now = now or timezone.now()
    rest = seconds - int(now.timestamp()) % seconds
    return f"{-(-rest // 60)}分钟" if rest >= 60 else f"{rest}秒"


def limited(request: HttpRequest, what: str, most: int, seconds: int = HOUR, now: dt.datetime | None = None) -> str:
    """Count a try; a sentence when there were more than `most` within the stretch, else nothing.

    For whatever can be guessed or tired out: looking up a receipt, asking for a letter.
    """
    if count(request, what, seconds, now) <= most:
        return ""
    return f"您所在的网络短时间内尝试得太多了。请过{left(seconds, now)}再试。"


def spend(marks: Mapping[str, dt.datetime]) -> set[str]:
    """Use challenges up, mark -> when they run out; which of them had not been used before, by whichever process.

    Runs in a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO challenge_spent (mark, expires_at) VALUES {_rows(2, len(marks))}"  # noqa: S608
            " ON CONFLICT (mark) DO NOTHING RETURNING mark",
            [
                value
                for mark in sorted(marks)
                for value in (mark, connection.ops.adapt_datetimefield_value(marks[mark]))
            ],
        )
        return {mark for (mark,) in cursor.fetchall()}


@every("challenge.forget", minutes=10)
def forget(now: dt.datetime) -> int:
    """Drop what has run out."""
    return sum(model.objects.filter(expires_at__lt=now).delete()[0] for model in (Spent, Tally))
