"""Builds the demo: empties the tables where asked, makes the district, plays its year, and proves that the books agree."""

from __future__ import annotations

import datetime as dt
import gc
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from gongkai.core import attachments, audit, clocks, counters, jurisdiction, pages, schedule
from gongkai.core.locks import writing
from gongkai.core.models import Attachment, Case, Event, Notification, PeriodicRun, Unit
from gongkai.core.search import work
from gongkai.core.transparency import sequencer
from gongkai.demo import DemoExists, Progress
from gongkai.demo.areas import Areas
from gongkai.demo.conversions import Conversions
from gongkai.demo.disputes import Disputes
from gongkai.demo.papers import Office, city_page, district_docx, last_year
from gongkai.demo.publishing import Publishing
from gongkai.demo.requests import Requests
from gongkai.demo.timeline import Timeline, workday
from gongkai.demo.voices import Voices
from gongkai.demo.world import World
from gongkai.demo.zones import Zones
from gongkai.ledger.models import Assignment, Notice
from gongkai.publications import counts
from gongkai.publications.models import Publication, PublicDocument
from gongkai.requests.figures import counting
from gongkai.requests.models import Request


def build(
    *, reset: bool = False, progress: Progress | None = None, scale: str = "full", today: dt.datetime | None = None
) -> dict[str, Any]:
    """See `gongkai.demo.build`."""
    started = time.monotonic()
    say = progress or (lambda part, words: None)
    if reset:
        say(0.0, "清空原有数据")
        empty()
    elif Unit.objects.exists():
        raise DemoExists("数据库里已经有数据，没有生成演示。要清空后重新生成，请运行：gongkai demo --reset")
    cache.clear()
    world = World(now=today or timezone.now(), small=scale == "small")
    timeline = Timeline(world.now, seed=world.history["defaults"]["seed"])
    # Millions of short-lived objects and no cycles to speak of: collecting them would cost a tenth of the time.
    gc.disable()
    try:
        with timeline.running(), quick():
            story = Story(world, timeline, say)
            story.play()
    finally:
        gc.enable()
    say(0.96, "核对计数和审计链")
    figures = finish(world.now)
    figures |= {
        "acts": timeline.acts,
        "refused": timeline.refused,
        "seconds": round(time.monotonic() - started, 1),
        "year": world.shift + 2026,
    }
    say(1.0, "完成")
    return figures


def empty() -> None:
    """Remove every row and every stored file."""
    call_command("flush", interactive=False, verbosity=0)
    folder = attachments.path_of("0" * 64).parents[2]
    if folder.exists():
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    # The log's files follow from its rows; left behind, they would look like a database restored from the past.
    shutil.rmtree(sequencer.folder(), ignore_errors=True)
    with writing():
        pages.drop("*")
    cache.clear()


@contextmanager
def quick() -> Iterator[None]:
    """Nothing is lost by not waiting for the disk: an interrupted build is begun anew. Garbage is looked for seldom."""
    from django.db import connection

    threshold = gc.get_threshold()
    gc.set_threshold(60_000, 20, 20)

    sqlite = connection.vendor == "sqlite"
    try:
        if sqlite:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=OFF")
        yield
    finally:
        gc.set_threshold(*threshold)
        if sqlite:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=NORMAL")


