"""The zones of the demo live their year: nothing is refused, and each state a zone can be in is there to be seen."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone

from gongkai.channels.zones import counting
from gongkai.channels.zones.models import ServiceNote, Zone, ZoneRequest
from gongkai.demo.timeline import Timeline
from gongkai.demo.world import World
from gongkai.demo.zones import TAKEN, Zones

NOW = timezone.make_aware(dt.datetime(2026, 11, 22, 12, 0))


@pytest.mark.django_db
def test_zones_of_the_demo():
    world = World(now=NOW, small=True)
    timeline = Timeline(world.now, seed=1)
    timeline.now = timezone.make_aware(dt.datetime(2026, 1, 5, 9, 0))
    with timeline.running():
        world.create()
        Zones(world, timeline).begin()
        timeline.run()
        assert timeline.refused == []
        assert Counter(Zone.objects.values_list("state", flat=True)) == {"open": 2, "suspended": 1, "preparing": 1}
        assert ServiceNote.objects.count() > 200
        assert ServiceNote.objects.dates("on", "month").count() >= 8
        states = set(ZoneRequest.objects.values_list("request__state", flat=True))
        assert ZoneRequest.objects.count() == len(TAKEN)
        assert states == {"archived", "handling"}
        assert counting.verify() == []
