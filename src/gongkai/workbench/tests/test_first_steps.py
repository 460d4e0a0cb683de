"""A new installation says what to do first, to everybody what is theirs, until it is done."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongkai.core import first_steps
from gongkai.core.models import UnitGroup
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, government, user_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty_county(db):
    """One government with its office and nobody but administrators and the office's own person."""
    above = government()
    return UnitFactory(name="云溪区人民政府办公室", short_name="区政府办", kind=UnitKind.OFFICE, parent=above)


def shown(client, user) -> str:
    client.force_login(user)
    return client.get(reverse("workbench:todo")).content.decode().partition("开始使用")[2].partition("</section>")[0]


def test_every_page_of_the_steps_opens_for_those_whose_step_it_is(empty_county, client):
    for step in first_steps.steps.values():
        for role in step.roles:
            client.force_login(user_with(role, empty_county))
            assert client.get(reverse(step.url_name)).status_code == 200, step.label


def test_the_administrator_sees_what_to_do_and_the_office_for_whom_it_waits(empty_county, client):
    system = shown(client, user_with(Role.SYSTEM_ADMIN, empty_county))
    assert f'href="{reverse("workbench:groups")}"' in system
    assert "导入第一份工作要点" not in system
    office = shown(client, user_with(Role.OFFICE, empty_county))
    assert "导入第一份工作要点" in office
    assert f'href="{reverse("workbench:groups")}"' not in office
    assert "由系统管理员办理" in office


def test_an_officer_sees_the_steps_of_the_own_body_and_a_division_those_of_its_body(empty_county, client):
    division = UnitFactory(name="公开科", kind=UnitKind.DIVISION, parent=empty_county)
    for unit in (empty_county, division):
        page = shown(client, user_with(Role.OFFICER, unit))
        assert "编制公开目录" in page
        assert "给各单位开账号" not in page


def test_what_is_done_is_ticked_and_when_all_is_done_the_list_is_gone(empty_county, client):
    system = user_with(Role.SYSTEM_ADMIN, empty_county)
    assert 'aria-label="已做"' in shown(client, system)  # the office stands below its government
    UnitGroup.objects.create(name="各街镇")
    # Nobody has an account that does the work.
    assert "给各单位开账号" in shown(client, system)
    user_with(Role.OFFICER, empty_county)
    assert shown(client, system) == ""


def test_an_empty_list_names_who_begins_where_the_reader_may_not(empty_county, client):
    names = ("publications:index", "publications:media", "zones:index", "registers:catalogs")
    for role, begins in ((Role.OFFICER, False), (Role.OFFICE, True)):
        client.force_login(user_with(role, empty_county))
        for name in names:
            assert ("由信息公开员、经办人用“" in client.get(reverse(name)).content.decode()) is begins, (role, name)
