"""An act with private fields on the sample kind, as a room of requests would have it."""

from __future__ import annotations

from django import forms

from gongkai.core import letters
from gongkai.core.acts import Act, Work, people_of
from gongkai.core.forms import ActForm, FilesField
from gongkai.core.roles import Role, owner
from gongkai.core.tests import sample  # noqa: F401  registers the kind

LETTER = letters.LetterKind(
    code="sample-reply",
    title="样例答复书",
    prefix="YLDF",
    fields={"name": "申请人", "number": "文号", "date": "日期"},
    required=("name",),
    body="{{ name }}：\n你的申请收到了。\n>{{ date }}",
)


class PersonForm(ActForm):
    """Who applies, and what for."""

    name = forms.CharField(max_length=60)
    identity = forms.CharField(max_length=30, required=False)
    topic = forms.CharField(max_length=200)
    paper = forms.FileField(required=False)
    files = FilesField(required=False)


class TakePerson(Act):
    """Take down an applicant; the room carelessly repeats the name everywhere."""

    label = "登记申请人"
    from_states, to_state = frozenset({"new", "doing"}), "doing"
    permits = owner(Role.OFFICER)
    form_class = PersonForm
    private = frozenset({"name", "identity", "paper", "files"})

    def apply(self, work: Work) -> None:
        person = work.data["name"]
        work.summary = f"登记了{person}的申请"
        work.words = f"{person}（{work.data['identity']}）申请公开{work.data['topic']}"
        work.record["again"] = {"who": [person]}
        work.files = [*work.data["files"], *([work.data["paper"]] if work.data["paper"] else [])]
        work.attachments = list(work.data["kept"])
        work.notify(people_of(work.case.supervisor, Role.OFFICE), f"{person}提出了申请")
        letters.issue(LETTER, work, {"name": person}, sealed=True)


# Named afterwards: an act is registered for the tests that ask for it, not for those of other rooms.
TakePerson.kind, TakePerson.name = "sample", "take-person"
