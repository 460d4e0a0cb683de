"""Acts on the register of bodies bound to disclose: proposed, confirmed, changed, struck off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import own_units
from gongkai.core.acts import Act, ActError, Opening, Work, people_of
from gongkai.core.forms import ActForm, ReasonForm, UnitsField
from gongkai.core.models import Unit, User
from gongkai.core.roles import STAFF, Role, anywhere, owner, supervisor
from gongkai.publications import queries
from gongkai.publications.acts import common
from gongkai.publications.models import Stage
from gongkai.publications.registers.models import DisclosureBody, OpennessRule

KIND = DisclosureBody.KIND
OFFICE = supervisor(Role.OFFICE)
STANDING = ("proposed", "confirmed")


class ProposeForm(ActForm):
    """Which bodies, on what basis."""

    units = UnitsField(label="单位", required=False, help_text="主管单位可以一次选多个；不选就是本单位。")
    basis = forms.CharField(
        label="依据", max_length=300, help_text="例如：《政府信息公开条例》第二条、第十条，机构设置文件。"
    )
    duties = common.text_area("公开职责", rows=3, limit=500, required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if user is not None and Role.OFFICE not in user.role_set:
            own_units.offer(self, user, STAFF, "units")


class Propose(Act):
    """申报主体."""

    kind, name, label, icon = KIND, "propose", "申报公开主体", "landmark"
    creates = True
    permits = (*anywhere(*STAFF), *anywhere(Role.OFFICE))
    form_class = ProposeForm
    hint = "由政务公开主管确认后列入公开义务主体名单。"

    def apply(self, work: Work) -> None:
        units = list(work.data.get("units") or []) or [common.home_unit(work.user)]
        if work.user is not None and Role.OFFICE not in work.user.role_set:
            foreign = [unit for unit in units if not work.user.roles_at(unit) & set(STAFF)]
            if foreign:
                raise ActError(f"只能申报自己任职的单位。{foreign[0]}请由该单位或主管单位申报。")
        there = DisclosureBody.objects.filter(unit__in=units, state__in=STANDING).select_related("unit")
        named = {body.unit_id: body.unit for body in there}
        units = [unit for unit in units if unit.pk not in named]
        if not units:
            raise ActError(f"{'、'.join(str(unit) for unit in named.values())}已经申报或列入名单。")
        work.open_many([self._opening(unit, work) for unit in units])

    def _opening(self, unit: Unit, work: Work) -> Opening:
        case = DisclosureBody(
            kind=KIND,
            state="proposed",
            title=unit.name,
            unit=unit,
            supervisor=common.supervising(unit),
            basis=work.data["basis"],
            duties=work.data["duties"],
        )
        return Opening(case, summary=f"依据：{case.basis}"[:300])


class Confirm(Act):
    """确认."""

    kind, name, label, icon = KIND, "confirm", "确认", "circle-check"
    from_states = frozenset({"proposed"})
    to_state = "confirmed"
    permits = OFFICE
    expected = True
    batch = True
    order = 10
    hint = "确认后列入向社会公布的名单，并负责编制公开目录和指南。"

    def apply(self, work: Work) -> None:
        work.case.confirmed_on = timezone.localdate(work.now)
        work.case.struck_on, work.case.struck_reason = None, ""
        work.case.outcome = "公开义务主体"
        people = people_of(work.case.unit, *STAFF)
        work.notify(people, f"{work.case.unit}已列为公开义务主体，请编制公开目录和指南")


class Decline(Act):
    """不予列入."""

    kind, name, label, icon = KIND, "decline", "不予列入", "circle-x"
    from_states = frozenset({"proposed"})
    to_state = "declined"
    permits = OFFICE
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.case.outcome = "不予列入"


class ChangeForm(ActForm):
    """Basis and duties as they are now."""

    basis = forms.CharField(label="依据", max_length=300)
    duties = common.text_area("公开职责", rows=3, limit=500, required=False)
    reason = common.text_area("变更原因", rows=2, limit=300)


class Change(Act):
    """变更."""

    kind, name, label, icon = KIND, "change", "变更", "pencil"
    from_states = frozenset({"proposed", "confirmed"})
    permits = (*owner(*STAFF), *OFFICE)
    form_class = ChangeForm
    order = 30
    hint = "变更记入沿革；名单立即更新。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"basis": case.basis, "duties": case.duties} if isinstance(case, DisclosureBody) else {}

    def apply(self, work: Work) -> None:
        case: DisclosureBody = work.case
        case.title = case.unit.name
        case.basis, case.duties = work.data["basis"], work.data["duties"]
        work.words = work.data["reason"]
        work.summary = work.data["reason"][:200]
        if case.supervisor is not None and work.user is not None and Role.OFFICE not in work.user.role_set:
            work.notify(people_of(case.supervisor, Role.OFFICE), f"公开主体信息有变更：{case.unit}")


class RuleForm(ActForm):
    """Which rule, in which published document, and which stages it speaks of."""

    sort = forms.ChoiceField(label="哪项规则", choices=OpennessRule.Sort.choices, widget=forms.RadioSelect)
    document = forms.CharField(
        label="文件", max_length=300, help_text="填已公开文件的发文字号、索引号、编号或完整标题。"
    )
    stages = forms.MultipleChoiceField(
        label="文件写明了哪些环节的公开要求", choices=Stage.choices, widget=forms.CheckboxSelectMultiple
    )


class NameRule(Act):
    """登记五公开规则: the rules of process, participation and decision carry all five stages (000-1a)."""

    kind, name, label, icon = KIND, "name_rule", "登记五公开规则", "list-checks"
    from_states = frozenset({"confirmed"})
    permits = (*owner(*STAFF), *OFFICE)
    form_class = RuleForm
    order = 40
    hint = "三项规则各指向一份已公开的文件；同一项再登记一次，就换成新的文件。"

    def apply(self, work: Work) -> None:
        words = work.data["document"].strip()
        document = queries.find_document(words, work.user)
        if document is None or not document.is_public:
            raise ActError(f"没有找到已公开的“{words}”。请先把规则公开，再填它的发文字号、索引号或完整标题。")
        rule, _ = OpennessRule.objects.update_or_create(
            body=work.case,
            sort=work.data["sort"],
            defaults={"document": document, "stages": [code for code in Stage.values if code in work.data["stages"]]},
        )
        left = f"，没有写明{'、'.join(rule.missing)}公开" if rule.missing else "，五个环节都写明了"
        work.summary = f"{rule}{left}"[:300]


class Strike(Act):
    """移出名单."""

    kind, name, label, icon = KIND, "strike", "移出名单", "ban"
    from_states = frozenset({"confirmed"})
    to_state = "struck"
    permits = OFFICE
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "机构撤销、合并或职能划出的，移出名单；沿革保留。"

    def apply(self, work: Work) -> None:
        case: DisclosureBody = work.case
        case.struck_on = timezone.localdate(work.now)
        case.struck_reason = work.data["reason"][:300]
        case.outcome = "已移出"
        work.words = work.data["reason"]


class Restore(Act):
    """重新列入."""

    kind, name, label, icon = KIND, "restore", "重新申报", "rotate-ccw"
    from_states = frozenset({"struck", "declined"})
    to_state = "proposed"
    permits = (*owner(*STAFF), *OFFICE)
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.case.outcome = ""
