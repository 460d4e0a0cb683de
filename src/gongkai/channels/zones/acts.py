"""Acts of zones: set up, equipped with services, opened, suspended, closed; the register at the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai import screening
from gongkai.channels.zones import counting
from gongkai.channels.zones.models import Days, Place, Service, ServiceNote, Zone, ZoneRequest, ZoneService
from gongkai.channels.zones.settings import required
from gongkai.core import clocks
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.days import day_words
from gongkai.core.forms import ActForm, DayField, ReasonForm, UnitField
from gongkai.core.models import Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import STAFF, Role, anywhere, owner, supervisor

KIND = Zone.KIND
MINE = owner(*STAFF)
DECIDE = (*owner(Role.OFFICER, Role.LEADER), *supervisor(Role.OFFICE))
ALIVE = frozenset({"preparing", "open", "suspended"})
COLUMNS = (
    "title", "place", "address", "sign", "telephone", "days", "opens_at", "closes_at", "break_from", "break_to",
    "hours_remark",
)  # fmt: skip


def supervising(unit: Unit) -> Unit | None:
    """The office that supervises openness for a unit: that of the government it belongs to, if there is one."""
    path = [int(part) for part in unit.path.strip("/").split("/") if part]
    offices = Unit.objects.filter(parent__in=path, kind=UnitKind.OFFICE, active=True, memberships__role=Role.OFFICE)
    return offices.order_by("-path", "ordinal").distinct().first()


def run_until(case: Any, code: str, name: str, day: dt.date, now: dt.datetime) -> None:
    """Start the clock to a day, or the one that ran before once more; it reminds and judges nobody."""
    clock = clocks.get(case, code)
    if clock is None:
        clocks.start(case, now=now, code=code, name=name, unit="date", date=day, judged=False)
        return
    clock.date, clock.started_at = day, now
    clocks.reopen(clock, now)


class TimeField(forms.TimeField):
    """A time of day, with the browser's own control."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ZoneForm(ActForm):
    """Where a zone is and when it is open."""

    title = forms.CharField(label="名称", max_length=60, help_text="例如：云溪区政务公开专区。")
    place = forms.ChoiceField(label="场所", choices=Place.choices)
    address = forms.CharField(label="地址", max_length=200, help_text="写到楼层和窗口。")
    sign = forms.CharField(
        label="标识", max_length=200, help_text="现场靠什么认出来，例如：一楼东侧，绿底白字“政务公开”。"
    )
    telephone = forms.CharField(label="电话", max_length=40)
    days = forms.ChoiceField(label="开放日", choices=Days.choices)
    opens_at = TimeField(label="开门")
    closes_at = TimeField(label="关门")
    break_from = TimeField(label="午休开始", required=False, help_text="中午不休息的不填。")
    break_to = TimeField(label="午休结束", required=False)
    hours_remark = forms.CharField(label="开放时间说明", max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("opens_at"), data.get("closes_at")
        pause, again = data.get("break_from"), data.get("break_to")
        if first and last and first >= last:
            self.add_error("closes_at", "关门要晚于开门。")
        elif bool(pause) != bool(again):
            self.add_error("break_to", "午休的开始和结束要一起填。")
        elif first and last and pause and again and not first < pause < again < last:
            self.add_error("break_to", "午休要在开门和关门之间，结束晚于开始。")
        return data


class SetUpForm(ZoneForm):
    """A new zone of one of the person's units."""

    unit = UnitField(label="主办单位", required=False, help_text="不选就是本单位。")
    field_order = ["unit"]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        own = [unit for unit, roles in (user.roles_by_unit if user else {}).items() if set(roles) & set(STAFF)]
        field: Any = self.fields["unit"]
        field.queryset = Unit.objects.filter(active=True, pk__in=own).order_by("path")
        if len(own) < 2:
            field.widget = forms.HiddenInput()


class SetUp(Act):
    """设立专区."""

    kind, name, label, icon = KIND, "set_up", "设立专区", "plus"
    creates = True
    permits = anywhere(*STAFF)
    form_class = SetUpForm
    hint = "先登记场所和开放时间，再逐项设置服务；必备的服务齐了才能开放。"

    def apply(self, work: Work) -> None:
        unit = work.data.get("unit") or (work.user.main_unit if work.user else None)
        if unit is None:
            raise ActError("你还没有任职单位，请联系安全保密管理员。")
        if work.user is not None and not work.user.roles_at(unit) & set(STAFF):
            raise ActError("只能为自己任职的单位设立专区。")
        zone = Zone(
            kind=KIND,
            state="preparing",
            unit=unit,
            supervisor=supervising(unit),
            handler=work.user,
            **{name: work.data[name] for name in COLUMNS},
        )
        work.open(zone, summary=f"{zone.get_place_display()}，{zone.address}")


class Change(Act):
    """修改信息: what stands at the door and on its public page."""

    kind, name, label, icon = KIND, "change", "修改信息", "pencil"
    from_states = ALIVE
    permits = MINE
    form_class = ZoneForm
    order = 40
    hint = "改后公开页面立即更新。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {name: getattr(case, name) for name in COLUMNS} if case is not None else {}

    def apply(self, work: Work) -> None:
        zone: Zone = work.case
        for name in COLUMNS:
            setattr(zone, name, work.data[name])
        lacking = missing(zone) if zone.state == "open" else []
        if lacking:
            raise ActError(f"{zone.get_place_display()}的专区还必须有：{'、'.join(lacking)}。请先设置服务，再改场所。")
        work.summary = f"{zone.address}，{zone.hours}"


# --- services ---------------------------------------------------------------------------------------------------------


class OfferForm(ActForm):
    """A service, who serves it and when."""

    service = forms.ChoiceField(label="服务", choices=Service.choices)
    post = forms.CharField(label="服务岗位", max_length=80, help_text="写窗口或者岗位，不写个人姓名。例如：3号窗口。")
    hours = forms.CharField(label="服务时间", max_length=120, required=False, help_text="与开放时间相同的不填。")
    words = forms.CharField(
        label="怎么办",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="要带什么、能得到什么。会显示在公开页面上。",
    )


class Offer(Act):
    """设置服务: one service with who serves it and when; the same service again is changed."""

    kind, name, label, icon = KIND, "offer", "设置服务", "list-plus"
    from_states = ALIVE
    permits = MINE
    form_class = OfferForm
    order = 20
    hint = "一次设置一项；已有的，按新填的改。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        lacking = missing_codes(case) if case is not None else []
        return {"service": lacking[0]} if lacking else {}

    def apply(self, work: Work) -> None:
        data = work.data
        values = {name: data[name] for name in ("post", "hours", "words")}
        ZoneService.objects.update_or_create(zone=work.case, service=data["service"], defaults=values)
        when = data["hours"] or "开放时间内"
        work.summary = f"{Service(data['service']).label}：{data['post']}，{when}"


class StopForm(ReasonForm):
    """Which service ends, and why."""

    service = forms.ChoiceField(label="服务", choices=Service.choices)
    field_order = ["service"]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["service"]
            field.choices = [(one.service, one.get_service_display()) for one in case.services.all()]


class StopService(Act):
    """停止服务: a service is no longer offered; what an open zone must have stays."""

    kind, name, label, icon = KIND, "stop_service", "停止一项服务", "minus"
    from_states = ALIVE
    permits = MINE
    form_class = StopForm
    order = 45

    def apply(self, work: Work) -> None:
        zone: Zone = work.case
        service = Service(work.data["service"])
        if zone.state == "open" and service in required(zone.place):
            raise ActError(f"“{service.label}”是{zone.get_place_display()}专区必备的服务，开放期间不能停止。")
        zone.services.filter(service=service).delete()
        work.summary, work.words = service.label, work.data["reason"]


def missing_codes(zone: Zone) -> list[str]:
    """The services it must still be given before it may open."""
    offered = set(zone.services.values_list("service", flat=True))
    return [code for code in required(zone.place) if code not in offered]


def missing(zone: Zone) -> list[str]:
    """The same in words."""
    return [Service(code).label for code in missing_codes(zone)]


def _check_services(zone: Zone) -> None:
    lacking = missing(zone)
    if lacking:
        raise ActError(
            f"还缺{len(lacking)}项必备的服务：{'、'.join(lacking)}。请先办“设置服务”，写明谁来服务、什么时间。"
        )
    if not zone.services.exists():
        raise ActError("还没有设置服务。请先办“设置服务”。")


# --- open and closed --------------------------------------------------------------------------------------------------


class Open(Act):
    """开放: from here on it stands on the public site."""

    kind, name, label, icon = KIND, "open", "开放", "door-open"
    from_states = frozenset({"preparing"})
    to_state = "open"
    permits = DECIDE
    expected = True
    order = 10
    hint = "开放后列在公开网站上，可以登记服务、受理申请。"

    def apply(self, work: Work) -> None:
        _check_services(work.case)
        work.case.opened_on = timezone.localdate(work.now)
        work.summary = f"{work.case.services.count()}项服务"
        if work.case.supervisor is not None:
            work.notify(people_of(work.case.supervisor, Role.OFFICE), f"{work.case.title}已开放。")


class SuspendForm(ReasonForm):
    """Why it is shut for a time, and until when."""

    until = DayField(label="预计恢复日期", required=False, help_text="会显示在公开页面上，到期提醒恢复。")


class Suspend(Act):
    """暂停开放: readers see why and until when."""

    kind, name, label, icon = KIND, "suspend", "暂停开放", "pause"
    from_states = frozenset({"open"})
    to_state = "suspended"
    permits = DECIDE
    form_class = SuspendForm
    order = 60
    hint = "原因和恢复日期显示在公开页面上。"

    def apply(self, work: Work) -> None:
        zone, until = work.case, work.data["until"]
        if until is not None and until < timezone.localdate(work.now):
            raise ActError("预计恢复日期不能早于今天。")
        zone.suspended_reason, zone.suspended_until = work.data["reason"][:200], until
        if until is not None:
            run_until(zone, "resume", "恢复开放", until, work.now)
        work.summary = f"预计{day_words(until)}恢复" if until else ""
        work.words = work.data["reason"]


class Resume(Act):
    """恢复开放."""

    kind, name, label, icon = KIND, "resume", "恢复开放", "play"
    from_states = frozenset({"suspended"})
    to_state = "open"
    permits = DECIDE
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        _check_services(work.case)
        _forget_suspension(work)


def _forget_suspension(work: Work) -> None:
    zone: Zone = work.case
    zone.suspended_reason, zone.suspended_until = "", None
    for clock in zone.clocks.filter(code="resume", state__in=clocks.OPEN):
        clocks.cancel(clock, work.now)


class Close(Act):
    """关闭: for good; its register stays."""

    kind, name, label, icon = KIND, "close", "关闭", "ban"
    from_states = ALIVE
    to_state = "closed"
    permits = DECIDE
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "关闭后从公开网站上撤下，不能再开放；登记和统计保留。"

    def apply(self, work: Work) -> None:
        _forget_suspension(work)
        work.case.outcome = "已关闭"
        work.words = work.data["reason"]


# --- the register at the desk -----------------------------------------------------------------------------------------

# Findings that tell about a person; other marks of screening do not matter on a line nobody publishes.
_PERSONAL = frozenset(
    {"identity", "identity_suspect", "mobile", "landline", "bank", "passport", "email", "messenger", "address", "minor",
     "health", "plate"}
)  # fmt: skip


def personal(text: str) -> str:
    """What in a line tells about a person, as it was found; empty when nothing does."""
    hits = screening.screen([screening.Part(place="简要内容", text=text)]) if text else []
    return next((hit.found for hit in hits if hit.kind in _PERSONAL), "")


class NoteForm(ActForm):
    """A line of the register: what and for how many."""

    service = forms.ChoiceField(label="服务", choices=Service.choices)
    people = forms.IntegerField(label="人数", min_value=1, max_value=10000, initial=1)
    on = DayField(label="日期")
    words = forms.CharField(
        label="简要内容",
        max_length=200,
        required=False,
        help_text="一句话写问了什么。不写姓名、电话、住址等个人信息。",
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is None:
            return
        field: Any = self.fields["service"]
        # A request that was taken writes its own line.
        field.choices = [
            (one.service, one.get_service_display()) for one in case.services.all() if one.service != Service.INTAKE
        ]

    def clean_words(self) -> str:
        """Nothing about persons."""
        words = " ".join(self.cleaned_data["words"].split())
        found = personal(words)
        if found:
            raise forms.ValidationError(f"“{found}”像是个人信息。登记只写事，不写人，请去掉。")
        return words


def write_note(work: Work, zone: Zone, *, service: str, people: int, on: dt.date, words: str) -> ServiceNote:
    """A line of the register, counted."""
    note = ServiceNote.objects.create(
        zone=zone,
        service=service,
        on=on,
        month=f"{on:%Y-%m}",
        people=people,
        words=words,
        noted_by=work.user.who[:120] if work.user else "",
        noted_at=work.now,
    )
    counting.move(note, zone, 1)
    return note


class Note(Act):
    """登记服务: one line of the register at the desk."""

    kind, name, label, icon = KIND, "note", "登记服务", "notebook-pen"
    from_states = frozenset({"open"})
    permits = MINE
    form_class = NoteForm
    expected = True
    order = 10
    hint = "受理的申请不用在这里登记，办“受理申请”时自动记一笔。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"on": timezone.localdate(), "people": 1}

    def apply(self, work: Work) -> None:
        data, zone = work.data, work.case
        today = timezone.localdate(work.now)
        if data["on"] > today:
            raise ActError("日期不能晚于今天。请核对日期。")
        if zone.opened_on and data["on"] < zone.opened_on:
            raise ActError(f"专区{day_words(zone.opened_on)}才开放，日期不能更早。")
        note = write_note(work, zone, **{name: data[name] for name in ("service", "people", "on", "words")})
        work.record = {"note": note.pk}
        work.summary = f"{note.get_service_display()}，{note.people}人"


class CorrectForm(ReasonForm):
    """Which line was wrong."""

    note = forms.ModelChoiceField(label="哪一笔", queryset=ServiceNote.objects.none(), empty_label="请选择")
    field_order = ["note"]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is None:
            return
        field: Any = self.fields["note"]
        field.queryset = ServiceNote.objects.filter(
            zone=case, voided_at__isnull=True, taken__isnull=True, on__gte=timezone.localdate() - dt.timedelta(days=62)
        ).order_by("-on", "-pk")
        field.label_from_instance = lambda one: (
            f"{one.on.month}月{one.on.day}日 {one.get_service_display()} {one.people}人 {one.words[:30]}".strip()
        )


class Correct(Act):
    """作废登记: a wrong line counts no more; it stays, with the reason."""

    kind, name, label, icon = KIND, "correct", "作废一笔登记", "eraser"
    from_states = frozenset({"open", "suspended"})
    permits = MINE
    form_class = CorrectForm
    order = 50
    hint = "作废的不再计数，记录保留；需要的，另登一笔正确的。"

    def apply(self, work: Work) -> None:
        note: ServiceNote = work.data["note"]
        note.voided_at, note.voided_reason = work.now, work.data["reason"][:200]
        note.save(update_fields=["voided_at", "voided_reason"])
        counting.move(note, work.case, -1)
        work.summary = f"{day_words(note.on)} {note.get_service_display()}，{note.people}人"
        work.words = work.data["reason"]


class TookForm(ActForm):
    """What the act of taking a request hands over."""

    request = forms.IntegerField()
    on = DayField()
    body = forms.CharField()
    number = forms.CharField()


class Took(Act):
    """受理了一件申请, as a consequence of taking it: the zone remembers it, and the register counts it."""

    kind, name, label, icon = KIND, "took", "受理申请", "file-plus-corner"
    from_states = frozenset({"open"})
    system = True
    form_class = TookForm

    def apply(self, work: Work) -> None:
        data = work.data
        note = write_note(
            work,
            work.case,
            service=Service.INTAKE,
            people=1,
            on=data["on"],
            words=f"申请{data['number']}，{data['body']}"[:200],
        )
        ZoneRequest.objects.create(
            zone=work.case, request_id=data["request"], note=note, taken_by=work.user, taken_at=work.now
        )
        work.summary = f"{data['number']}，转{data['body']}办理"
