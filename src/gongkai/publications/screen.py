"""Screening of a working copy: its words at once, its files in the background.

What is found, how it is masked and how a file is cleaned is decided in the pure floor `gongkai.screening`; here its
answers become rows that people settle.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django_tasks import task as background

from gongkai import screening
from gongkai.core import attachments, jurisdiction
from gongkai.core.acts import perform
from gongkai.core.models import Unit
from gongkai.core.schedule import every
from gongkai.publications import trade
from gongkai.publications.models import (
    ListedRecords,
    Publication,
    PublicationFile,
    PublicDocument,
    ScreeningHit,
    WordingRule,
)

# What only this room finds.
OWN_LABELS = {"aggregation": "信息叠加风险", "link": "链接", trade.KIND: trade.LABEL}
# So many public lists of the category are put beside a new one.
MOST_LISTS = 300
log = logging.getLogger(__name__)

# Fields of the metadata whose words the public reads.
WORDS = (
    ("title", "标题"),
    ("issuer", "发文机关"),
    ("summary", "内容概述"),
    ("keywords", "关键词"),
    ("source", "信息来源"),
)


def wordings() -> list[screening.Wording]:
    """The editable rules together with the ones that are shipped."""
    own = WordingRule.objects.filter(active=True)
    kept = [
        screening.Wording(
            pattern=rule.pattern,
            kind=rule.kind,
            advice=rule.advice,
            replacement=rule.replacement,
        )
        for rule in own
    ]
    named = {rule.pattern for rule in kept}
    return [*kept, *(rule for rule in screening.DEFAULT_WORDINGS if rule.pattern not in named)]


def allowed() -> frozenset[str]:
    """What looks like personal data and is not: the offices' own telephones."""
    numbers = Unit.objects.exclude(telephone="").values_list("telephone", flat=True)
    return frozenset(numbers)


def parts_of(publication: Publication) -> list[screening.Part]:
    """The words of the working copy with their places."""
    parts = [
        screening.Part(place=place, text=str(getattr(publication, name)))
        for name, place in WORDS
        if getattr(publication, name)
    ]
    return [*parts, *body_parts(publication)]


def body_parts(publication: Publication) -> list[screening.Part]:
    """The words of the body, paragraph by paragraph, cells of tables under their heads."""
    if not publication.body:
        return []
    found = screening.extract(publication.body.encode("utf-8"), "正文.html")
    return [part for part in found if part.place != "文件名"]


def refresh(publication: Publication) -> int:
    """Screen the words of the working copy anew; returns how many findings are not settled."""
    parts = parts_of(publication)
    found = screening.screen(parts, wordings=wordings(), allow=allowed())
    own = body_parts(publication)
    found += trade.found(parts)
    found += _links(publication)
    found += _aggregation(publication, None, own)
    return _keep(publication, None, found)


def category_of(publication: Publication) -> str:
    """Records add up within the same column, or the same subject where a document stands in no column."""
    return f"column:{publication.column_id}" if publication.column_id else f"subject:{publication.subject}"


def _aggregation(
    publication: Publication, file: PublicationFile | None, parts: list[screening.Part]
) -> list[screening.Hit]:
    """What this list and the lists that are public in the same category add up to (001-14e); the rows are remembered."""
    if not jurisdiction.value("publications.aggregation"):
        return []
    category = category_of(publication)
    name = file.name if file is not None else "正文"
    new = screening.records_of(parts, f"{publication.pk}:{file.pk if file else 0}", f"本件{name}", category)
    ListedRecords.objects.filter(publication=publication, file=file).delete()
    if not new:
        return []
    ListedRecords.objects.create(
        publication=publication,
        file=file,
        category=category,
        records=[[record.source, record.list_id, record.values] for record in new],
    )
    rows = ListedRecords.objects.filter(category=category, publication__public__isnull=False)
    rows = rows.exclude(publication=publication).select_related("publication").order_by("-publication")[:MOST_LISTS]
    existing = [
        screening.RecordFields(
            source=f"《{row.publication.title}》{source.removeprefix('本件')}",
            list_id=list_id,
            values=values,
            category=category,
        )
        for row in rows
        for source, list_id, values in row.records
    ]
    return [
        screening.Hit(
            kind="aggregation",
            place=f"{name}中的名单",
            start=0,
            end=0,
            excerpt="；".join(risk.sources)[:400],
            found=risk.explanation[:300],
            explanation=f"单条看没有问题，放在一起有风险：{risk.explanation}",
            severity=risk.severity,
            mask=None,
            index=0,
        )
        for risk in screening.aggregation_risks(new, existing)
    ]


def _links(publication: Publication) -> list[screening.Hit]:
    """Links that cannot work, and links to documents of our own that are not public."""
    faults = []
    for link in screening.links(publication.body):
        problem = link.problem
        own = re.search(r"/information/(\d{1,18})/", link.address)
        if not problem and own and not PublicDocument.objects.filter(pk=int(own[1])).exists():
            problem = "链接的文件没有公开。"
        if problem:
            faults.append((link, problem))
    return [
        screening.Hit(
            kind="link",
            place=link.place,
            start=0,
            end=0,
            excerpt=link.address[:200],
            found=link.address[:300],
            explanation=f"链接有问题：{problem}请改正或去掉。",
            severity="check",
            mask=None,
            index=0,
        )
        for link, problem in faults
    ]


def _fingerprint(hit: screening.Hit) -> str:
    return hashlib.sha256(f"{hit.kind}\n{hit.found}".encode()).hexdigest()


