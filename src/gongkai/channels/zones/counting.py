"""Lines of the register by zone, service and month: moved with each line, proved against the lines by `verify`."""

from __future__ import annotations

from django.db.models import Count, F, Sum

from gongkai.channels.zones.models import ServiceMonth, ServiceNote, Zone
from gongkai.core.locks import writing


def move(note: ServiceNote, zone: Zone, sign: int) -> None:
    """Count a line in (+1) or out (-1); the zone's row is locked by the act."""
    row, _ = ServiceMonth.objects.get_or_create(
        zone=zone, service=note.service, month=note.month, defaults={"unit_id": zone.unit_id}
    )
    ServiceMonth.objects.filter(pk=row.pk).update(
        notes=F("notes") + sign, people=F("people") + sign * note.people, unit=zone.unit_id
    )


def verify(*, repair: bool = False) -> list[str]:
    """Count the register anew; returns what differs, in words. With `repair` the counters are set right."""
    lines = ServiceNote.objects.filter(voided_at__isnull=True).values("zone", "zone__unit", "service", "month")
    true = {
        (row["zone"], row["service"], row["month"]): (row["notes"], row["persons"], row["zone__unit"])
        for row in lines.annotate(notes=Count("pk"), persons=Sum("people")).order_by()
    }
    kept = {(row.zone_id, row.service, row.month): (row.notes, row.people, row.unit_id) for row in _rows()}
    empty = (0, 0, None)
    wrong = [key for key in true.keys() | kept.keys() if true.get(key, empty)[:2] != kept.get(key, empty)[:2]]
    if repair and wrong:
        with writing():
            for zone, service, month in wrong:
                notes, people, unit = true.get((zone, service, month), empty)
                values = {"notes": notes, "people": people} | ({"unit_id": unit} if unit else {})
                ServiceMonth.objects.update_or_create(zone_id=zone, service=service, month=month, defaults=values)
    return [
        f"专区{zone}的{service}在{month}：计数{kept.get((zone, service, month), empty)[:2]}，"
        f"实有{true.get((zone, service, month), empty)[:2]}"
        for zone, service, month in sorted(wrong)
    ]


def _rows() -> list[ServiceMonth]:
    return list(ServiceMonth.objects.all())
