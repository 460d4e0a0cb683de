"""Both implementations behind the same tests; the database one on whatever database the tests run on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from gongkai.core.search import SearchDocument, index, register_source, unregister_source


@pytest.fixture(params=["tantivy", "database"])
def held(request, settings, tmp_path, db):
    settings.GONGKAI_SEARCH = request.param
    settings.GONGKAI_SEARCH_DIR = str(tmp_path / "search")
    cache.clear()
    # Its rows stand in no table: the documents are given to the index by hand.
    register_source("x", "文件", queryset=lambda: None, document=lambda row: None)
    current = index.current()
    yield current
    getattr(current, "close", lambda: None)()
    unregister_source("x")


@pytest.fixture
def make():
    def make(pk: int, title: str, body: str = "", **more) -> SearchDocument:
        values = {"day": dt.date(2026, 5, 18), "public": True, "category": "政策文件", **more}
        return SearchDocument("x", pk, title, f"/{pk}/", body=body, **values)

    return make
