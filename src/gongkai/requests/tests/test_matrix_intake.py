"""Each role in each place against each act of intake in each state."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from gongkai.core.acts import ActError, NotPermitted, WrongState, acts, perform
from gongkai.core.models import Unit
from gongkai.core.roles import Role
from gongkai.requests.models import Request
from gongkai.requests.tests.helpers import act, entered, entry, person, registered, submitted

pytestmark = pytest.mark.django_db

STAFF = {Role.OFFICER, Role.HANDLER}
WORKING = {"received", "handling"}
# Written by hand, so that a slip in the code does not move the yardstick: act -> states (of those below), roles in the unit.
RULES: dict[str, tuple[set[str], set[Role]]] = {
    "confirm": ({"unconfirmed"}, STAFF),
    "log_attempt": ({"unconfirmed"}, STAFF),
    "register": ({"received"}, STAFF),
    "assign": ({"handling"}, STAFF),
    "transfer": ({"unconfirmed", "received", "handling"}, {Role.OFFICER}),
    "split": (WORKING, STAFF),
    "merge": (WORKING, {Role.OFFICER}),
    "withdraw": (WORKING | {"unconfirmed"}, STAFF),
    "judge_resemblance": (WORKING, STAFF),
    "judge_excessive": (WORKING, STAFF),
    "amend_applicant": (WORKING | {"unconfirmed", "ended"}, STAFF),
}
NOBODYS = {"submit", "issue_receipt"}


@pytest.fixture
def everywhere(place) -> dict[tuple[Role, str], Any]:
    """Somebody for each role in the body, in the office above it, and in a body beside it."""
    places: dict[str, Unit] = {"unit": place.bureau, "above": place.office, "beside": place.beside}
    return {(role, where): person(f"{where}-{role}", unit, role) for role in Role for where, unit in places.items()}


@pytest.fixture
def each_state(place) -> dict[str, Request]:
    """A request in each state of intake, brought there by its acts."""
    found = {
        "unconfirmed": entered(place, channel="fax"),
        "received": submitted(place),
        "handling": registered(place, submitted(place)),
        "ended": act("withdraw", submitted(place), None),
        "moved": act("transfer", submitted(place), place.officer, unit=place.beside.pk, reason="由该局负责"),
    }
    assert {name: case.state for name, case in found.items()} == {name: name for name in found}
    return found


def tried(name: str, case: Request, user: Any) -> str:
    """What stands in the way of an act: the role, the state, or neither (then words of a form or a rule, or nothing)."""
    try:
        with transaction.atomic():
            perform(f"request.{name}", case, user, {})
            transaction.set_rollback(True)
    except NotPermitted:
        return "role"
    except WrongState:
        return "state"
    except ActError:
        return ""
    return ""


@pytest.mark.duty("004-7")
def test_every_role_in_every_place_with_every_act_in_every_state(place, everywhere, each_state):
    assert set(RULES) | NOBODYS <= {one.name for one in acts.values() if one.kind == "request"}
    wrong = []
    for name, (states, roles) in RULES.items():
        for state, case in each_state.items():
            if state not in states:
                wrong += [(name, state)] if tried(name, case, place.officer) != "state" else []
                continue
            for (role, where), user in everywhere.items():
                may = where == "unit" and role in roles
                refused = (
                    not acts[f"request.{name}"].permitted(case, user) if not may else tried(name, case, user) == "role"
                )
                if refused == may:
                    wrong.append((name, state, role, where, may))
    assert not wrong


def test_what_nobody_of_the_house_does_nobody_of_the_house_can_do(place, everywhere, each_state):
    for user in everywhere.values():
        with pytest.raises(NotPermitted):
            perform("request.submit", None, user, {})
        assert tried("issue_receipt", each_state["received"], user) == "role"


def test_who_may_enter_and_only_for_the_own_body(place, everywhere):
    for (role, where), user in everywhere.items():
        if role not in STAFF:
            with pytest.raises(NotPermitted):
                perform("request.enter", None, user, entry(place, arrived_on="2026-06-01"))
        elif where != "unit":
            with pytest.raises(ActError):
                perform("request.enter", None, user, entry(place, arrived_on="2026-06-01"))
    assert not Request.objects.exists()
