"""The background work of an import: read and look through, carry out in batches, undo. Each may die at any moment.

Whatever is done stands in the rows. A run takes the import in its name (`worker`); one that was thought dead and wakes
up finds another name there and stops.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django_tasks import task as background

from gongkai.core.acts import ActError, perform
from gongkai.core.locks import writing
from gongkai.core.models import Case, User
from gongkai.core.schedule import every
from gongkai.publications.importing import bulk, folder, preparing, sheet
from gongkai.publications.importing.folder import BadFiles
from gongkai.publications.importing.models import Import, ImportRow, Origin
from gongkai.publications.models import Publication

log = logging.getLogger(__name__)
# Rows that are looked through or carried out in one transaction.
READ_PART = 200
CARRY_PART = 200
UNDO_PART = 50
# After so long without a sign of life the work is taken up by another worker.
SILENCE = dt.timedelta(minutes=5)
ACTIVE = ("reading", "running", "undoing")
# The remark of an upload that was replaced by a mended one.
PUT_ASIDE = "换下"


class Lost(Exception):
    """Another worker has taken the import over, or somebody ended it."""


def start_later(task: Any, run_id: int) -> None:
    """Begin as soon as the act that asked for it is through."""
    transaction.on_commit(partial(task.enqueue, run_id))


def _take(run_id: int, state: str) -> tuple[Import, str] | None:
    """Take an import in hand; None when it is in another state by now."""
    token = uuid.uuid4().hex
    mine = Import.objects.filter(pk=run_id, state=state).update(worker=token, beat=timezone.now())
    run = Import.objects.select_related("unit", "fallback_unit", "fallback_column", "handler").filter(pk=run_id).first()
    return (run, token) if mine and run is not None else None


def _hold(run_id: int, token: str, state: str) -> None:
    """Inside a transaction: make sure the import is still in hand, and keep others off its row. Raises Lost."""
    if connection.features.has_select_for_update:
        Case.objects.select_for_update(of=("self",)).only("pk").get(pk=run_id)
    if not Import.objects.filter(pk=run_id, worker=token, state=state).update(beat=timezone.now()):
        raise Lost


def _say(run_id: int, words: str) -> None:
    Import.objects.filter(pk=run_id).update(progress=words[:200], beat=timezone.now())


# --- reading ----------------------------------------------------------------------------------------------------------


@background()
def read_files(run_id: int) -> None:
    """Read the uploads of an import and look through them; what is wrong with them is written down in words."""
    taken = _take(run_id, "reading")
    if taken is None:
        return
    run, token = taken
    try:
        notes = _read(run, token)
        perform("import.read", run, None, {"notes": notes})
    except Lost:
        log.info("import %s was taken over by another worker", run_id)
    except BadFiles as problem:
        _fail(run, str(problem))
    except ActError as problem:
        log.info("import %s: %s", run_id, problem)
    except Exception:
        log.exception("import %s", run_id)
        _fail(run, "读取时出错，文件已保存。请重新读取；还不行的，请联系系统管理员。")


def _fail(run: Import, reason: str) -> None:
    try:
        perform("import.failed", run, None, {"reason": reason[:500]})
    except ActError:
        log.info("import %s is no longer being read", run.pk)


def _read(run: Import, token: str) -> list[str]:
    """Fill the rows from the uploads; returns remarks. Raises BadFiles, Lost."""
    _say(run.pk, "正在打开文件")
    files = folder.open_folder(run.attachments.exclude(remark=PUT_ASIDE).order_by("id"))
    with writing():
        _hold(run.pk, token, "reading")
        ImportRow.objects.filter(run=run.pk).delete()
    preparer = preparing.Preparer(run, files)
    part: list[ImportRow] = []
    read = 0
    for row, total in _rows(preparer, files):
        part.append(row)
        read += 1
        if len(part) == READ_PART or timezone.now() - (run.beat or timezone.now()) > dt.timedelta(seconds=30):
            _keep(run, token, part, f"已读{read:,}条，共{total:,}条")
            part = []
    if part:
        _keep(run, token, part, f"已读{read:,}条")
    return files.notes


def _rows(preparer: preparing.Preparer, files: folder.Folder) -> Iterator[tuple[ImportRow, int]]:
    """The rows of every sheet; without a sheet, of every saved page. Each with the number of all."""
    tables = [entry for entry in files.of(folder.SHEETS) if "/" not in entry.path]
    # Beside a sheet that was uploaded by itself, tables in an archive are attachments.
    sheets = [entry for entry in tables if not entry.packed] or tables
    known: list[tuple[Any, str]] = []
    problems: list[str] = []
    for entry in sheets:
        try:
            lines, notes = sheet.read(entry.load(), entry.name)
        except BadFiles as problem:
            problems.append(str(problem))
            continue
        files.notes.extend(notes)
        base = str(PurePosixPath(entry.path).parent)
        known += [(line, "" if base == "." else base) for line in lines]
    pages = files.of(folder.PAGES) if not sheets else []
    if problems and not known:
        raise BadFiles(problems[0])
    files.notes.extend(problems)
    if not known and not pages:
        raise BadFiles("里面没有表格（.xlsx、.csv），也没有另存的网页（.html）。请检查后重新上传。")
    if len(known) > sheet.MOST_ROWS:
        raise BadFiles(f"表格合计超过{sheet.MOST_ROWS:,}行。请分几次导入。")
    for line, base in known:
        yield preparer.of_line(line, base), len(known)
    for entry in pages:
        yield preparer.of_page(entry), len(pages)


def _keep(run: Import, token: str, rows: list[ImportRow], words: str) -> None:
    preparing.settle(run, rows)
    for row in rows:
        if row.outcome not in ImportRow.TAKEN:
            # Nothing will be made of it: the file keeps what it said.
            row.body, row.files = "", []
    with writing():
        _hold(run.pk, token, "reading")
        ImportRow.objects.bulk_create(rows, batch_size=READ_PART)
        _say(run.pk, words)
    run.beat = timezone.now()


def counts_of(run: Import) -> dict[str, int]:
    """What the dry run found, by outcome; how many rows screening holds back or reminds of."""
    rows = ImportRow.objects.filter(run=run.pk)
    found: Counter[str] = Counter()
    for outcome, blocked, state in rows.values_list("outcome", "blocked", "values__attribute"):
        found[outcome] += 1
        if outcome in ImportRow.TAKEN:
            found["blocked"] += blocked
            found["filed"] += state != "proactive"
    found["warned"] = rows.filter(outcome__in=ImportRow.TAKEN).exclude(warnings=[]).count()
    found["all"] = sum(found[name] for name in ImportRow.Outcome.values)
    return dict(found)


# --- carrying out -----------------------------------------------------------------------------------------------------


def takeable(run_id: int) -> QuerySet[ImportRow]:
    """Rows that the approval lets through and that were not carried out yet."""
    rows = ImportRow.objects.filter(run=run_id, state="", outcome__in=ImportRow.TAKEN)
    return rows.filter(Q(blocked=False) | Q(overruled=True)).order_by("ordinal")


@background()
def carry_out(run_id: int) -> None:
    """Take over what was approved, batch by batch; each batch wholly or not at all."""
    taken = _take(run_id, "running")
    if taken is None:
        return
    run, token = taken
    try:
        while carry_part(run, token):
            pass
        perform("import.carried", run, None)
    except Lost:
        log.info("import %s was taken over by another worker", run_id)
    except ActError as problem:
        log.info("import %s: %s", run_id, problem)


def carry_part(run: Import, token: str, size: int = CARRY_PART) -> int:
    """Carry out the next rows; returns how many there were. Raises Lost."""
    try:
        with writing():
            _hold(run.pk, token, "running")
            rows = list(takeable(run.pk)[:size])
            if rows:
                _carry(run, rows)
                _progress(run, len(rows))
            return len(rows)
    except (IntegrityError, ActError) as problem:
        if size == 1:
            _skip_first(run, token, problem)
            return 1
        # Something in the batch collides with what happened meanwhile: one by one it is found and passed over.
        for _ in range(size):
            if not carry_part(run, token, 1):
                return 0
        return size


def _skip_first(run: Import, token: str, problem: Exception) -> None:
    said = (
        str(problem) if isinstance(problem, ActError) else "索引号或来源编号已被别的信息使用。请核对后重新导入这一条。"
    )
    with writing():
        _hold(run.pk, token, "running")
        row = takeable(run.pk).first()
        if row is not None:
            ImportRow.objects.filter(pk=row.pk).update(state=ImportRow.State.SKIPPED, result=said[:300])


def _progress(run: Import, step: int) -> None:
    done = run.results.get("carried", 0) + step
    run.results = {**run.results, "carried": done}
    total = run.results.get("total", 0)
    Import.objects.filter(pk=run.pk).update(
        results=run.results, progress=f"已导入{done:,}条，共{total:,}条"[:200], beat=timezone.now()
    )


def _carry(run: Import, rows: list[ImportRow]) -> None:
    """Look once more at each row, for the time between reading and approval, and write what still holds."""
    planned = {row.pk: row.outcome for row in rows}
    preparing.settle(run, rows)
    gone = [row for row in rows if row.outcome not in ImportRow.TAKEN]
    for row in gone:
        words = row.problems[-1] if row.problems else "内容已经在系统里，没有变化。"
        ImportRow.objects.filter(pk=row.pk).update(state=ImportRow.State.SKIPPED, result=words[:300])
    now = timezone.now()
    fresh = [row for row in rows if row.outcome in ImportRow.TAKEN and row.publication is None]
    known = [row for row in rows if row.outcome in ImportRow.TAKEN and row.publication is not None]
    if fresh:
        bulk.write_new(run, fresh, now)
        written = Publication.objects.filter(source_system=run.source_system, source_key=OuterRef("source_key"))
        ImportRow.objects.filter(pk__in=[row.pk for row in fresh]).update(
            state=ImportRow.State.DONE, outcome=ImportRow.Outcome.NEW, publication=Subquery(written.values("pk")[:1])
        )
    for row in known:
        perform("publication.import_change", row.publication, None, {"run": run, "row": row}, now=now)
        ImportRow.objects.filter(pk=row.pk).update(
            state=ImportRow.State.DONE, outcome=planned[row.pk], publication=row.publication
        )


# --- undoing ----------------------------------------------------------------------------------------------------------


@background()
def undo(run_id: int) -> None:
    """Withdraw what an import brought, a few documents at a time."""
    taken = _take(run_id, "undoing")
    if taken is None:
        return
    run, token = taken
    user = User.objects.filter(pk=run.undone_by).first()
    try:
        while _undo_part(run, token, user):
            pass
        perform("import.undone", run, None)
    except Lost:
        log.info("import %s was taken over by another worker", run_id)
    except ActError as problem:
        log.info("import %s: %s", run_id, problem)


def _undo_part(run: Import, token: str, user: User | None) -> int:
    with writing():
        _hold(run.pk, token, "undoing")
        rows = list(
            ImportRow.objects.filter(run=run.pk, state=ImportRow.State.DONE, outcome__in=ImportRow.TAKEN)
            .select_related("publication")
            .order_by("ordinal")[:UNDO_PART]
        )
        for row in rows:
            row.result = _take_back(run, row, user)[:300]
            row.state = ImportRow.State.UNDONE if not row.result else ImportRow.State.KEPT
            row.save(update_fields=["state", "result"])
        undone = run.results.get("undone", 0) + len(rows)
        run.results = {**run.results, "undone": undone}
        Import.objects.filter(pk=run.pk).update(results=run.results, progress=f"已处理{undone:,}条")
    return len(rows)


def _take_back(run: Import, row: ImportRow, user: User | None) -> str:
    """Take back one document; returns why it stays, if it does."""
    case = row.publication
    if case is None or not Origin.objects.filter(pk=case.pk, run=run.pk).exists():
        return "后来由另一次导入更新，没有撤回。"
    try:
        if row.outcome == ImportRow.Outcome.CHANGED:
            return _take_back_change(run, case, user)
        if case.state == "filed":
            perform("publication.import_undone", case, user, {"run": run}, consequence=True)
        elif case.is_public:
            perform("publication.withdraw", case, user, {"reason": run.undo_reason}, consequence=True)
        else:
            return f"现在是“{case.state_label}”，没有变动。"
    except ActError as problem:
        return str(problem)
    Origin.objects.filter(pk=case.pk).update(undone=True)
    return ""


def _take_back_change(run: Import, case: Publication, user: User | None) -> str:
    """What was updated gets its version before; returns why it stays, if it does."""
    if case.state == "filed":
        return "归档的信息没有历次版本，没有变动。需要时请逐条复查、修改。"
    if case.state != "published":
        return f"现在是“{case.state_label}”，没有变动。"
    perform("publication.import_restored", case, user, {"run": run}, consequence=True)
    # What the source says is not what stands here any more: the next import looks at it anew.
    Origin.objects.filter(pk=case.pk).update(digest="")
    return ""


@every("importing.resume", minutes=2)
def resume(now: dt.datetime) -> int:
    """Take up again what a worker that died left behind."""
    tasks = {"reading": read_files, "running": carry_out, "undoing": undo}
    left = Import.objects.filter(state__in=ACTIVE).filter(
        Q(beat__lt=now - SILENCE) | Q(beat__isnull=True, updated_at__lt=now - SILENCE)
    )
    found = list(left.values_list("pk", "state"))
    for pk, state in found:
        Import.objects.filter(pk=pk).update(beat=timezone.now())
        tasks[state].enqueue(pk)
    return len(found)