def _keep(
    publication: Publication,
    file: PublicationFile | None,
    found: Iterable[screening.Hit],
    removed: Iterable[screening.Hit] = (),
) -> int:
    """Bring the rows in line with what is found now: gone ones are mended, settled ones stay settled.

    `removed` are findings in hidden parts that the public copy does not have any more: they are told, and settled.
    """
    taken_out = set(map(id, removed))
    strict = frozenset(WordingRule.objects.filter(active=True, blocking=True).values_list("pattern", flat=True))
    rows = list(ScreeningHit.objects.filter(publication=publication, file=file))
    known = {(row.fingerprint, row.place): row for row in rows}
    settled = {row.fingerprint: row for row in rows if row.resolution == "overruled"}
    seen: set[tuple[str, str]] = set()
    new = []
    for hit in found:
        key = (_fingerprint(hit), hit.place[:200])
        if key in seen:
            continue
        seen.add(key)
        row = known.get(key)
        if row is not None and row.resolution != ScreeningHit.Resolution.MENDED:
            continue
        if row is not None:
            row.resolution = ""
            row.save(update_fields=["resolution"])
            continue
        row = _row(publication, file, hit, key, settled.get(key[0]))
        row.blocking = row.blocking or hit.found in strict
        if id(hit) in taken_out:
            row.resolution, row.reason = ScreeningHit.Resolution.MENDED, "公开件已去除这部分内容"
        new.append(row)
    ScreeningHit.objects.bulk_create(new)
    gone = [row.pk for key, row in known.items() if key not in seen and not row.resolution]
    ScreeningHit.objects.filter(pk__in=gone).update(resolution=ScreeningHit.Resolution.MENDED)
    return ScreeningHit.objects.filter(publication=publication, resolution="").count()


def _row(
    publication: Publication,
    file: PublicationFile | None,
    hit: screening.Hit,
    key: tuple[str, str],
    before: ScreeningHit | None,
) -> ScreeningHit:
    return ScreeningHit(
        publication=publication,
        file=file,
        kind=hit.kind[:30],
        label=OWN_LABELS.get(hit.kind, hit.label)[:40],
        place=key[1],
        found=hit.found[:300],
        excerpt=hit.excerpt[:400],
        explanation=hit.explanation[:400],
        suggestion=(hit.mask or "")[:300],
        blocking=hit.severity in ("block", "must"),
        fingerprint=key[0],
        resolution=before.resolution if before else "",
        reason=before.reason if before else "",
        by_label=before.by_label if before else "",
        at=before.at if before else None,
    )


def check_files_later(publication_id: int) -> None:
    """Check the files that wait, as soon as the act that brought them is through."""
    transaction.on_commit(partial(check_files.enqueue, publication_id))


@background()
def check_files(publication_id: int) -> None:
    """Read each waiting file, screen it and make its public copy; the result is an act of the system."""
    publication = Publication.objects.filter(pk=publication_id).first()
    if publication is None:
        return
    for file in publication.files.filter(check_state=PublicationFile.Check.WAITING).select_related("original"):
        # The work is done before the act, so that no other act waits for a large file.
        perform("publication.file_checked", publication, None, examine(file))


def examine(file: PublicationFile) -> dict[str, Any]:
    """What the check of a file finds: its parts, its public copy; heavy, and outside of any transaction."""
    try:
        return _examined(file)
    except screening.Unreadable as problem:
        return {"file": file.pk, "failure": str(problem)[:300]}
    except Exception as problem:
        # What went wrong may quote the file: only its kind is logged.
        log.error("the check of file %s failed: %s", file.pk, type(problem).__name__)
        return {"file": file.pk, "failure": "文件没有读成，可能已损坏。请用原来的软件打开，另存后重新上传。"}


def _examined(file: PublicationFile) -> dict[str, Any]:
    data = attachments.load(file.original.digest)
    parts = screening.extract(data, file.name)
    cleaned = screening.clean_copy(data, file.name)
    kept = attachments.keep(cleaned.data)
    found = [*screening.screen(parts, wordings=wordings(), allow=allowed()), *trade.found(parts)]
    return {
        "file": file.pk,
        "digest": kept.digest,
        "size": kept.size,
        "removed": list(cleaned.removed)[:50],
        "text": "\n".join(part.text for part in parts if not part.unseen)[:2_000_000],
        "hits": found,
        "parts": parts,
    }


def settle_file(publication: Publication, result: dict[str, Any]) -> PublicationFile | None:
    """Write down what the check of a file found; None when the file was taken away meanwhile."""
    file = publication.files.filter(pk=result["file"], check_state=PublicationFile.Check.WAITING).first()
    if file is None:
        return None
    if result.get("failure"):
        file.check_state, file.failure = PublicationFile.Check.FAILED, result["failure"]
        file.save()
        return file
    file.check_state, file.failure = PublicationFile.Check.CLEAN, ""
    file.digest, file.size, file.removed, file.text = (result[name] for name in ("digest", "size", "removed", "text"))
    file.save()
    parts, hits = result["parts"], result["hits"]
    unseen = [hit for hit in hits if parts[hit.index].unseen]
    _keep(publication, file, [*hits, *_aggregation(publication, file, parts)], unseen)
    return file


@every("publications.check_files", minutes=2)
def check_left_over(now: Any) -> int:
    """Files whose check was lost with a process that died are checked now."""
    waiting = PublicationFile.objects.filter(check_state=PublicationFile.Check.WAITING)
    waiting = waiting.filter(Q(original__uploaded_at__lt=now) & ~Q(publication__state="dropped"))
    ids = list(waiting.values_list("publication", flat=True).distinct()[:50])
    for publication_id in ids:
        check_files.enqueue(publication_id)
    return len(ids)
