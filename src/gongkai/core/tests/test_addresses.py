"""Addresses that mean nothing, and what browsers may keep."""

from __future__ import annotations

import pytest

from gongkai.core.roles import Role
from gongkai.core.tests.factories import user_with

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/information/?unit=%00", "/proof/subject/a%00/", "/search/?q=%00", "/workbench/information/?q=%00"]
)
def test_a_nul_in_an_address_is_refused_in_words(client, address):
    client.force_login(user_with(Role.OFFICER))
    assert client.get(address).status_code == 400


def test_staff_pages_are_kept_nowhere(client):
    client.force_login(user_with(Role.OFFICER))
    assert client.get("/workbench/")["Cache-Control"] == "private, no-store"
