"""Acts of fixed-point disclosure (定点、定向公开): outlets on record, documents put up there with proof, and taken down again."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.channels.zones.acts import day_words, run_until, supervising
from gongkai.channels.zones.models import Item, Outlet, OutletForm, Posting, Zone
from gongkai.core import attachments, clocks
from gongkai.core.acts import Act, ActError, Opening, Work, people_of, perform
from gongkai.core.forms import ActForm, DayField, FilesField, ReasonForm
from gongkai.core.models import User
from gongkai.core.roles import STAFF, anywhere, lead, owner
from gongkai.core.schedule import every
from gongkai.publications.public import PublicDocument

OUTLET, POSTING = Outlet.KIND, Posting.KIND
MINE = owner(*STAFF)
IN_PLACE = ("up", "due")
LONGEST = 366


# --- outlets ----------------------------------------------------------------------------------------------------------


class OutletDetails(ActForm):
    """Where an outlet is and whom it reaches."""

    title = forms.CharField(label="名称", max_length=60, help_text="例如：望江里社区公告栏。")
    form = forms.ChoiceField(label="载体", choices=OutletForm.choices)
    area = forms.CharField(
        label="面向区域或者人群", max_length=120, help_text="例如：望江里1至12号居民；大厅办事群众。"
    )
    address = forms.CharField(label="位置", max_length=200)
    zone = forms.ModelChoiceField(
        label="所在专区", queryset=Zone.objects.none(), required=False, empty_label="不在专区里"
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        units = [case.unit_id] if case is not None else list(user.roles_by_unit) if user is not None else []
        field: Any = self.fields["zone"]
        field.queryset = Zone.objects.filter(unit__in=units).exclude(state="closed")


class RegisterOutlet(Act):
    """登记载体."""

    kind, name, label, icon = OUTLET, "register", "登记载体", "plus"
    creates = True
    permits = anywhere(*STAFF)
    form_class = OutletDetails
    hint = "登记后，有关部门可以安排在这里张贴。"

    def apply(self, work: Work) -> None:
        unit = work.user.main_unit if work.user else None
        if unit is None:
            raise ActError("你还没有任职单位，请联系安全保密管理员。")
        outlet = Outlet(kind=OUTLET, state="active", unit=unit, supervisor=supervising(unit), **_details(work))
        work.open(outlet, summary=f"{outlet.get_form_display()}，{outlet.address}")


def _details(work: Work) -> dict[str, Any]:
    return {name: work.data[name] for name in ("title", "form", "area", "address", "zone")}


class ChangeOutlet(Act):
    """修改载体."""

    kind, name, label, icon = OUTLET, "change", "修改信息", "pencil"
    from_states = frozenset({"active"})
    permits = MINE
    form_class = OutletDetails
    order = 40

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {name: getattr(case, name) for name in ("title", "form", "area", "address", "zone")} if case else {}

    def apply(self, work: Work) -> None:
        for name, value in _details(work).items():
            setattr(work.case, name, value)


class CloseOutlet(Act):
    """停用载体."""

    kind, name, label, icon = OUTLET, "close", "停用", "ban"
    from_states = frozenset({"active"})
    to_state = "closed"
    permits = MINE
    form_class = ReasonForm
    danger = True
    order = 90

    def apply(self, work: Work) -> None:
        held = Posting.objects.filter(outlet=work.case.pk, state__in=("planned", *IN_PLACE)).count()
        if held:
            raise ActError(f"还有{held}件没有撤下或者取消，不能停用。")
        work.words = work.data["reason"]


# --- postings ---------------------------------------------------------------------------------------------------------


class PlanForm(ActForm):
    """What is shown where, and how long."""

    document = forms.CharField(
        label="公开的信息", max_length=300, help_text="已经公开的信息的文号、索引号或者网页地址。"
    )
    item = forms.ChoiceField(label="公开事项", choices=Item.choices)
    outlets = forms.ModelMultipleChoiceField(
        label="张贴在哪里", queryset=Outlet.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    from_day = DayField(label="张贴日期")
    until_day = DayField(label="撤下日期", help_text="贴到这一天为止。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["outlets"]
        field.queryset = Outlet.objects.filter(state="active").select_related("unit").order_by("unit__path", "pk")
        field.label_from_instance = lambda one: f"{one}，面向{one.area}"

    def clean_document(self) -> PublicDocument:
        """The public document that was named."""
        text = self.cleaned_data["document"].strip()
        found = re.search(r"/information/(?:documents?/)?(\d{1,18})/?$", text)
        rows = PublicDocument.objects.select_related("publication", "version")
        if found:
            row = rows.filter(pk=int(found[1])).first()
        else:
            row = rows.filter(document_number=text).first() or rows.filter(index_number=text).first()
        if row is None:
            raise forms.ValidationError("没有找到这条公开的信息。请核对文号、索引号，或者粘贴网页地址。")
        return row

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_day"), data.get("until_day")
        if first and last and last < first:
            self.add_error("until_day", "撤下日期不能早于张贴日期。")
        elif first and last and (last - first).days > LONGEST:
            self.add_error("until_day", "张贴最长一年；到期仍需要的，再延长。")
        return data


class Plan(Act):
    """安排张贴: one posting for each outlet; whoever runs the outlet puts it up."""

    kind, name, label, icon = POSTING, "plan", "安排张贴", "pin"
    creates = True
    permits = anywhere(*STAFF)
    form_class = PlanForm
    hint = "每个载体成为一件待办，由管理载体的单位张贴并上传照片；到期提醒撤下。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"from_day": timezone.localdate()}

    def apply(self, work: Work) -> None:
        data = work.data
        row: PublicDocument = data["document"]
        if data["until_day"] < timezone.localdate(work.now):
            raise ActError("撤下日期已经过了。请核对日期。")
        home = work.user.main_unit if work.user else None
        openings = []
        for outlet in data["outlets"]:
            posting = Posting(
                kind=POSTING,
                state="planned",
                unit=outlet.unit,
                supervisor=outlet.supervisor,
                lead=home if home != outlet.unit else None,
                title=row.title[:280],
                outlet=outlet,
                document_id=row.pk,
                version=row.version.number,
                **{name: data[name] for name in ("item", "from_day", "until_day")},
            )
            clock = {"code": "put_up", "name": "张贴", "unit": "date", "date": data["from_day"]}
            words = f"{outlet}，{day_words(data['from_day'])}至{day_words(data['until_day'])}"
            openings.append(Opening(posting, clocks=(clock,), summary=words))
        work.data = {"document": row.pk, "outlets": [one.pk for one in data["outlets"]]}
        postings = work.open_many(openings)
        work.notify_owners(postings, STAFF, lambda posting: f"请在{posting.outlet}张贴：{posting.title}")


class ProofForm(ActForm):
    """A picture of how it hangs."""

    files = FilesField(label="照片", help_text="张贴后拍一张，能看清内容和载体。不要拍到人脸。")  # type: ignore[assignment]


class PutUp(Act):
    """已张贴: with a picture as proof."""

    kind, name, label, icon = POSTING, "put_up", "已张贴", "pin"
    from_states = frozenset({"planned"})
    to_state = "up"
    permits = MINE
    form_class = ProofForm
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Posting = work.case
        fault = source_fault(case)
        if fault:
            raise ActError(f"{fault}请取消这次张贴，需要的重新安排。")
        _keep_pictures(work)
        case.put_up_at = work.now
        clock = clocks.get(case, "put_up")
        if clock is not None:
            clocks.stop(clock, work.now)
        work.summary = f"{case.outlet}，贴到{day_words(case.until_day)}"


def _keep_pictures(work: Work) -> None:
    stored = [attachments.store(file, user=work.user) for file in work.data.get("files") or []]
    work.attachments += [*stored, *(work.data.get("kept") or [])]


class Extend(Act):
    """延长: it hangs longer."""

    kind, name, label, icon = POSTING, "extend", "延长", "calendar-plus"
    from_states = frozenset({"up", "due"})
    to_state = "up"
    permits = (*MINE, *lead(*STAFF))
    order = 40

    class form_class(ReasonForm):  # noqa: N801  the act's form
        """Until when, and why."""

        until_day = DayField(label="撤下日期")

    def apply(self, work: Work) -> None:
        case: Posting = work.case
        fault = source_fault(case)
        if fault:
            raise ActError(f"{fault}不能延长，请撤下。")
        if work.data["until_day"] <= max(case.until_day, timezone.localdate(work.now)):
            raise ActError("新的撤下日期要晚于原来的日期和今天。")
        case.until_day, case.due_reason = work.data["until_day"], ""
        _stop(work, "take_down")
        work.summary, work.words = f"贴到{day_words(case.until_day)}", work.data["reason"]


class TakeDown(Act):
    """已撤下."""

    kind, name, label, icon = POSTING, "take_down", "已撤下", "pin-off"
    from_states = frozenset(IN_PLACE)
    to_state = "down"
    permits = MINE
    expected = True
    order = 20

    class form_class(ProofForm):  # noqa: N801  the act's form
        """A picture, where there is one."""

        files = FilesField(label="照片", required=False)  # type: ignore[assignment]

    def apply(self, work: Work) -> None:
        _keep_pictures(work)
        work.case.taken_down_at, work.case.outcome = work.now, "已撤下"
        _stop(work, "take_down")


class Cancel(Act):
    """取消: it was never put up."""

    kind, name, label, icon = POSTING, "cancel", "取消", "ban"
    from_states = frozenset({"planned"})
    to_state = "cancelled"
    permits = (*MINE, *lead(*STAFF))
    form_class = ReasonForm
    danger = True
    order = 90

    def apply(self, work: Work) -> None:
        work.words, work.case.outcome = work.data["reason"], "已取消"


class FallDue(Act):
    """该撤下了, by the system: the day has passed, or the source is no longer what hangs there."""

    kind, name, label, icon = POSTING, "fall_due", "该撤下", "clock-alert"
    from_states = frozenset({"up"})
    to_state = "due"
    system = True

    def apply(self, work: Work) -> None:
        case: Posting = work.case
        day = timezone.localdate(work.now)
        case.due_reason = source_fault(case) or f"张贴到{day_words(case.until_day)}为止。"
        run_until(case, "take_down", "撤下", max(day, case.until_day), work.now)
        work.summary = case.due_reason
        work.notify(people_of(case.unit, *STAFF), f"该撤下了：{case.outlet}的{case.title}")


def _stop(work: Work, code: str) -> None:
    for clock in work.case.clocks.filter(code=code, state__in=clocks.OPEN):
        clocks.stop(clock, work.now)


def source_fault(case: Posting) -> str:
    """Why what hangs there is no longer right, in words; empty when it is."""
    number = PublicDocument.objects.filter(pk=case.document_id).values_list("version__number", flat=True).first()
    if number is None:
        return "原文已经撤回。"
    return "" if number == case.version else f"原文已经修订为第{number}版。"


def source_changed(work: Work) -> None:
    """After an act on a document by which another version became public, or none is: what hangs of it is to come down."""
    if work.event is None or "current_version_id" not in (work.event.changes or {}):
        return
    for posting in Posting.objects.filter(document=work.case.pk, state="up")[:500]:
        if source_fault(posting):
            work.perform(FallDue, posting)


@every("zones.postings", daily_at=dt.time(7, 10))
def look_for_due(now: dt.datetime) -> int:
    """What hung until yesterday becomes a to-do of whoever runs the outlet; returns how many."""
    found = 0
    for posting in Posting.objects.filter(state="up", until_day__lt=timezone.localdate(now))[:1000]:
        try:
            perform(FallDue, posting, None, now=now)
        except ActError:
            # Taken down or extended in the same moment.
            continue
        found += 1
    return found
