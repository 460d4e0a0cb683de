"""Keeping no longer than needed: personal data of cases closed long ago is erased every night (PIPL art. 19).

A room says for its kind of case which ones are due and how its own columns are emptied, by an act of the system that leaves
an event. Core erases what hangs on the case: sealed files, sealed letters, drafts. Case, events and figures stay.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gongkai.core import attachments, audit, jurisdiction
from gongkai.core.kinds import kinds
from gongkai.core.locks import writing
from gongkai.core.models import ActDraft, Attachment, Case, Letter
from gongkai.core.privacy.models import Erasure
from gongkai.core.schedule import every

log = logging.getLogger(__name__)
SETTING = "privacy.retention_years"
# One night erases no more, so that the site stays quick; the rest follows the next night.
MOST = 2000

jurisdiction.declare(
    SETTING,
    "申请人个人信息保存几年（办结后）",
    10,
    group="个人信息",
    parse=jurisdiction.whole(1, 100),
    source="按归档惯例，法律没有规定年数",
    help="到期后自动删除姓名、证件、联系方式和加密材料，办理记录和统计保留。还在复议、诉讼的事项由所在业务延后。",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How personal data of one kind of case ends."""

    due: Callable[[dt.datetime], QuerySet]
    erase: Callable[[Any], object]


rules: dict[str, Rule] = {}


def register(kind: str, *, due: Callable[[dt.datetime], QuerySet], erase: Callable[[Any], object]) -> None:
    """Say when personal data of a kind of case ends; called in a room's `apps.ready()`.

    Args:
        kind: the code of the kind.
        due: the last moment of closing -> the cases whose data may go now (closed by then, nothing pending).
        erase: empties the record's own sealed columns and fingerprints, by an act of the system.
    """
    rules[kind] = Rule(due, erase)


def cutoff(now: dt.datetime) -> dt.datetime:
    """Cases closed before this moment have been kept long enough."""
    local = timezone.localtime(now)
    year = local.year - jurisdiction.value(SETTING)
    try:
        return local.replace(year=year)
    except ValueError:  # the 29th of February
        return local.replace(year=year, day=28)


def waiting(kind: str, now: dt.datetime) -> QuerySet:
    """The cases of a kind whose personal data is to be erased now, oldest first."""
    return (
        rules[kind].due(cutoff(now)).filter(erasure__isnull=True, closed_at__isnull=False).order_by("closed_at", "pk")
    )


@every("privacy.retention", daily_at=dt.time(2, 40))
def run(now: dt.datetime) -> int:
    """Erase what is due; returns how many cases. One case that fails is told in the log and does not stop the others."""
    done = failed = 0
    for kind in rules:
        for case in waiting(kind, now)[:MOST]:
            try:
                erase(case, now)
                done += 1
            except Exception:
                failed += 1
                log.exception("personal data of case %s was not erased", case.pk)
    if failed:
        raise RuntimeError(f"{failed}件事项的个人信息到期没有删除，详情见服务日志。")
    return done


def erase(case: Case, now: dt.datetime) -> Erasure:
    """Erase the personal data of one case, wholly or not at all, and write down that it was."""
    record = kinds[case.kind].model.objects.get(pk=case.pk)
    with writing():
        rules[case.kind].erase(record)
        files = _sealed(Attachment, case)
        letters = _sealed(Letter, case)
        digests = [*files.values_list("digest", flat=True), *letters.values_list("digest", flat=True)]
        files.update(erased_at=now, private_name=None)
        letters.update(erased_at=now, private_fields=None)
        ActDraft.objects.filter(case=case.pk).delete()
        done = Erasure.objects.create(
            case_id=case.pk,
            at=now,
            closed_at=record.closed_at,
            basis=f"办结满{jurisdiction.value(SETTING)}年",
            files=len(digests),
        )
        audit.note(
            "privacy.erase",
            "到期删除个人信息",
            None,
            summary=f"{case.number}：{done.basis}，删除加密材料{len(digests)}份",
            data={"case": case.pk, "files": len(digests)},
        )
    # After the rows: a crash in between leaves a file without an owner, never an owner without a file.
    attachments.discard(digests)
    return done


def _sealed(model: Any, case: Case) -> QuerySet:
    return model.objects.filter(case=case.pk, sealed=True, erased_at__isnull=True)
