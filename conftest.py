"""What every test of the repository may use: duties that are written down, a browser, a migrated database."""

from __future__ import annotations

import pytest

pytest_plugins = ["tools.pytest_duties", "tools.pytest_browser", "tools.pytest_migrated"]


@pytest.fixture(autouse=True)
def _nothing_remembered(request):
    """Ids come again from test to test: what the process kept of one must not answer the next.

    The same holds of the search index: it is a directory, and no roll-back of the database takes anything out of it.
    """
    from django.core.cache import cache

    from gongkai.core.search import index

    cache.clear()
    if request.node.get_closest_marker("one_world"):
        return
    current = index.current()
    if getattr(current, "exists", lambda: False)() and next(current.fingerprints(), None):
        current.rebuild([])
