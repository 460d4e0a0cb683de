"""Acts on a unit's negative list 负面清单."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Max

from gongkai.core import own_units
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, UnitField
from gongkai.core.models import User
from gongkai.core.roles import STAFF, anywhere
from gongkai.law import documents
from gongkai.publications.acts import common
from gongkai.publications.registers.acts import reviewing
from gongkai.publications.registers.models import NegativeEntry, NegativeList

KIND = NegativeList.KIND


class OpenForm(ActForm):
    """Whose list."""

    unit = UnitField(label="单位", required=False, help_text="不选就是本单位。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        own_units.offer(self, user, STAFF)


class OpenList(Act):
    """编制负面清单."""

    kind, name, label, icon = KIND, "open", "编制负面清单", "list-x"
    creates = True
    permits = anywhere(*STAFF)
    form_class = OpenForm
    hint = "清单之外的信息以公开为常态。"

    def apply(self, work: Work) -> None:
        reviewing.open_one(work, NegativeList, "政府信息不公开负面清单", reviewing.own_unit(work))


class EntryForm(ActForm):
    """One sort of information."""

    entry_name = forms.CharField(label="信息名称", max_length=100, help_text="写到具体的一类，不要写“其他”。")
    ground = forms.ChoiceField(
        label="法定情形", choices=[(g.code, f"{g.label}（{g.article}）") for g in documents.GROUNDS]
    )
    basis = forms.CharField(label="依据", max_length=300, help_text="法律、法规、规章的名称和条款。")
    note = forms.CharField(label="说明", max_length=300, required=False)


class AddEntry(Act):
    """增加条目."""

    kind, name, label, icon = KIND, "add_entry", "增加条目", "plus"
    from_states = reviewing.DRAFTING
    permits = reviewing.STAFF_OF_OWNER
    form_class = EntryForm
    order = 5

    def apply(self, work: Work) -> None:
        case: NegativeList = work.case
        if case.entries.filter(name=work.data["entry_name"]).exists():
            raise ActError(f"清单里已经有“{work.data['entry_name']}”。")
        ordinal = (case.entries.aggregate(last=Max("ordinal"))["last"] or 0) + 1
        entry = NegativeEntry.objects.create(
            register=case,
            code=f"{ordinal:02d}",
            name=work.data["entry_name"],
            ground=work.data["ground"],
            basis=work.data["basis"],
            note=work.data["note"],
            ordinal=ordinal,
        )
        reviewing.wrote(work)
        work.summary = str(entry)


class RemoveForm(ActForm):
    """Which entry, and why it goes."""

    entry = forms.ModelChoiceField(label="条目", queryset=NegativeEntry.objects.none(), empty_label=None)
    reason = common.text_area("原因", rows=2, limit=300)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["entry"]
            field.queryset = NegativeEntry.objects.filter(register=case.pk)


class RemoveEntry(Act):
    """删去条目."""

    kind, name, label, icon = KIND, "remove_entry", "删去条目", "trash-2"
    from_states = reviewing.DRAFTING
    permits = reviewing.STAFF_OF_OWNER
    form_class = RemoveForm
    order = 60
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known.get("entries") else "没有条目。"

    def apply(self, work: Work) -> None:
        work.summary, work.words = str(work.data["entry"]), work.data["reason"]
        work.data["entry"].delete()
        work.data["entry"] = work.summary
        reviewing.wrote(work)


class SubmitList(reviewing.Submit):
    """送审."""

    kind = KIND


class ApproveList(reviewing.Approve):
    """通过并公布."""

    kind = KIND
    hint = "公布后，拟稿时可以选用清单里的条目。"


class ReturnList(reviewing.Return):
    """退回."""

    kind = KIND


class ReviseList(reviewing.Revise):
    """修订."""

    kind = KIND
