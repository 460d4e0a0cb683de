"""A log of its own for every test: data folder, key, tiles; a unit that publishes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import transaction

from gongkai.core import transparency
from gongkai.core.models import Unit
from gongkai.core.transparency import sequencer

NOON = dt.datetime(2026, 6, 3, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def log(db, settings, tmp_path):
    """An empty log."""
    cache.clear()
    settings.DATA_DIR = tmp_path
    settings.GONGKAI_LOG_KEY = ""
    settings.GONGKAI_LOG_RESTARTS = False
    settings.GONGKAI_PUBLIC_ADDRESS = "https://gk.yunxi.example"
    return tmp_path / "tlog"


@pytest.fixture
def bureau(log):
    """云溪区教育局."""
    return Unit.objects.create(code="JYJ", name="云溪区教育局", short_name="区教育局", kind="department")


@pytest.fixture
def publish(bureau):
    """`publish(act, subject, …)` records as an act would."""

    def publish(act: str = "published", subject: str = "YX-2026-0001", **more):
        more.setdefault("unit", bureau)
        more.setdefault("at", NOON)
        with transaction.atomic():
            return transparency.record(None, act=act, subject=subject, **more)

    return publish


@pytest.fixture
def many(publish, bureau):
    """`many(n)` records n acts at once, as an import does."""
    from gongkai.core.transparency import recording

    def many(number: int, stem: str = "M"):
        with transaction.atomic():
            return transparency.record_many(
                recording.item(
                    None, act="published", subject=f"{stem}-{n}", content={"n": n}, unit=bureau, at=NOON, version=1
                )
                for n in range(number)
            )

    return many


@pytest.fixture
def sequence(log):
    """`sequence()` does what the worker does."""
    return sequencer.sequence
