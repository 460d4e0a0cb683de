"""Anchors: the head of the audit chain in the public log, so that a rewritten chain shows.

An anchor says how many links the chain had and commits to the last one; nothing of what the events say.
"""

from __future__ import annotations

import datetime as dt

from gongkai.core.locks import writing
from gongkai.core.models import AuditLink, Unit
from gongkai.core.transparency.models import LogEntry
from gongkai.proof.leaf import ANCHOR, content_digest

SUBJECT = "audit-chain"


def _digest(link: int, chain: str) -> str:
    return content_digest({"link": link, "chain": chain})


def anchor(now: dt.datetime) -> bool:
    """Record the present head of the audit chain; False when it has not moved or there is none."""
    from gongkai.core import transparency

    head = AuditLink.objects.order_by("-id").values_list("id", "chain").first()
    unit = Unit.objects.filter(parent__isnull=True).order_by("id").first()
    if head is None or unit is None:
        return False
    last = LogEntry.objects.filter(subject=SUBJECT).order_by("-id").values_list("version", flat=True).first()
    if last == head[0]:
        return False
    with writing():
        # The number of the link is the version: it tells which link is meant.
        transparency.record(
            None,
            act=ANCHOR,
            subject=SUBJECT,
            content={"link": head[0], "chain": head[1]},
            version=head[0],
            unit=unit,
            at=now,
        )
    return True


def verify() -> str:
    """The first anchor that does not fit the audit chain any more, as a sentence; empty if all fit."""
    rows = LogEntry.objects.filter(subject=SUBJECT).order_by("id").values_list("position", "version", "content", "at")
    for position, link, content, at in rows.iterator(chunk_size=500):
        chain = AuditLink.objects.filter(pk=link).values_list("chain", flat=True).first()
        if chain is None or _digest(link, chain) != content:
            number = f"第{position}号存证" if position is not None else "最近一次存证"
            return f"审计链第{link}环与{number}（{at:%Y-%m-%d %H:%M}）不符，此前的留痕被整体改写过。"
    return ""
