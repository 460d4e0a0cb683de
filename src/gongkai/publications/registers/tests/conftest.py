"""The bureau of publishing's tests, and the people of the office above it."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from gongkai.core.roles import Role
from gongkai.core.tests.factories import UserFactory
from gongkai.publications.tests.conftest import office as bureau

__all__ = ["bureau"]


@pytest.fixture(autouse=True)
def nothing_kept():
    """Numbers of cases come again in the next test; what was kept of them must not."""
    cache.clear()


@pytest.fixture
def office(bureau):
    """The bureau, with an office that can also draft and approve."""
    bureau.writer = UserFactory(roles=[(Role.OFFICER, bureau.above)], post="区政府办信息公开员")
    bureau.chief = UserFactory(roles=[(Role.LEADER, bureau.above)], post="区政府办分管负责人")
    bureau.admin = UserFactory(roles=[(Role.SYSTEM_ADMIN, bureau.above)], post="系统管理员")
    return bureau
