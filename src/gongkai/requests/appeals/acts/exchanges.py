"""业务交流 in fields in which requests are hard: announced to the units, then recorded with what was agreed (001-15c)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, FilesField, ReasonForm, UnitsField
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, anywhere, owner
from gongkai.requests.appeals import anonymous, settings
from gongkai.requests.appeals.acts.common import check_day, day_words, home_unit, people_in, supervising, text_area
from gongkai.requests.appeals.models import Exchange

KIND = Exchange.KIND
HOSTS = owner(Role.OFFICE, Role.OFFICER)


class PlanForm(ActForm):
    """Field, day, units, what is talked about."""

    title = forms.CharField(label="主题", max_length=120)
    area = forms.ChoiceField(label="领域")
    held_on = DayField(label="日期")
    place = forms.CharField(label="地点或者方式", max_length=120, required=False)
    units = UnitsField(label="参加单位")
    agenda = text_area("交流内容", rows=4, limit=1500)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["area"]
        field.choices = [(word, word) for word in settings.special_areas()]


class Plan(Act):
    """发起业务交流."""

    kind, name, label, icon = KIND, "plan", "发起业务交流", "messages-square"
    creates = True
    permits = anywhere(Role.OFFICE, Role.OFFICER)
    form_class = PlanForm
    hint = "参加单位的信息公开员和经办人会收到通知。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"held_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        unit = home_unit(work.user)
        data = work.data
        case = Exchange(
            kind=KIND, state="planned", title=data["title"], unit=unit, supervisor=supervising(unit),
            handler=work.user, area=data["area"], held_on=data["held_on"], place=data["place"], agenda=data["agenda"],
        )  # fmt: skip
        work.open(case, summary=f"{case.area}，{day_words(case.held_on)}")
        case.units.set(data["units"])
        people = people_in(data["units"], *STAFF)
        work.notify(people, f"业务交流（{case.area}），{day_words(case.held_on)}：{case.title}")


class RecordForm(ActForm):
    """What was said and agreed."""

    held_on = DayField(label="实际日期")
    minutes = text_area("交流记录", rows=6, limit=4000, help_text="不写当事人的信息。")
    agreed = text_area("形成的做法", rows=4, limit=2000, required=False, help_text="以后照此办理的做法。")
    files = FilesField(label="材料", required=False)  # type: ignore[assignment]


class Record(Act):
    """登记交流记录: the units that took part can read it."""

    kind, name, label, icon = KIND, "record", "登记交流记录", "clipboard-check"
    from_states = frozenset({"planned"})
    to_state = "recorded"
    permits = HOSTS
    form_class = RecordForm
    expected = True
    order = 10

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"held_on": case.held_on} if case is not None else {}

    def apply(self, work: Work) -> None:
        case: Exchange = work.case
        data = work.data
        check_day(data["held_on"], work.now, "实际日期")
        anonymous.check({"交流记录": data["minutes"], "形成的做法": data["agreed"]})
        case.held_on, case.minutes, case.agreed = data["held_on"], data["minutes"], data["agreed"]
        case.outcome = "已登记"
        work.files += data["files"]
        work.attachments += data["kept"]
        people = people_in(case.units.all(), *STAFF)
        work.notify(people, f"业务交流记录已登记：{case.title}")


class Cancel(Act):
    """取消."""

    kind, name, label, icon = KIND, "cancel", "取消", "circle-x"
    from_states = frozenset({"planned"})
    to_state = "dropped"
    permits = HOSTS
    form_class = ReasonForm
    order = 80

    def apply(self, work: Work) -> None:
        case: Exchange = work.case
        if case.minutes:
            raise ActError("已经登记了交流记录，不能取消。")
        work.words = work.data["reason"]
        people = people_in(case.units.all(), *STAFF)
        work.notify(people, f"业务交流取消：{case.title}")
