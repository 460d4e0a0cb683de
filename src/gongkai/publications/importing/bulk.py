"""Documents written many at once, in the end exactly as single acts would have written them.

`perform` publishes one document with some sixty statements; an old site has tens of thousands. Here a batch shares its
statements: a row of `Case` and one of `Publication` each, version, files, event, public row, log entry, counters, index
changes. A test holds an imported document against one published by acts, column by column.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import router
from django.urls import reverse
from django.utils import timezone

from gongkai.core import audit, clocks, counters, jurisdiction, listeners, numbers, pages, search, transparency
from gongkai.core.acts import ActError, Work, acts, set_turn
from gongkai.core.kinds import kinds
from gongkai.core.models import Attachment, Case, Event, Unit
from gongkai.core.transparency import recording
from gongkai.law import documents, index_number
from gongkai.law.workdays import shift_months
from gongkai.publications import body, content, counts, outward
from gongkai.publications.acts import afterwards, common
from gongkai.publications.filing import recording as recording_of_filing
from gongkai.publications.filing.models import Filing
from gongkai.publications.importing.models import Import, ImportRow, Origin
from gongkai.publications.models import (
    CatalogColumn,
    Publication,
    PublicationFile,
    PublicDocument,
    ScreeningHit,
    UnitProfile,
    Version,
    VersionFile,
)

KIND = Publication.KIND
ACT = "publication.import"
# SQLite and PostgreSQL take so many rows of the widest table in one statement.
PART = 200


@dataclass(slots=True)
class _One:
    """A document on its way: its row, its records, and the normal form of its text, worked out once."""

    row: ImportRow
    case: Publication
    canonical: str
    version: Version | None = None
    shown: PublicDocument | None = None
    event: Event | None = None
    files: list[PublicationFile] = field(default_factory=list)

    @property
    def public(self) -> bool:
        """Whether it goes out."""
        return self.case.attribute == documents.Attribute.PROACTIVE


def write_new(run: Import, rows: Sequence[ImportRow], now: dt.datetime) -> list[Publication]:
    """Write rows as new documents, public or filed, inside the caller's transaction.

    Raises:
        ActError: a unit's template of index numbers cannot make one.
        IntegrityError: an index number or a source key is taken meanwhile.
    """
    ones = [_One(row, _case_of(run, row, now), body.canonical(row.body)) for row in rows]
    cases = [one.case for one in ones]
    _join_units(cases)
    _number(ones, now)
    for one in ones:
        _finish(run, one, now)
    _insert(ones, run, now)
    _tell_of(ones, now)
    Origin.objects.bulk_create(
        [Origin(publication=one.case, digest=one.row.digest, run=run) for one in ones], batch_size=500
    )
    return cases


def _case_of(run: Import, row: ImportRow, now: dt.datetime) -> Publication:
    values = row.values
    case = Publication(
        kind=KIND,
        unit_id=values["unit"],
        column_id=values.get("column"),
        handler_id=run.handler_id,
        series="publication",
        authors=[run.handler_id] if run.handler_id else [],
        opened_at=now,
        source_system=run.source_system,
        source_key=row.source_key,
        body=row.body,
    )
    fill(case, row)
    public = case.attribute == documents.Attribute.PROACTIVE
    case.state = "published" if public else "filed"
    return case


def fill(case: Publication, row: ImportRow) -> None:
    """The columns of a publication from what the row says."""
    values = row.values
    case.title = values["title"]
    for name in (
        "index_number",
        "document_number",
        "issuer",
        "subject",
        "document_kind",
        "attribute",
        "source",
        "keywords",
        "summary",
        "ground",
        "reason",
    ):
        setattr(case, name, values.get(name) or "")
    for name in ("made_on", "effective_on", "expires_on", "repealed_on"):
        setattr(case, name, dt.date.fromisoformat(values[name]) if values.get(name) else None)
    case.normative = bool(values.get("normative"))
    case.body = row.body
    case.validity = "amended" if values.get("amended") else ""
    if case.attribute == documents.Attribute.PROACTIVE:
        case.published_at = dt.datetime.fromisoformat(values["published_at"])
        if case.normative and case.expires_on is None:
            case.expires_on = afterwards.term_end(case)


def _join_units(cases: Sequence[Publication]) -> None:
    """Units and their supervising offices, each read once."""
    units = Unit.objects.select_related("parent").in_bulk({case.unit_id for case in cases})
    above = {pk: common.supervising(unit) for pk, unit in units.items()}
    for case in cases:
        case.unit = units[case.unit_id]
        case.supervisor = above[case.unit_id]


def _number(ones: Sequence[_One], now: dt.datetime) -> None:
    """Numbers of the cases, and index numbers for public documents that brought none."""
    year = timezone.localtime(now).year
    taken = numbers.take_many(kinds[KIND].prefix, year, len(ones))
    waiting: dict[tuple[int, int], list[_One]] = defaultdict(list)
    for one, number in zip(ones, taken, strict=True):
        one.case.number = number
        if one.public and not one.case.index_number:
            at = timezone.localtime(one.case.published_at)
            waiting[one.case.unit_id, at.year].append(one)
    profiles = UnitProfile.objects.in_bulk({unit for unit, _ in waiting})
    given = {one.case.index_number for one in ones if one.case.index_number}
    for (unit, of_year), group in waiting.items():
        _give_index_numbers(group, profiles.get(unit), of_year, given)


def _give_index_numbers(group: list[_One], profile: UnitProfile | None, year: int, given: set[str]) -> None:
    """By the unit's template, in the order of release. A number that the old site gave away is passed over."""
    template = profile.index_template if profile else index_number.DEFAULT_TEMPLATE
    left = sorted(group, key=lambda one: one.case.published_at or timezone.now())
    while left:
        last = numbers.take_serial(f"index:{left[0].case.unit_id}"[:20], year, len(left))
        made = [_render(template, profile, one, serial) for serial, one in enumerate(left, last - len(left) + 1)]
        held = set(Publication.objects.filter(index_number__in=made).values_list("index_number", flat=True)) | given
        again = []
        for one, number in zip(left, made, strict=True):
            if number in held:
                again.append(one)
            else:
                one.case.index_number = number
                given.add(number)
        left = again


