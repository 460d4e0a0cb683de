"""What the district publishes: invented documents, taken through review and release by the right people at their time.

The documents stand in `data/documents-*.txt`; see `data/README.md` for how they are written. Each has a life of its own
on the timeline, beside those of the ledger. Chance is drawn from a source of its own, so that the ledger's story stays
the same whatever is published.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from gongkai.core.days import day_words
from gongkai.core.models import User
from gongkai.demo import world as places
from gongkai.demo.timeline import Life, Timeline, later, workday
from gongkai.demo.world import World
from gongkai.publications import body, screen
from gongkai.publications.models import CatalogColumn, Publication, ReviewStep, UnitProfile
from gongkai.publications.queries import find_document
from gongkai.publications.registers import columns

# So often a link is tried again whose other end is not public yet.
LATER_TRIES = 12
FILES = ("documents-policies.txt", "documents-services.txt", "documents-waiting.txt")
TEMPLATE = "{uscc}/{yyyy}-{seq:05}"
# Codes of bodies 机关代字, as their document numbers have them.
CODES = {
    "YX-BGS": "云政办发", "YX-FGW": "云发改发", "YX-JYJ": "云教发", "YX-MZJ": "云民发", "YX-SFJ": "云司发",
    "YX-CZJ": "云财发", "YX-RSJ": "云人社发", "YX-ZGJ": "云自然资规发", "YX-HJJ": "云环发", "YX-ZJJ": "云住建发",
    "YX-CGJ": "云城管发", "YX-JTJ": "云交发", "YX-NYJ": "云农发", "YX-WJW": "云卫健发", "YX-TJJ": "云统发",
    "YX-SJG": "云市监发", "YX-YJJ": "云应急发", "YX-SWJ": "云水发", "YX-WLJ": "云文旅发", "YX-WJZ": "望政发",
}  # fmt: skip
OPINIONS = {
    "content": ("内容属实，格式规范，同意送审。", "已核对数据和文号，没有问题。", "文字通顺，要素齐全。"),
    "secrecy": ("不涉及国家秘密和工作秘密，可以公开。", "经保密审查，可以公开。"),
    "privacy": ("没有应当遮盖的个人信息。",),
    "legal": ("权限、程序和内容合法，没有减损权益、增加义务的条款。", "与上位法一致，同意。"),
    "approval": ("同意公开。", "同意，请及时发布。"),
}
_HEAD = re.compile(r"^([a-z]+): ?(.*)$")
_DAY = re.compile(r"today(?:([+-])(\d+))?")


@dataclass(slots=True)
class Sheet:
    """A file that goes along: its name, its lines, and whether something is hidden in it."""

    name: str
    lines: list[str] = field(default_factory=list)
    hidden: bool = False


@dataclass(slots=True)
class Paper:
    """A document of the data: what stands above its text, the text, files, and what becomes of it."""

    key: str
    head: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    files: list[Sheet] = field(default_factory=list)


def papers(world: World) -> list[Paper]:
    """All documents of the data, their years moved to the story's."""
    found: list[Paper] = []
    for name in FILES:
        found += parse(world.moved(places.read(name)))
    return found


def parse(text: str) -> list[Paper]:
    """Read documents as they are written in the data; raises ValueError at a line that is out of place."""
    found: list[Paper] = []
    heading = True
    for line in text.splitlines():
        if line.startswith("=== "):
            found.append(Paper(line[4:].strip()))
            heading = True
        elif not found or line.startswith("//"):
            continue
        elif line == "---":
            heading = False
        elif heading and line.strip():
            _head(found[-1], line)
        elif line.startswith("+++ "):
            name, _, mark = line[4:].strip().partition(" ")
            found[-1].files.append(Sheet(name, hidden=mark == "hidden"))
        elif line.strip():
            paper = found[-1]
            (paper.files[-1].lines if paper.files else paper.lines).append(line)
    return found


def _head(paper: Paper, line: str) -> None:
    match = _HEAD.match(line)
    if match is None:
        raise ValueError(f"{paper.key}: {line}")
    name, value = match[1], match[2].strip()
    if name == "link":
        paper.links.append(value)
    elif name == "then":
        paper.later.append(value)
    else:
        paper.head[name] = value


