"""The top layer: rows and items become tasks with assignments, deadlines, targets and citations."""

from __future__ import annotations

import re

from gongkai.compiler.characters import Source
from gongkai.compiler.citations import cited_in
from gongkai.compiler.deadlines import Calendar, Found, deadlines_in
from gongkai.compiler.flat_tables import find_streams
from gongkai.compiler.frontmatter import read_frontmatter, year_of_text
from gongkai.compiler.lines import Line, cell_lines, join_lines, read_lines
from gongkai.compiler.notice import (
    Assignment,
    Citation,
    Deadline,
    Diagnostic,
    Frontmatter,
    Notice,
    Span,
    Target,
    Task,
)
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.prose import Item, read_prose
from gongkai.compiler.responsibility import Responsibility
from gongkai.compiler.tables import Carry, Column, Grid, Row, grid_rows, names_of_rows, slug
from gongkai.compiler.targets import targets_in
from gongkai.reading.blocks import Document

_NO_TASK = "没有找到责任单位，这份文件没有可以分派的任务。请确认它是带有责任分工的工作要点、分工方案或任务分解表。"


class Assembler:
    """Builds the parts of tasks; knows the source and the calendar of the notice."""

    def __init__(self, source: Source, frontmatter: Frontmatter) -> None:
        self.source = source
        self.folded = source.folded
        year = frontmatter.year
        for day in (frontmatter.issued_on, frontmatter.published_on):
            year = year or (int(day[:4]) if day else None)
        year = year or year_of_text(self.folded)
        self.when = Calendar(year, frontmatter.issued_on)
        self.diagnostics: list[Diagnostic] = []

    # ---- parts

    def words(self, span: Span) -> str:
        return self.source.words(*span)

    def unit(self, span: Span) -> str:
        """A name without white space and invisible characters."""
        return re.sub(r"[\s\u3000]+", "", self.source.text[span[0] : span[1]])

    def assignments(self, said: Responsibility, column: str | None = None, inherited: bool = False) -> list[Assignment]:
        result = []
        for claim in said.claims:
            scope = self.unit(claim.scope) if claim.scope else None
            span = self.source.original_span(claim.start, claim.end)
            result.append(Assignment(self.unit((claim.start, claim.end)), claim.role, scope, span, column, inherited))
        return result

    def deadline(self, found: Found) -> Deadline:
        trigger = self.words(found.trigger) if found.trigger else None
        span = self.source.original_span(found.start, found.end)
        text = self.words((found.start, found.end))
        return Deadline(text, found.kind, found.date, found.amount, found.unit, trigger, found.count, span)

    def deadlines(self, pieces: list[Span], times: list[Span]) -> tuple[Deadline, ...]:
        result: list[Deadline] = []
        seen: set[tuple[object, ...]] = set()
        for spans, column in ((pieces, False), (times, True)):
            for start, end in spans:
                for found in deadlines_in(self.folded, start, end, self.when, column=column):
                    one = self.deadline(found)
                    key = (one.kind, one.date, one.amount, one.unit, one.trigger, one.text if not column else "")
                    known = one.date or one.amount
                    bare = (one.kind, one.date, one.amount, one.unit) if known else (one.kind, one.text)
                    if key in seen or (column and bare in seen):
                        continue
                    seen.update((key, bare))
                    result.append(one)
        return tuple(result)

    def targets(self, pieces: list[Span]) -> tuple[Target, ...]:
        result = []
        for start, end in pieces:
            for found in targets_in(self.folded, start, end):
                text = self.words(self.source.strip(*found.clause))
                span = self.source.original_span(found.start, found.end)
                unit = self.words(found.measure) if found.measure else found.unit
                result.append(Target(text, found.metric, found.op, found.value, unit, span))
        return tuple(result)

    def citations(self, pieces: list[Span]) -> tuple[Citation, ...]:
        result = []
        for start, end in pieces:
            for cited in cited_in(self.folded, self.source.text, start, end):
                if cited.number and cited.number.damaged:
                    self._restored(cited.number.start, cited.number.end)
                number = cited.number.text if cited.number else None
                result.append(
                    Citation(self.words(cited.title), number, self.source.original_span(cited.start, cited.end))
                )
        return tuple(result)

    def _restored(self, start: int, end: int) -> None:
        message = f"文号“{self.words((start, end))}”缺少括号，已按通行写法补全，请核对。"
        self.diagnostics.append(
            Diagnostic("warning", "restored_doc_number", message, self.source.original_span(start, end))
        )

    def heading(self, span: Span) -> str:
        """A heading for the path: without the stop at its end."""
        start, end = self.source.strip(*span, " \t\r\n\u3000\xa0*#")
        while end > start and self.folded[end - 1] in "。:;,*":
            end -= 1
        return re.sub(r"\s*\n\s*", "", self.words((start, end)))

    # ---- tasks

    def task(self, ref: str, path: list[Span], title: Span | None, pieces: list[Span], said: Responsibility | None,
             assignments: list[Assignment], times: list[Span], targets: list[Span]) -> Task:  # fmt: skip
        pieces = self._adjacent([span for span in (self.source.strip(*piece) for piece in pieces) if span[1] > span[0]])
        first, last = min(span[0] for span in pieces), max(span[1] for span in pieces)
        return Task(
            ref=ref,
            path=tuple(self.heading(span) for span in path),
            title=self.heading(title) if title else None,
            text="\n".join(self.words(span) for span in pieces),
            span=self.source.original_span(first, last),
            responsibility_span=self.source.original_span(said.start, said.end) if said else None,
            assignments=tuple(_unique(assignments)),
            deadlines=self.deadlines(pieces, times),
            targets=self.targets(pieces + targets + times),
            citations=self.citations(pieces),
        )

    def _adjacent(self, pieces: list[Span]) -> list[Span]:
        """Pieces with nothing but spaces between them are one."""
        result: list[Span] = []
        for start, end in pieces:
            if result and start >= result[-1][1] and not self.folded[result[-1][1] : start].strip(" \t\xa0|"):
                result[-1] = (result[-1][0], end)
            else:
                result.append((start, end))
        return result

    def from_item(self, item: Item) -> Task | None:
        if not any(self.folded[first:last].strip() for first, last in item.pieces):
            return None
        said = item.found
        assignments = self.assignments(said) if said else []
        times = said.times if said else []
        return self.task(item.ref, list(item.path), item.title, item.pieces, said, assignments, times, [])

    def from_row(self, row: Row, columns: list[Column], rank: int, name: Span | None = None) -> Task | None:
        """The task of a row; `name` is the cell that names its duty and then stands in no path."""
        start, end = row.texts[0]
        number = parse_number(self.folded, start, end)
        ref = row.number or str(rank)
        pieces = list(row.texts)
        if number is not None and not number.soft and end - number.end >= 2:
            pieces[0] = (number.end, end)
            ref = row.number or number.ref
        if not any(self.folded[first:last].strip() for first, last in pieces):
            return None
        assignments: list[Assignment] = []
        times = list(row.times)
        for column, said, inherited in row.units:
            assignments.extend(self.assignments(said, slug(columns, columns.index(column)), inherited))
            times.extend(said.times)
        said = next((said for _, said, inherited in row.units if not inherited), row.units[0][1])
        path = [span for span in row.path if span != name]
        return self.task(ref, path, name, pieces, said, assignments, times, row.targets)


