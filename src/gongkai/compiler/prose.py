"""Running text: numbered items and what is said of who does them, as an outline of requirements.

Offsets point into the folded source text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from gongkai.compiler.characters import Source
from gongkai.compiler.lines import Line
from gongkai.compiler.notice import Span
from gongkai.compiler.numbering import Number, parse_number
from gongkai.compiler.responsibility import (
    LABEL,
    Responsibility,
    as_subject,
    brackets_in,
    in_bracket,
    in_clause,
    in_sentence,
    label_at,
    labels_in,
    parse,
)
from gongkai.compiler.units import are_units

_ENDS = "。；;.!！?？"
_RUN_IN = re.compile(r"(?P<title>[^。;!?:.\n]{2,40}?)(?P<mark>[。:]|\.(?!\d)|\s{1,4}(?=[\u4e00-\u9fff]))\s{0,4}(?=\S)")
_START_VERB = re.compile(
    r"(?:深入推进|持续推进|着力推进|大力推进|积极推进|稳步推进|有序推进|进一步|充分发挥|切实|严格|全面|围绕|按照|根据|认真|依托|加强|做好|建立|健全|完善|推进|推动|聚焦|重点|及时|积极|深化|优化|规范|落实|坚持|结合|对照|通过|各)"
)
_TEXT_LABEL = re.compile(
    r"(?:(?:具体|工作|任务|主要|重点|落实|目标)(?:要求|内容|举措|措施|任务|事项|标准)|任务|内容|要求|措施|举措)\s{0,2}[:|\t]\s{0,4}"
)
_DOCUMENT_NAME = re.compile(
    r"(?:通知|要点|方案|意见|计划|分工|清单|分解表|安排|办法|规定|细则|一览表|任务表|台账|推进表|分工表|责任表|docx?|pdf|日历|任务|工作)$"
)
_DASH = re.compile(r"[-—–]{1,4}\s{0,2}")
_LABEL_WORDS = re.compile(r"牵头|责任|落实|配合|承办|主办|协办|负责|实施|参与|参加|完成|执行|分工|办理")
_LABELLED = re.compile(
    r"(?:单位|部门|[科处股]室)为|[【〔\[(]\s{0,2}(?:总?牵头|责任|主办|主责|落实|配合|承办|协办|参与|参加|协同|实施)[\u4e00-\u9fff]{0,4}\s{0,2}[】〕\])]"
)
_PLANS = r"工作(?=的通知)|要点|方案|分工|任务|清单|计划|安排|台账|分解|分[解工]表|责任表|任务表|一览表|措施|意见"
_TITLE_END = r"(?:\([^()\n]{1,12}\))?\s{0,3}(?:$|\n|的通知)"
_PLAN = re.compile(rf"(?:{_PLANS}){_TITLE_END}")
_WORK = re.compile(rf"(?:{_PLANS}|工作|行动|目标|细则|规划){_TITLE_END}")
# Titles of what units are for at all times.
_STANDING = re.compile(
    r"^[^\n。,]{0,30}(?:内设机构|机构职能|职能配置|主要职责|班子成员|领导分工|成员单位)[^\n。,]{0,12}$", re.MULTILINE
)


@dataclass(slots=True)
class Entry:
    """One line: number, text after the number, and the responsibilities found in it."""

    start: int
    end: int
    number: Number | None
    depth: int
    level: int | None
    found: list[Responsibility] = field(default_factory=list)
    bare: bool = False
    heading: bool = False
    boundary: bool = False
    body: int = 0
    times: list[Span] = field(default_factory=list)  # of a line that only names a time limit


@dataclass(slots=True)
class Item:
    """One requirement: pieces of text, and its responsibility if it has one."""

    ref: str
    path: tuple[Span, ...]
    title: Span | None
    pieces: list[Span]
    found: Responsibility | None
    numbered: bool = True


@dataclass(slots=True)
class _Open:
    """An entry, or the rest of one, that no responsibility has claimed yet."""

    entry: Entry
    start: int
    end: int
    path: tuple[Span, ...]
    title: Span | None
    ref: str


def _before(folded: str, start: int, position: int) -> str:
    """The last visible character before a position, or an empty string."""
    position -= 1
    while position >= start and folded[position] in " \t\n\u3000\xa0":
        position -= 1
    return folded[position] if position >= start else ""


def _only_marks(folded: str, start: int, end: int) -> bool:
    """Whether nothing but stops and spaces stands between two offsets."""
    while start < end and folded[start] in " 。.;,\t\u3000\xa0\n":
        start += 1
    return start >= end


def _inline_label(folded: str, start: int, end: int) -> int | None:
    """Where labels (责任单位：…) begin that close the line without a bracket; 责任领导 and 时限 may come first."""
    if not _LABEL_WORDS.search(folded, start, end) or not (
        folded.find(":", start, end) >= 0 or _LABELLED.search(folded, start, end) or LABEL.match(folded, start, end)
    ):
        return None
    depth, counted = 0, start
    first: int | None = None
    for position, kind, _ in labels_in(folded, start, end):
        depth += folded.count("(", counted, position) - folded.count(")", counted, position)
        counted = position
        before = _before(folded, start, position)
        apart = not before or before in "。;.!?)]】〕,:*●○■、”" or folded[position - 1] in " \t\u3000\n"
        if depth > 0 or not apart:
            continue
        if kind in ("lead", "responsible", "cooperating"):
            return position if first is None else first
        first = (position if first is None and before in "。;" else first) if kind in ("person", "time") else None
    return None


def responsibilities(folded: str, start: int, end: int, *, bare: bool) -> list[Responsibility]:
    """Everything between two offsets of one line that says who is responsible, in order; neighbours are joined."""
    result: list[Responsibility] = []
    for pair in brackets_in(folded, start, end):
        before = _before(folded, start, pair[0])
        closed = not before or before in "。;.”!》)]】"
        said = in_bracket(folded, pair, bare or (closed and _only_marks(folded, pair[1], end)))
        if said is not None:
            result.append(said)
    label = _inline_label(folded, start, end)
    if label is not None and not any(one.start <= label < one.end for one in result):
        said = parse(folded, label, end)
        said.kind = "label"
        if said.claims or said.times:
            result = [one for one in result if one.end <= label]
            result.append(said)
    if not any(one.claims for one in result):
        sentence = in_sentence(folded, start, end)
        if sentence is not None:
            result.append(sentence)
    return _neighbours(folded, result)


def _neighbours(folded: str, found: list[Responsibility]) -> list[Responsibility]:
    joined: list[Responsibility] = []
    for one in found:
        if joined and not folded[joined[-1].end : one.start].strip(" 。;,、\t\u3000"):
            joined[-1].absorb(one)
        else:
            joined.append(one)
    return [one for one in joined if one.claims]


class Outline:
    """Entries with their depth, read line by line."""

    def __init__(self, source: Source, lines: list[Line]) -> None:
        self.source = source
        self.folded = source.folded
        self.stack: list[str] = []
        self.entries: list[Entry] = []
        for line in lines:
            self._add(line)
        self._mark_headings()

    def _depth(self, number: Number | None, level: int | None) -> int:
        kind = number.kind if number else (f"level{level}" if level is not None else None)
        if kind is None:
            return len(self.stack)
        if kind in self.stack:
            del self.stack[self.stack.index(kind) + 1 :]
        else:
            ranks = {"chapter": 0, "article": 1, "section": 1, "subsection": 2}
            rank = ranks.get(kind)
            if rank is not None:
                self.stack = [
                    other for other in self.stack if ranks.get(other, 9 if not other.startswith("level") else -1) < rank
                ]
            self.stack.append(kind)
        return len(self.stack) - 1

    def _add(self, line: Line) -> None:
        folded = self.folded
        if line.role != "text":
            boundary = Entry(line.start, line.end, None, 0, None, boundary=True)
            if line.role in ("attachment", "signature", "table"):
                self.stack = []
                self.entries.append(boundary)
            return
        number = parse_number(folded, line.start, line.end)
        inner = parse_number(folded, number.end, line.end) if number and number.kind == "point" else None
        if inner is not None and inner.kind in ("section", "subsection"):
            number = inner  # a page number of a file-sharing site stands before the real one
        if (
            number is not None
            and number.kind in ("point", "parenthesis", "half", "circle")
            and self._is_label(number.end, line.end)
        ):
            number = None  # 2.责任单位：… numbers the parts of one requirement
        entry = Entry(line.start, line.end, number, self._depth(number, line.level), line.level)
        entry.body = number.end if number else self._after_number(line)
        label = _TEXT_LABEL.match(folded, entry.body, entry.end)
        if label and label.end() < entry.end:
            entry.body = label.end()
        if not number and self._names_document(line):
            entry.boundary = True
            self.entries.append(entry)
            return
        entry.found = responsibilities(folded, entry.body, entry.end, bare=False)
        if not entry.found and not number:
            self._whole_line(entry)
        entry.bare = bool(entry.found) and not folded[entry.body : entry.found[0].start].strip(" 。;,:*-") and len(entry.found) == 1 and not folded[entry.found[0].end : entry.end].strip(" 。;,")  # fmt: skip
        self.entries.append(entry)

    def _is_label(self, start: int, end: int) -> bool:
        return bool(_TEXT_LABEL.match(self.folded, start, end)) or label_at(self.folded, start, end) is not None

    def _after_number(self, line: Line) -> int:
        """Where the words of an unnumbered line begin; a number before a label is no number."""
        number = parse_number(self.folded, line.start, line.end)
        return number.end if number else line.start

    def _names_document(self, line: Line) -> bool:
        """Whether an unnumbered line is the title of a document, not words of a requirement."""
        text = self.folded[line.start : line.end]
        return (
            6 <= len(text) <= 70
            and bool(_DOCUMENT_NAME.search(text))
            and not re.search(r"[。;,:]|^[由各]", text)
            and ("公开" in text or "年" in text or "关于" in text)
        )

    def _whole_line(self, entry: Entry) -> None:
        """A line that only says who does the work above: ——X牵头，Y配合."""
        dash = _DASH.match(self.folded, entry.start, entry.end)
        begin = dash.end() if dash else entry.start
        if entry.end - begin > 240:
            return
        said = in_sentence(self.folded, begin, entry.end, whole_line=True)
        if said is not None and not self.folded[begin : said.start].strip():
            said.start = entry.start
            entry.found = [said]

    def _mark_headings(self) -> None:
        for index, entry in enumerate(self.entries):
            if entry.boundary or entry.bare:
                continue
            stop = entry.found[0].start if entry.found else entry.end
            text = self.folded[entry.body : stop].strip()
            if len(entry.found) > 1 or (entry.found and entry.end - entry.found[0].end > 8):
                continue
            if entry.level is not None and len(text) <= 80:
                entry.heading = True
            elif entry.number and not entry.number.soft and entry.number.kind != "month" and len(text) <= 60:
                entry.heading = self._reads_as_heading(index, text)
            elif (
                entry.number is None
                and not entry.found
                and entry.body == entry.start
                and len(text) <= 16
                and text
                and text[-1] not in "。;:,、.)"
                and not labels_in(self.folded, entry.start, entry.end)
            ):
                entry.boundary = True

    def _reads_as_heading(self, index: int, text: str) -> bool:
        if text and text[-1] not in "。;:":
            return True
        following = self.entries[index + 1] if index + 1 < len(self.entries) else None
        single = "," not in text and len(text) <= 34 and text[:-1].count("。") == 0
        entry = self.entries[index]
        if not single or following is None or following.boundary or entry.found:
            return False
        if following.bare:
            return False
        deeper = following.number is not None and following.depth > entry.depth
        return deeper or (following.number is None and following.level is None and following.end - following.start > 20)


def merge_label_lines(folded: str, entries: list[Entry]) -> list[Entry]:
    """Label lines that follow each other (牵头单位：… / 责任单位：… / 完成时限：…) as one."""
    result: list[Entry] = []
    for entry in entries:
        time_only = _time_line(folded, entry)
        if result and result[-1].bare and (entry.bare or time_only is not None):
            said = entry.found[0] if entry.bare else time_only
            if said is not None:
                result[-1].found[0].absorb(said)
                result[-1].end = max(result[-1].end, entry.end)
                continue
        if time_only is not None and not entry.found:
            entry.found = [time_only]
            entry.bare = True
        result.append(entry)
    for entry in result:
        if entry.bare and entry.found and not entry.found[0].claims:
            entry.times = entry.found[0].times
            entry.bare, entry.found = False, []
    return result


def _time_line(folded: str, entry: Entry) -> Responsibility | None:
    """A line that only names a time limit (完成时限：2024年6月底前), or says that there is nobody (配合单位：无)."""
    if entry.boundary or entry.end - entry.start > 90 or entry.found:
        return None
    start, end = entry.body, entry.end
    while start < end and folded[start] in "*_#·•- ":
        start += 1
    if start < end and folded[start] in "([【〔" and folded[end - 1] in ")]】〕":
        start, end = start + 1, end - 1
    labels = labels_in(folded, start, end)
    if not labels or labels[0][0] != start:
        return None
    said = parse(folded, start, end)
    if labels[0][1] not in ("time", "person", "other") and said.claims:
        return None
    said.start, said.end, said.kind = entry.start, entry.end, "label"
    return said


class Reader:
    """Walks the entries and hands out requirements, each claimed by at most one responsibility."""

    def __init__(self, source: Source, lines: list[Line]) -> None:
        self.source = source
        self.folded = source.folded
        outline = Outline(source, lines)
        self._second_pass(outline.entries)
        self._last_clauses(outline.entries)
        self._titles_with_units(outline.entries)
        self._units_in_titles(outline.entries)
        self._units_as_headings(outline.entries)
        self._units_as_subjects(outline.entries)
        self._drop_site_labels(outline.entries)
        self._drop_weak(outline.entries)
        self.entries = merge_label_lines(self.folded, outline.entries)
        self.run_in = self._run_in_kinds()
        self.grouped = self._bare_covers_groups()
        self.open: list[_Open] = []
        self.path: dict[int, Span] = {}
        self.tasks: list[Item] = []
        self.candidates: list[Item] = []

    # ---- what holds for the whole document

    def _second_pass(self, entries: list[Entry]) -> None:
        """Lists of units in brackets at the end of items count if many items end so."""
        numbered = [entry for entry in entries if not entry.boundary and entry.number and not entry.found]
        hits: list[tuple[Entry, list[Responsibility]]] = []
        for entry in numbered:
            if self.folded[entry.end - 1] in ")]】〕" or self.folded[entry.end - 2 : entry.end] in (
                ")。",
                "]。",
                ")；",
                ");",
            ):
                found = responsibilities(self.folded, entry.body, entry.end, bare=True)
                if found and not self.folded[found[-1].end : entry.end].strip("。;, "):
                    hits.append((entry, [one for one in found if self._closes_clause(entry, one)]))
        sure = sum(bool(entry.number and entry.found and entry.found[-1].kind == "bracket") for entry in entries)
        if len(hits) + min(sure, len(hits)) >= 3:
            for entry, found in hits:
                entry.found = found

    def _closes_clause(self, entry: Entry, said: Responsibility) -> bool:
        """Whether a bracket stands at the end of a clause, not behind a name in its midst."""
        return said.end >= entry.end or self.folded[said.end] in "。;,"

    def _last_clauses(self, entries: list[Entry]) -> None:
        """Last clauses that name who does it (…，由X牵头，Y配合) count if several items end so, but not in a regulation."""
        items = [entry for entry in entries if not entry.boundary and not entry.heading]
        if any(entry.number and entry.number.kind == "article" for entry in items):
            return
        hits = [
            (entry, said)
            for entry in items
            if not entry.found and (said := in_clause(self.folded, entry.body, entry.end))
        ]
        numbered = sum(entry.number is not None for entry, _ in hits)
        if len(hits) >= 2 and numbered * 2 >= len(hits):
            for entry, said in hits:
                entry.found = [said]

    def _units_in_titles(self, entries: list[Entry]) -> None:
        """Units in brackets behind the short title of an item (1.政策解读（办公室）。…) count if most items have them."""
        by_kind: dict[str, list[tuple[Entry, Responsibility | None]]] = defaultdict(list)
        for entry in entries:
            if entry.number and not entry.boundary and not entry.number.soft:
                said = None if entry.found else self._unit_after_title(entry)
                by_kind[entry.number.kind].append((entry, said))
        for group in by_kind.values():
            hits = [(entry, said) for entry, said in group if said is not None]
            if len(hits) >= 3 and len(hits) >= 0.6 * len(group):
                for entry, said in hits:
                    entry.found = [said]

    def _unit_after_title(self, entry: Entry) -> Responsibility | None:
        limit = min(entry.end, entry.body + 160)
        pair = next(iter(brackets_in(self.folded, entry.body, limit)), None)
        if pair is None or not 2 <= pair[0] - entry.body <= 34:
            return None
        if re.search(r"[,。;]", self.folded[entry.body : pair[0]]) or self.folded[pair[1] : pair[1] + 1] not in (
            "",
            "。",
            ":",
            "\n",
            " ",
        ):
            return None
        return in_bracket(self.folded, pair, True)

    def _titles_with_units(self, entries: list[Entry]) -> None:
        """Run-in headings that end with units and whose text follows in a paragraph of its own."""
        by_kind: dict[str, list[tuple[Entry, bool]]] = defaultdict(list)
        for entry, following in pairwise(entries):
            if (
                entry.number
                and entry.found
                and entry.found[0].kind == "bracket"
                and not entry.heading
                and entry.number.kind in ("section", "subsection")
            ):
                by_kind[entry.number.kind].append((entry, self._title_above(entry, following)))
        for group in by_kind.values():
            titles = [entry for entry, is_title in group if is_title]
            if len(titles) >= 2 and len(titles) >= 0.6 * len(group):
                for entry in titles:
                    entry.heading = True

    def _title_above(self, entry: Entry, following: Entry) -> bool:
        text = self.folded[entry.body : entry.found[0].start].strip()
        alone = len(entry.found) == 1 and _only_marks(self.folded, entry.found[0].end, entry.end)
        below = following.number is None and not following.boundary and not following.found and following.level is None
        return alone and below and len(text) <= 34 and "," not in text and text[:-1].count("。") == 0

    def _units_as_headings(self, entries: list[Entry]) -> None:
        """Where every heading of a kind names units, the items below are theirs (a division of work by unit)."""
        by_kind: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.number and not entry.boundary and entry.number.kind in ("section", "subsection", "chapter"):
                by_kind[entry.number.kind].append(entry)
        if any(entry.found for entry in entries):
            return
        for group in (*by_kind.values(), self._unit_lines(entries)):
            named = [
                entry for entry in group if entry.heading and are_units(self.folded, entry.body, self._bare_end(entry))
            ]
            if len(named) < 2 or len(named) < 0.8 * len(group):
                continue
            for entry in named:
                said = parse(self.folded, entry.body, self._bare_end(entry))
                said.start = said.end = entry.end
                entry.found = [said]

    def _unit_lines(self, entries: list[Entry]) -> list[Entry]:
        """Lines that hold the name of a unit and nothing else, with numbered items below: headings without a number."""
        lines = [
            entry
            for entry, following in pairwise(entries)
            if entry.boundary
            and entry.number is None
            and following.number is not None
            and not following.boundary
            and 2 < entry.end - entry.start <= 20
            and are_units(self.folded, entry.start, entry.end)
        ]
        if len(lines) < 2 or not self._is_plan(entries):
            return []
        for entry in lines:
            entry.heading, entry.boundary, entry.depth = True, False, lines[0].depth
        return lines

    def _units_as_subjects(self, entries: list[Entry]) -> None:
        """Where nothing else says who does it, the units that begin the sentences of a plan do (区财政局负责公开…)."""
        items = [entry for entry in entries if not entry.boundary]
        others = {said.kind for entry in items for said in entry.found}
        if others - {"sentence"} or not self._is_plan(entries):
            return
        items = [entry for entry in items if not entry.found]
        hits = [(entry, found) for entry in items if (found := self._subjects(entry))]
        numbered = [entry.number.kind for entry, _ in hits if entry.number]
        kinds = [entry.number.kind for entry in items if entry.number and entry.number.kind in numbered]
        if len(hits) >= 2 and (len(numbered) >= 0.5 * len(kinds)):
            for entry, found in hits:
                entry.found, entry.heading = found, False

    def _subjects(self, entry: Entry) -> list[Responsibility]:
        """What the sentences of an item say, each with the sentences that follow it; the first may have a title."""
        result: list[Responsibility] = []
        position = entry.body
        for found in re.finditer(r"[^。;!?]+[。;!?]*", self.folded[entry.body : entry.end]):
            position = self.source.strip(entry.body + found.start(), entry.end)[0]
            said = as_subject(self.folded, position, entry.body + found.end())
            if said:
                result.append(said)
            elif result:
                result[-1].end = entry.body + found.end()
            elif found.end() - found.start() > 40 or found.start():
                return []
        return result

    def _bare_end(self, entry: Entry) -> int:
        end = entry.end
        while end > entry.body and self.folded[end - 1] in "。:; ":
            end -= 1
        return end

    def _drop_weak(self, entries: list[Entry]) -> None:
        """News and reports end in（区教育局）or in one sentence with 负责: alone, that lays no duty on anybody."""
        holders = [entry for entry in entries if entry.found]
        alone = len(holders) == 1 and holders[0].number is None and not self._is_plan(entries)
        if not alone and any(
            said.kind not in ("list", "sentence", "above") for entry in holders for said in entry.found
        ):
            return
        numbered = sum(entry.number is not None for entry in holders)
        sentences = [entry for entry in holders if any(said.kind != "list" for said in entry.found)]
        own_line = sum(entry.bare for entry in sentences)
        several = len(holders) >= 2 and (numbered * 2 >= len(holders) or own_line >= 2 or len(sentences) >= 3)
        if several and (sentences or self._is_plan(entries, _WORK)):
            return
        if len(holders) == 1 and sentences and (numbered or own_line) and self._is_plan(entries):
            return
        for entry in holders:
            entry.found, entry.bare = [], False

    def _is_plan(self, entries: list[Entry], titles: re.Pattern[str] = _PLAN) -> bool:
        top = self.folded[: entries[min(len(entries), 12) - 1].end] if entries else ""
        return bool(titles.search(top)) and not _STANDING.search(top)

    def _drop_site_labels(self, entries: list[Entry]) -> None:
        """主办单位 and 承办单位 in lines of their own at the foot of a page name who runs the site."""
        lines = [entry for entry in entries if entry.bare and entry.found[0].kind == "label"]
        site = [entry for entry in lines if re.match(r"主办|承办|协办", self.folded[entry.body : entry.body + 4])]
        if len(site) < 3:
            for entry in site:
                entry.found, entry.bare, entry.boundary = [], False, True

    def _run_in_kinds(self) -> set[str]:
        """Kinds of numbers whose items begin with a short heading of their own."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for entry in self.entries:
            if entry.boundary or entry.heading or entry.bare or not entry.number or entry.number.soft:
                continue
            stop = entry.found[0].start if entry.found else entry.end
            if stop - entry.body < 9:
                continue
            found = _RUN_IN.match(self.folded, entry.body, min(stop, entry.body + 46))
            good = bool(found) and not re.search(r"[,]", found.group("title")) if found else False
            counts[entry.number.kind][0] += 1
            counts[entry.number.kind][1] += int(good)
        result = set()
        for kind, (total, with_title) in counts.items():
            needed = 0.6 if kind in ("section", "subsection", "chapter", "article") else 0.8
            if total and with_title >= needed * total:
                result.add(kind)
        return result

    def _bare_covers_groups(self) -> bool:
        """Whether a responsibility on its own line covers all points since the last heading, or the last point alone."""
        single = several = 0
        points = 0
        for entry in self.entries:
            if entry.boundary or (entry.heading and entry.number and entry.number.kind != "point"):
                points = 0
            elif entry.bare:
                single, several = single + int(points == 1), several + int(points > 1)
                points = 0
            elif entry.number and not entry.number.soft and not entry.found:
                points += 1
        return several > single

    # ---- titles and paths

    def _title(self, entry: Entry, stop: int) -> Span | None:
        if not entry.number or entry.number.kind not in self.run_in or entry.heading:
            return None
        found = _RUN_IN.match(self.folded, entry.body, min(stop, entry.body + 46))
        if found and not re.search(r"[,、]{3}|,", found.group("title")) and found.end() < stop:
            return found.span("title")
        if not found or "," in found.group("title"):
            verb = _START_VERB.search(self.folded, entry.body + 6, min(stop, entry.body + 22))
            if verb and not re.search(r"[,、。:]", self.folded[entry.body : verb.start()]):
                return (entry.body, verb.start())
        return None

    def _label(self, entry: Entry, stop: int) -> Span:
        start, end = self.source.strip(entry.start, stop)
        while end > start and self.folded[end - 1] in "。:;":
            end -= 1
        return (start, end)

    def _ancestors(self, depth: int) -> tuple[Span, ...]:
        return tuple(self.path[key] for key in sorted(self.path) if key < depth)

    # ---- the walk

    def read(self) -> tuple[list[Item], list[Item]]:
        """All tasks and candidates in reading order."""
        index = 0
        while index < len(self.entries):
            entry = self.entries[index]
            if entry.boundary:
                self._flush()
                self.path.clear()
            elif entry.bare:
                index = self._bare(index)
                continue
            elif entry.heading:
                index = self._heading(index)
                continue
            elif entry.found:
                self._inline(entry)
            elif entry.times and self.tasks and not self.open and self.tasks[-1].found:
                self.tasks[-1].found.times.extend(entry.times)
            else:
                self._plain(entry)
            index += 1
        self._flush()
        return self.tasks, self.candidates

    def _opened(self, entry: Entry, start: int, end: int) -> _Open:
        title = self._title(entry, end) if start == entry.body else None
        ref = entry.number.ref if entry.number else ""
        return _Open(entry, start, end, self._ancestors(entry.depth if entry.number else 99), title, ref)

    def _enter(self, entry: Entry, stop: int) -> None:
        """A numbered item ends the path below its own depth and, with a title, becomes part of it."""
        if not entry.number or entry.number.soft:
            return
        for key in [key for key in self.path if key >= entry.depth]:
            del self.path[key]
        title = self._title(entry, stop)
        if title:
            self.path[entry.depth] = (entry.start, title[1])

    def _plain(self, entry: Entry) -> None:
        if entry.number and not entry.number.soft:
            if self.open and not self.open[-1].entry.heading and self._closes_group(entry):
                self._flush()
            self._enter(entry, entry.end)
        self.open.append(self._opened(entry, entry.body, entry.end))

    def _closes_group(self, entry: Entry) -> bool:
        last = next((one.entry for one in reversed(self.open) if one.entry.number and not one.entry.number.soft), None)
        if last is None:
            return not self.grouped
        if entry.number and entry.number.kind in ("section", "chapter", "article"):
            return True
        return not self.grouped and entry.depth <= last.depth

    def _heading(self, index: int) -> int:
        entry = self.entries[index]
        stop = entry.found[0].start if entry.found else entry.end
        if not self.open or not self.open[-1].entry.heading or self.open[-1].entry.depth >= entry.depth:
            self._flush()
        for key in [key for key in self.path if key >= entry.depth]:
            del self.path[key]
        if entry.found:
            return self._headed(index, entry.found[0])
        opened = self._opened(entry, entry.body, stop)
        opened.title = None
        self.open.append(opened)
        self.path[entry.depth] = self._label(entry, stop)
        return index + 1

    def _headed(self, index: int, found: Responsibility) -> int:
        """A responsibility in a heading covers what stands below, unless that has its own; then the heading itself."""
        entry = self.entries[index]
        stop = index + 1
        while stop < len(self.entries) and not self._ends(entry, self.entries[stop]):
            stop += 1
        for one in self.entries[index + 1 : stop]:
            found.times.extend(one.times)
        below = [one for one in self.entries[index + 1 : stop] if not one.times]
        label = self._label(entry, min(found.start, entry.end))
        ref = entry.number.ref if entry.number else ""
        self._flush()
        path = self._ancestors(entry.depth)
        deeper = [one for one in below if one.number is not None and not one.number.soft]
        if below and deeper and any(one.found for one in below):
            self._mixed(below, (*path, label), found)
            self.path[entry.depth] = label
            return stop
        if not below or any(one.found for one in below):
            text = self.source.strip(entry.body, min(found.start, entry.end))
            if text[1] > text[0]:
                self.tasks.append(Item(ref, path, None, [text], found))
            self.path[entry.depth] = label
            return index + 1
        inner = (*path, label)
        hard = [one for one in below if one.number and not one.number.soft]
        if len(hard) >= 2 or (hard and hard[0] is below[0]):
            self._children(below, inner, found)
        else:
            pieces = [(one.start if one.number and one.number.soft else one.body, one.end) for one in below]
            title = self.source.strip(entry.body, min(found.start, entry.end))
            self.tasks.append(Item(ref, path, title, pieces, found))
        self.path[entry.depth] = label
        return stop

    def _mixed(self, below: list[Entry], path: tuple[Span, ...], found: Responsibility) -> None:
        """Items below a heading with units: those that name their own keep them, the others take the heading's."""
        start = 0
        for index, one in enumerate(below):
            hard = one.number is not None and not one.number.soft
            if not (hard and index > start) and index + 1 < len(below):
                continue
            stop = index if hard and index > start else index + 1
            self._part(below[start:stop], path, found)
            if stop == index and index + 1 == len(below):
                self._part(below[index:], path, found)
            start = stop

    def _part(self, group: list[Entry], path: tuple[Span, ...], found: Responsibility) -> None:
        own = [one for one in group if one.found]
        if not own:
            self._children(group, path, found)
            return
        first = group[0]
        said = own[0].found[0]
        pieces = [
            (one.body if one is first else one.start, one.found[0].start if one.found else one.end) for one in group
        ]
        pieces = [piece for piece in pieces if self.folded[piece[0] : piece[1]].strip()]
        if pieces:
            self.tasks.append(Item(first.number.ref if first.number else "", path, None, pieces, said))

    def _ends(self, entry: Entry, other: Entry) -> bool:
        if other.boundary:
            return True
        if entry.number is None:
            return other.level is not None or other.heading
        return (other.number is not None and not other.number.soft and other.depth <= entry.depth) or (
            other.level is not None and other.number is None
        )

    def _children(self, below: list[Entry], path: tuple[Span, ...], found: Responsibility) -> None:
        """Each numbered item below a heading with units is a task of these units."""
        groups: list[list[Entry]] = []
        inner = path
        for one in below:
            hard = one.number is not None and not one.number.soft
            if hard or not groups:
                groups.append([one])
            else:
                groups[-1].append(one)
        for group in groups:
            first = group[0]
            if (
                first.heading
                and len(group) == 1
                and first is not below[-1]
                and first.number
                and self._has_deeper(first, below)
            ):
                inner = (*path, self._label(first, first.end))
                continue
            title = self._title(first, first.end)
            start = title[1] + 1 if title and self.folded[title[1]] in "。:. " else (title[1] if title else first.body)
            if first.heading and len(group) > 1:
                title, pieces = (first.body, first.end), [(one.start, one.end) for one in group[1:]]
            else:
                pieces = [(start, first.end), *((one.start, one.end) for one in group[1:])]
            self.tasks.append(Item(first.number.ref if first.number else "", inner, title, pieces, found))

    @staticmethod
    def _has_deeper(first: Entry, below: list[Entry]) -> bool:
        following = below[below.index(first) + 1]
        return following.number is not None and following.depth > first.depth

    def _inline(self, entry: Entry) -> None:
        """A line with responsibilities inside it: each closes the words before it."""
        position = entry.body
        hard = entry.number is not None and not entry.number.soft
        if hard:
            self._flush()
            self._enter(entry, entry.found[0].start)
        if entry.found[0].kind == "subject":
            self._spoken(entry)
            return
        if hard and self._title_first(entry):
            return
        for rank, found in enumerate(entry.found):
            words = self.source.strip(position, found.start, " \t\n\r\u3000\xa0。;,")
            if words[1] > words[0]:
                end = self.source.strip(position, found.start)[1]
                self.open.append(self._opened(entry, position if rank == 0 else words[0], end))
                self._claim(found, whole=found.kind == "above" or (not hard and rank == 0), single=True)
            elif rank == 0 and hard and found.kind == "bracket":
                stop = entry.found[1].start if len(entry.found) > 1 else entry.end
                after = self.source.strip(found.end, stop, " \t\n\r\u3000\xa0。;,:")
                if after[1] - after[0] > 3:
                    self.open.append(self._opened(entry, after[0], self.source.strip(after[0], stop)[1]))
                    self._claim(found, whole=False, single=True)
                    position = stop
                    continue
            position = found.end
        rest = self.source.strip(position, entry.end, " \t\n\r\u3000\xa0。;,")
        if rest[1] - rest[0] > 8:
            self.open.append(self._opened(entry, rest[0], rest[1]))

    def _spoken(self, entry: Entry) -> None:
        """Sentences that begin with their units: each is a task."""
        first = entry.found[0]
        title = self.source.strip(entry.body, first.start, " \t\n\u3000\xa0。:")
        for found in entry.found:
            named = title if found is first and title[1] > title[0] else None
            ref = entry.number.ref if entry.number else ""
            path = self._ancestors(entry.depth if entry.number else 99)
            self.tasks.append(Item(ref, path, named, [(found.start, found.end)], found))

    def _title_first(self, entry: Entry) -> bool:
        """A short title with its units, and the text behind them on the same line: the units answer for that text."""
        found = entry.found[0]
        title = self.source.strip(entry.body, found.start, " \t。:")
        text = self.source.strip(found.end, entry.end, " \t\u3000\xa0。;,:")
        if (
            len(entry.found) > 1
            or title[1] - title[0] > 34
            or text[1] - text[0] < 4
            or found.kind not in ("bracket", "list")
        ):
            return False
        if title[1] <= title[0] or re.search(r"[,。;]", self.folded[title[0] : title[1]]):
            return False
        ref = entry.number.ref if entry.number else ""
        end = self.source.strip(text[0], entry.end)[1]
        self.tasks.append(Item(ref, self._ancestors(entry.depth), title, [(text[0], end)], found))
        return True

    def _bare(self, index: int) -> int:
        entry = self.entries[index]
        found = entry.found[0]
        if self.open and self.open[-1].entry.heading and self._speaks_for_below(index):
            heading = self.open.pop().entry
            heading.found = [found]
            self.entries[index] = heading  # it now stands directly above what it covers
            self.path.pop(heading.depth, None)
            return self._headed(index, found)
        if self.open:
            self._claim(found, whole=True, single=False)
        return index + 1

    def _speaks_for_below(self, index: int) -> bool:
        """A responsibility directly under a heading covers the text that follows, not the heading."""
        following = self.entries[index + 1] if index + 1 < len(self.entries) else None
        if following is None or following.boundary or following.found or following.heading or following.bare:
            return False
        heading = self.entries[index - 1]
        deeper = following.number is not None and following.depth > heading.depth
        if not (deeper or (following.number is None and following.level is None)):
            return False
        later = index + 1
        while later < len(self.entries) and not self._ends(heading, self.entries[later]):
            if self.entries[later].found:
                return False
            later += 1
        return True

    def _claim(self, found: Responsibility, *, whole: bool, single: bool) -> None:
        """Make a task of the open words that the responsibility covers."""
        covered = self._covered(whole=whole, single=single)
        if not covered:
            return
        headings = [one for one in covered if one.entry.heading]
        words = [one for one in covered if not one.entry.heading]
        first = (words or covered)[0]
        numbered = next((one for one in covered if one.entry.number and not one.entry.number.soft), first)
        if words:
            title = first.title
            if len(words) == 1 and first.ref:
                numbered = first
            pieces = []
            for rank, one in enumerate(words):
                start = one.start
                if one is first and title:
                    start = title[1] + 1 if self.folded[title[1]] in "。:. " else title[1]
                elif rank and one.start == one.entry.body and one.entry.number:
                    start = one.entry.start
                pieces.append((start, one.end))
            path = self._path_of(first, title)
            heading = headings[-1] if headings and not first.entry.number else None
            if heading and title is None:
                label = self._label(heading.entry, heading.end)
                title = (heading.start, label[1])
                path = tuple(one for one in path if one != label)
            ref = (
                (first if first.ref and not first.entry.number.soft else numbered).ref
                if first.entry.number
                else numbered.ref
            )
        else:
            title, pieces = None, [(covered[-1].start, covered[-1].end)]
            path, ref = covered[-1].path, covered[-1].ref
        month = first.entry.number if first.entry.number and first.entry.number.kind == "month" else None
        if month:
            found.times.append((first.entry.start, month.end))
        self.tasks.append(Item(ref or self._parent_ref(), path, title, pieces, found))

    def _path_of(self, first: _Open, title: Span | None) -> tuple[Span, ...]:
        return tuple(span for span in first.path if title is None or span[1] != title[1])

    def _parent_ref(self) -> str:
        for key in sorted(self.path, reverse=True):
            number = parse_number(self.folded, *self.path[key])
            if number:
                return number.ref
        return ""

    def _covered(self, *, whole: bool, single: bool) -> list[_Open]:
        """The open words that belong to a responsibility; the rest goes to the candidates."""
        if not whole:
            covered = self.open[-1:]
            rest = self.open[:-1]
        elif single or not self.grouped:
            # Back to the start of the last item: its number, or the heading above.
            first = len(self.open) - 1
            while first > 0 and not self._starts_item(self.open[first]):
                first -= 1
            if first > 0 and self.open[first - 1].entry.heading and not self.open[first].entry.number:
                first -= 1
            covered, rest = self.open[first:], self.open[:first]
        else:
            first = len(self.open) - 1
            while first > 0 and not self.open[first].entry.heading:
                first -= 1
            covered, rest = self.open[first:], self.open[:first]
        self._leave(rest)
        self.open = []
        return covered

    @staticmethod
    def _starts_item(one: _Open) -> bool:
        return bool(one.entry.number and not one.entry.number.soft) or one.entry.heading

    def _leave(self, rest: list[_Open]) -> None:
        for one in rest:
            number = one.entry.number
            if one.entry.heading or number is None or number.soft or one.start != one.entry.body:
                continue
            start = one.start
            if one.title:
                start = one.title[1] + 1 if self.folded[one.title[1]] in "。:. " else one.title[1]
            if one.end - start >= 8:
                self.candidates.append(
                    Item(one.ref, self._path_of(one, one.title), one.title, [(start, one.end)], None)
                )

    def _flush(self) -> None:
        self._leave(self.open)
        self.open = []


def read_prose(source: Source, lines: list[Line]) -> tuple[list[Item], list[Item]]:
    """Tasks and candidates of the running text."""
    return Reader(source, lines).read()
