"""How fast documents of an old site are taken over, and that a killed run leaves nothing half done.

    python benchmarks/bench_import.py [--rows 10000] [--kills 10] [--profile]

A sheet of invented documents is read, looked through (matched, screened) and carried out; both stages are timed by
themselves and together. Beside it the same rows are written with nothing but `bulk_create`, without events, log, index
or counters: what the database alone would take. With --kills a child process carries the import out and is killed with
SIGKILL after a random moment, again and again; then everything is compared, and the import is finished.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from setup import fresh_database, prepare, small_world, table

PARAGRAPH = (
    "为进一步做好相关工作，根据有关规定，结合本区实际，现将有关事项通知如下。各单位要加强组织领导，明确工作责任，"
    "细化工作措施，按照时限要求抓好落实，重要情况及时报告。"
)


def sheet_of(rows: int) -> bytes:
    """A workbook of invented documents, each with a text of some 1,200 characters."""
    from openpyxl import Workbook

    chance = random.Random(7)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("历史信息")
    heads = ("编号", "标题", "文号", "发布机构", "成文日期", "发布日期", "主题分类", "体裁", "公开方式", "正文")
    sheet.append(heads)
    for number in range(1, rows + 1):
        year = 2010 + number % 15
        day = f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        text = "\n".join(
            [
                "各有关单位：",
                *(f"{part}、{PARAGRAPH}{PARAGRAPH[: chance.randint(10, 60)]}" for part in "一二三四五六七八九"),
            ]
        )
        sheet.append(
            (
                f"n{number}",
                f"云溪区教育局关于做好第{number}项工作的通知",
                f"云教发〔{year}〕{number}号",
                "云溪区教育局",
                day,
                day,
                "科技、教育\\教育",
                "通知",
                "主动公开",
                text,
            )
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(rows: int) -> Any:
    """An import with its sheet, and the people who run and approve it."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils.datastructures import MultiValueDict

    from gongkai.core.acts import perform
    from gongkai.core.models import Membership, Unit, User
    from gongkai.core.roles import Role

    small_world()
    leader = User.objects.create(username="leader")
    Membership.objects.create(user=leader, unit=Unit.objects.get(code="jyj"), role=Role.LEADER, main=True)
    files = MultiValueDict({"files": [SimpleUploadedFile("历史信息.xlsx", sheet_of(rows))]})
    data = {"source_system": "旧网站", "missing_attribute": "proactive"}
    return perform("import.upload", None, User.objects.get(username="officer"), data, files=files).case


def approve(run: Any) -> None:
    """Sent up and approved."""
    from gongkai.core.acts import perform
    from gongkai.core.models import User
    from gongkai.publications.importing.models import Import

    perform("import.submit", Import.objects.get(pk=run.pk), User.objects.get(username="officer"))
    perform("import.approve", Import.objects.get(pk=run.pk), User.objects.get(username="leader"))


