"""Acts of a review of attributes: launched by the office, decided by the units, closed with a report (004-11)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from gongkai.core import attachments
from gongkai.core.acts import Act, ActError, InvalidData, Work, perform
from gongkai.core.forms import ActForm, DayField, OneFileField, ReasonForm
from gongkai.core.models import Unit, User
from gongkai.core.roles import STAFF, Role, anywhere, owner, supervisor
from gongkai.law import documents
from gongkai.publications.acts import common
from gongkai.publications.forms import values_of
from gongkai.publications.models import Attribute, Publication
from gongkai.publications.registers import columns
from gongkai.publications.registers.acts import campaigns
from gongkai.publications.registers.models import AttributeCampaign, AttributeItem, AttributeShare

KIND = AttributeCampaign.KIND
SHARE = AttributeShare.KIND
HEAD = ("标题", "发文字号", "成文日期", "公开属性", "不公开理由")
_LABELS = {label: value for value, label in Attribute.choices}


class LaunchForm(campaigns.CampaignForm):
    """Since when, and whether other information is looked at too."""

    since = DayField(label="起始日期", help_text="这一天以后制定、没有确定属性或者没有主动公开的文件都列入复查。")
    others_too = forms.BooleanField(
        label="公文以外的信息一并复查", required=False, help_text="有条件的单位可以一并复查。"
    )

    field_order = ("title", "since", "others_too", "units", "due_on", "instruction")


def candidates(units: list[Unit], since: dt.date, *, others_too: bool) -> Any:
    """Documents of the units since a day that have no attribute, or are not proactively disclosed."""
    rows = Publication.objects.filter(unit__in=units, state__in=["draft", "returned", "filed"])
    rows = rows.exclude(attribute=Attribute.PROACTIVE)
    start = timezone.make_aware(dt.datetime.combine(since, dt.time()))
    rows = rows.filter(Q(made_on__gte=since) | Q(made_on__isnull=True, opened_at__gte=start))
    if not others_too:
        rows = rows.filter(~Q(document_number="") | Q(document_kind__in=documents.OFFICIAL_KINDS))
    return rows.order_by("made_on", "id")


class Launch(Act):
    """发起属性复查."""

    kind, name, label, icon = KIND, "launch", "发起属性复查", "list-checks"
    creates = True
    permits = anywhere(Role.OFFICE)
    form_class = LaunchForm
    hint = "每个单位收到一件任务，逐件或成批作出结论。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"title": f"{timezone.localdate().year}年公开属性复查"}

    def apply(self, work: Work) -> None:
        data = work.data
        units = campaigns.chosen_units(data["units"])
        due_on, plan = campaigns.deadline(work)
        campaign = AttributeCampaign(
            kind=KIND,
            state="open",
            title=data["title"],
            unit=campaigns.office_of(work.user),
            since=data["since"],
            due_on=due_on,
            others_too=data["others_too"],
            instruction=data["instruction"],
        )
        work.open(campaign, summary=f"{len(units)}个单位，{common.day_words(data['since'])}以来的文件")
        shares = {share.unit_id: share for share in campaigns.open_shares(work, campaign, units, AttributeShare, plan)}
        found = candidates(units, data["since"], others_too=data["others_too"])
        AttributeItem.objects.bulk_create(
            (
                AttributeItem(
                    share=shares[row.unit_id],
                    publication=row,
                    title=row.title,
                    document_number=row.document_number,
                    made_on=row.made_on,
                    before=row.attribute,
                    before_reason=row.reason,
                )
                for row in found.defer("body").iterator(chunk_size=500)
            ),
            batch_size=500,
        )


class ClosingForm(ActForm):
    """The closing words."""

    reason = common.text_area("总结", rows=4, limit=1000)


class CloseCampaign(Act):
    """办结并汇总."""

    kind, name, label, icon = KIND, "close", "办结并汇总", "archive"
    from_states = frozenset({"open"})
    to_state = "closed"
    permits = owner(Role.OFFICE)
    form_class = ClosingForm
    order = 50
    hint = "汇总的数字记入留痕；之后仍可导出报告。"

    def blocked(self, case: Any, user: User) -> str:
        left = case.known.get("open_shares", 0)
        return f"还有{left}个单位没有办完。" if left else ""

    def apply(self, work: Work) -> None:
        from gongkai.publications.registers.queries import attribute_figures

        found = attribute_figures(campaign=work.case.pk)
        work.record["figures"] = found
        work.words = work.data["reason"]
        work.summary = f"复查{found['items']}件，转主动公开{found['converted']}件，已公开{found['published']}件"
        work.case.outcome = "已汇总"


# --- a unit's share ---------------------------------------------------------------------------------------------------


class DecideForm(campaigns.ItemsForm):
    """One conclusion for the items chosen."""

    items = campaigns.choice_of_items(AttributeItem)  # type: ignore[assignment]
    attribute = forms.ChoiceField(label="复查结论", choices=Attribute.choices, widget=forms.RadioSelect)
    ground = forms.ChoiceField(
        label="不予公开情形",
        required=False,
        choices=[("", "请选择"), *((g.code, f"{g.label}（{g.article}）") for g in documents.GROUNDS)],
    )
    reason = common.text_area("理由", rows=3, limit=500, required=False, help_text="不主动公开的，写明理由。")

    def clean(self) -> dict[str, Any]:
        """What stays closed needs its reason, and its ground."""
        data = super().clean()
        if data.get("attribute") and data["attribute"] != Attribute.PROACTIVE:
            for fault in documents.gate(
                attribute=data["attribute"], ground=data.get("ground", ""), reason=data.get("reason", "")
            ):
                self.add_error("ground" if "情形" in fault.words else "reason", fault.words)
        return data


class Decide(Act):
    """作出结论."""

    kind, name, label, icon = SHARE, "decide", "作出结论", "list-checks"
    from_states = frozenset({"open"})
    permits = owner(*STAFF)
    form_class = DecideForm
    order = 10
    hint = "转为主动公开的，成为待送审的稿件，经审核后发布；维持的，写明理由。"

    def apply(self, work: Work) -> None:
        items = AttributeItem.objects.filter(share=work.case.pk).select_related("publication__unit")
        if work.data["all_left"]:
            items = items.filter(decision="")
        else:
            items = items.filter(pk__in=[item.pk for item in work.data["items"]])
        chosen = list(items.order_by("id")[: campaigns.MOST_AT_ONCE])
        if not chosen:
            raise ActError("都已经有结论了。")
        done, failed = 0, []
        for item in chosen:
            try:
                self._decide(work, item)
            except ActError as problem:
                failed.append(f"{item.title}：{_sentence(problem)}")
            else:
                done += 1
        if not done:
            raise ActError(failed[0])
        work.data["items"] = [item.pk for item in chosen]
        work.record["failed"] = failed
        label = Attribute(work.data["attribute"]).label
        work.summary = f"{done}件{label}" + (f"，{len(failed)}件没有办成" if failed else "")
        work.words = "；".join([work.data["reason"], *failed[:5]]).strip("；")

    def _decide(self, work: Work, item: AttributeItem) -> None:
        decided = {name: work.data[name] for name in ("attribute", "ground", "reason")}
        if decided["attribute"] == Attribute.PROACTIVE:
            decided["ground"] = decided["reason"] = ""
        publication = item.publication
        if publication is not None:
            _carry_out(work, publication, decided)
        elif decided["attribute"] == Attribute.PROACTIVE:
            item.publication = _written(work, item)
        item.decision, item.ground, item.reason = decided["attribute"], decided["ground"], decided["reason"]
        item.decided_at, item.decided_by = work.now, work.user.who if work.user else "系统"
        item.save()


def _carry_out(work: Work, publication: Publication, decided: dict[str, Any]) -> None:
    """The decision on a document of the system, by the document's own acts."""
    if publication.state == "filed":
        work.perform("publication.review_attribute", publication, decided)
    elif publication.state in ("draft", "returned"):
        work.perform("publication.edit", publication, {**values_of(publication), **decided})
    elif publication.attribute != decided["attribute"]:
        raise ActError(f"现在是“{publication.state_label}”，不能改变公开属性")


