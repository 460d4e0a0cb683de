"""What the ledger makes public, and takes back, stands in the transparency log."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai.core import transparency
from gongkai.core.acts import perform
from gongkai.core.transparency import queries, sequencer
from gongkai.core.transparency.models import LogEntry
from gongkai.ledger.models import Assignment, Progress, Task
from gongkai.ledger.tests.helpers import at

pytestmark = pytest.mark.django_db


def test_released_progress_and_its_files_are_in_the_log(dispatched, district):
    ledger = f"ledger/{dispatched.number}"
    assert [row.act for row in transparency.entries_of(ledger)] == ["published"]
    mine = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.education)
    perform("assignment.receive", mine, district.teacher, {}, now=at("2026-04-03"))
    data = "主动公开目录".encode()
    report = {"text": "目录已更新41项", "percent": 60, "public": "yes"}
    files = {"files": [SimpleUploadedFile("目录.txt", data)]}
    perform("assignment.report", mine, district.teacher, report, files=files, now=at("2026-05-10"))
    progress = Progress.objects.get(assignment=mine)
    # What waits for its release is nobody's business yet.
    digest = hashlib.sha256(data).hexdigest()
    assert queries.find(digest) == []
    choice = {"progress": progress.pk, "with_files": "on"}
    perform("assignment.release", mine, district.chief, choice, now=at("2026-05-11"))
    sequencer.sequence()
    found = queries.find(digest)[0]
    assert (found.standing.state, found.entry.unit, found.address) == (
        "current",
        district.education,
        mine.task.get_public_url(),
    )
    assert "目录已更新41项" not in found.entry.leaf
    assert queries.inclusion(found.entry).holds
    perform(
        "assignment.unrelease",
        mine,
        district.chief,
        {"progress": progress.pk, "reason": "附件有误"},
        now=at("2026-05-12"),
    )
    assert queries.find(digest)[0].standing.state == "withdrawn"
    perform("notice.unpublish", dispatched, district.chief, {"reason": "核对数据"}, now=at("2026-05-13"))
    assert [row.act for row in transparency.entries_of(ledger)] == ["published", "withdrawn"]


def test_a_summary_that_is_rewritten_is_no_longer_public(dispatched, district):
    task = Task.objects.get(notice=dispatched, ordinal=1)
    subject = f"ledger/{task.number}/summary"
    perform("task.summarise", task, district.chief, {"text": "全区已更新", "percent": 50, "public": "on"})
    assert transparency.entries_of(subject) == []
    perform("task.release", task, district.chief, {})
    perform("task.summarise", task, district.chief, {"text": "全区已全部更新", "percent": 100, "public": "on"})
    perform("task.release", task, district.chief, {})
    perform("task.unrelease", task, district.chief, {"reason": "核对数据"})
    released = "ledger_figures_released"
    rows = transparency.entries_of(subject)
    assert [row.act for row in rows] == [released, "withdrawn", released, "withdrawn"]
    assert [row.version for row in rows] == [1, 1, 2, 2]
    assert rows[0].content != rows[2].content
    assert LogEntry.objects.filter(position__isnull=True).count() == LogEntry.objects.count()
