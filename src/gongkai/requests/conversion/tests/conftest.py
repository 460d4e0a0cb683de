"""The district of the tests of requests."""

from __future__ import annotations

import io

import pytest
from docx import Document

from gongkai.requests.tests import helpers, reply_helpers
from gongkai.requests.tests.conftest import clean_books, handling, place, received

__all__ = ["clean_books", "handling", "place", "received"]


def word(*lines: str) -> bytes:
    """A Word file with these paragraphs."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture
def with_material(place, handling):
    """A request with a Word file that is given: one telephone and the applicant's name stand in it."""
    data = word("清平路管道检测报告", f"检测联系人手机13912345678，委托人{helpers.NAME}。", "检测结论：管道完好。")
    case = helpers.act("add_materials", handling, place.handler, files={"files": helpers.upload("检测报告.docx", data)})
    row = case.materials.get()
    return helpers.act("treat_materials", case, place.handler, **{f"treatment_{row.pk}": "given"})


@pytest.fixture
def given(place, with_material):
    """The same, answered on 2026-06-11 with the information."""
    return helpers.fresh(reply_helpers.replied(place, with_material, "G-b"))
