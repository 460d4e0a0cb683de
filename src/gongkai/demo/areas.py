"""What the district keeps beside its documents: the register of bodies, data of key areas, a topic."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from gongkai.core.models import User
from gongkai.demo import world as places
from gongkai.demo.publishing import OPINIONS, Paper, Publishing, parse
from gongkai.demo.timeline import Life, later
from gongkai.publications.areas import datasets
from gongkai.publications.areas.models import Batch
from gongkai.publications.readers.models import Topic
from gongkai.publications.registers.models import DisclosureBody

FILE = "documents-areas.txt"
BASIS = "《政府信息公开条例》第二条、第十条"
TOPIC = {
    "title": "老楼加装电梯",
    "slug": "elevator",
    "summary": "补贴标准、申请办法、政策文件和解读，都在这里。",
}
SECTIONS = (
    ("先看这里", "", ("elevator-guide",)),
    ("政策文件", "现行的是2026年印发的补贴办法，试行办法已经废止。", ("elevator", "elevator-old")),
    ("怎么定下来的", "征求意见237条，采纳152条。", ("elevator-draft", "meeting-2")),
)


class Areas:
    """Queues the lives of what is no document; asks the publishing lives for people and moments."""

    def __init__(self, publishing: Publishing) -> None:
        self.publishing = publishing
        self.world, self.timeline = publishing.world, publishing.timeline
        self.clerk: User = self.world.people["gongkai"]

    def begin(self) -> None:
        """All of it."""
        self.timeline.add(self.bodies())
        self.timeline.add(self.topic())
        for paper in parse(self.world.moved(places.read(FILE))):
            self.timeline.add(self.dataset(paper))

    def bodies(self) -> Life:
        """The office proposes whoever publishes, and confirms; one body still waits."""
        codes = sorted({paper.head["unit"] for paper in self.publishing} | {"YX-JYZX"})
        yield self.publishing.moment(later(dt.date.fromisoformat(self.world.moved("2025-04-01")), 3))
        units = [self.world.units[code].pk for code in codes]
        self.timeline.do("disclosure-body.propose", None, self.clerk, {"units": units, "basis": BASIS})
        yield self.timeline.now + dt.timedelta(minutes=35)
        for body in DisclosureBody.objects.exclude(unit__code="YX-JYZX").order_by("pk"):
            self.timeline.do("disclosure-body.confirm", body, self.clerk)

    def dataset(self, paper: Paper) -> Life:
        """Opened, filled in by form, reviewed, public."""
        unit = self.world.units[paper.head["unit"]]
        author = self.world.officer(unit)
        yield self.publishing.moment(self.publishing.made_on(paper), 520, 560)
        held = datasets.open_one(self.clerk, paper.key, unit)
        event = self.timeline.do("dataset-batch.write", None, author, {"dataset": held.pk})
        batch = self._fresh(event.case_id)
        for line in paper.lines:
            cells = [cell.strip() for cell in line.split(" | ")]
            cells += [""] * (len(held.template.fields) - len(cells))
            data = {f"cell_{field.name}": cell for field, cell in zip(held.template.fields, cells, strict=True)}
            self.timeline.now += dt.timedelta(seconds=50)
            self.timeline.do("dataset-batch.put", batch, author, data)
        batch = self._fresh(batch.pk)
        self.timeline.do("dataset-batch.submit", batch, author)
        while (batch := self._fresh(batch.pk)).state == "review":
            if batch.purpose == paper.head.get("until"):
                return
            yield self.timeline.now + dt.timedelta(minutes=self.publishing.random.randint(20, 50))
            purpose, act = batch.purpose, "approve" if batch.purpose == "approval" else "pass"
            holders = self.world.holders[batch.turn_unit_id or 0, batch.turn_role]
            user = next(user for user in holders if user.pk not in batch.authors)
            self.timeline.do(f"dataset-batch.{act}", batch, user, {"words": OPINIONS[purpose][0]})

    def _fresh(self, pk: Any) -> Batch:
        batch = Batch.objects.select_related("dataset", "unit").get(pk=pk)
        batch.refine_turn()
        return batch

    def topic(self) -> Life:
        """A page of chosen documents, put together by the officer, approved by somebody else."""
        editor = self.world.people["bangong-guanli"]
        yield self.publishing.moment(dt.date.fromisoformat(self.world.moved("2026-04-08")))
        event = self.timeline.do("topic.write", None, editor, TOPIC)
        topic = Topic.objects.get(pk=event.case_id or 0)
        for heading, text, keys in SECTIONS:
            titles = [self.publishing.title(key) for key in keys]
            data = {"heading": heading, "text": text, "documents": "\n".join(titles)}
            self.timeline.now += dt.timedelta(minutes=3)
            self.timeline.do("topic.add_section", topic, editor, data)
            topic.refresh_from_db()
        self.timeline.do("topic.submit", topic, editor)
        yield self.publishing.moment(later(timezone.localdate(self.timeline.now), 1))
        topic.refresh_from_db()
        self.timeline.do("topic.approve", topic, self.world.people["bangong-shenhe"])
