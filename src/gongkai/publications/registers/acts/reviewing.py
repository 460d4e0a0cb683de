"""What guide, catalog and negative list share: written by one person, reviewed by another, public as a version."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.core import pages
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, ReasonForm, WordsForm
from gongkai.core.kinds import State
from gongkai.core.models import Case, Unit, User
from gongkai.core.roles import STAFF, Role, Where, owner, supervisor
from gongkai.publications.acts import common
from gongkai.publications.registers import outward
from gongkai.publications.registers.models import RegisterVersion, Reviewed

DRAFTING = frozenset({"draft", "returned"})
STAFF_OF_OWNER = owner(*STAFF)
APPROVERS = (Role.REVIEWER, Role.LEADER)


def states(noun: str) -> dict[str, State]:
    """The states of a kind that is reviewed; `noun` is what is written."""
    return {
        "draft": State("编写中", turn=Where.OWNER, roles=STAFF, ask=f"写好{noun}后送审"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask=f"修改{noun}后重新送审"),
        "review": State("待审核", turn=Where.OWNER, roles=APPROVERS, ask=f"审核{noun}"),
        "published": State("已公布", open=False, turn=None, roles=()),
    }


def tags_of(case: Case) -> list[str]:
    """The pages that show a register of a body."""
    return ["bodies", f"body:{case.unit_id}"]


def own_unit(work: Work) -> Unit:
    """The unit a person writes for: the one chosen, or the person's own. Raises ActError for a unit not theirs."""
    unit = work.data.get("unit") or common.home_unit(work.user)
    if work.user is not None and not work.user.roles_at(unit) & set(STAFF):
        raise ActError("只能为自己任职的单位编写。")
    return unit


def open_one(work: Work, model: type[Reviewed], label: str, unit: Unit, **columns: Any) -> Any:
    """Open a unit's register. Raises ActError when it has one: a unit has one guide, one catalog, one list."""
    if model._default_manager.filter(unit=unit).exists():
        raise ActError(f"{unit}已经有{label}。请打开它修订。")
    case = model(
        kind=model.KIND,
        state="draft",
        title=f"{unit}{label}",
        unit=unit,
        supervisor=common.supervising(unit),
        handler=work.user,
        authors=[work.user.pk] if work.user else [],
        **columns,
    )
    work.open(case, summary=case.title)
    return case


class Submit(Act):
    """送审."""

    name, label, icon = "submit", "送审", "send"
    from_states = DRAFTING
    to_state = "review"
    permits = STAFF_OF_OWNER
    form_class = WordsForm
    expected = True
    order = 10
    hint = "由没有参与编写的人审核，通过后公布。"

    def blocked(self, case: Any, user: User) -> str:
        own: Any = case.concrete
        faults = own.missing() if isinstance(case, Reviewed) else []
        return f"还不能送审：{'；'.join(faults[:4])}。" if faults else ""

    def apply(self, work: Work) -> None:
        faults = work.case.missing()
        if faults:
            raise ActError(f"还不能送审：{'；'.join(faults[:4])}。")
        reviewers = people_of(work.case.unit, *APPROVERS).exclude(pk__in=work.case.authors)
        if not reviewers.exists() and work.case.supervisor is not None:
            reviewers = people_of(work.case.supervisor, Role.OFFICE).exclude(pk__in=work.case.authors)
        work.words = work.data.get("words") or ""
        work.notify(reviewers, f"待审核：{work.case.title}")


class ApproveForm(ActForm):
    """What has changed, for readers."""

    note = forms.CharField(
        label="修订说明", max_length=300, required=False, help_text="读者会看到，例如“办公地址变更”。"
    )


class Approve(Act):
    """审核通过并公布."""

    name, label, icon = "approve", "通过并公布", "circle-check"
    from_states = frozenset({"review"})
    to_state = "published"
    permits = (*owner(*APPROVERS), *supervisor(Role.OFFICE))
    form_class = ApproveForm
    expected = True
    order = 10
    hint = "公布后公众页面立即更新，并显示更新日期。"

    def blocked(self, case: Any, user: User) -> str:
        return "你参与了编写，请由其他人审核。" if user.pk in case.authors else ""

    def apply(self, work: Work) -> None:
        release(work, work.data.get("note") or "")


def release(work: Work, note: str) -> RegisterVersion:
    """The working copy becomes the current version."""
    case: Reviewed = work.case
    faults = case.missing()
    if faults:
        raise ActError(f"不能公布：{'；'.join(faults[:4])}。")
    before = RegisterVersion.objects.filter(record=case.pk, current=True).values_list("pk", flat=True).first()
    RegisterVersion.objects.filter(record=case.pk, current=True).update(current=False)
    case.version_count += 1
    case.published_at = work.now
    case.outcome = f"第{case.version_count}版"
    # The next change is written by whoever makes it: authorship is counted anew.
    case.authors = []
    version = RegisterVersion.objects.create(
        record=case,
        kind=case.kind,
        unit=case.unit,
        number=case.version_count,
        content=case.content(),
        published_at=work.now,
        published_by=work.user.who if work.user else "系统",
        note=note,
    )
    work.summary = f"第{version.number}版{'，' + note if note else ''}"
    outward.shown(work, version, before)
    pages.drop(*tags_of(case), "catalog")
    return version


class Return(Act):
    """退回."""

    name, label, icon = "return", "退回修改", "undo-2"
    from_states = frozenset({"review"})
    to_state = "returned"
    permits = Approve.permits
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.notify(common.staff(work.case.unit), f"被退回：{work.case.title}")


class Revise(Act):
    """修订: what is public stays as it is until the next version is approved."""

    name, label, icon = "revise", "修订", "pencil"
    from_states = frozenset({"published"})
    to_state = "draft"
    permits = STAFF_OF_OWNER
    form_class = WordsForm
    expected = True
    order = 10
    hint = "修订期间，公众看到的还是现行版本。"

    def apply(self, work: Work) -> None:
        case: Reviewed = work.case
        case.authors = [work.user.pk] if work.user else []
        case.handler = work.user
        work.words = work.data.get("words") or ""


def wrote(work: Work) -> None:
    """Remember who changed the content: whoever wrote it does not review it."""
    if work.user is not None and work.user.pk not in work.case.authors:
        work.case.authors = [*work.case.authors, work.user.pk]
