"""Pages link only to what opens for their reader; what nobody but its authors may know is not named at all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.urls import reverse

from gongkai.core.models import Membership
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, user_with
from gongkai.publications.tests.helpers import act, draft, review, through

pytestmark = pytest.mark.django_db


@pytest.fixture
def beside(office):
    """A bureau next to the one that published, with its officer."""
    unit = UnitFactory(name="云溪区财政局", short_name="区财政局", parent=office.district, code="caizheng")
    people = {
        name: user_with(role, unit)
        for name, role in {
            "officer": Role.OFFICER,
            "reviewer": Role.REVIEWER,
            "secrecy": Role.SECRECY,
            "leader": Role.LEADER,
        }.items()
    }
    return SimpleNamespace(unit=unit, **people)


def page(client, user, address):
    """A page as the person sees it."""
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_draft_of_another_unit_is_not_named_on_the_page_of_what_it_relates_to(office, beside, published, client):
    secret = draft(beside, title="云溪区财政局关于还没有公开的事情的通知", document_number="云财发〔2026〕3号")
    act("relate", secret, beside.officer, {"relation": "basis", "target": published.title})
    address = published.get_absolute_url()
    assert "还没有公开的事情" not in page(client, office.officer, address)
    # Its own author follows the way back.
    assert published.title in page(client, beside.officer, secret.get_absolute_url())


def test_a_public_document_of_another_unit_is_linked_to_its_public_page(office, beside, published, client):
    theirs = through(draft(beside, title="云溪区财政局关于招生经费的通知", document_number="云财发〔2026〕4号"), beside)
    act("relate", theirs, beside.officer, {"relation": "basis", "target": published.title})
    here = page(client, office.officer, published.get_absolute_url())
    assert f'href="{theirs.public_address}"' in here
    assert f'href="{theirs.get_absolute_url()}"' not in here
    there = page(client, beside.officer, theirs.get_absolute_url())
    assert f'href="{published.public_address}"' in there
    assert f'href="{published.get_absolute_url()}"' not in there


def test_whoever_was_asked_for_one_step_is_led_back_to_the_list_and_not_to_a_page_that_is_closed(office, client):
    Membership.objects.filter(user=office.secrecy).delete()
    secrecy = user_with(Role.SECRECY, office.above)
    case = review(act("submit", draft(office), office.officer, {}), office, until="secrecy")
    client.force_login(secrecy)
    address = reverse("workbench:act", args=[case.pk, "pass"])
    assert client.get(case.get_absolute_url()).status_code == 200
    answer = client.post(address, {}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == reverse("workbench:todo")
    assert client.get(case.get_absolute_url()).status_code == 404
    # What they were told stays to be read; it leads nowhere that is closed.
    told = client.get(reverse("workbench:notifications")).content.decode()
    assert case.title in told
    assert case.get_absolute_url() not in told


def test_the_library_of_normative_documents_leads_each_reader_where_it_opens(office, beside, client):
    case = through(
        draft(
            office,
            title="云溪区校车管理办法",
            document_number="云教规〔2026〕1号",
            normative="on",
            effective_on="2026-12-01",
            expires_on="2031-11-30",
        ),
        office,
    )
    address = reverse("registers:normative")
    assert f'href="{case.get_absolute_url()}"' in page(client, office.officer, address)
    others = page(client, beside.officer, address)
    assert f'href="{case.public_address}"' in others
    assert f'href="{case.get_absolute_url()}"' not in others
