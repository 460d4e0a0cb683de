"""People and roles: made, changed, locked only here, and each change leaves a trace.

The three administrators are kept apart (三员分立): nobody holds two of those roles, and nobody changes the own roles.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import Membership, Unit, User
from gongkai.core.roles import ADMINISTRATORS, Role

# Without letters and digits that are taken for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Holding:
    """A role in a unit; the first main one is where the person appears."""

    unit: Unit
    role: str
    main: bool = False


def check_separation(roles: Iterable[str]) -> None:
    """Raises ValidationError when two administrators' roles come together, or one of them with auditing work."""
    held = sorted(set(roles) & ADMINISTRATORS)
    if len(held) > 1:
        words = "、".join(Role(role).label for role in held)
        raise ValidationError(f"一个人不能同时是{words}。请分给不同的人。", code="separation")


def new_password() -> str:
    """A random password of 14 letters and digits, shown once."""
    return "".join(secrets.choice(_LETTERS) for _ in range(14))


def create(
    by: User | None,
    username: str,
    *,
    post: str = "",
    email: str = "",
    telephone: str = "",
    holdings: Iterable[Holding] = (),
    password: str = "",
) -> tuple[User, str]:
    """A new person with roles.

    Returns the person and the password, which is kept nowhere else.
    Raises ValidationError with sentences for the form.
    """
    holdings = list(holdings)
    check_separation(holding.role for holding in holdings)
    password = password or new_password()
    with writing():
        person = User(username=username.strip(), post=post, email=email, telephone=telephone)
        person.set_password(password)
        person.full_clean()
        person.save()
        for holding in holdings:
            Membership.objects.create(user=person, unit=holding.unit, role=holding.role, main=holding.main)
        audit.note(
            "people.create",
            "新增人员",
            by,
            summary=f"{person.username}，{_words(holdings) or '未分配角色'}",
            data={"person": person.pk},
        )
    return person, password


def change(by: User | None, person: User, **values: str) -> list[str]:
    """Change account name, post, mail or telephone; returns the names of what changed."""
    allowed = {"username", "post", "email", "telephone"}
    if set(values) - allowed:
        raise TypeError(f"cannot change {sorted(set(values) - allowed)}")
    with writing():
        changed = [name for name, value in values.items() if getattr(person, name) != value]
        for name in changed:
            setattr(person, name, values[name])
        if changed:
            person.full_clean(exclude=["password"])
            person.save(update_fields=changed)
            audit.note(
                "people.change", "修改人员", by, summary=person.username, data={"person": person.pk, "changed": changed}
            )
    return changed


def set_roles(by: User | None, person: User, holdings: Iterable[Holding]) -> None:
    """Give a person exactly these roles. Raises ValidationError with a sentence when that may not be."""
    wanted = {(holding.unit.pk, str(holding.role)): holding for holding in holdings}
    check_separation(role for _, role in wanted)
    if by is not None and by.pk == person.pk:
        raise ValidationError("不能改自己的角色。请另一位安全保密管理员来改。", code="own")
    with writing():
        rows = {(row.unit_id, row.role): row for row in person.memberships.select_related("unit")}
        before = _words(Holding(row.unit, row.role) for row in rows.values())
        for key, row in rows.items():
            if key not in wanted:
                row.delete()
        for key, holding in wanted.items():
            held = rows.get(key)
            if held is None:
                Membership.objects.create(user=person, unit=holding.unit, role=holding.role, main=holding.main)
            elif held.main != holding.main:
                held.main = holding.main
                held.save(update_fields=["main"])
        after = _words(wanted.values())
        if before != after:
            audit.note(
                "people.roles",
                "调整角色",
                by,
                summary=f"{person.username}：{before or '无'} 改为 {after or '无'}",
                data={"person": person.pk, "before": before, "after": after},
            )


def reset_password(by: User | None, person: User) -> str:
    """Give a new random password and end the person's sessions; returned once, kept nowhere."""
    password = new_password()
    with writing():
        person.set_password(password)
        person.password_temporary = True
        person.save(update_fields=["password", "password_temporary"])
        audit.note("people.reset", "重设密码", by, summary=person.username, data={"person": person.pk})
    unlock(by, person, quiet=True)
    return password


def set_active(by: User | None, person: User, active: bool) -> None:
    """Lock a person out, or let in again. A locked person's sessions end with the next click."""
    if by is not None and by.pk == person.pk and not active:
        raise ValidationError("不能停用自己的账号。", code="own")
    if person.is_active == active:
        return
    with writing():
        person.is_active = active
        person.save(update_fields=["is_active"])
        label = "启用账号" if active else "停用账号"
        audit.note("people.lock", label, by, summary=person.username, data={"person": person.pk, "active": active})


def unlock(by: User | None, person: User, *, quiet: bool = False) -> int:
    """Forget wrong passwords, so that the person may sign in before the waiting time is over."""
    from axes.utils import reset

    number = reset(username=person.username)
    if number and not quiet:
        audit.note("people.unlock", "解除登录锁定", by, summary=person.username, data={"person": person.pk})
    return int(number)


def _words(holdings: Iterable[Holding]) -> str:
    return "、".join(sorted(f"{holding.unit}{Role(holding.role).label}" for holding in holdings))
