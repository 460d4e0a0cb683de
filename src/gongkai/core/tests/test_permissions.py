"""Every role at every place against every act of every room, enumerated from the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.core import permissions
from gongkai.core.acts import acts
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, Membership, Unit, User
from gongkai.core.roles import Role, Where

PAGE = Path(__file__).resolve().parents[4] / "docs" / "permissions.md"


@pytest.fixture
def places(db) -> dict[Where, Unit]:
    root = Unit.objects.create(code="qu", name="云溪区人民政府", short_name="区政府", kind="government")
    return {
        where: Unit.objects.create(code=str(where), name=f"{where.label}甲", short_name=where.label, parent=root)
        for where in (Where.OWNER, Where.SUPERVISOR, Where.LEAD, Where.ANYWHERE)
    }


def test_every_cell_of_the_matrix(places):
    people = {}
    for role in Role:
        for where, unit in places.items():
            user = User.objects.create(username=f"{role}-{where}")
            Membership.objects.create(user=user, unit=unit, role=role)
            people[role, where] = user
    wrong = []
    checked = 0
    for cell in permissions.cells():
        case = Case(
            kind=cell.act.kind,
            unit=places[Where.OWNER],
            supervisor=places[Where.SUPERVISOR],
            lead=places[Where.LEAD],
        )
        found = cell.act.permitted(None if cell.act.creates else case, people[cell.role, cell.where])
        expected = any(p.role == cell.role for p in cell.act.permits) if cell.act.creates else cell.allowed
        checked += 1
        if found != expected:
            wrong.append((cell.act.key, cell.role, cell.where, found))
    assert not wrong
    assert checked == len(acts) * len(Role) * 4


def test_every_act_says_who_may_and_what_it_is_called():
    for key, act in acts.items():
        assert act.label, key
        assert act.kind in kinds, key
        assert act.permits or act.system, f"{key}: nobody may do it"
        known = set(kinds[act.kind].states)
        assert (act.from_states or set()) <= known, key
        assert act.to_state is None or act.to_state in known, key


def test_inactive_people_may_nothing(places):
    user = User.objects.create(username="gone", is_active=False)
    for role in Role:
        Membership.objects.create(user=user, unit=places[Where.OWNER], role=role)
    case = Case(unit=places[Where.OWNER], supervisor=places[Where.OWNER], lead=places[Where.OWNER])
    assert not [key for key, act in acts.items() if act.permitted(case, user)]


def test_the_page_in_the_documentation_is_current():
    rooms = {code for code in kinds if code != "sample"}
    text = permissions.markdown(rooms)
    assert PAGE.read_text(encoding="utf-8") == text, "run `gongkai permissions > docs/permissions.md`"
