"""For tests of any room: an index of its own in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def fresh_index(settings, tmp_path) -> Iterator[None]:
    """An empty directory index for this test."""
    from django.core.cache import cache

    from gongkai.core.search import index

    settings.GONGKAI_SEARCH = "tantivy"
    settings.GONGKAI_SEARCH_DIR = str(tmp_path / "search")
    cache.clear()
    yield
    current = index.current()
    getattr(current, "close", lambda: None)()
