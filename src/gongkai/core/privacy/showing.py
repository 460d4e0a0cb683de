"""Showing personal data by need: who may, which fields, why; and the record of it.

A room says once per kind of case what there is (`register`). Pages show masks; `reveal` opens the fields somebody asked
for, after writing down who looked at what and why. Opening a sealed file is such a look too (`looked`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import Case, Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.privacy.models import PersonalAccess
from gongkai.core.roles import Role

SHORTEST_REASON, LONGEST_REASON = 2, 200
# These roles read who looked at what: those of a unit for the unit, those of the office for all below the government.
OVERSEERS = frozenset({Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.AUDITOR, Role.OFFICE})

Masked = tuple[str, str, str]
"""Key, label and mask of one field of a case."""


class NotShown(Exception):
    """Personal data is not shown; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a kind of case has to show."""

    describe: Callable[[Any], Sequence[Masked]]
    values: Callable[[Any, Collection[str]], dict[str, str]]
    may: Callable[[Any, User], bool]
    opens: Callable[[Any, User], bool] | None = None


registered: dict[str, Shown] = {}


def register(
    kind: str,
    *,
    describe: Callable[[Any], Sequence[Masked]],
    values: Callable[[Any, Collection[str]], dict[str, str]],
    may: Callable[[Any, User], bool],
    opens: Callable[[Any, User], bool] | None = None,
) -> None:
    """Say what personal data cases of a kind hold; called in a room's `apps.ready()`.

    Args:
        kind: the code of the kind.
        describe: the case's record -> (key, label, mask) of each field, without opening more than the masks need.
        values: the record and keys -> the plain values of these keys.
        may: whether a person's work on this case needs them.
        opens: whether a person's work needs the sealed files of this case though not these fields; nobody's by default.
    """
    registered[kind] = Shown(describe, values, may, opens)


def sealed_opens(case: Case, user: User) -> tuple[bool, bool]:
    """Whether sealed letters and sealed files of a case open for somebody who may read the case."""
    rule = registered.get(case.kind)
    record = case.concrete
    sees = rule is None or rule.may(record, user)
    return sees, sees or bool(rule and rule.opens and rule.opens(record, user))


def may_see(case: Case, user: User) -> bool:
    """Whether a person may look at personal data of a case: the case is theirs to read, and the room's rule agrees."""
    rule = registered.get(case.kind)
    if rule is not None and not rule.may(case.concrete, user):
        return False
    return Case.objects.visible_to(user).filter(pk=case.pk).exists()


def may_open(case: Case, user: User) -> bool:
    """Whether a person may open sealed files of a case: whoever may see its personal data, and whom the room names."""
    if may_see(case, user):
        return True
    rule = registered.get(case.kind)
    if rule is None or rule.opens is None or not rule.opens(case.concrete, user):
        return False
    return Case.objects.visible_to(user).filter(pk=case.pk).exists()


def reveal(case: Case, user: User, reason: str, keys: Collection[str]) -> dict[str, str]:
    """The plain values of some fields, after the look was recorded.

    Raises:
        NotShown: the kind has nothing to show, the person may not, nothing was chosen, or no reason was given.
        privacy.Fault: the data cannot be opened; then nothing was shown and nothing is recorded.
    """
    rule = registered.get(case.kind)
    if rule is None:
        raise NotShown("这类事项没有登记个人信息。")
    if not may_see(case, user):
        raise NotShown("你在这件事项上的工作不需要查看个人信息。确有需要，请联系本单位的经办人。")
    record = case.concrete
    labels = {key: label for key, label, _ in rule.describe(record) if key in set(keys)}
    if not labels:
        raise NotShown("还没有勾选要看的内容。请勾选后再点“显示”。")
    with writing():
        looked(case, user, list(labels.values()), checked_reason(reason))
        found = rule.values(record, list(labels))
    return {key: found.get(key, "") for key in labels}


def checked_reason(reason: str) -> str:
    """A reason without blanks around it. Raises NotShown when it says nothing or too much."""
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise NotShown("请写明为什么要看，例如“联系申请人补正”。")
    if len(reason) > LONGEST_REASON:
        raise NotShown(f"原因请写在{LONGEST_REASON}字以内。")
    return reason


def looked(case: Case, user: User, labels: Sequence[str], reason: str) -> PersonalAccess:
    """Write down that somebody saw personal data of a case, in the list of looks and in the audit chain."""
    with writing():
        access = PersonalAccess.objects.create(
            case_id=case.pk,
            user=user,
            user_label=user.who[:120],
            at=timezone.now(),
            labels=list(labels),
            reason=reason,
        )
        # The reason stays out: it may name somebody, and events are for ever.
        audit.note(
            "privacy.look",
            "查看个人信息",
            user,
            summary=f"{case.number}：{'、'.join(labels)}",
            data={"case": case.pk, "access": access.pk, "labels": list(labels)},
        )
    return access


def part(case: Case, user: User, **more: Any) -> dict[str, Any] | None:
    """What core/parts/personal.html reads, as `personal`; None when the case has nothing to show."""
    rule = registered.get(case.kind)
    rows = list(rule.describe(case.concrete)) if rule else []
    if rule is None or not rows:
        return None
    found = {
        "rows": [{"key": key, "label": label, "masked": masked, "chosen": False} for key, label, masked in rows],
        "may": rule.may(case.concrete, user),
        "url": _address("privacy:show", case.pk),
        "looks_url": _address("privacy:looks", case.pk) if may_oversee(case, user) else "",
        "reason": "",
        "fault": "",
        "shown": False,
    }
    return {**found, **more}


def _address(name: str, pk: int) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:  # the pages are not mounted
        return ""


# --- who oversees ----------------------------------------------------------------------------------------------------


def overseen(user: User) -> list[str]:
    """The paths of the units whose looks a person may read."""
    paths = []
    for membership in user.memberships_now:
        if membership.role in OVERSEERS:
            unit = membership.unit
            whole = unit.kind in (UnitKind.OFFICE, UnitKind.GOVERNMENT)
            paths.append((unit.parent or unit).path if whole else unit.path)
    return paths


def may_oversee(case: Case, user: User) -> bool:
    """Whether a person may read who looked at this case's personal data."""
    paths = overseen(user)
    return bool(paths) and any(case.unit.path.startswith(path) for path in paths)


def units_overseen(user: User) -> Any:
    """The units whose looks a person may read, as a query."""
    found = Unit.objects.none()
    for path in overseen(user):
        found = found | Unit.objects.filter(path__startswith=path)
    return found
