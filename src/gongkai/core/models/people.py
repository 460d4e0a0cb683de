"""People and the roles they hold in units."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from gongkai.core import figures
from gongkai.core.models.units import Unit, UnitKind
from gongkai.core.roles import Role


class User(AbstractUser):
    """A person who signs in. `post` is how the person appears in timelines: unit and post, not a name."""

    post = models.CharField("岗位", max_length=60, blank=True)
    telephone = models.CharField("电话", max_length=40, blank=True)
    password_temporary = models.BooleanField("下次登录须改密码", default=False)
    shortcuts = models.BooleanField("使用键盘快捷键", default=True)
    mail_digest = models.BooleanField("每天汇总邮件", default=True)

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"

    def __str__(self) -> str:
        return self.post or self.username

    @cached_property
    def memberships_now(self) -> list[Membership]:
        """The roles held, read once for a request, each with its unit."""
        if not self.is_active:
            return []
        return list(_memberships(self))

    @cached_property
    def roles_by_unit(self) -> dict[int, frozenset[str]]:
        """Unit id -> roles held there."""
        held: dict[int, set[str]] = {}
        for membership in self.memberships_now:
            held.setdefault(membership.unit_id, set()).add(membership.role)
        return {unit: frozenset(roles) for unit, roles in held.items()}

    @cached_property
    def role_set(self) -> frozenset[str]:
        """All roles held, wherever."""
        return frozenset(membership.role for membership in self.memberships_now)

    @cached_property
    def main_unit(self) -> Unit | None:
        """The unit under which the person appears."""
        return self.memberships_now[0].unit if self.memberships_now else None

    def roles_at(self, unit: Unit | None) -> frozenset[str]:
        """Roles that count in `unit`: those held there, and, in a division, those held in the body it belongs to."""
        if unit is None:
            return frozenset()
        held = self.roles_by_unit.get(unit.pk, frozenset())
        if unit.kind == UnitKind.DIVISION and unit.parent_id:
            held |= self.roles_by_unit.get(unit.parent_id, frozenset())
        return held

    @property
    def who(self) -> str:
        """Unit and post, for timelines."""
        unit = str(self.main_unit) if self.main_unit else ""
        post = self.post
        if post and unit and post.startswith(unit):
            post = post[len(unit) :]
        return f"{unit} {post or self.role_label}".strip()

    @property
    def role_label(self) -> str:
        """The first role in words."""
        return Role(self.memberships_now[0].role).label if self.memberships_now else ""


class Membership(models.Model):
    """A role that a person holds in a unit."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="人员")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships", verbose_name="单位")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    main = models.BooleanField("主要岗位", default=False)

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        constraints = [models.UniqueConstraint(fields=["user", "unit", "role"], name="membership_unique")]
        indexes = [models.Index(fields=["unit", "role"], name="membership_unit_role")]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_role_display()}"


def _columns(model: type[models.Model]) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    fields = model._meta.concrete_fields
    return tuple(field.attname for field in fields), tuple(isinstance(field, models.BooleanField) for field in fields)


def _memberships(user: User) -> Iterator[Membership]:
    """A person's memberships with unit and body above it. Every page asks this: the question is put into SQL once."""
    read = [(model, *_columns(model)) for model in (Membership, Unit, Unit)]

    def make() -> dict[str, figures.Part]:
        paths = ("", "unit__", "unit__parent__")
        names = [f"{path}{name}" for path, (_, held, _) in zip(paths, read, strict=True) for name in held]
        rows = Membership.objects.filter(user=user.pk).order_by("-main", "id")
        return {"rows": figures.question(rows, *names)}

    for line in figures.lines(figures.kept(("memberships", user.pk), timezone.now(), make)["rows"]):
        found: list[Any] = []
        at = 0
        for model, names, truths in read:
            values = line[at : at + len(names)]
            at += len(names)
            said = [bool(value) if truth else value for truth, value in zip(truths, values, strict=True)]
            found.append(model.from_db(user._state.db, names, said) if values[0] is not None else None)
        membership, unit, parent = found
        membership._state.fields_cache.update(user=user, unit=unit)
        unit._state.fields_cache["parent"] = parent
        yield membership
