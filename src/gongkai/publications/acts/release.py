"""Acts of release: published now or at a time, amended, filed away."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from gongkai.core import clocks, jurisdiction, notifications, numbers
from gongkai.core.acts import Act, ActError, Work, WrongState, people_of, perform
from gongkai.core.forms import ActForm, ReasonForm
from gongkai.core.models import Attachment, User
from gongkai.core.roles import Role
from gongkai.core.schedule import every
from gongkai.law import documents, index_number
from gongkai.law.workdays import shift_months
from gongkai.publications import body, content, outward, rendered, screen
from gongkai.publications.acts import afterwards, common
from gongkai.publications.acts.common import KIND, STAFF_OF_OWNER
from gongkai.publications.models import Publication, PublicationFile, PublicDocument, UnitProfile, Version, VersionFile


def after_approval(work: Work, case: Publication) -> None:
    """What was chosen when it was sent up happens now; withheld information is filed instead."""
    if case.attribute != documents.Attribute.PROACTIVE:
        file_away(work, case)
    elif case.release_at is not None and case.release_at > work.now:
        work.state = "scheduled"
        work.summary = f"定于{timezone.localtime(case.release_at):%Y年%-m月%-d日%H:%M}发布"
    elif case.release_on_approval or case.release_at is not None:
        make_public(work, case)
        work.state = "published"
        work.summary = "批准并发布"
    else:
        work.state = "approved"
        people = [case.handler] if case.handler else common.staff(case.unit)
        work.notify(people, f"已批准，可以发布：{case.title}")


def file_away(work: Work, case: Publication) -> None:
    """Information that is not proactively disclosed: kept with its reason and looked at again (条例 art 18)."""
    months = jurisdiction.value("publications.review_months")
    case.review_on = shift_months(timezone.localdate(work.now), months)
    work.state = "filed"
    if case.is_public:
        outward.hide(work, case, f"公开属性改为{case.get_attribute_display()}。")
        case.withdrawn_at = work.now
    case.outcome = case.get_attribute_display()
    work.summary = f"{case.get_attribute_display()}，{common.day_words(case.review_on)}复查"


def make_public(work: Work, case: Publication, *, published_at: dt.datetime | None = None) -> Version:
    """Release the working copy as the next version. Raises ActError when it may not go out.

    Approval is what authorises a release, whoever triggers it; it must have been given for exactly this content.
    """
    if not outward.may_be_public(case):
        raise ActError("这条信息没有有效的批准，或不是主动公开，不能发布。请先送审。")
    from gongkai.publications.clearance import gate

    refusal = gate.against_release(case)
    if refusal:
        raise ActError(refusal)
    bad = case.files.exclude(check_state=PublicationFile.Check.CLEAN).first()
    if bad is not None:
        raise ActError(f"附件“{bad.name}”还没有检查好，不能发布。")
    at = published_at or work.now
    if published_at is None:
        for fault in documents.date_faults(case.made_on, timezone.localdate(at), None, None):
            raise ActError(fault.words)
    if not case.index_number:
        case.index_number = next_index_number(case, timezone.localtime(at))
    _set_term(case)
    case.version_count += 1
    case.published_at = case.published_at or at
    version = Version.objects.create(
        publication=case,
        number=case.version_count,
        title=case.title,
        unit=case.unit,
        body=_public_pictures(case),
        text=body.to_text(case.body),
        digest=content.digest(content.reviewed(case)),
        published_at=at,
        published_by=work.user.who if work.user else "系统",
        note=case.amendment,
        **{name: getattr(case, name) for name in Publication.METADATA},
    )
    VersionFile.objects.bulk_create(
        VersionFile(
            version=version,
            original_id=file.original_id,
            name=file.name,
            digest=file.digest,
            size=file.size,
            content_type=file.original.content_type,
            inline=file.inline,
            text=file.text,
            ordinal=file.ordinal,
        )
        for file in case.files.select_related("original")
    )
    case.release_at, case.release_failure, case.amendment = None, "", ""
    common.stop_limits(case, at)
    outward.show(work, case, version)
    case.outcome = "已公开"
    transaction.on_commit(partial(rendered.prepare.enqueue, version.pk))
    return version


def _public_pictures(case: Publication) -> str:
    """The body with each picture's public copy, from which place and author were taken out."""
    html = case.body
    for file in case.files.filter(inline=True).select_related("original"):
        html = html.replace(f"attachment:{file.original.digest}", f"attachment:{file.digest}")
    return html


