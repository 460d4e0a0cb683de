"""Acts on a column that has to be updated: opened by the clock, closed by a publication, or excused by the office."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks, jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, ReasonForm
from gongkai.core.roles import STAFF, Role, owner, supervisor
from gongkai.publications.acts import common
from gongkai.publications.models import CatalogColumn
from gongkai.publications.registers.models import ColumnUpdate

KIND = ColumnUpdate.KIND


class OpenForm(ActForm):
    """Which column, when it was updated last, and until when it must be again."""

    column = forms.ModelChoiceField(queryset=CatalogColumn.objects.select_related("unit", "owner"))
    last_on = DayField(label="上次更新", required=False)
    limit = DayField(label="期限", required=False)


class OpenUpdate(Act):
    """栏目待更新."""

    kind, name, label, icon = KIND, "open", "栏目该更新了", "clock-alert"
    creates = True
    system = True
    form_class = OpenForm

    def apply(self, work: Work) -> None:
        column: CatalogColumn = work.data["column"]
        unit = column.owner or column.unit
        if unit is None:
            raise ActError("栏目没有责任单位。")
        last, limit = work.data["last_on"], work.data["limit"]
        case = ColumnUpdate(
            kind=KIND,
            state="open",
            title=f"“{column.title}”{'该更新了' if last else '还没有内容'}",
            unit=unit,
            supervisor=common.supervising(unit),
            series="catalog",
            column=column,
            last_on=last,
        )
        words = f"上次更新：{common.day_words(last)}" if last else "栏目还没有公开的内容"
        work.open(case, clocks=[_plan(limit)], summary=words)
        work.notify(people_of(unit, Role.OFFICER), case.title)


def _plan(limit: dt.date | None) -> dict[str, Any]:
    if limit is None:
        return {
            "code": "update",
            "name": "补充内容期限",
            "unit": "workday",
            "amount": jurisdiction.value("registers.blank_workdays"),
            "basis": "不得有空白栏目",
        }
    return {"code": "update", "name": "栏目更新期限", "unit": "date", "date": limit, "basis": "栏目更新要求"}


class CloseUpdate(Act):
    """已更新: something was published in the column."""

    kind, name, label, icon = KIND, "close", "栏目已更新", "circle-check"
    from_states = frozenset({"open", "excused"})
    to_state = "done"
    system = True
    form_class = ReasonForm

    def apply(self, work: Work) -> None:
        work.case.outcome = work.data["reason"][:40]
        work.summary = work.data["reason"]


class Excuse(Act):
    """说明无更新内容."""

    kind, name, label, icon = KIND, "excuse", "说明没有更新内容", "message-square"
    from_states = frozenset({"open"})
    to_state = "excused"
    permits = owner(*STAFF)
    form_class = ReasonForm
    order = 30
    hint = "由政务公开主管同意后，下一个更新期限从同意之日起算。"

    def apply(self, work: Work) -> None:
        work.case.excuse = work.data["reason"][:300]
        work.words = work.data["reason"]
        if work.case.supervisor is not None:
            work.notify(people_of(work.case.supervisor, Role.OFFICE), f"栏目没有更新内容的说明：{work.case.title}")


class AgreeExcuse(Act):
    """同意."""

    kind, name, label, icon = KIND, "agree", "同意", "circle-check"
    from_states = frozenset({"excused"})
    to_state = "done"
    permits = supervisor(Role.OFFICE)
    expected = True
    batch = True
    order = 10

    def apply(self, work: Work) -> None:
        work.case.excused_on = timezone.localdate(work.now)
        work.case.outcome = "没有更新内容"


class RefuseExcuse(Act):
    """不同意."""

    kind, name, label, icon = KIND, "refuse", "不同意", "undo-2"
    from_states = frozenset({"excused"})
    to_state = "open"
    permits = supervisor(Role.OFFICE)
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.notify(common.staff(work.case.unit), f"请更新栏目：{work.case.column.title}")


class ExtendForm(ActForm):
    """Until when, and why."""

    until = DayField(label="期限改到")
    reason = common.text_area("原因", rows=2, limit=300)


class Extend(Act):
    """延长期限."""

    kind, name, label, icon = KIND, "extend", "延长期限", "calendar-plus"
    from_states = frozenset({"open", "excused"})
    permits = supervisor(Role.OFFICE)
    form_class = ExtendForm
    order = 40

    def apply(self, work: Work) -> None:
        clock = clocks.get(work.case, "update")
        until = work.data["until"]
        if clock is None or until <= timezone.localdate(work.now):
            raise ActError("新的期限要晚于今天。")
        clocks.extend(clock, work.now, date=until, reason=work.data["reason"])
        work.words = work.data["reason"]
        work.summary = f"期限改到{common.day_words(until)}"
