"""Acts on a dataset that is due: opened by the system, closed by the next batch or by saying that nothing changed."""

from __future__ import annotations

import datetime as dt

from django import forms

from gongkai.core.acts import Act, Work, people_of, perform
from gongkai.core.forms import ActForm
from gongkai.core.roles import STAFF, owner
from gongkai.publications.acts.common import supervising
from gongkai.publications.areas import outward
from gongkai.publications.areas.models import Dataset, DatasetUpdate

KIND = DatasetUpdate.KIND


class DatasetForm(forms.Form):
    """Which dataset is due."""

    dataset = forms.ModelChoiceField(queryset=Dataset.objects.select_related("unit", "own"))


class Fall(Act):
    """到期更新: the rhythm of a dataset opens a case for its owner."""

    kind, name, label, icon = KIND, "fall", "提醒更新", "calendar-clock"
    creates = True
    system = True
    form_class = DatasetForm

    def apply(self, work: Work) -> None:
        held: Dataset = work.data["dataset"]
        case = DatasetUpdate(
            kind=KIND,
            state="open",
            unit=held.unit,
            supervisor=supervising(held.unit),
            title=f"更新“{held.template.title}”"[:300],
            series="areas",
            dataset=held,
            due_on=held.due_on,
        )
        work.open(case, summary=held.rhythm_words)
        work.notify(people_of(held.unit, *STAFF), f"{case.title}：{held.due_on:%Y年%-m月%-d日}前更新")


class Renew(Act):
    """数据已更新: a batch was published."""

    kind, name, label, icon = KIND, "renew", "数据已更新", "refresh-cw"
    from_states = frozenset({"open"})
    to_state = "done"
    system = True

    def apply(self, work: Work) -> None:
        work.case.outcome = "已更新"
        work.summary = "新的一批数据已公开"


class NothingForm(ActForm):
    """What was looked at."""

    words = forms.CharField(
        label="核对情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明核对了哪个时段，没有新的数据。",
    )


class Nothing(Act):
    """本期无变化."""

    kind, name, label, icon = KIND, "nothing", "本期无变化", "circle-check"
    from_states = frozenset({"open"})
    to_state = "done"
    permits = owner(*STAFF)
    form_class = NothingForm
    order = 20
    hint = "办结后按更新周期计算下一次期限；公开页面写明本期核对过，没有变化。"

    def apply(self, work: Work) -> None:
        held: Dataset = work.case.dataset
        outward.renew(held, work.now, changed=False)
        outward.explained(held)
        work.case.outcome = "本期无变化"
        work.words = work.data["words"]


def fall_due(held: Dataset, now: dt.datetime) -> None:
    """Open the case of a dataset that is due."""
    perform("dataset-update.fall", None, None, {"dataset": held.pk}, now=now)
