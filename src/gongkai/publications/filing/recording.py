"""Which documents are filed, what is sent, and the three daily counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from gongkai.core import jurisdiction, numbers
from gongkai.core.acts import Work
from gongkai.core.models import Delivery, Webhook
from gongkai.core.models.units import UnitKind
from gongkai.core.schedule import every
from gongkai.law import documents
from gongkai.publications import content
from gongkai.publications.filing.models import Filing
from gongkai.publications.models import Publication, UnitProfile, Version

INTERPRETATION = "政策解读"


def is_official(publication: Publication) -> bool:
    """An official document: it has a document number or one of the fifteen kinds. Party bodies' ones are not filed."""
    if publication.unit.kind == UnitKind.PARTY:
        return False
    return bool(publication.document_number) or publication.document_kind in documents.OFFICIAL_KINDS


def after_act(work: Work) -> None:
    """Every official document is filed once its attribute is settled, and again when what was filed changed."""
    case: Publication = work.case
    if case.state not in ("published", "filed", "withdrawn") or not jurisdiction.value("filing.active"):
        return
    if not is_official(case):
        return
    filing = Filing.objects.filter(publication=case.pk).first()
    state = content.digest([case.content_digest, case.state, case.validity])
    if filing is None:
        if case.state != "withdrawn":
            Filing.objects.create(
                publication=case, number=filing_number(case), content_digest=state, required_at=work.now
            )
    elif filing.content_digest != state:
        filing.content_digest, filing.state, filing.refusal = state, Filing.State.WAITING, ""
        filing.required_at = work.now
        filing.save()


def filing_number(publication: Publication) -> str:
    """Prefix, organisation code of nine characters, 0 for the government's outer net, year, serial: 21 characters.

    The form is the one of the Shanghai filing schema; the prefix is a setting.
    """
    year = timezone.localdate().year
    profile = UnitProfile.objects.filter(unit=publication.unit_id).first()
    code = (profile.organisation_code.replace("-", "") if profile else "") or publication.unit.credit_code[8:17]
    code = code if len(code) == 9 else f"{publication.unit_id:09d}"
    serial = numbers.take_serial(f"filing:{publication.unit_id}"[:20], year)
    return f"{jurisdiction.value('filing.prefix')}{code}0{year}{serial:05d}"


def filed_content(filing: Filing) -> dict[str, Any]:
    """What the superior platform gets of a document."""
    case = filing.publication
    address = f"{settings.GONGKAI_PUBLIC_ADDRESS}{case.public_address}" if case.is_public else ""
    return {
        "filing_number": filing.number,
        "title": case.title,
        "issuer": case.issuer or case.unit.name,
        "unit": case.unit.name,
        "document_number": case.document_number,
        "index_number": case.index_number,
        "document_kind": case.document_kind,
        "subject": case.subject,
        "made_on": case.made_on.isoformat() if case.made_on else None,
        "attribute": case.get_attribute_display(),
        "withheld_reason": case.reason,
        "validity": case.get_validity_display(),
        "state": case.state,
        "normative": case.normative,
        "address": address,
    }


@every("filing.push", minutes=1)
def push(now: dt.datetime, limit: int = 200) -> int:
    """Send what waits to the superior platform, where an address is set; the outbox tries again until it arrives."""
    hook = _hook()
    if hook is None:
        return 0
    waiting = Filing.objects.filter(state=Filing.State.WAITING).select_related("publication__unit").order_by("pk")
    sent = 0
    for filing in waiting[:limit]:
        filing.round += 1
        Delivery.objects.get_or_create(
            key=f"filing-{filing.number}-{filing.round}",
            defaults={
                "channel": "webhook",
                "target": str(hook.pk),
                "payload": {"event": "filing", **filed_content(filing)},
                "next_at": now,
            },
        )
        filing.state, filing.sent_at = Filing.State.SENT, now
        filing.save()
        sent += 1
    return sent


def _hook() -> Webhook | None:
    wanted = jurisdiction.value("filing.webhook")
    return Webhook.objects.filter(pk=wanted, active=True).first() if wanted else None


def day_counts(first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """The three counts of each day: information, documents and interpretations that were released or renewed."""
    start = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    end = timezone.make_aware(dt.datetime.combine(last + dt.timedelta(days=1), dt.time()))
    rows = (
        Version.objects.filter(published_at__gte=start, published_at__lt=end)
        .values("published_at__date")
        .annotate(
            information=Count("pk"),
            documents=Count("pk", filter=Q(document_kind__in=documents.OFFICIAL_KINDS) | ~Q(document_number="")),
            interpretations=Count("pk", filter=Q(document_kind=INTERPRETATION)),
        )
    )
    found: dict[dt.date, dict[str, Any]] = {row["published_at__date"]: row for row in rows}
    days = [first + dt.timedelta(days=step) for step in range((last - first).days + 1)]
    names = ("information", "documents", "interpretations")
    return [{"day": day, **{name: found.get(day, {}).get(name, 0) for name in names}} for day in days]


@every("filing.counts", daily_at=dt.time(0, 20))
def push_counts(now: dt.datetime) -> int:
    """Send yesterday's three counts; a day that was sent is not sent twice."""
    hook = _hook()
    if hook is None:
        return 0
    yesterday = timezone.localdate(now) - dt.timedelta(days=1)
    counts = day_counts(yesterday, yesterday)[0]
    _, made = Delivery.objects.get_or_create(
        key=f"counts-{yesterday}",
        defaults={
            "channel": "webhook",
            "target": str(hook.pk),
            "payload": {"event": "counts", **counts, "day": yesterday.isoformat()},
            "next_at": now,
        },
    )
    return int(made)
