"""Every template from form to public page, through review, over HTTP: one test a template."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from gongkai.publications.areas import catalog, public_queries
from gongkai.publications.areas.catalog.model import Shown
from gongkai.publications.areas.models import Batch, Dataset, Entry
from gongkai.publications.areas.tests.helpers import (
    ACCOUNT,
    IDENTITY,
    PERSON,
    PHONE,
    enter,
    fresh,
    open_dataset,
    post,
    review,
    row,
    through,
)

pytestmark = pytest.mark.django_db


def templates():
    """Each template with the rows of the requirements that it serves."""
    return [
        pytest.param(template, id=template.code, marks=pytest.mark.duty(*template.duties))
        for template in catalog.TEMPLATES.values()
    ]


@pytest.mark.parametrize("template", templates())
def test_a_row_is_entered_reviewed_and_public(client, office, template):
    held = open_dataset(office, template.code)
    client.force_login(office.officer)
    listed = reverse("areas-public:list", args=[template.code])
    for number in (1, 2):
        answer = client.post(reverse("areas:enter", args=[held.pk]), row(template, number))
        assert answer.status_code == 302, answer.context["form"].errors
    batch = Batch.objects.get()
    assert client.get(listed).status_code == 404, "nothing is public before it is approved"
    assert post(client, office.officer, batch, "submit").status_code == 302
    batch = review(fresh(batch), office, until="approval")
    assert post(client, office.officer, batch, "approve").status_code == 403
    if batch.known["hits"]:
        pytest.fail([str(hit) + hit.found for hit in batch.hits.all()])
    assert post(client, office.leader, batch, "approve").status_code == 302
    client.logout()

    page = client.get(listed).content.decode()
    entries = list(Entry.objects.filter(code=template.code))
    assert len(entries) == 2
    assert f"共{len(entries)}条" in page
    assert template.title in client.get(reverse("areas-public:index")).content.decode()
    assert "更新于" in page
    one = client.get(entries[0].get_absolute_url()).content.decode()
    for field in template.fields:
        assert (field.label in one) == (field.shown != Shown.INTERNAL), field.label
    exported = client.get(reverse("areas-public:export", args=[template.code, "json"])).content.decode()
    assert len(json.loads(exported)["rows"]) == 2
    for secret in (PERSON, IDENTITY, PHONE, ACCOUNT):
        assert secret not in page + one + exported
    assert ('id="chart"' in page) == bool(template.charts)
    assert client.get(reverse("areas-public:export", args=[template.code, "xlsx"])).status_code == 200
    assert client.get(reverse("areas-public:export", args=[template.code, "csv"])).status_code == 200


def test_every_row_of_key_areas_has_a_template_and_every_template_its_form():
    for template in catalog.TEMPLATES.values():
        assert template.duties, template.code
        assert template.area in catalog.AREAS
        assert template.listed
        assert len(template.listed) <= 9
        assert template.keepers
        assert template.about
        assert template.basis
        assert any(template.by_name[name].required for name in template.key)
        for chart in template.charts:
            assert public_queries._column(template, chart.by)
            assert not chart.split or public_queries._column(template, chart.split)
            assert not chart.summed or template.amount


@pytest.mark.duty("000-1c")
def test_each_field_of_the_five_year_plan_has_its_column(office, client):
    words = {
        "power": "power-duty-list",
        "supervision": "random-inspection-results",
        "services": "public-services",
        "budget": "subordinate-accounts",
        "investment": "major-projects",
        "taxes": "tax-cuts",
        "resources": "government-procurement",
        "poverty": "rural-aid",
        "jobs": "employment-support",
        "assistance": "social-security",
        "housing": "housing-renewal",
        "environment": "environment-quality",
        "education": "school-admission",
        "health": "medical-inspection",
        "food and drugs": "food-drug",
    }
    for code in words.values():
        through(enter(office, open_dataset(office, code)), office)
    page = client.get(reverse("areas-public:index")).content.decode()
    for code in words.values():
        listed = reverse("areas-public:list", args=[code])
        assert listed in page
        assert "共1条" in client.get(listed).content.decode()


@pytest.mark.duty("004-36a", "004-36c", "002-4")
def test_elements_named_by_the_notices_are_required():
    projects = catalog.TEMPLATES["budget-projects"].by_name
    assert all(projects[name].required for name in ("overview", "grounds", "body", "plan", "period", "budget", "goal"))
    debt = catalog.TEMPLATES["government-debt"].by_name
    nine = ("limit", "balance", "kind", "term", "rate", "use", "repayment_plan", "service", "source")
    assert all(debt[name].required for name in nine)


def test_a_masked_or_hidden_field_is_never_stored_for_the_public(office):
    held = open_dataset(office, "farm-subsidies")
    through(enter(office, held), office)
    entry = Entry.objects.get()
    assert entry.shown["holder"] == "欧阳某某"
    assert not {"identity", "account"} & set(entry.shown)
    assert IDENTITY in entry.versions.get().values.values()


def test_an_empty_dataset_is_not_shown(client, office):
    open_dataset(office, "plans")
    assert "规划计划" not in client.get(reverse("areas-public:index")).content.decode().split("<main")[1]
    assert client.get(reverse("areas-public:list", args=["plans"])).status_code == 404
    assert Dataset.objects.get().row_count == 0
