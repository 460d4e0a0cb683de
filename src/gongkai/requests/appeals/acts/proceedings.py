"""While it is pending: the body's answer, hearings, further materials, more time for the organ."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.models import User
from gongkai.core.roles import Role
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.acts.common import (
    KIND,
    STAFF_OF_OWNER,
    check_day,
    day_words,
    staff,
    stop_clock,
    text_area,
    today,
)
from gongkai.requests.appeals.models import Appeal, Hearing

LIVE = frozenset({"entered", "pending"})


def _say_nobody(case: Appeal, texts: dict[str, str]) -> None:
    """What stands in the open record does not tell who applied or sued. Raises ActError."""
    anonymous.check(texts, anonymous.known_of(case.request, case, case.earlier))


class AnswerForm(ActForm):
    """The body's own answer, with its proof."""

    answered_on = DayField(label="提交日期")
    answer = text_area("答复、答辩要点", rows=6, limit=4000, required=False, help_text="加密保存。")
    files = FilesField(label="答复书、答辩状和证据目录", help_text="加密保存。")  # type: ignore[assignment]


class Answer(Act):
    """提交答复和证据: ends the clock of the answer on the day it was handed in."""

    kind, name, label, icon = KIND, "answer", "提交答复和证据", "file-check"
    from_states = frozenset({"entered"})
    to_state = "pending"
    permits = STAFF_OF_OWNER
    form_class = AnswerForm
    private = frozenset({"answer", "files"})
    expected = True
    order = 10
    hint = "逾期不答复、不举证的，视为没有证据。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"answered_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        on = work.data["answered_on"]
        check_day(on, work.now, "提交日期", after=case.received_on, of="收到通知之日")
        case.answered_on, case.answer = on, work.data["answer"]
        stop_clock(case, "answer", on, work.now)
        work.files += work.data["files"]
        work.attachments += work.data["kept"]
        work.summary = f"{day_words(on)}提交，{len(work.files) + len(work.attachments)}份材料"


class MaterialsForm(ActForm):
    """Further papers."""

    what = forms.CharField(label="材料是什么", max_length=120, help_text="例如补充证据、庭审笔录。不要写姓名。")
    files = FilesField(label="材料", help_text="加密保存。")  # type: ignore[assignment]


class AddMaterials(Act):
    """补充材料."""

    kind, name, label, icon = KIND, "add_materials", "补充材料", "paperclip"
    from_states = frozenset({"entered", "pending", "redoing", "decided"})
    permits = STAFF_OF_OWNER
    form_class = MaterialsForm
    private = frozenset({"files"})
    order = 40

    def apply(self, work: Work) -> None:
        _say_nobody(work.case, {"材料是什么": work.data["what"]})
        work.files += work.data["files"]
        work.attachments += work.data["kept"]
        work.summary = work.data["what"]


class HearingForm(ActForm):
    """When, where, and who goes."""

    sort = forms.ChoiceField(label="形式", choices=Hearing.Sort.choices)
    held_on = DayField(label="日期", help_text="可以是以后的日期。")
    place = forms.CharField(label="地点", max_length=120, required=False)
    leader_present = forms.BooleanField(label="本机关负责人到场", required=False)
    present = forms.CharField(label="到场岗位", max_length=200, required=False, help_text="写岗位，不写姓名。")


class AddHearing(Act):
    """登记听证、开庭."""

    kind, name, label, icon = KIND, "add_hearing", "登记听证、开庭", "calendar-clock"
    from_states = LIVE
    permits = STAFF_OF_OWNER
    form_class = HearingForm
    order = 30
    hint = "负责人和法律顾问会收到通知。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        suit = case is not None and case.concrete.suit
        return {"sort": Hearing.Sort.COURT if suit else Hearing.Sort.HEARING, "held_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        data = work.data
        if data["held_on"] < case.received_on:
            raise ActError(f"日期不能早于收到通知之日（{day_words(case.received_on)}）。请核对日期。")
        _say_nobody(case, {"地点": data["place"], "到场岗位": data["present"]})
        hearing = Hearing.objects.create(
            appeal=case, **{name: data[name] for name in ("sort", "held_on", "place", "leader_present", "present")}
        )
        work.summary = f"{hearing.get_sort_display()}，{day_words(hearing.held_on)}"
        if hearing.held_on >= today(work.now):
            who = people_of(case.unit, Role.LEADER, Role.LEGAL)
            work.notify(who, f"{work.summary}{'，' + hearing.place if hearing.place else ''}：{case.title}")


class HearingRecordForm(ActForm):
    """Which hearing, and who was there in the end."""

    hearing = forms.ModelChoiceField(label="哪一次", queryset=Hearing.objects.none(), empty_label=None)
    held_on = DayField(label="实际日期")
    leader_present = forms.BooleanField(label="本机关负责人到场", required=False)
    present = forms.CharField(label="到场岗位", max_length=200, required=False, help_text="写岗位，不写姓名。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["hearing"]
        field.queryset = Hearing.objects.filter(appeal=case.pk) if case is not None else Hearing.objects.none()


class RecordHearing(Act):
    """登记到场情况: what was planned is put right once it was held."""

    kind, name, label, icon = KIND, "record_hearing", "登记到场情况", "users"
    from_states = frozenset({"entered", "pending", "redoing", "decided"})
    permits = STAFF_OF_OWNER
    form_class = HearingRecordForm
    order = 35
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if Hearing.objects.filter(appeal=case.pk).exists() else "还没有登记听证、开庭。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        hearing = Hearing.objects.filter(appeal=case.pk).last() if case is not None else None
        if hearing is None:
            return {}
        return {
            "hearing": hearing,
            "held_on": hearing.held_on,
            "leader_present": hearing.leader_present,
            "present": hearing.present,
        }

    def apply(self, work: Work) -> None:
        data = work.data
        check_day(data["held_on"], work.now, "实际日期", after=work.case.received_on, of="收到通知之日")
        _say_nobody(work.case, {"到场岗位": data["present"]})
        hearing: Hearing = data["hearing"]
        for name in ("held_on", "leader_present", "present"):
            setattr(hearing, name, data[name])
        hearing.save()
        work.summary = (
            f"{hearing.get_sort_display()}，{day_words(hearing.held_on)}，"
            f"负责人{'到场' if hearing.leader_present else '没有到场'}"
        )


class ProlongForm(ActForm):
    """How long, and the paper that says so."""

    days = forms.IntegerField(label="延长几日", min_value=1, max_value=30, initial=30)
    document = forms.CharField(label="延长审理通知书文号", max_length=120, required=False)


class Prolong(Act):
    """登记延长审理: the organ takes more time (行政复议法第六十二条)."""

    kind, name, label, icon = KIND, "prolong", "登记延长审理", "calendar-plus"
    from_states = LIVE
    permits = STAFF_OF_OWNER
    form_class = ProlongForm
    order = 45
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        clock = clocks.get(case, "decision")
        if clock is None or not clock.is_open:
            return "没有登记受理之日，不计算审理期限。"
        return "已经登记过延长。" if clock.extensions.exists() else ""

    def apply(self, work: Work) -> None:
        clock = clocks.get(work.case, "decision")
        if clock is None:
            raise ActError("没有登记受理之日，不计算审理期限。")
        clocks.extend(
            clock, work.now, reason="复议机关延长审理", amount=work.data["days"], document=work.data["document"]
        )
        work.summary = f"延长{work.data['days']}日{'，' + work.data['document'] if work.data['document'] else ''}"
        work.notify(staff(work.case.unit), f"复议机关延长审理：{work.case.title}")
