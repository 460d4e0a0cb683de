"""A small invented district for the ledger's tests."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache

from gongkai.core.acts import perform
from gongkai.core.models import Unit, UnitAlias, UnitGroup
from gongkai.core.roles import Role
from gongkai.ledger.tests.helpers import NOTICE, at, person, settle


@pytest.fixture
def district(db):
    """云溪区: a government, its office, two departments, a street and a town; people for every role."""
    cache.clear()
    city = Unit.objects.create(code="LJ", name="临江市人民政府", short_name="市政府", kind="government")
    root = Unit.objects.create(
        code="YX", name="临江市云溪区人民政府", short_name="区政府", kind="government", parent=city
    )

    def unit(code: str, name: str, short: str, kind: str, ordinal: int) -> Unit:
        return Unit.objects.create(code=code, name=name, short_name=short, kind=kind, parent=root, ordinal=ordinal)

    office = unit("BGS", "临江市云溪区人民政府办公室", "区政府办公室", "office", 1)
    education = unit("JYJ", "云溪区教育局", "区教育局", "department", 2)
    finance = unit("CZJ", "云溪区财政局", "区财政局", "department", 3)
    street = unit("ALJD", "云溪区安澜街道办事处", "安澜街道", "street", 4)
    town = unit("WJZ", "云溪区文津镇人民政府", "文津镇", "town", 5)
    towns = UnitGroup.objects.create(name="各镇街", root=root, kinds=["street", "town"])
    UnitAlias.objects.create(name="各街镇", group=towns)
    return SimpleNamespace(
        city=city,
        root=root,
        office=office,
        education=education,
        finance=finance,
        street=street,
        town=town,
        towns=towns,
        chief=person("gongkai", office, Role.OFFICE, Role.OFFICER),
        teacher=person("jiaoyu", education, Role.OFFICER),
        clerk=person("jiaoyu-jingban", education, Role.HANDLER),
        reviewer=person("jiaoyu-shenhe", education, Role.REVIEWER),
        head=person("jiaoyu-fuzeren", education, Role.LEADER),
        treasurer=person("caizheng", finance, Role.OFFICER),
        streeter=person("anlan", street, Role.OFFICER),
        auditor=person("jiancha", office, Role.AUDITOR),
    )


@pytest.fixture
def imported(district):
    """The small notice, read and compiled."""
    event = perform("notice.import", None, district.chief, {"text": NOTICE}, now=at("2026-04-01"))
    notice = event.case
    notice.refresh_from_db()
    return notice


@pytest.fixture
def dispatched(district, imported):
    """The small notice, approved, dispatched and public."""
    settle(imported, district.chief)
    perform(
        "notice.dispatch",
        imported,
        district.chief,
        {"receipt_by": "2026-04-09", "own_plan": "on"},
        now=at("2026-04-02"),
    )
    imported.refresh_from_db()
    perform("notice.publish", imported, district.chief, {}, now=at("2026-04-02 10:00"))
    imported.refresh_from_db()
    return imported


@pytest.fixture(autouse=True)
def clean_books(request):
    """After every test with a database: counters agree with the cases, and the audit chain is intact."""
    if "district" not in request.fixturenames:
        yield
        return
    # Asked for here, so that the database is still there afterwards.
    request.getfixturevalue("district")
    yield
    from gongkai.core import audit, counters

    assert counters.verify() == []
    assert audit.verify().intact