def _written(work: Work, item: AttributeItem) -> Publication:
    """A line of an old list that shall be public becomes a draft, to be completed and reviewed."""
    values = {
        "unit": work.case.unit_id,
        "title": item.title,
        "document_number": item.document_number,
        "made_on": item.made_on,
        "attribute": Attribute.PROACTIVE,
    }
    event = perform("publication.write", None, work.user, values, now=work.now, consequence=True)
    return Publication.objects.get(pk=event.case_id)


def _sentence(problem: ActError) -> str:
    if isinstance(problem, InvalidData):
        return " ".join(str(words) for found in problem.form.errors.values() for words in found)
    return str(problem)


class TakeInForm(forms.Form):
    """Old documents that are not in the system, as an Excel list."""

    file = OneFileField(label="Excel 清单", help_text=f"第一行是：{'、'.join(HEAD)}。公开属性可以空着。")


class TakeIn(Act):
    """导入旧文件清单."""

    kind, name, label, icon = SHARE, "take_in", "导入旧文件清单", "file-spreadsheet"
    from_states = frozenset({"open"})
    permits = owner(*STAFF)
    form_class = TakeInForm
    order = 20
    hint = "没有录入系统的旧文件也要复查。同一份文件导入两次，只算一件。"

    def apply(self, work: Work) -> None:
        file = work.data["file"]
        data = file.read()
        attachments.check(attachments.clean_name(file.name or ""), data)
        try:
            lines = columns.read_sheet(data, HEAD)
        except columns.ColumnError as problem:
            raise ActError(str(problem)) from None
        known = set(AttributeItem.objects.filter(share=work.case.pk).values_list("title", "document_number"))
        items, faults, open_ones = [], [], 0
        for number, line in enumerate(lines, 2):
            if not any(line):
                continue
            item, fault = _item(work.case, line)
            if fault:
                faults.append(f"第{number}行：{fault}")
            elif item is not None and item.before == Attribute.PROACTIVE:
                open_ones += 1
            elif item is not None and (item.title, item.document_number) not in known:
                known.add((item.title, item.document_number))
                items.append(item)
        if faults:
            raise ActError("没有导入。" + "；".join(faults[:5]))
        AttributeItem.objects.bulk_create(items, batch_size=500)
        work.summary = f"列入{len(items)}件" + (f"，已经主动公开的{open_ones}件不列入" if open_ones else "")


