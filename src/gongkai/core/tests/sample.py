"""A kind of case of its own for the tests of core: a plain case with three states and a few acts."""

from __future__ import annotations

from django import forms

from gongkai.core import clocks
from gongkai.core.acts import Act, Work, people_of
from gongkai.core.forms import ActForm, FilesField
from gongkai.core.kinds import Kind, State, kinds, register
from gongkai.core.models import Case, Unit
from gongkai.core.roles import Role, Where, anywhere, owner, supervisor

SAMPLE = kinds.get("sample") or register(
    Kind(
        code="sample",
        label="样例",
        prefix="YL",
        model=Case,
        states={
            "new": State("待办", roles=(Role.OFFICER,), ask="开始办理"),
            "doing": State("办理中", roles=(Role.OFFICER,), ask="完成"),
            "checking": State("待复核", turn=Where.SUPERVISOR, roles=(Role.OFFICE,), ask="复核"),
            "done": State("已办结", open=False, turn=None, roles=()),
        },
    )
)


class OpenForm(ActForm):
    """What a sample asks when it is opened."""

    title = forms.CharField(max_length=100)
    unit = forms.ModelChoiceField(Unit.objects.all())
    workdays = forms.IntegerField(min_value=1, required=False)


class OpenSample(Act):
    """Open a sample."""

    kind, name, label = "sample", "open", "登记"
    creates = True
    permits = anywhere(Role.OFFICE)
    form_class = OpenForm

    def apply(self, work: Work) -> None:
        case = Case(
            kind="sample",
            title=work.data["title"],
            unit=work.data["unit"],
            supervisor=work.user.main_unit if work.user else None,
            state="new",
            series="sample-1",
            section="01",
        )
        clock = {"code": "main", "name": "办理", "unit": "workday", "amount": work.data["workdays"]}
        work.open(case, clocks=[clock] if work.data["workdays"] else [])


class BeginForm(ActForm):
    """Words and files."""

    words = forms.CharField(max_length=200)
    files = FilesField(required=False)


class Begin(Act):
    """Begin."""

    kind, name, label = "sample", "begin", "开始办理"
    from_states, to_state = frozenset({"new"}), "doing"
    permits = owner(Role.OFFICER)
    form_class = BeginForm
    expected = True
    batch = True

    def apply(self, work: Work) -> None:
        work.words = work.data["words"]
        work.files, work.attachments = list(work.data["files"]), list(work.data["kept"])
        work.notify(people_of(work.case.supervisor, Role.OFFICE), f"{work.case.title}开始办理")


class Finish(Act):
    """Finish."""

    kind, name, label = "sample", "finish", "办结"
    from_states, to_state = frozenset({"doing"}), "done"
    permits = (*owner(Role.OFFICER), *supervisor())
    expected = True


class Break(Act):
    """An act that fails after it wrote."""

    kind, name, label = "sample", "break", "出错"
    permits = owner(Role.OFFICER)

    def apply(self, work: Work) -> None:
        clocks.start(work.case, now=work.now, code="half", name="半截", unit="day", amount=1)
        raise RuntimeError("in the middle")