def _render(template: str, profile: UnitProfile | None, one: _One, serial: int) -> str:
    at = timezone.localtime(one.case.published_at)
    unit = one.case.unit
    try:
        return index_number.render(
            template,
            serial=serial,
            year=at.year,
            month=at.month,
            code=unit.code,
            uscc=unit.credit_code,
            orgcode9=profile.organisation_code if profile else "",
            region6=profile.region_code if profile else "",
            **{"class": profile.class_code if profile else ""},
        )
    except ValueError as problem:
        raise ActError(f"{unit}：{problem}") from None


def _finish(run: Import, one: _One, now: dt.datetime) -> None:
    """What follows from the columns: digest, approval, validity, and how the case stands."""
    case = one.case
    case.content_digest = content.digest(reviewed(case, one.canonical, one.row.files))
    if one.public:
        case.approved_digest = case.content_digest
        case.approved_by, case.approved_at = run.approved_by, run.approved_at
        case.version_count = 1
        case.validity = outward.validity_of(case, timezone.localdate(now))
        case.outcome = "已公开"
    else:
        case.review_on = review_day(one.row, now)
        case.outcome = case.get_attribute_display()
        case.validity = ""
    set_turn(case)
    clocks.settle_new(case, [], closed=True, now=now)
    case.event_count = 1


def review_day(row: ImportRow, now: dt.datetime) -> dt.date:
    """When information that is not public is looked at again: at once where no reason was given (条例 art 18)."""
    today = timezone.localdate(now)
    if "待复查" in (row.values.get("reason") or ""):
        return today
    return shift_months(today, jurisdiction.value("publications.review_months"))