class Publishing:
    """Queues the lives of all documents."""

    def __init__(self, world: World, timeline: Timeline) -> None:
        self.world, self.timeline = world, timeline
        self.random = random.Random(world.history["defaults"]["seed"] + 3)  # noqa: S311  the same every time
        self.papers = {paper.key: paper for paper in papers(world)}
        self.cases: dict[str, int] = {}

    def begin(self) -> None:
        """Catalogs and index numbers of the bodies that publish; then every document begins."""
        units = {self.world.units[paper.head["unit"]].pk: self.world.units[paper.head["unit"]] for paper in self}
        for unit in units.values():
            columns.install(self.world.people["gongkai"], unit)
            UnitProfile.objects.create(
                unit=unit, index_template=TEMPLATE, region_code="990102", document_code=CODES.get(unit.code, "")
            )
        for paper in self:
            self.timeline.add(self.life(paper))

    def __iter__(self) -> Iterator[Paper]:
        return iter(self.papers.values())

    # Moments.

    def day(self, written: str) -> dt.date:
        """A day of the data: a date, or counted from the story's last day."""
        counted = _DAY.fullmatch(written)
        if counted is None:
            return dt.date.fromisoformat(written)
        days = int(counted[2] or 0) * (-1 if counted[1] == "-" else 1)
        return self.world.today + dt.timedelta(days=days)

    def made_on(self, paper: Paper) -> dt.date:
        """When it was made; documents are signed on working days."""
        return workday(self.day(paper.head["made"]))

    def moment(self, day: dt.date, first: int = 530, last: int = 1020) -> dt.datetime:
        """A minute of a day between two minutes of it, not at lunch."""
        minute = self.random.randint(first, last)
        minute += 90 if 710 <= minute < 800 else 0
        return timezone.make_aware(dt.datetime.combine(day, dt.time(minute // 60, minute % 60)))

    def next(self, paper: Paper) -> dt.datetime:
        """When the next person takes it up: within the hour where it has to be quick, else within two working days."""
        now = self.timeline.now
        if "until" in paper.head or paper.head.get("pace") == "quick":
            return now + dt.timedelta(minutes=self.random.randint(18, 55))
        days = self.random.choice([0, 1, 1, 2])
        moment = self.moment(later(timezone.localdate(now), days))
        return moment if moment > now else now + dt.timedelta(minutes=self.random.randint(5, 40))

    # The life of a document.

    def life(self, paper: Paper) -> Life:
        """Written, reviewed, released, and what becomes of it."""
        made = self.made_on(paper)
        quick = "until" in paper.head
        start = later(made, int(paper.head.get("wait", "2")))
        yield self.moment(start, 520, 560) if quick else self.moment(start)
        case = self.write(paper)
        if paper.head.get("until") == "draft":
            return
        yield self.next(paper)
        waiting = self.relate(paper, case, paper.links)
        yield from self.review(paper, case)
        yield from self.relate_later(paper, case, waiting)
        for entry in paper.later:
            yield from self.afterwards(paper, case, entry)

    def values(self, paper: Paper) -> dict[str, Any]:
        """What the officer types."""
        head, unit = paper.head, self.world.units[paper.head["unit"]]
        days = {name: self.day(head[name]).isoformat() if head.get(name) else "" for name in ("effective", "expires")}
        column = head.get("column", "")
        code = f"{unit.code.lower()}-{column}"
        return {
            "title": self.filled(paper, head["title"]),
            "body": body.from_text(self.filled(paper, "\n".join(paper.lines).replace(" | ", "\t"))).html,
            "issuer": head.get("issuer") or unit.name,
            "document_number": self.filled(paper, head.get("number", "")),
            "document_kind": head["kind"],
            "subject": head.get("subject", ""),
            "column": CatalogColumn.objects.get(code=code).pk if column else "",
            "made_on": self.made_on(paper).isoformat(),
            "effective_on": days["effective"],
            "expires_on": days["expires"],
            "attribute": "" if head.get("attribute") == "none" else head.get("attribute", "proactive"),
            **{name: head.get(name, "") for name in ("ground", "reason", "plan", "stage", "keywords", "summary")},
            **{name: "on" for name in ("normative", "policy", "watched") if name in head},
        }

    def filled(self, paper: Paper, text: str) -> str:
        """The days that the data leaves open."""
        made = self.made_on(paper)
        text = text.replace("{made}", day_words(made)).replace("{year}", str(made.year))
        text = text.replace("{identity}", identity("110000190003120015")).replace(
            "{identity2}", identity("110000190011070022")
        )
        for name in ("effective", "expires"):
            if paper.head.get(name):
                text = text.replace("{" + name + "}", day_words(self.day(paper.head[name])))
        return text

    def write(self, paper: Paper) -> Publication:
        """The draft with its files, which are checked at once."""
        author = self.author(paper)
        files = MultiValueDict({"files": [self.file(paper, sheet) for sheet in paper.files]})
        event = self.timeline.do("publication.write", None, author, self.values(paper), files)
        case = self.fresh(event.case_id)
        self.cases[paper.key] = case.pk
        if paper.files:
            self.timeline.now += dt.timedelta(seconds=30)
            screen.check_files.call(case.pk)
        return case

    def author(self, paper: Paper) -> User:
        """Whoever does the unit's daily work."""
        return self.world.officer(self.world.units[paper.head["unit"]])

    def fresh(self, pk: Any) -> Publication:
        """The record as it stands."""
        return Publication.objects.select_related("unit").get(pk=pk)

    def title(self, key: str) -> str:
        """The title of a document of the data that has been written."""
        return Publication.objects.get(pk=self.cases[key]).title

    def relate(self, paper: Paper, case: Publication, links: list[str]) -> list[str]:
        """Links to documents of the data, or to others by name; returns those whose other end nobody here may see yet."""
        waiting: list[str] = []
        for link in links:
            kind, _, target = link.partition(" ")
            if target in self.papers and target not in self.cases:
                continue  # it has not been written yet, or never will be
            data = {"relation": kind, "target": target, "outside": "on"}
            if target in self.cases:
                if find_document(self.title(target), self.author(paper)) is None:
                    waiting.append(link)
                    continue
                data = {"relation": kind, "target": self.title(target)}
            self.timeline.do("publication.relate", case, self.author(paper), data)
        return waiting

    def relate_later(self, paper: Paper, case: Publication, links: list[str]) -> Life:
        """Links to what other units had not published yet, made as soon as it is public."""
        for _ in range(LATER_TRIES):
            if not links or self.fresh(case.pk).state != "published":
                return
            yield self.next(paper)
            links = self.relate(paper, self.fresh(case.pk), links)

    def review(self, paper: Paper, case: Publication) -> Life:
        """Sent up, and from step to step; stops before the step that the data names."""
        self.submit(paper, case)
        until = paper.head.get("until", "")
        while step := self.step(case):
            if step.purpose == until:
                return
            yield self.next(paper)
            case = self.fresh(case.pk)
            refusal = paper.head.get("returned", "")
            if refusal.startswith(step.purpose) and step.round == 1:
                self.decide(case, step, "return", {"reason": refusal.partition(" ")[2]})
                if until == "returned":
                    return
                yield self.next(paper)
                self.mend(paper, self.fresh(case.pk))
                yield self.next(paper)
                self.submit(paper, self.fresh(case.pk))
                continue
            act = "approve" if step.purpose == "approval" else "pass"
            self.decide(case, step, act, {"words": self.random.choice(OPINIONS[step.purpose])})

    def submit(self, paper: Paper, case: Publication) -> None:
        """Sent up, with the wish for when it goes out."""
        data: dict[str, Any] = {"when": "now", "words": paper.head.get("words", "")}
        if paper.head.get("until") == "scheduled":
            tomorrow = dt.datetime.combine(self.world.today + dt.timedelta(days=1), dt.time(9))
            data |= {"when": "timed", "release_at": f"{tomorrow:%Y-%m-%dT%H:%M}"}
        elif paper.head.get("until") == "approved":
            data["when"] = "later"
        self.timeline.do("publication.submit", case, self.author(paper), data)

    def step(self, case: Publication) -> ReviewStep | None:
        """The step that waits."""
        return (
            ReviewStep.objects.filter(publication=case.pk, publication__state="review", decision="")
            .filter(round=F("publication__round"))
            .order_by("ordinal")
            .first()
        )

    def decide(self, case: Publication, step: ReviewStep, act: str, data: dict[str, Any]) -> None:
        """By somebody who holds the step's role and did not write the text."""
        holders = self.world.holders[step.unit_id, step.role]
        user = next(user for user in holders if user.pk not in case.authors)
        self.timeline.do(f"publication.{act}", case, user, data)

    def mend(self, paper: Paper, case: Publication) -> None:
        """What was asked for is put right: `mend: old => new`."""
        old, _, new = paper.head["mend"].partition(" => ")
        paper.lines = [line.replace(old, new) for line in paper.lines]
        self.timeline.do("publication.edit", case, self.author(paper), self.values(paper))

    # Afterwards.

    def afterwards(self, paper: Paper, case: Publication, entry: str) -> Life:
        """`withdraw DAY | reason | successor`, `repeal DAY | by`, `lapse DAY`, `amend DAY | reason | old => new`."""
        head, *more = [part.strip() for part in entry.split(" | ")]
        what, _, written = head.partition(" ")
        day = self.day(written)
        yield self.moment(day, 5, 6) if what == "lapse" else self.moment(workday(day))
        case = self.fresh(case.pk)
        if what == "lapse":
            self.timeline.do("publication.lapse", case, None)
        elif what == "relate":
            kind, _, target = more[0].partition(" ")
            data = {"relation": kind, "target": self.title(target)}
            self.timeline.do("publication.relate", case, self.author(paper), data)
        elif what == "withdraw":
            successor = self.title(more[1]) if len(more) > 1 else ""
            data = {"reason": more[0], "successor": successor}
            self.timeline.do("publication.withdraw", case, self.author(paper), data)
        elif what == "repeal":
            data = {"validity": "repealed", "day": day.isoformat(), "by": self.title(more[0])}
            self.timeline.do("publication.change_validity", case, self.author(paper), data)
        else:
            yield from self.amend(paper, case, more[0], more[1])

    def amend(self, paper: Paper, case: Publication, reason: str, change: str) -> Life:
        """A second version, reviewed like the first."""
        self.timeline.do("publication.amend", case, self.author(paper), {"reason": reason})
        yield self.next(paper)
        paper.head["mend"] = change
        if case.expires_on:
            paper.head["expires"] = case.expires_on.isoformat()
        self.mend(paper, self.fresh(case.pk))
        yield self.next(paper)
        yield from self.review(paper, self.fresh(case.pk))

    # Files.

    def file(self, paper: Paper, sheet: Sheet) -> SimpleUploadedFile:
        """A Word or Excel file, made of its lines."""
        lines = [self.filled(paper, line) for line in sheet.lines]
        data = workbook(lines, hidden=sheet.hidden) if sheet.name.endswith(".xlsx") else letter(lines)
        return SimpleUploadedFile(sheet.name, data)


def identity(digits: str) -> str:
    """An identity number of nobody: a whole province and a day long past, with the right check digit."""
    total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(digits[:17]))
    return digits[:17] + "10X98765432"[total % 11]


def workbook(lines: list[str], *, hidden: bool = False) -> bytes:
    """Lines as a sheet, cells parted by " | "; with a hidden sheet and a comment where something is to be cleaned."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment

    book = Workbook()
    sheet = book.active
    for line in lines:
        sheet.append([float(cell) if re.fullmatch(r"-?\d+(?:\.\d+)?", cell) else cell for cell in line.split(" | ")])
    sheet.title = "公开表"
    sheet.column_dimensions["A"].width = 34
    if hidden:
        inner = book.create_sheet("内部测算")
        inner.append(["测算口径", "仅供内部核对，公开前删除"])
        inner.sheet_state = "hidden"
        sheet["A2"].comment = Comment("这个数和预算科再核对一次。", "预算科")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def letter(lines: list[str]) -> bytes:
    """Lines as a Word file: the first is its heading, lines with " | " are rows of a table."""
    from docx import Document

    document = Document()
    document.core_properties.author = "信息公开员"
    document.add_heading(lines[0], level=1)
    rows: list[list[str]] = []
    for line in [*lines[1:], ""]:
        if " | " in line:
            rows.append(line.split(" | "))
            continue
        if rows:
            table = document.add_table(rows=0, cols=max(map(len, rows)))
            table.style = "Table Grid"
            for row in rows:
                for cell, words in zip(table.add_row().cells, row, strict=False):
                    cell.text = words.strip()
            rows = []
        if line:
            document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


__all__ = ["Paper", "Publishing", "letter", "papers", "parse", "workbook"]
