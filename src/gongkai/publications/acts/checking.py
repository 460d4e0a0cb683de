"""Acts on what screening found: checked files, masking, overruling."""

from __future__ import annotations

from html import escape
from typing import Any

from django import forms

from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm
from gongkai.core.models import User
from gongkai.core.roles import Role
from gongkai.publications import body, screen
from gongkai.publications.acts import common
from gongkai.publications.acts.common import EDITABLE, KIND, REVIEWERS_OF_CASE, STAFF_OF_OWNER
from gongkai.publications.models import Publication, ScreeningHit


class FileChecked(Act):
    """附件检查: what the background found, written down by the system."""

    kind, name, label, icon = KIND, "file_checked", "附件检查", "file-search"
    # Also where the document went away meanwhile: a check that was begun comes to its end.
    from_states = EDITABLE | {"review", "published", "filed", "withdrawn", "dropped"}
    system = True

    def form(self, case: Any, user: User | None, data: Any = None, files: Any = None, **kwargs: Any) -> forms.Form:
        """No person fills this in: the findings are taken as they are."""
        return _Findings(data or {})

    def apply(self, work: Work) -> None:
        file = screen.settle_file(work.case, work.data)
        if file is None:
            work.summary = "附件已不在"
            return
        found = file.hits.filter(resolution="").count()
        result = file.failure or (f"发现{found}处须处理" if found else "没有发现问题")
        work.summary = f"{file.name}：{result}"[:300]
        work.data = {"file": file.name, "removed": file.removed}


class _Findings(forms.Form):
    """Findings of the check, already plain values."""

    def __init__(self, findings: dict[str, Any]) -> None:
        super().__init__({})
        self.cleaned_data = findings

    def is_valid(self) -> bool:
        return True


class HitsForm(ActForm):
    """Which findings."""

    hits = forms.ModelMultipleChoiceField(
        label="处理哪几处", queryset=ScreeningHit.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is None:
            return
        field: Any = self.fields["hits"]
        field.queryset = self.hits_of(case)
        field.label_from_instance = lambda hit: f"{hit.place}：{hit.label}“{hit.found}”"

    def hits_of(self, case: Publication) -> Any:
        """The findings that are not settled."""
        return ScreeningHit.objects.filter(publication=case.pk, resolution="")


class MaskForm(HitsForm):
    """Findings in the text; those in files are mended in the file."""

    def hits_of(self, case: Publication) -> Any:
        return super().hits_of(case).filter(file__isnull=True).exclude(suggestion="")


class Mask(Act):
    """遮盖."""

    kind, name, label, icon = KIND, "mask", "遮盖", "eye-off"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = MaskForm
    order = 40
    hide_blocked = True
    hint = "所选内容在正文和摘要中换成遮盖后的写法，原写法只留在留痕里。附件里的，请改好后重新上传。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["maskable"] else "没有可以遮盖的内容。"

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        hits = list(work.data["hits"])
        for hit in hits:
            _replace(case, hit.found, hit.suggestion)
        common.changed(work)
        common.wrote(work)
        screen.refresh(case)
        now_open = set(ScreeningHit.objects.filter(publication=case.pk, resolution="").values_list("pk", flat=True))
        left = [hit for hit in hits if hit.pk in now_open]
        if left:
            raise ActError(f"{left[0].place}的“{left[0].found}”没有遮盖成功，请在“修改”里直接改正。")
        for hit in hits:
            hit.resolution = ScreeningHit.Resolution.MASKED
            hit.masked_as, hit.by_label, hit.at = hit.suggestion, work.user.who if work.user else "", work.now
            hit.save()
        work.summary = f"遮盖{len(hits)}处"
        work.data = {"hits": [hit.pk for hit in hits]}


def _replace(case: Publication, found: str, masked: str) -> None:
    """Mask a finding wherever the words of the working copy hold it."""
    for name, _ in screen.WORDS:
        setattr(case, name, str(getattr(case, name)).replace(found, masked))
    case.body = body.sanitise(case.body.replace(escape(found, quote=False), escape(masked, quote=False)))


class OverruleForm(HitsForm):
    """Why it may go out as it is."""

    reason = common.text_area("理由", rows=3, limit=300)


class Overrule(Act):
    """认定可以公开: a reviewer's word against a finding."""

    kind, name, label, icon = KIND, "overrule", "认定可以公开", "shield-check"
    from_states = frozenset({"draft", "returned", "review"})
    permits = REVIEWERS_OF_CASE
    form_class = OverruleForm
    order = 40
    hide_blocked = True
    hint = "所选内容按原样公开，理由记入留痕。涉密标志只能由保密审查员认定。"

    def blocked(self, case: Any, user: User) -> str:
        if user.pk in case.authors:
            return "你修改过这条信息，请由其他审核人认定。"
        return "" if case.known["hits"] + case.known["warnings"] else "没有待处理的发现。"

    def apply(self, work: Work) -> None:
        user = work.user
        hits = list(work.data["hits"])
        roles = user.roles_at(work.case.unit) | user.roles_at(work.case.supervisor) if user else frozenset()
        if any(hit.kind.startswith("secrecy") for hit in hits) and Role.SECRECY not in roles:
            raise ActError("涉密标志只能由保密审查员认定。请不要勾选，或转请保密审查员处理。")
        for hit in hits:
            hit.resolution, hit.reason = ScreeningHit.Resolution.OVERRULED, work.data["reason"]
            hit.by_label, hit.at = user.who if user else "", work.now
            hit.save()
        work.summary = f"认定{len(hits)}处可以公开"
        work.words = work.data["reason"]
        work.data = {"hits": [hit.pk for hit in hits]}
