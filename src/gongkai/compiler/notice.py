"""What the compiler returns: one notice with its tasks, candidates and diagnostics.

All spans are pairs of character offsets into the text that was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Span = tuple[int, int]
Role = Literal["lead", "responsible", "cooperating"]
DeadlineKind = Literal["date", "duration", "recurring"]
TimeUnit = Literal["hour", "day", "workday", "week", "month", "quarter", "year"]
DiagnosticLevel = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One unit made responsible; `column` names the unit column of a table with several of them."""

    unit: str
    role: Role
    scope: str | None
    span: Span
    column: str | None = None
    inherited: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the assignment."""
        result: dict[str, Any] = {"unit": self.unit, "role": self.role, "scope": self.scope}
        if self.column is not None:
            result["column"] = self.column
        if self.inherited:
            result["inherited"] = True
        result["span"] = list(self.span)
        return result


@dataclass(frozen=True, slots=True)
class Deadline:
    """A calendar day, a length of time counted from an event, or a rhythm."""

    text: str
    kind: DeadlineKind
    date: str | None
    amount: int | None
    unit: TimeUnit | None
    trigger: str | None
    count: int | None
    span: Span

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the deadline."""
        return {
            "text": self.text,
            "kind": self.kind,
            "date": self.date,
            "amount": self.amount,
            "unit": self.unit,
            "trigger": self.trigger,
            "count": self.count,
            "span": list(self.span),
        }


@dataclass(frozen=True, slots=True)
class Target:
    """A floor (`>=`) or a ceiling (`<=`); `metric` is a slug of what is measured, or None."""

    text: str
    metric: str | None
    op: Literal[">=", "<="]
    value: float | int
    unit: str
    span: Span

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the target."""
        return {
            "text": self.text,
            "metric": self.metric,
            "op": self.op,
            "value": self.value,
            "unit": self.unit,
            "span": list(self.span),
        }


@dataclass(frozen=True, slots=True)
class Citation:
    """A document in 《》 with its number, restored where its brackets were lost."""

    title: str
    doc_number: str | None
    span: Span

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the citation."""
        return {"title": self.title, "doc_number": self.doc_number, "span": list(self.span)}


@dataclass(frozen=True, slots=True)
class Task:
    """One duty: the smallest unit of text to which the notice gives responsibility."""

    ref: str
    path: tuple[str, ...]
    title: str | None
    text: str
    span: Span
    responsibility_span: Span | None = None
    assignments: tuple[Assignment, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    targets: tuple[Target, ...] = ()
    citations: tuple[Citation, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the task."""
        return {
            "ref": self.ref,
            "path": list(self.path),
            "title": self.title,
            "text": self.text,
            "span": list(self.span),
            "responsibility_span": list(self.responsibility_span) if self.responsibility_span else None,
            "assignments": [item.to_dict() for item in self.assignments],
            "deadlines": [item.to_dict() for item in self.deadlines],
            "targets": [item.to_dict() for item in self.targets],
            "citations": [item.to_dict() for item in self.citations],
        }


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something the reader of the result should know; `message` is Chinese, `code` is stable."""

    level: DiagnosticLevel
    code: str
    message: str
    span: Span | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the diagnostic."""
        return {
            "level": self.level,
            "code": self.code,
            "message": self.message,
            "span": list(self.span) if self.span else None,
        }


@dataclass(frozen=True, slots=True)
class Frontmatter:
    """What the notice says of itself; None where it does not say. Dates are ISO 8601."""

    title: str | None = None
    issuer: str | None = None
    doc_number: str | None = None
    issued_on: str | None = None
    published_on: str | None = None
    year: int | None = None
    disclosure_category: str | None = None
    index_number: str | None = None
    validity: str | None = None
    recipients: tuple[str, ...] = ()
    basis: tuple[Citation, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the frontmatter."""
        return {
            "title": self.title,
            "issuer": self.issuer,
            "doc_number": self.doc_number,
            "issued_on": self.issued_on,
            "published_on": self.published_on,
            "year": self.year,
            "disclosure_category": self.disclosure_category,
            "index_number": self.index_number,
            "validity": self.validity,
            "recipients": list(self.recipients),
            "basis": [{"title": item.title, "doc_number": item.doc_number} for item in self.basis],
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """A compiled work notice."""

    file: str
    notice: Frontmatter
    tasks: tuple[Task, ...] = ()
    candidates: tuple[Task, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    @property
    def has_error(self) -> bool:
        """Whether a diagnostic says that nothing usable was found."""
        return any(item.level == "error" for item in self.diagnostics)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that `gongkai compile` prints."""
        return {
            "file": self.file,
            "notice": self.notice.to_dict(),
            "tasks": [item.to_dict() for item in self.tasks],
            "candidates": [item.to_dict() for item in self.candidates],
            "diagnostics": [item.to_dict() for item in self.diagnostics],
        }
