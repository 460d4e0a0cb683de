"""What every test of the repository may use: duties that are written down, a browser, a migrated database."""

from __future__ import annotations

import pytest

pytest_plugins = ["tools.pytest_duties", "tools.pytest_browser", "tools.pytest_migrated"]


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Ids come again from test to test: what the process kept of one must not answer the next."""
    from django.core.cache import cache

    cache.clear()