def _own_pictures(case: Publication) -> str:
    """The other way round: the body of a version with the pictures that the working copy holds."""
    html = case.body
    for file in case.files.filter(inline=True).select_related("original"):
        html = html.replace(f"attachment:{file.digest}", f"attachment:{file.original.digest}")
    return html


def _set_term(case: Publication) -> None:
    """A normative document that names no end gets the place's usual term."""
    if not case.normative or case.expires_on is not None:
        return
    case.expires_on = afterwards.term_end(case)
    if case.expires_on is None:
        raise ActError("行政规范性文件要有施行日期或成文日期。请补充后再发布。")
    # The term is worked out by rule and changes nothing of what was approved.
    content.refresh(case)
    case.approved_digest = case.content_digest


def next_index_number(case: Publication, at: dt.datetime) -> str:
    """The next index number by the unit's template; a number is never used twice."""
    profile = UnitProfile.objects.filter(unit=case.unit_id).first()
    template = profile.index_template if profile else index_number.DEFAULT_TEMPLATE
    known = {
        "code": case.unit.code,
        "uscc": case.unit.credit_code,
        "orgcode9": profile.organisation_code if profile else "",
        "region6": profile.region_code if profile else "",
        "class": profile.class_code if profile else "",
    }
    while True:
        serial = numbers.take_serial(f"index:{case.unit_id}"[:20], at.year)
        try:
            number = index_number.render(template, serial=serial, year=at.year, month=at.month, **known)
        except ValueError as problem:
            raise ActError(str(problem)) from None
        # Another unit's template may make the same numbers, and imported documents brought theirs.
        if not Publication.objects.filter(index_number=number).exists():
            return number


class Release(Act):
    """发布."""

    kind, name, label, icon = KIND, "release", "发布", "globe"
    from_states = frozenset({"approved", "scheduled"})
    to_state = "published"
    permits = STAFF_OF_OWNER
    expected = True
    batch = True
    order = 5
    hint = "发布后立即出现在公开网站、检索和订阅中，并写入存证。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.approval_holds else "内容在批准后有改动，请重新送审。"

    def apply(self, work: Work) -> None:
        version = make_public(work, work.case)
        work.summary = f"第{version.number}版，索引号{work.case.index_number}"