def reviewed(case: Publication, canonical: str, files: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What `content.reviewed` gives of the same document once it is written, without asking the database."""
    return {
        "title": case.title,
        "unit": case.unit_id,
        "column": case.column_id,
        **{name: _plain(getattr(case, name)) for name in Publication.METADATA if name != "index_number"},
        "body": canonical,
        "files": [[file["name"], file["original"]] for file in files],
        "ground": case.ground,
        "reason": case.reason,
        "negative_entry": case.negative_entry,
        "plan": case.plan,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _insert(ones: list[_One], run: Import, now: dt.datetime) -> None:
    """The rows, in the order in which they need each other."""
    cases = [one.case for one in ones]
    # Django writes no child tables in bulk. The parent's rows give the keys; the child's own columns follow.
    Case.objects.bulk_create(cases, batch_size=PART)
    for case in cases:
        case.case_ptr_id = case.id
    public = [one for one in ones if one.public]
    for one in public:
        one.version = _version(one, run)
    # Versions name publications that come a moment later: foreign keys are checked when the transaction ends.
    Version.objects.bulk_create([one.version for one in public if one.version], batch_size=PART)
    for one in public:
        one.case.current_version = one.version
    _insert_own_columns(cases)
    _write_events(ones, run, now)
    _write_files(ones, run)
    for one in public:
        if one.version is not None:
            one.shown = outward.public_row(one.case, one.version, now)
    PublicDocument.objects.bulk_create([one.shown for one in public if one.shown], batch_size=PART)
    _write_hits(ones, run)


def _insert_own_columns(cases: list[Publication]) -> None:
    own = Publication._meta.local_concrete_fields
    manager: Any = Publication._base_manager
    using = router.db_for_write(Publication)
    for start in range(0, len(cases), PART):
        manager.using(using)._insert(cases[start : start + PART], fields=own, using=using)
    for case in cases:
        case._state.adding, case._state.db = False, using


def _version(one: _One, run: Import) -> Version:
    case = one.case
    html = case.body
    for file in one.row.files:
        if file["inline"]:
            html = html.replace(f"attachment:{file['original']}", f"attachment:{file['digest']}")
    return Version(
        publication=case,
        number=1,
        title=case.title,
        unit=case.unit,
        body=html,
        text=body.to_text(case.body),
        digest=case.content_digest,
        published_at=case.published_at,
        published_by=run.approved_by,
        **{name: getattr(case, name) for name in Publication.METADATA},
    )


def _write_events(ones: list[_One], run: Import, now: dt.datetime) -> None:
    act = acts[ACT]
    for one in ones:
        case = one.case
        one.event = Event(
            case=case,
            sequence=1,
            act=act.key,
            label=act.label,
            actor=None,
            actor_label="系统",
            at=now,
            state_before="",
            state_after=case.state,
            summary=f"第1版，索引号{case.index_number}" if one.public else case.get_attribute_display(),
            words="",
            data=event_data(run, one.row, case),
            changes={},
            public=False,
        )
        one.event.case_id = case.pk
    audit.write_many([one.event for one in ones if one.event])


def event_data(run: Import, row: ImportRow, case: Publication) -> dict[str, Any]:
    """What the trace says of a document's coming: which import, who approved it, where it came from."""
    return {
        "import": run.number,
        "approved_by": run.approved_by,
        "source_system": run.source_system,
        "source_key": row.source_key,
        "place": row.place,
        "number": case.number,
    }


def _write_files(ones: list[_One], run: Import) -> None:
    """Originals, working copies and public copies of the files."""
    held = [one for one in ones if one.row.files]
    if not held:
        return
    originals = [
        Attachment(
            case_id=one.case.pk,
            event=one.event,
            digest=file["original"],
            name=file["name"],
            size=file["original_size"],
            content_type=file["content_type"],
            uploaded_by_id=run.handler_id,
        )
        for one in held
        for file in one.row.files
    ]
    Attachment.objects.bulk_create(originals, batch_size=PART)
    left = iter(originals)
    for one in held:
        one.files = [working_file(one.case, file, next(left), at) for at, file in enumerate(one.row.files, 1)]
    PublicationFile.objects.bulk_create([file for one in held for file in one.files], batch_size=PART)
    VersionFile.objects.bulk_create(
        [
            VersionFile(
                version=one.version,
                original=file.original,
                name=file.name,
                digest=file.digest,
                size=file.size,
                content_type=said["content_type"],
                inline=file.inline,
                text=file.text,
                ordinal=file.ordinal,
            )
            for one in held
            if one.version is not None
            for file, said in zip(one.files, one.row.files, strict=True)
        ],
        batch_size=PART,
    )


def working_file(case: Publication, file: dict[str, Any], original: Attachment, ordinal: int) -> PublicationFile:
    """A file of the working copy that was checked when it was read."""
    return PublicationFile(
        publication=case,
        original=original,
        name=file["name"],
        inline=file["inline"],
        check_state=PublicationFile.Check.CLEAN,
        digest=file["digest"],
        size=file["size"],
        removed=file["removed"],
        text=file["text"],
        ordinal=ordinal,
    )


def hits_of(case: Publication, row: ImportRow, files: Sequence[PublicationFile], run: Import) -> list[ScreeningHit]:
    """Findings as rows; those that hold a document back were overruled with the approval."""
    made: dict[tuple[str, str, int | None], ScreeningHit] = {}
    for hit in row.hits:
        fingerprint = hashlib.sha256(f"{hit['kind']}\n{hit['found']}".encode()).hexdigest()
        settled = hit["blocking"] and row.overruled
        made.setdefault(
            (fingerprint, hit["place"], hit["file"]),
            ScreeningHit(
                publication=case,
                file=files[hit["file"]] if hit["file"] is not None else None,
                kind=hit["kind"],
                label=hit["label"],
                place=hit["place"],
                found=hit["found"],
                excerpt=hit["excerpt"],
                explanation=hit["explanation"],
                suggestion=hit["mask"],
                blocking=hit["blocking"],
                fingerprint=fingerprint,
                resolution=ScreeningHit.Resolution.OVERRULED if settled else "",
                reason=run.results.get("overrule_reason", "") if settled else "",
                by_label=run.approved_by if settled else "",
                at=run.approved_at if settled else None,
            ),
        )
    return list(made.values())


def _write_hits(ones: list[_One], run: Import) -> None:
    found = [hit for one in ones if one.row.hits for hit in hits_of(one.case, one.row, one.files, run)]
    ScreeningHit.objects.bulk_create(found, batch_size=PART)


def _tell_of(ones: list[_One], now: dt.datetime) -> None:
    """Everything that follows from becoming public, and from an act, once for the whole batch."""
    public = [one for one in ones if one.public]
    rows = [one.shown for one in public if one.shown]
    before, _, after = reverse("information:document", args=[0]).rpartition("0")
    _renew_columns(public)
    transparency.record_many(
        recording.item(
            one.case,
            act="published",
            subject=outward.subject_of(one.case),
            version=1,
            content=_released(one),
            files=[(file.name, file.digest) for file in one.files],
            address=f"{before}{one.case.pk}{after}",
            unit=one.case.unit,
            at=now,
        )
        for one in public
    )
    if public:
        tags = {tag for one in public for tag in outward.tags_of(one.case) if not tag.startswith("document:")}
        pages.drop(*tags, "home", "sitemap")
        search.changed_many(outward.SOURCE, [one.case.pk for one in public])
    for listener in outward.listeners:
        if listener is counts.heard:
            counts.renew(rows)
        else:
            for one, row in zip(public, rows, strict=True):
                listener("published", one.case, row)
    counters.move_many(counters.key_of(one.case) for one in ones)
    act = acts[ACT]
    for heard in _heard():
        if heard is recording_of_filing.after_act:
            _file(ones, now)
            continue
        for one in ones:
            heard(Work(act=act, case=one.case, user=None, data={}, now=now, event=one.event))


def _heard() -> list[listeners.Listener]:
    """Who listens to acts on publications; known ones are told of the batch at once."""
    return [one for kind in (KIND, listeners.EVERY_KIND) for one in listeners._listeners.get(kind, ())]


def _file(ones: Sequence[_One], now: dt.datetime) -> None:
    """What the filing of official documents would write if it heard of each; a test holds the two together."""
    if not jurisdiction.value("filing.active"):
        return
    groups: dict[int, list[_One]] = defaultdict(list)
    for one in ones:
        if recording_of_filing.is_official(one.case):
            groups[one.case.unit_id].append(one)
    filings = []
    for unit, group in groups.items():
        # The form of the number is the filing's own: the first is made there, the others follow it.
        first = recording_of_filing.filing_number(group[0].case)
        stem, serial = first[:-5], int(first[-5:])
        if len(group) > 1:
            numbers.take_serial(f"filing:{unit}"[:20], timezone.localdate().year, len(group) - 1)
        for number, one in enumerate(group, serial):
            case = one.case
            digest = content.digest([case.content_digest, case.state, case.validity])
            filings.append(
                Filing(publication=case, number=f"{stem}{number:05d}", content_digest=digest, required_at=now)
            )
    Filing.objects.bulk_create(filings, batch_size=PART)


def _released(one: _One) -> dict[str, Any]:
    """What `content.released` gives of the version."""
    version = one.version
    assert version is not None  # noqa: S101  asked of public documents only
    same = version.body == one.case.body
    return {
        "title": version.title,
        "unit": one.case.unit.name,
        **{name: _plain(getattr(version, name)) for name in Publication.METADATA},
        "body": one.canonical if same else body.canonical(version.body),
    }


def _renew_columns(public: Sequence[_One]) -> None:
    latest: dict[int, dt.datetime] = {}
    for one in public:
        if one.case.column_id and one.case.published_at:
            at = latest.get(one.case.column_id)
            latest[one.case.column_id] = max(at, one.case.published_at) if at else one.case.published_at
    for column, at in latest.items():
        CatalogColumn.objects.filter(pk=column).exclude(updated_at__gt=at).update(updated_at=at)
