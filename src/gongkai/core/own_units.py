"""Which units a form offers to a person: those the person answers for, and no choice where there is just one.

What may be chosen is still decided by the act; this spares people a list of a hundred units of which one is right.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.db.models import Q

from gongkai.core.models import Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role


def offer(form: forms.Form, user: User | None, roles: Iterable[Role], name: str = "unit") -> None:
    """Let a field for units show only those in which a person holds one of the roles; divisions of such bodies too.

    Args:
        form: the form, called from its `prepare`.
        user: who fills it in; nobody is shown everything.
        roles: those that count.
        name: the field.
    """
    if user is None or name not in form.fields:
        return
    wanted = set(roles)
    held = [pk for pk, own in user.roles_by_unit.items() if wanted & set(own)]
    own_ones = Q(pk__in=held) | Q(parent__in=held, kind=UnitKind.DIVISION)
    units = list(Unit.objects.filter(own_ones, active=True).order_by("path"))
    field = form.fields[name]
    if [unit.pk for unit in units] == [user.main_unit.pk if user.main_unit else None]:
        field.widget = field.hidden_widget()
        return
    choices = [(unit.pk, str(unit)) for unit in units]
    empty = getattr(field, "empty_label", None)
    field.widget.choices = [("", empty), *choices] if empty else choices  # type: ignore[attr-defined]
