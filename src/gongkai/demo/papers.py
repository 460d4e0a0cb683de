"""The notices of the story: imported, read, checked and approved by the office, through the real acts."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai.compiler import compile_document
from gongkai.compiler.compare import compare
from gongkai.core.days import day_words
from gongkai.core.models import User
from gongkai.demo import world as places
from gongkai.demo.timeline import Timeline
from gongkai.demo.world import World
from gongkai.ledger.compile_task import compile_notice
from gongkai.ledger.models import Notice, Task, TaskUnit
from gongkai.reading import read

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "txt": "text/plain",
}


class Office:
    """The supervising office's desk: what it does to a notice before anybody else sees it."""

    def __init__(self, world: World, timeline: Timeline) -> None:
        self.world, self.timeline = world, timeline
        self.clerk: User = world.people["gongkai"]

    def import_file(self, name: str, data: bytes, level: str = "own") -> Notice:
        """Upload a file and let it be read at once."""
        file = SimpleUploadedFile(name, data, _TYPES[name.rpartition(".")[2]])
        event = self.timeline.do("notice.import", None, self.clerk, {"level": level}, {"file": file})
        notice = Notice.objects.get(number=event.data["number"])
        if notice.state == "reading":
            self.timeline.now += dt.timedelta(seconds=40)
            compile_notice.call(notice.pk)
            notice.refresh_from_db()
        if notice.state != "review":
            raise RuntimeError(f"{name}: {notice.state} {notice.failure}")
        return notice

    def check(self, notice: Notice) -> None:
        """Look at every place that is in doubt and settle it."""
        decisions = {
            row["name"]: self.world.units[row["unit"]] for row in self.world.history["review"] if row.get("unit")
        }
        for task in notice.tasks.filter(state="draft").order_by("ordinal"):
            self._units(task, decisions)
            if task.doubts.filter(code="role.missing", resolved_at__isnull=True).exists():
                self._step("task.set_roles", task, {"role": "responsible"})
            task.refresh_from_db()
            if not task.named_units.exists():
                self._step("task.drop", task)
            elif not task.reviewed:
                self._step("task.review", task)
        for doubt in notice.doubts.filter(resolved_at__isnull=True, task__isnull=True):
            self._step("notice.resolve", notice, {"doubt": doubt.pk, "resolution": "已核对"})

    def _units(self, task: Task, decisions: dict[str, Any]) -> None:
        doubtful = task.doubts.filter(resolved_at__isnull=True, named_unit__isnull=False)
        named: dict[int, TaskUnit] = {one.pk: one for one in (doubt.named_unit for doubt in doubtful) if one}
        named.update({one.pk: one for one in task.named_units.all() if not one.matched})
        for one in named.values():
            unit = decisions.get(one.name) or one.unit
            target = {"unit": unit.pk, "remember": "on"} if unit else {} if one.group_id else {"outside": "on"}
            if target:
                self._step("task.change_unit", task, {"named": one.pk, "role": one.role, **target})

    def _step(self, act: str, case: Any, data: dict[str, Any] | None = None) -> None:
        self.timeline.now += dt.timedelta(seconds=self.timeline.random.randint(20, 150))
        self.timeline.do(act, case, self.clerk, data)

    def tidy(self, notice: Notice) -> None:
        """What the office puts straight in this year's notice: names of duties, and rules of work that are no deadline."""
        review = self.world.history["tidy"]
        for task in notice.tasks.filter(state="draft").order_by("ordinal"):
            heading = review["headings"].get(task.ref)
            if heading and task.heading != heading:
                self._step("task.edit", task, {"heading": heading, "text": task.text})
            for deadline in task.deadlines.all():
                if any(row["ref"] == task.ref and row["text"] in deadline.text for row in review["no_deadlines"]):
                    self._step("task.remove_deadline", task, {"deadline": deadline.pk})
            for row in review["deadlines"]:
                found = task.deadlines.filter(kind=row["kind"]).first() if row["ref"] == task.ref else None
                if found and row["text"] != found.text:
                    data = {key: value for key, value in row.items() if key != "ref"}
                    self._step("task.set_deadline", task, {"deadline": found.pk, **data})

    def approve(self, notice: Notice) -> Notice:
        """Approve what was checked."""
        notice.refresh_from_db()
        self._step("notice.approve", notice)
        notice.refresh_from_db()
        return notice

    def compare(self, relation: str, old: Notice, new: Notice, number: int) -> int:
        """Confirm the clearest pairs between two notices and reject one that only looks alike; returns how many."""
        decided = 0
        by_span = {
            notice.pk: {task.span_start: task for task in notice.tasks.exclude(state="dropped")}
            for notice in (old, new)
        }
        left, right = self._compiled(old), self._compiled(new)
        pairs = [match for match in compare(left, right) if match.old is not None and match.new is not None]
        pairs.sort(key=lambda match: -match.score)
        for match in [*pairs[:number], *pairs[-1:]]:
            one = by_span[old.pk].get(left.tasks[match.old or 0].span[0])
            two = by_span[new.pk].get(right.tasks[match.new or 0].span[0])
            if one is None or two is None:
                continue
            decision = "confirmed" if match in pairs[:number] else "rejected"
            self._step(
                "notice.decide_match",
                new,
                {
                    "relation": relation,
                    "left": one.pk,
                    "right": two.pk,
                    "score": round(match.score, 3),
                    "decision": decision,
                },
            )
            decided += 1
        return decided

    def _compiled(self, notice: Notice) -> Any:
        from gongkai.core import attachments

        if notice.source is None:
            raise RuntimeError("a notice of the story has its file")
        document = read(attachments.load(notice.source.digest), notice.source_name)
        return compile_document(document, notice.source_name)


def district_docx(world: World) -> bytes:
    """This year's notice of the district as Word, its years moved to the story's."""
    from gongkai.demo.data import notice_district_2026 as source

    with tempfile.TemporaryDirectory() as folder:
        path = source.build_docx(Path(folder) / "notice.docx", moved=world.moved)
        return path.read_bytes()


def city_page(world: World) -> bytes:
    """The city's notice as a saved page."""
    return world.moved(places.read("notice-city-2026.html")).encode("utf-8")


def last_year(world: World) -> bytes:
    """Last year's notice of the district."""
    return world.moved(places.read("notice-district-2025.txt")).encode("utf-8")


def relative(world: World, name: str, issued: dt.date, number: int) -> bytes:
    """A short notice whose days are counted from its issue."""
    text = places.read(name)
    days = {f"day{count}": day_words(issued + dt.timedelta(days=count)) for count in (20, 30, 45)}
    return text.format(year=issued.year, number=number, issued=day_words(issued), **days).encode("utf-8")


__all__ = ["Office", "city_page", "district_docx", "last_year", "relative"]