def _unique(assignments: list[Assignment]) -> list[Assignment]:
    seen: set[tuple[str, str, str | None]] = set()
    result = []
    for one in assignments:
        key = (one.unit, one.role, one.column)
        if one.unit and key not in seen:
            seen.add(key)
            result.append(one)
    return result


def compile_document(document: Document, name: str = "") -> Notice:
    """Read a document as a work notice. Never raises on content; what is odd is said in the diagnostics."""
    source = Source(document.text)
    source, lines = join_lines(source, read_lines(source, document))
    tables, prose = _tables(source, lines)
    frontmatter, diagnostics = read_frontmatter(source, prose)
    assembler = Assembler(source, frontmatter)
    items, left = read_prose(source, prose)
    rows = [task for rows, columns in tables for task in _row_tasks(assembler, rows, columns)]
    tasks = _chosen(rows, [task for item in items if (task := assembler.from_item(item))])
    candidates = _left_over(tasks, rows, [task for item in left if (task := assembler.from_item(item))])
    diagnostics = [*source.diagnostics(), *diagnostics, *assembler.diagnostics]
    diagnostics.extend(Diagnostic("info", "reading", warning) for warning in document.warnings)
    if not any(task.assignments for task in tasks):
        diagnostics.insert(0, Diagnostic("error", "no_assignment", _NO_TASK))
        tasks = []
    return Notice(name, frontmatter, tuple(tasks), tuple(candidates), tuple(_once(diagnostics)))