def _item(share: Any, line: list[str]) -> tuple[AttributeItem | None, str]:
    title, number, made, attribute, reason = line
    if not title:
        return None, "没有标题。"
    if attribute and attribute not in _LABELS:
        return None, f"公开属性“{attribute}”不对，请填{'、'.join(_LABELS)}，或者空着。"
    try:
        made_on = DayField(required=False).clean(made)
    except forms.ValidationError:
        return None, f"成文日期“{made}”不对，请写成 2026-06-03。"
    return (
        AttributeItem(
            share=share,
            title=title[:300],
            document_number=number[:80],
            made_on=made_on,
            before=_LABELS.get(attribute, ""),
            before_reason=reason[:500],
        ),
        "",
    )


class Finish(Act):
    """办完."""

    kind, name, label, icon = SHARE, "finish", "全部办完", "circle-check"
    from_states = frozenset({"open"})
    to_state = "done"
    permits = owner(*STAFF)
    expected = True
    order = 30

    def blocked(self, case: Any, user: User) -> str:
        left = case.known.get("undecided", 0)
        return f"还有{left}件没有结论。" if left else ""

    def apply(self, work: Work) -> None:
        from gongkai.publications.registers.queries import attribute_figures

        found = attribute_figures(share=work.case.pk)
        work.record["figures"] = found
        work.summary = f"复查{found['items']}件，转主动公开{found['converted']}件"
        work.case.outcome = "已复查"


class Reopen(Act):
    """退回重办."""

    kind, name, label, icon = SHARE, "reopen", "退回重办", "undo-2"
    from_states = frozenset({"done"})
    to_state = "open"
    permits = supervisor(Role.OFFICE)
    form_class = ReasonForm
    order = 40

    def apply(self, work: Work) -> None:
        from gongkai.core import clocks

        work.words = work.data["reason"]
        work.case.outcome = ""
        clock = clocks.get(work.case, "share")
        if clock is not None:
            clocks.reopen(clock, work.now)
        work.notify(common.staff(work.case.unit), f"退回重办：{work.case.title}")