class Clock:
    """Seconds on the wall and of the processor since the last lap; on a busy machine only the second tells anything."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.monotonic(), time.process_time()

    def lap(self) -> tuple[float, float]:
        """The seconds since the last one."""
        before = self.wall, self.cpu
        self.wall, self.cpu = time.monotonic(), time.process_time()
        return self.wall - before[0], self.cpu - before[1]


def bare(rows: int) -> tuple[float, float]:
    """Seconds for the rows of the same documents with bulk_create alone: case, publication, version, public row."""
    from django.db import transaction

    from gongkai.core.models import Case
    from gongkai.publications import outward
    from gongkai.publications.importing import bulk
    from gongkai.publications.models import Publication, PublicDocument, Version

    first = Publication.objects.select_related("unit", "current_version").first()
    assert first is not None
    names = [field.attname for field in Publication._meta.concrete_fields]
    clock = Clock()
    for start in range(0, rows, 200):
        with transaction.atomic():
            cases = []
            for number in range(start, min(rows, start + 200)):
                copy = Publication(**{name: getattr(first, name) for name in names})
                copy.pk = copy.id = None
                copy.number, copy.index_number, copy.source_key = f"B-{number}", f"b-{number}", f"b-{number}"
                cases.append(copy)
            Case.objects.bulk_create(cases)
            for case in cases:
                case.case_ptr_id = case.id
            versions = [bulk._version(bulk._One(_Row(), case, ""), _Run()) for case in cases]
            Version.objects.bulk_create(versions)
            for case, version in zip(cases, versions, strict=True):
                case.current_version = version
            bulk._insert_own_columns(cases)
            PublicDocument.objects.bulk_create(
                outward.public_row(case, version, case.opened_at) for case, version in zip(cases, versions, strict=True)
            )
    seconds = clock.lap()
    return seconds


class _Row:
    files: tuple[Any, ...] = ()


class _Run:
    approved_by = ""


def faults(rows: int) -> dict[str, int]:
    """What a half batch would leave behind."""
    from django.db import connection

    from gongkai.core import audit, counters
    from gongkai.core.models import Event
    from gongkai.core.search.models import SearchChange
    from gongkai.core.transparency.models import LogEntry
    from gongkai.publications import counts
    from gongkai.publications.importing.models import ImportRow, Origin
    from gongkai.publications.models import Publication, PublicDocument, Version

    documents = Publication.objects.count()
    found = {
        "versions": Version.objects.count() - documents,
        "public documents": PublicDocument.objects.count() - documents,
        "search changes": SearchChange.objects.filter(source="document").values("object_id").distinct().count()
        - documents,
        "log entries": LogEntry.objects.count() - documents,
        "events": Event.objects.filter(act="publication.import").count() - documents,
        "rows marked as done": ImportRow.objects.filter(state="done").count() - documents,
        "origins": Origin.objects.count() - documents,
        "written twice": documents - Publication.objects.values("source_key").distinct().count(),
        "facet counters wrong": len(counts.verify()),
        "case counters wrong": len(counters.verify()),
        "audit chain broken": int(not audit.verify().intact),
    }
    if rows:
        found["missing at the end"] = rows - documents
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            found["database damaged"] = int(cursor.fetchone()[0] != "ok")
    return found


def speed(rows: int, profile: bool = False) -> int:
    """Time both stages; 1 when carrying out is slower than 300 documents a second of processor time."""
    from gongkai.publications.importing import running
    from gongkai.publications.models import PublicDocument

    run = upload(rows)
    watch = _profiler() if profile else None
    clock = Clock()
    running.read_files.func(run.pk)
    read = clock.lap()
    approve(run)
    clock.lap()
    running.carry_out.func(run.pk)
    carried = clock.lap()
    if watch:
        watch()
    wrong = {name: number for name, number in faults(rows).items() if number}
    assert PublicDocument.objects.count() == rows
    print(f"carried out {rows} documents in {carried[0]:.1f} s, {carried[1]:.1f} s of processor time", flush=True)
    share = min(rows, 1000)
    once = bare(share)
    alone = (once[0] * rows / share, once[1] * rows / share)
    both = (read[0] + carried[0], read[1] + carried[1])
    stages = {"read, match, screen": read, "carry out": carried, "both": both, "bare bulk_create": alone}
    print(
        table(
            ["stage", "documents", "seconds", "CPU seconds", "documents/s", "documents/CPU s"],
            [
                [name, rows, f"{wall:.1f}", f"{cpu:.1f}", f"{rows / wall:.0f}", f"{rows / cpu:.0f}"]
                for name, (wall, cpu) in stages.items()
            ],
        )
    )
    print(f"carrying out takes {carried[1] / alone[1]:.1f} times as long as bulk_create of its four main tables alone")
    print("faults:", wrong or "none")
    return int(rows / carried[1] < 300 or bool(wrong))


def _profiler() -> Any:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.enable()

    def stop() -> None:
        profile.disable()
        pstats.Stats(profile).sort_stats("cumulative").print_stats(70)

    return stop


def kill(rows: int, times: int) -> int:
    """Carry out in a child that is killed, then finish; 1 if anything disagrees."""
    from django.db import connections

    from gongkai.publications.importing import running
    from gongkai.publications.importing.models import Import
    from gongkai.publications.models import Publication

    run = upload(rows)
    running.read_files.func(run.pk)
    approve(run)
    # So that about a tenth of the documents is written before each kill, however fast or busy the machine is.
    probe = time.monotonic()
    first = running._take(run.pk, "running")
    assert first is not None
    running.carry_part(*first)
    longest = 2 * rows / times / (running.CARRY_PART / (time.monotonic() - probe))
    connections.close_all()
    chance = random.Random(20260118)
    left: list[list[object]] = []
    for number in range(1, times + 1):
        ready, told = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                Publication.objects.count()
                os.write(told, b".")
                running.carry_out.func(run.pk)
            finally:
                os._exit(0)
        os.read(ready, 1)
        time.sleep(chance.uniform(0.1, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        wrong = {name: count for name, count in faults(0).items() if count}
        left.append([number, Publication.objects.count(), wrong or "none"])
        connections.close_all()
    running.carry_out.func(run.pk)
    wrong = {name: count for name, count in faults(rows).items() if count}
    state = Import.objects.get(pk=run.pk).state
    left.append(["finished", Publication.objects.count(), wrong or "none"])
    print(table(["kill", "documents", "faults"], left))
    print(f"the import is {state}")
    return int(state != "done" or bool(wrong) or any(row[2] != "none" for row in left))


def main() -> int:
    """Time, or kill; the exit status is 1 when a limit is missed or anything disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    options = parser.parse_args()
    with fresh_database(options.database) as url:
        prepare(url)
        if options.kills:
            return kill(options.rows, options.kills)
        return speed(options.rows, options.profile)


if __name__ == "__main__":
    sys.exit(main())