class Story:
    """The year from last year's notice to today."""

    def __init__(self, world: World, timeline: Timeline, say: Progress) -> None:
        self.world, self.timeline, self.say = world, timeline, say

    def day(self, text: str, time: str = "09:10") -> None:
        """Go to a day written in the data, its year moved; what lives until then happens on the way."""
        moment = self.timeline.at(dt.date.fromisoformat(self.world.moved(text)), time)
        self.timeline.run(until=moment)
        self.timeline.now = moment

    def play(self) -> None:
        """All of it, in the order in which it happened."""
        self.say(0.02, "建立单位和人员")
        self.day("2025-04-01")
        with writing():
            self.world.create()
        jurisdiction.change("ledger.unit_review", "1", self.world.people["xitong"])
        self.office = Office(self.world, self.timeline)
        with writing():
            publishing = Publishing(self.world, self.timeline)
            publishing.begin()
            Areas(publishing).begin()
            requests = Requests(self.world, self.timeline)
            requests.begin()
            Disputes(self.world, self.timeline, requests).begin()
            Conversions(self.world, self.timeline, requests, publishing).begin()
            Voices(self.world, self.timeline, publishing).begin()
            Zones(self.world, self.timeline).begin()
        self.say(0.05, "读取三份工作要点")
        with writing():
            self.papers()
        self.say(0.15, "派发任务")
        with writing():
            self.dispatch()
        from gongkai.demo.lives import Lives
        from gongkai.demo.plot import Plot

        self.lives = Lives(self.world, self.timeline, self.notice, self.previous)
        with writing():
            Plot(self.lives, self.office).begin()
            self.lives.begin()
            first = self.timeline.now

            def tell(now: dt.datetime) -> None:
                part = (now - first) / max(self.world.now - first, dt.timedelta(days=1))
                self.say(0.2 + 0.75 * part, f"{now.month}月{now.day}日")

            self.timeline.run(progress=tell)

    def papers(self) -> None:
        """Last year's notice, the city's, this year's: imported, read, checked, approved, linked."""
        desk = self.office
        self.day("2025-04-02")
        previous = desk.import_file(
            "2025年区政务公开工作要点.txt".replace("2025", self.world.moved("2025")), last_year(self.world)
        )
        desk.check(previous)
        self.previous = desk.approve(previous)
        self.day("2026-03-10")
        upstream = desk.import_file("市政府办公室文件.html", city_page(self.world), level="upstream")
        desk.check(upstream)
        self.upstream = desk.approve(upstream)
        self.day("2026-04-01")
        notice = desk.import_file(self.world.moved("2026年云溪区政务公开工作要点.docx"), district_docx(self.world))
        self.timeline.do(
            "notice.link", notice, desk.clerk, {"upstream": self.upstream.pk, "previous": self.previous.pk}
        )
        desk.check(notice)
        desk.tidy(notice)
        notice = desk.approve(notice)
        desk.compare("level", self.upstream, notice, 10)
        desk.compare("year", self.previous, notice, 10)
        self.notice = notice

    def dispatch(self) -> None:
        """To the units, and to the public."""
        self.day("2026-04-02", "10:05")
        clerk = self.office.clerk
        self.timeline.do(
            "notice.dispatch", self.notice, clerk, {"receipt_by": self.world.moved("2026-04-09"), "own_plan": "on"}
        )
        self.notice.refresh_from_db()
        self.day("2026-04-02", "16:20")
        self.timeline.do("notice.publish", self.notice, clerk, {"slug": self.world.moved("2026")})
        self.notice.refresh_from_db()


def finish(now: dt.datetime) -> dict[str, Any]:
    """Lights, old notifications, periodic work, log, search, proofs; raises RuntimeError when the books do not agree."""
    clocks.refresh_lights(now, limit=100_000)
    with writing():
        _times()
        _notifications(now)
        PeriodicRun.objects.bulk_create(
            [PeriodicRun(name=job.name, next_at=job.next_after(now), last_at=now) for job in schedule.jobs.values()],
            ignore_conflicts=True,
        )
        _queue()
    sequencer.sequence()
    work.rebuild()
    problems = [*counters.verify(), *counts.verify(), *counting.verify()]
    verdict = audit.verify()
    if problems or not verdict.intact:
        raise RuntimeError("演示数据有误：" + "；".join([*problems[:5], verdict.fault]))
    return {
        "published": PublicDocument.objects.count(),
        "publications": dict(Counter(Publication.objects.values_list("state", flat=True))),
        "requests": dict(Counter(Request.objects.values_list("state", flat=True))),
        "notices": Notice.objects.count(),
        "assignments": Assignment.objects.count(),
        "events": Event.objects.count(),
        "lights": dict(Counter(Assignment.objects.values_list("light", flat=True))),
        "states": dict(Counter(Assignment.objects.values_list("state", flat=True))),
        "kinds": dict(Counter(Case.objects.values_list("kind", flat=True))),
    }


def _times() -> None:
    """Rows that take the moment of writing get the story's."""
    for attachment in Attachment.objects.filter(event__isnull=False).select_related("event"):
        if attachment.event and attachment.uploaded_at != attachment.event.at:
            Attachment.objects.filter(pk=attachment.pk).update(uploaded_at=attachment.event.at)


def _notifications(now: dt.datetime) -> None:
    """What is older than four working days was read long ago; nothing goes into a digest again."""
    day = timezone.localdate(now)
    for _ in range(4):
        day = workday(day - dt.timedelta(days=1))
    fresh = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    Notification.objects.update(digested_at=now)
    for row in Notification.objects.filter(created_at__lt=fresh).values("pk", "created_at").iterator():
        Notification.objects.filter(pk=row["pk"]).update(read_at=row["created_at"] + dt.timedelta(hours=3))


def _queue() -> None:
    """The readings that were queued have been done."""
    if "django_tasks_db" in settings.TASKS["default"]["BACKEND"]:
        from django_tasks_db.models import DBTaskResult

        DBTaskResult.objects.all().delete()
