"""The audit chain: every event commits to its content, and a chain over the digests shows any later change.

An event is written with its digest inside the act's transaction. A sequencer adds new events to the chain a moment
later, so that no act waits for another. `verify()` reads everything anew and names the first event that was altered,
removed or slipped in.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from gongkai.core.locks import writing
from gongkai.core.models import AuditLink, Case, Event, PendingSeal

START = hashlib.sha256(b"gongkai audit chain 1").hexdigest()


def digest(event: Event) -> str:
    """SHA-256 over the event's content as canonical JSON."""
    content = {
        "case": event.case_id,
        "sequence": event.sequence,
        "act": event.act,
        "label": event.label,
        "actor": event.actor_id,
        "actor_label": event.actor_label,
        "at": event.at.astimezone(timezone.get_default_timezone()).isoformat(timespec="microseconds"),
        "state_before": event.state_before,
        "state_after": event.state_after,
        "summary": event.summary,
        "words": event.words,
        "data": event.data,
        "changes": event.changes,
        "public": event.public,
    }
    encoded = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(encoded.encode()).hexdigest()


def chained(previous: str, link_digest: str) -> str:
    """The chain value after one more event."""
    return hashlib.sha256(f"{previous}{link_digest}".encode("ascii")).hexdigest()


def write(event: Event) -> Event:
    """Write an event with its digest and put it in line for the chain; runs inside the act's transaction."""
    event.digest = digest(event)
    event.save(force_insert=True)
    _wait([event])
    return event


def write_many(events: list[Event]) -> None:
    """Write new events, each with its digest, and put them in line for the chain in their order."""
    for event in events:
        event.digest = digest(event)
    written = Event.objects.bulk_create(events, batch_size=500)
    _wait(written)


def _wait(events: list[Event]) -> None:
    """Put events in line; the statement is written out, because every act ends here."""
    with connection.cursor() as cursor:
        for at in range(0, len(events), 500):
            keys = [event.pk for event in events[at : at + 500]]
            cursor.execute(f"INSERT INTO core_pendingseal (event_id) VALUES {', '.join(['(%s)'] * len(keys))}", keys)  # noqa: S608


def note(act: str, label: str, user, *, summary: str = "", data: dict | None = None, case: Case | None = None) -> Event:
    """Record something that is no act on a case: a setting, a role, a sign-in, a calendar."""
    with writing():
        sequence = 0
        if case is not None:
            case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
            sequence = case.event_count + 1
            Case.objects.filter(pk=case.pk).update(event_count=sequence)
        return write(
            Event(
                case=case,
                sequence=sequence,
                act=act,
                label=label,
                actor=user if getattr(user, "pk", None) else None,
                actor_label=user.who if getattr(user, "pk", None) else "系统",
                at=timezone.now(),
                summary=summary[:300],
                data=data or {},
                state_before=case.state if case else "",
                state_after=case.state if case else "",
            )
        )


def seal(limit: int = 5000) -> int:
    """Add waiting events to the chain, oldest first; returns how many."""
    with writing():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(4015)")
        waiting = list(PendingSeal.objects.select_related("event").order_by("event_id")[:limit])
        if not waiting:
            return 0
        last = AuditLink.objects.order_by("-id").values_list("chain", flat=True).first() or START
        links = []
        for pending in waiting:
            last = chained(last, pending.event.digest)
            links.append(AuditLink(event_id=pending.event_id, digest=pending.event.digest, chain=last))
        AuditLink.objects.bulk_create(links, batch_size=1000)
        PendingSeal.objects.filter(pk__in=[p.pk for p in waiting]).delete()
    return len(waiting)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: how many events were checked, and the first fault in words."""

    events: int
    links: int
    fault: str = ""

    @property
    def intact(self) -> bool:
        """Nothing was altered."""
        return not self.fault


def verify(*, progress=None) -> Verdict:
    """Check every event against its digest, the chain, and the numbering within each case."""
    while seal():
        pass
    previous, events, links = START, 0, 0
    rows = AuditLink.objects.select_related("event").order_by("id").iterator(chunk_size=2000)
    for link in rows:
        links += 1
        event = link.event
        if digest(event) != link.digest or event.digest != link.digest:
            return Verdict(
                events, links, f"第{link.event_id}号留痕（{event.label}，{event.at:%Y-%m-%d %H:%M}）内容被改过。"
            )
        previous = chained(previous, link.digest)
        if previous != link.chain:
            return Verdict(events, links, f"审计链在第{link.pk}环断开，此前有记录被改动、删除或插入。")
        events += 1
        if progress:
            progress(1)
    outside = Event.objects.filter(link__isnull=True).order_by("id").first()
    if outside:
        return Verdict(events, links, f"第{outside.pk}号留痕不在审计链里。")
    return Verdict(events, links, _gaps())


def _gaps() -> str:
    """Cases whose events are not numbered 1..n, as a sentence; empty if there is none."""
    from django.db.models import Count, F, Max

    wrong = (
        Case.objects.annotate(n=Count("events"), m=Max("events__sequence"))
        .exclude(n=F("event_count"), m=F("event_count"))
        .exclude(n=0, event_count=0)
        .first()
    )
    return f"事项 {wrong.number} 的留痕不连续，应有{wrong.event_count}条，现有{wrong.n}条。" if wrong else ""
