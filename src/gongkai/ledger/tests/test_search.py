"""The public ledger in the search: fed by events alone, released words only."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai.core.acts import perform
from gongkai.core.search import index, work
from gongkai.core.search.query import PUBLIC
from gongkai.core.search.service import find
from gongkai.core.search.testing import fresh_index  # noqa: F401  a fixture
from gongkai.ledger.models import Assignment, Notice, Progress, Task
from gongkai.ledger.search import DUTY, NOTICE
from gongkai.ledger.tests.helpers import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_index")]


def test_duties_and_progress_are_found_once_they_are_public(dispatched, district):
    work.ensure()
    mine = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.education)
    perform("assignment.receive", mine, district.teacher, {}, now=at("2026-04-03"))
    file = SimpleUploadedFile("目录.txt", "主动公开目录".encode())
    perform(
        "assignment.report",
        mine,
        district.teacher,
        {"text": "校园食堂目录已更新41项", "percent": 60, "public": "yes"},
        files={"files": [file]},
        now=at("2026-05-10"),
    )
    work.drain()
    assert find("校园食堂目录", PUBLIC, exact=True).total == 0
    report = Progress.objects.get(assignment=mine)
    perform("assignment.release", mine, district.chief, {"progress": report.pk}, now=at("2026-05-11"))
    work.drain()
    found = find("校园食堂目录", PUBLIC, exact=True)
    task = Task.objects.get(notice=dispatched, ordinal=1)
    assert [(hit.source, hit.pk, hit.url) for hit in found.hits] == [(DUTY, task.pk, task.get_public_url())]
    notices = find(Notice.objects.get(pk=dispatched.pk).title, PUBLIC, sources=(NOTICE,), exact=True)
    assert [hit.pk for hit in notices.hits] == [dispatched.pk]


def test_staff_find_their_cases_by_number_and_title(dispatched, district):
    work.ensure()
    mine = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.education)
    scope = index.scope_of(district.teacher)
    assert [hit.pk for hit in find(mine.number, scope, sources=("case",), exact=True).hits] == [mine.pk]
    other = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.finance)
    assert find(other.number, scope, sources=("case",), exact=True).total == 0
    assert work.compare().number == 0
