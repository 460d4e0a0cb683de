"""What the ledger puts into the transparency log: ledgers, plans and figures that are made public or taken back."""

from __future__ import annotations

from typing import Any

from gongkai.core import transparency
from gongkai.core.acts import Work
from gongkai.core.models import Attachment
from gongkai.ledger.models import Notice, Plan, Progress, Task


def notice(work: Work, act: str) -> None:
    """A public ledger appears or is taken down."""
    case: Notice = work.case
    words = {"title": case.title, "document_number": case.document_number, "year": case.plan_year}
    content = words if act == "published" else None
    address = f"/ledger/{case.slug}/"
    transparency.record(work, act=act, subject=f"ledger/{case.number}", content=content, address=address)


def plan(work: Work) -> None:
    """A unit's plan is made public."""
    case: Plan = work.case
    items = case.items.values_list("measure", "due_on")
    content = {"title": case.title, "body": case.body, "items": [[measure, due] for measure, due in items]}
    transparency.record(work, act="published", subject=f"plan/{case.number}", content=content)


def summary(work: Work, act: str) -> None:
    """How a duty stands as a whole is made public or taken back."""
    case: Task = work.case
    words = {"duty": case.text, "text": case.summary_text, "percent": case.percent}
    content = words if act == "ledger_figures_released" else None
    transparency.record(
        work, act=act, subject=f"ledger/{case.number}/summary", content=content, address=case.get_public_url()
    )


def progress(work: Work, report: Progress, act: str) -> None:
    """A unit's progress is made public with its files, or taken back."""
    released = act == "ledger_figures_released"
    words = {"duty": work.case.task.text, "text": report.text, "percent": report.percent, "period": report.period_words}
    transparency.record(
        work,
        act=act,
        subject=f"ledger/{work.case.number}/{report.pk}",
        content=words if released else None,
        files=_files(report.files.filter(public=True)) if released else (),
        address=work.case.task.get_public_url(),
    )


def _files(rows: Any) -> list[tuple[str, str]]:
    found: list[Attachment] = list(rows.order_by("pk"))
    return [(file.name, file.digest) for file in found]
