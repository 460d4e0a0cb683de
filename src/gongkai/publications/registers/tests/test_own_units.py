"""A form offers the units a person answers for; whoever answers for one is not asked at all."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongkai.core.models import Membership
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory

pytestmark = pytest.mark.django_db
ACTS = (
    ("catalog", "open"),
    ("disclosure-guide", "write"),
    ("negative-list", "open"),
    ("disclosure-body", "propose"),
    ("media-account", "register"),
    ("hearing", "record"),
)


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_units_of_others_are_not_offered(office, client, kind, name):
    other = UnitFactory(name="云溪区财政局", short_name="区财政局", parent=office.district)
    client.force_login(office.officer)
    address = reverse("workbench:new", args=[kind, name])
    page = client.get(address).content.decode().partition("<main")[2]
    assert f'value="{other.pk}"' not in page
    assert "不选就是本单位" not in page
    Membership.objects.create(user=office.officer, unit=other, role=Role.OFFICER)
    page = client.get(address).content.decode().partition("<main")[2]
    assert f'value="{other.pk}"' in page
    assert f'value="{office.unit.pk}"' in page
    assert f'value="{office.above.pk}"' not in page


def test_the_office_is_offered_every_unit(office, client):
    client.force_login(office.supervisor)
    page = client.get(reverse("workbench:new", args=["disclosure-body", "propose"])).content.decode()
    assert f'value="{office.unit.pk}"' in page