def _once(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    return list(dict.fromkeys(diagnostics))


def _tables(source: Source, lines: list[Line]) -> tuple[list[tuple[list[Row], list[Column]]], list[Line]]:
    """Breakdown tables, and the lines that belong to none."""
    found: list[tuple[list[Row], list[Column]]] = []
    cards: list[tuple[list[Row], list[Column]]] = []
    prose: list[Line] = []
    carry: Carry | None = None
    for line in lines:
        if line.table is None:
            prose.append(line)
            continue
        read = grid_rows(Grid(source, line.table), carry)
        if read is None:
            prose.extend(cell_lines(source, line.table))
            continue
        rows, carry = read
        (cards if carry.is_card else found).append((rows, carry.columns))
        prose.append(Line(line.start, line.end, "table"))
    if sum(len(rows) for rows, _ in cards) >= 2:  # one card alone tells of a project, it divides no work
        found.extend(cards)
    streams = find_streams(source, prose)
    rest: list[Line] = []
    position = 0
    for stream in streams:
        rest.extend(prose[position : stream.first])
        rest.append(Line(prose[stream.first].start, prose[stream.last].end, "table"))
        position = stream.last + 1
        found.append((stream.rows, stream.columns))
    rest.extend(prose[position:])
    return found, rest


def _row_tasks(assembler: Assembler, rows: list[Row], columns: list[Column]) -> list[Task]:
    result = []
    for rank, (row, name) in enumerate(zip(rows, names_of_rows(rows), strict=True), 1):
        task = assembler.from_row(row, columns, rank, name)
        if task is not None and task.assignments:
            result.append(task)
    return result


def _shingles(text: str) -> set[str]:
    plain = re.sub(r"[\s,，。;；、:：()（）]", "", text)
    return {plain[index : index + 4] for index in range(max(1, len(plain) - 3))}


def _chosen(rows: list[Task], items: list[Task]) -> list[Task]:
    """Where text and table say the same, the rows of the table are the tasks."""
    if not rows or not items:
        return rows or items
    known = set().union(*(_shingles(row.text) for row in rows))
    kept = [item for item in items if len(_shingles(item.text) & known) < 0.5 * max(1, len(_shingles(item.text)))]
    if len(kept) <= 0.4 * len(items):
        return rows  # the table breaks the text down; what is worded differently is still the same duty
    return sorted([*kept, *rows], key=lambda task: task.span)


def _left_over(tasks: list[Task], rows: list[Task], candidates: list[Task]) -> list[Task]:
    """Candidates that no row of a table says already."""
    if not rows:
        return candidates
    known = set().union(*(_shingles(row.text) for row in rows))
    return [one for one in candidates if len(_shingles(one.text) & known) < 0.5 * max(1, len(_shingles(one.text)))]
