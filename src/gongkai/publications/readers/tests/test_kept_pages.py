"""Public pages in the page cache: kept after the first reader, gone with what they show, in every look."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from gongkai.core.pages.tests.conftest import kept, reader
from gongkai.publications.models import CatalogColumn, DocumentRelation
from gongkai.publications.tests.helpers import act, draft, fresh, review, through, values

__all__ = ["kept", "reader"]
NOTICES = f"/information/?kind={quote('通知')}"
pytestmark = pytest.mark.django_db(transaction=True)


def everywhere(document, office) -> list[str]:
    """Every kept page that shows a document."""
    here = document.public_address
    unit = office.unit.code
    return [
        here,
        f"{here}versions/1/",
        f"{here}versions/1/compare/",
        f"{here}print/",
        "/",
        "/information/",
        f"/information/?unit={unit}",
        NOTICES,
        "/information/disclosure/",
        f"/information/disclosure/{unit}/",
        f"/information/units/{unit}/",
        "/information/columns/zhaosheng/",
        "/information/feed.atom",
        f"/information/units/{unit}/feed.atom",
        "/information/columns/zhaosheng/feed.atom",
        f"/information/sitemap-{document.pk // 10000}.xml",
    ]


@pytest.fixture
def document(office):
    column = CatalogColumn.objects.create(code="zhaosheng", title="招生信息", unit=office.unit)
    other = through(draft(office, title="另一份", document_number="", column=column.pk), office)
    found = through(draft(office, column=column.pk), office)
    DocumentRelation.objects.create(source=other, target=found, kind="basis")
    return found


@pytest.mark.parametrize("cookies", ["", "mode=elder", "contrast=high; script=hant"])
def test_kept_and_gone_with_withdrawal(reader, kept, office, document, cookies):
    reader.cookies = cookies
    addresses = everywhere(document, office)
    for address in addresses:
        assert reader.get(address).status == 200, address
    # The log has not numbered the entry yet, so the page is kept for two minutes only; the others until they change.
    before = reader.rendered
    for address in addresses:
        reader.get(address)
    assert reader.rendered == before, "some page was not kept"
    mark = f"/information/{document.pk}/".encode()
    related = next(pk for pk in [document.pk - 1] if pk)
    assert mark in reader.get(f"/information/{related}/").body
    act("withdraw", document, office.officer, {"reason": "内容有误"})
    for address in addresses[4:]:
        reply = reader.get(address)
        assert mark not in reply.body, address
    for address in addresses[:4]:
        reply = reader.get(address)
        assert reply.status == 410, address
        assert "划片".encode() not in reply.body
    assert mark not in reader.get(f"/information/{related}/").body


def test_a_change_is_seen_at_once_and_only_there(reader, kept, office, document):
    for address in everywhere(document, office):
        reader.get(address)
    other = f"/information/{document.pk - 1}/"
    reader.get(other)
    case = act("amend", document, office.officer, {"reason": "改正"})
    column = CatalogColumn.objects.create(code="jiu", title="其他", unit=office.unit)
    case = act("edit", case, office.officer, values(column=column.pk, title="改过的标题"))
    assert "改过的标题".encode() not in reader.get(document.public_address).body
    review(act("submit", case, office.officer), office)
    assert fresh(case).version_count == 2
    assert "改过的标题".encode() in reader.get(document.public_address).body
    # It left its old column: neither that column's page nor its feed shows it.
    for address in ("/information/columns/zhaosheng/", "/information/columns/zhaosheng/feed.atom"):
        assert f"/information/{document.pk}/".encode() not in reader.get(address).body, address
    assert f"/information/{document.pk}/".encode() in reader.get("/information/columns/jiu/").body


def test_parameters_that_mean_nothing_fill_no_disk(reader, kept, document):
    reader.get("/information/")
    number = kept.status().pages
    for address in (
        f"/information/?kind={quote('没有这种')}",
        "/information/?x=1",
        "/information/?after=20260101000000000000-1",
    ):
        assert reader.get(address).status == 200
    assert kept.status().pages == number
    reader.get(NOTICES)
    assert kept.status().pages == number + 1


def test_a_renamed_column_is_renamed_everywhere(reader, kept, office, document):
    reader.get(document.public_address)
    column = CatalogColumn.objects.get(code="zhaosheng")
    column.title = "入学信息"
    column.save()
    assert "入学信息".encode() in reader.get(document.public_address).body
