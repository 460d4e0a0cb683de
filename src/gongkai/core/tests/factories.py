"""Factories: units, people with roles, and a world small enough to read."""

from __future__ import annotations

import factory

from gongkai.core.models import Membership, Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role


class UnitFactory(factory.django.DjangoModelFactory):
    """A department; give `parent` to put it into a tree."""

    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"unit-{n}")
    name = factory.Sequence(lambda n: f"云溪区第{n}局")
    short_name = factory.LazyAttribute(lambda unit: unit.name.removeprefix("云溪"))
    kind = UnitKind.DEPARTMENT
    ordinal = factory.Sequence(lambda n: n)


class UserFactory(factory.django.DjangoModelFactory):
    """A person; `roles` is a list of (role, unit), the first is the main one."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    post = factory.Sequence(lambda n: f"岗位{n}")
    password = factory.django.Password("yunxi-2026")

    @factory.post_generation
    def roles(self, create: bool, extracted: list[tuple[Role, Unit]] | None, **kwargs: object) -> None:
        """Memberships in the order given."""
        for number, (role, unit) in enumerate(extracted or ()):
            Membership.objects.create(user=self, unit=unit, role=role, main=number == 0)


def user_with(role: Role, unit: Unit | None = None, **values: object) -> User:
    """A person with one role, in a unit of their own unless one is given."""
    return UserFactory(roles=[(role, unit or UnitFactory())], **values)


def government() -> Unit:
    """The root of a tree: a district government."""
    return UnitFactory(name="云溪区人民政府", short_name="区政府", kind=UnitKind.GOVERNMENT)
