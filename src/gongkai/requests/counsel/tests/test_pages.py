"""Pages of counsel through HTTP."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from gongkai.requests.counsel.models import Opinion
from gongkai.requests.counsel.tests.test_counsel import ADVICE, asked, move


@pytest.fixture
def settled(place, counsel, handling):
    """A matter that went its whole way."""
    case = move("give", asked(place, counsel, matter=handling.number), place.lawyer, **ADVICE)
    return move("settle", case, place.handler, "2026-07-09", adopted="whole")


def test_lists_and_case_pages(client, place, counsel, settled, django_assert_max_num_queries):
    client.force_login(place.officer)
    for address in ("", "?sort=request", "?adopted=whole&verdict=conditional", "register/", "register/?state=serving"):
        with django_assert_max_num_queries(12):
            page = client.get(f"/workbench/requests/counsel/{address}")
        assert page.status_code == 200
        assert "区分处理的界限" in page.content.decode() or "望江律师事务所" in page.content.decode()
    # Settings are asked anew every few seconds; the budget is that of a page without.
    client.get(settled.get_absolute_url())
    with django_assert_max_num_queries(12):
        page = client.get(settled.get_absolute_url()).content.decode()
    assert "议定的事项应当公开" in page
    assert "全部采纳" in page
    client.force_login(place.supervisor)
    page = client.get(counsel.get_absolute_url()).content.decode()
    assert "0000-7654321" in page
    client.force_login(place.auditor)
    assert "0000-7654321" not in client.get(counsel.get_absolute_url()).content.decode()


def test_export(client, place, settled):
    client.force_login(place.officer)
    book = load_workbook(io.BytesIO(client.get("/workbench/requests/counsel/?export=xlsx").content))
    values = [cell.value for cell in book.active[4]]
    assert values[1:3] == ["疑难申请", "区分处理的界限"]
    assert client.get("/workbench/requests/counsel/register/?export=xlsx").status_code == 200


def test_asking_from_the_page_of_a_case(client, place, counsel, handling):
    client.force_login(place.officer)
    address = f"/workbench/requests/counsel/ask/?case={handling.pk}"
    page = client.get(address).content.decode()
    assert handling.number in page
    data = {
        "sort": "request",
        "title": "能否公开",
        "counsel": counsel.pk,
        "matter": handling.number,
        "question": "能否公开？",
    }
    assert client.post(address, {**data, "question": ""}).status_code == 422
    assert client.post(address, {**data, "matter": "SQ-1"}).status_code == 409
    assert client.post(address, data).status_code == 302
    assert Opinion.objects.get().subject_id == handling.pk
    # A case of another body is not named by its id.
    client.force_login(place.neighbour)
    assert handling.number not in client.get(address).content.decode()


def test_who_may_not_look(client, place, settled):
    client.force_login(place.admin)
    assert client.get("/workbench/requests/counsel/").status_code == 403
    client.force_login(place.auditor)
    assert client.get("/workbench/requests/counsel/ask/").status_code == 403
    client.force_login(place.neighbour)
    assert "区分处理的界限" not in client.get("/workbench/requests/counsel/").content.decode()
    assert client.get(settled.get_absolute_url()).status_code == 404