class ScheduleForm(ActForm):
    """When."""

    release_at = forms.DateTimeField(
        label="发布时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def clean_release_at(self) -> dt.datetime:
        """A time that lies ahead."""
        at = self.cleaned_data["release_at"]
        if at <= timezone.now():
            raise forms.ValidationError("发布时间要晚于现在。要立即公开，请用“发布”。")
        return at


class Schedule(Act):
    """定时发布."""

    kind, name, label, icon = KIND, "schedule", "定时发布", "alarm-clock"
    from_states = frozenset({"approved", "scheduled"})
    to_state = "scheduled"
    permits = STAFF_OF_OWNER
    form_class = ScheduleForm
    order = 15

    def apply(self, work: Work) -> None:
        work.case.release_at, work.case.release_failure = work.data["release_at"], ""
        work.summary = f"定于{timezone.localtime(work.case.release_at):%Y年%-m月%-d日%H:%M}发布"


class ReleaseTimed(Act):
    """到时发布, by the system: the approval authorises it, whoever asked for the time."""

    kind, name, label, icon = KIND, "release_timed", "到时发布", "alarm-clock-check"
    from_states = frozenset({"scheduled"})
    to_state = "published"
    system = True

    def apply(self, work: Work) -> None:
        version = make_public(work, work.case)
        work.summary = f"第{version.number}版，索引号{work.case.index_number}"
        people = [work.case.handler] if work.case.handler else common.staff(work.case.unit)
        work.notify(people, f"已按时发布：{work.case.title}")


class TimedFailed(Act):
    """定时发布未成, by the system, with the reason."""

    kind, name, label, icon = KIND, "timed_failed", "定时发布未成", "alarm-clock-off"
    from_states = frozenset({"scheduled"})
    to_state = "approved"
    form_class = ReasonForm
    system = True

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        case.release_at = None
        case.release_failure = work.data["reason"][:300]
        work.summary = case.release_failure
        people = [case.handler] if case.handler else common.staff(case.unit)
        work.notify(people, f"定时发布没有成功：{case.title}。{case.release_failure}"[:300])


@every("publications.release", seconds=20)
def release_due(now: dt.datetime) -> int:
    """Release what was scheduled until now; one that cannot go out goes back to its unit."""
    due = Publication.objects.filter(state="scheduled", release_at__lte=now).order_by("release_at")[:200]
    released = 0
    for case in due:
        try:
            perform(ReleaseTimed, case, None, now=now)
            released += 1
        except WrongState:
            # Somebody was quicker: released by hand, or changed.
            continue
        except ActError as problem:
            perform(TimedFailed, case, None, {"reason": str(problem)[:300]}, now=now)
    return released


class AmendForm(ActForm):
    """Why the released text is changed."""

    reason = common.text_area("修订原因", rows=3, limit=300)


class Amend(Act):
    """修订: work on a new version while the released one stays public."""

    kind, name, label, icon = KIND, "amend", "修订", "file-pen"
    from_states = frozenset({"published", "withdrawn"})
    to_state = "draft"
    permits = STAFF_OF_OWNER
    form_class = AmendForm
    order = 30
    hint = "修订稿须重新审核批准；在它发布之前，公开的仍是现在这一版。"

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        case.authors = [work.user.pk] if work.user else []
        case.approved_digest = case.agreed_digest = ""
        case.outcome = ""
        clocks.start(
            case,
            now=work.now,
            code=f"change:{case.clocks.filter(code__startswith='change:').count() + 1}",
            name="变更公开期限",
            unit="workday",
            amount=jurisdiction.value("publications.workdays"),
            basis="《政府信息公开条例》第二十六条",
        )
        case.amendment = work.words = work.data["reason"]
        work.summary = f"第{case.version_count + 1}版"


class CancelAmendment(Act):
    """取消修订: the working copy becomes again what is public, or what was withdrawn."""

    kind, name, label, icon = KIND, "cancel_amendment", "取消修订", "file-x-corner"
    from_states = frozenset({"draft", "returned"})
    to_state = "published"
    permits = STAFF_OF_OWNER
    order = 85
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.version_count else "还没有公开过。"

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        version = case.current_version or case.versions.order_by("-number").first()
        if version is None:
            raise ActError("还没有公开过。")
        take_back_version(case, version)
        case.outcome = "已公开"
        row = PublicDocument.objects.filter(publication=case.pk).first()
        if row is not None:
            # Extended or repealed since its release: that stands beside the version.
            case.column_id, case.expires_on, case.repealed_on = row.column_id, row.expires_on, row.repealed_on
            case.validity = row.validity
        else:
            work.state, case.outcome = "withdrawn", "已撤回"
        for clock in case.clocks.filter(code__startswith="change:"):
            clocks.cancel(clock, work.now)
        content.refresh(case)
        case.approved_digest = case.content_digest
        screen.refresh(case)


def take_back_version(case: Publication, version: Version) -> None:
    """The working copy says again what a version says: metadata, words and files; not saved."""
    for name in Publication.METADATA:
        setattr(case, name, getattr(version, name))
    case.title, case.body = version.title, version.body
    _bring_back_files(case, version)
    case.body = _own_pictures(case)
    content.refresh(case)


def _bring_back_files(case: Publication, version: Version) -> None:
    """The files of the working copy are again those of the version: added ones go, removed ones come back."""
    released = list(version.files.select_related("original"))
    here = {file.digest: file for file in case.files.select_related("original")}
    wanted = {file.digest for file in released}
    case.files.exclude(digest__in=wanted).delete()
    for file in released:
        there = here.get(file.digest)
        if there is not None:
            if (there.name, there.ordinal) != (file.name, file.ordinal):
                there.name, there.ordinal = file.name, file.ordinal
                there.save(update_fields=["name", "ordinal"])
            continue
        PublicationFile.objects.create(
            publication=case,
            original=file.original or _copy_as_original(case, file),
            name=file.name,
            inline=file.inline,
            check_state=PublicationFile.Check.CLEAN,
            digest=file.digest,
            size=file.size,
            text=file.text,
            ordinal=file.ordinal,
        )


def _copy_as_original(case: Publication, file: VersionFile) -> Attachment:
    """Where a version does not name what its file was made of, the public copy itself is kept as the original."""
    return Attachment.objects.create(
        case=case, name=file.name, digest=file.digest, size=file.size, content_type=file.content_type
    )


@every("publications.review_withheld", daily_at=dt.time(7, 30))
def remind_of_withheld(now: dt.datetime) -> int:
    """Tell units of withheld information whose review is due (条例 art 18)."""
    due = Publication.objects.filter(state="filed", review_on__lte=timezone.localdate(now)).select_related("unit")
    told = 0
    for case in due[:500]:
        told += notifications.tell(
            people_of(case.unit, Role.OFFICER),
            f"到期复查不公开信息：{case.title}",
            case=case,
            kind="review",
            key=f"review-withheld-{case.pk}-{case.review_on}",
            now=now,
        )
    return told
