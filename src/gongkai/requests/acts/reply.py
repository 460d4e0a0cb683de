"""Acts of the reply: found files, the draft, its review and signature.

What a reply says is sealed, and what was approved is the content with one digest: a step holds for exactly that content,
an unchanged save keeps it, a change asks for it anew. Whoever wrote at it reviews none of it, nobody takes two steps.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import attachments
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, FilesField, ReasonForm
from gongkai.core.models import Case, User
from gongkai.core.roles import Role, owner, supervisor
from gongkai.law.requests import decisions as law
from gongkai.requests import clocks, decisions, letters, materials
from gongkai.requests.acts.common import KIND, STAFF_OF_OWNER, case_people, text_area
from gongkai.requests.models import Consultation, Delivery, Material, Reply, ReplyStep, Request, Way

DRAFTING = frozenset({"handling", "consulting"})
REVIEWERS = (Role.REVIEWER, Role.SECRECY, Role.LEGAL, Role.LEADER)
REVIEWERS_OF_CASE = (*owner(*REVIEWERS), *supervisor(*REVIEWERS))
# Every sentence that some reply must say, by its name in the law.
STATEMENTS: dict[str, law.Statement] = {
    item.key: item for found in reversed(list(law.DECISIONS.values())) for item in found.statements
}
_FREE = {
    "facts": "办理经过",
    "next": "接下来怎样",
    "unreachable": "无法联系第三方的原因",
    "disclosed": "告知第三方：决定公开的内容",
    "disclosed_reason": "告知第三方：决定公开的理由",
    law.PUBLIC_INTEREST.key: law.PUBLIC_INTEREST.label,
    law.NO_HARM.key: law.NO_HARM.label,
    "withdrawn_on": "撤回日期",
}
GROUNDS = [(code, decisions.short_of(code)) for code in law.WITHHOLDING]
PART_ROWS = 30


def reply_of(case: Any) -> Reply | None:
    """The reply of a request, with what its checks read; None before it is drafted."""
    found = Reply.objects.select_related("earlier", "letter", "author").filter(request=case.pk).first()
    if found is not None:
        found.request = case
    return found


# --- found files ------------------------------------------------------------------------------------------------------


class MaterialsForm(ActForm):
    """Files."""

    files = FilesField(label="找到的材料", help_text="原件加密保存。提供、遮盖还是不提供，下一步再定。")  # type: ignore[assignment]


class AddMaterials(Act):
    """添加材料: files found for the request."""

    kind, name, label, icon = KIND, "add_materials", "添加材料", "paperclip"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    form_class = MaterialsForm
    private = frozenset({"files"})
    order = 40
    # What becomes of each file is decided there.
    page_after = "requests:reply"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        number = case.materials.count()
        uploads = [
            (file.name, attachments.store(file, user=work.user, sealed=True, label="材料"))
            for file in work.data.get("files") or []
        ]
        uploads += [(kept.own_name, kept) for kept in work.data.get("kept") or []]
        if not uploads:
            raise ActError("还没有选择文件。请选择后再提交。")
        for name, attachment in uploads:
            number += 1
            attachment.case_id, attachment.draft_of, attachment.draft_act = case.pk, None, ""
            attachment.save()
            title = materials.title_of(case, name, number)
            Material.objects.create(
                request=case, title=title, original=attachment, pages=_pages(attachment), position=number
            )
            work.attachments.append(attachment)
        work.summary = f"{len(uploads)}份材料"


def _pages(attachment: Any) -> int:
    """Pages of a PDF; 0 where nobody can say without laying it out."""
    if attachment.content_type != "application/pdf":
        return 0
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(io.BytesIO(attachments.load(attachment.digest))).pages)
    except (PyPdfError, ValueError):
        return 0


class TreatForm(ActForm):
    """For each file: given, masked or withheld, and on which ground."""

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.rows = list(case.materials.all()) if case is not None else []
        for row in self.rows:
            self.fields[f"treatment_{row.pk}"] = forms.ChoiceField(
                label=f"{row.title}：怎样处理", choices=Material.Treatment.choices, initial=row.treatment
            )
            self.fields[f"ground_{row.pk}"] = forms.ChoiceField(
                label="不公开的依据", choices=[("", "请选择"), *GROUNDS], initial=row.ground, required=False
            )
            self.fields[f"reason_{row.pk}"] = forms.CharField(
                label="理由", max_length=1000, initial=row.reason, required=False
            )

    def clean(self) -> dict[str, Any]:
        """What is not given whole has a ground and a reason."""
        data = super().clean() or self.cleaned_data
        for row in self.rows:
            partly = data.get(f"treatment_{row.pk}") in (Material.Treatment.MASKED, Material.Treatment.WITHHELD)
            if partly and not data.get(f"ground_{row.pk}"):
                self.add_error(f"ground_{row.pk}", "请选明不公开的依据。")
            if partly and not (data.get(f"reason_{row.pk}") or "").strip():
                self.add_error(f"reason_{row.pk}", "请写明不公开的理由。")
        return data


class TreatMaterials(Act):
    """处理材料: decide for every file whether it goes out."""

    kind, name, label, icon = KIND, "treat_materials", "处理材料", "file-check"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    form_class = TreatForm
    order = 41
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["materials"] else "还没有材料。请先添加材料。"

    def apply(self, work: Work) -> None:
        rows = list(work.case.materials.all())
        for row in rows:
            row.treatment = work.data[f"treatment_{row.pk}"]
            whole = row.treatment in (Material.Treatment.OPEN, Material.Treatment.GIVEN)
            row.ground = "" if whole else work.data[f"ground_{row.pk}"]
            row.reason = "" if whole else work.data[f"reason_{row.pk}"].strip()
        Material.objects.bulk_update(rows, ["treatment", "ground", "reason"])
        counts = {label: sum(row.treatment == value for row in rows) for value, label in Material.Treatment.choices}
        work.summary = "，".join(f"{label}{count}份" for label, count in counts.items() if count)


class RemoveForm(ActForm):
    """Which file."""

    material = forms.ModelChoiceField(label="材料", queryset=Material.objects.none(), empty_label=None)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["material"]
            field.queryset = Material.objects.filter(request=case.pk)


class RemoveMaterial(Act):
    """去掉材料: a file that does not belong here. The file itself stays on the case's list of files."""

    kind, name, label, icon = KIND, "remove_material", "去掉材料", "trash-2"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    form_class = RemoveForm
    order = 75
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["materials"] else "没有材料。"

    def apply(self, work: Work) -> None:
        material = work.data["material"]
        work.summary = material.title
        material.delete()


# --- the draft --------------------------------------------------------------------------------------------------------


class PartsInput(forms.Widget):
    """Rows of what, ground and reason; several inputs under each of three names."""

    template_name = "requests/reply/parts.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The rows as they were typed; a list of rows is taken as it is."""
        given = data.get(name)
        if isinstance(given, list | tuple):
            return list(given)
        take = data.getlist if hasattr(data, "getlist") else lambda key: data.get(key, [])
        columns = [take(f"{name}_{part}") for part in ("what", "ground", "reason")]
        if not any(columns):
            return None
        longest = max(len(column) for column in columns)
        rows = [[column[at] if at < len(column) else "" for column in columns] for at in range(longest)]
        return [dict(zip(("what", "ground", "reason"), row, strict=True)) for row in rows if any(map(str.strip, row))]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether no row was sent at all."""
        return name not in data and f"{name}_what" not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Rows to show: what there is and two empty ones."""
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), {}, {}]
        context["rows"] = [
            {**row, "number": number, "grounds": [(code, words, code == row.get("ground")) for code, words in GROUNDS]}
            for number, row in enumerate(rows, 1)
        ]
        return context


class PartsField(forms.Field):
    """Parts that are held back, each with its ground and reason."""

    widget = PartsInput

    def clean(self, value: Any) -> list[dict[str, str]]:
        rows = []
        for row in (value or [])[:PART_ROWS]:
            if not isinstance(row, Mapping):
                raise forms.ValidationError("不予公开的部分没有读懂。请重新填写。")
            rows.append({key: str(row.get(key) or "").strip()[:1000] for key in ("what", "ground", "reason")})
        return rows


class DraftForm(ActForm):
    """The answers to the questions, the result, and what the law wants said for it."""

    decision = forms.ChoiceField(label="答复类型", choices=[(code, code) for code in decisions.CHOICES])
    answers = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)
    withheld = PartsField(label="不予公开的部分", required=False)
    earlier = forms.CharField(
        label="前次申请的登记号",
        required=False,
        max_length=40,
        help_text="同一申请人就同一内容提出、已经答复的那件申请。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, item in STATEMENTS.items():
            self.fields[key] = text_area(item.label, rows=3, limit=3000, required=False, help_text=item.explanation)
        for key, label in _FREE.items():
            if key not in self.fields:
                self.fields[key] = text_area(label, rows=2, limit=2000, required=False)

    def clean_answers(self) -> dict[str, str]:
        """The answers as a dictionary."""
        text = self.cleaned_data["answers"]
        if not text:
            return {}
        try:
            found = json.loads(text)
        except ValueError:
            raise forms.ValidationError("判断过程没有读懂。请从第一个问题重新回答。") from None
        if not isinstance(found, dict):
            raise forms.ValidationError("判断过程没有读懂。请从第一个问题重新回答。")
        return {str(key): str(value) for key, value in found.items()}

    def clean_earlier(self) -> Request | None:
        """The earlier request with this number, or with the number of its reply."""
        text = self.cleaned_data["earlier"].strip()
        if not text:
            return None
        found = Request.objects.filter(number=text).first()
        found = found or Request.objects.filter(letters__number=text).order_by("pk").first()
        if found is None:
            raise forms.ValidationError("没有找到这件申请。请填写登记号，或者前次答复书的文号。")
        return found

    def clean(self) -> dict[str, Any]:
        """The answers lead to the result that was chosen."""
        data = super().clean() or self.cleaned_data
        if "answers" in data and "decision" in data:
            try:
                way = decisions.walk({key: value for key, value in data["answers"].items() if key != law.PROPER})
            except ActError as problem:
                self.add_error("answers", str(problem))
                return data
            if way.decision is None or way.decision.code != data["decision"]:
                self.add_error("decision", "答复类型和判断过程对不上。请把五个问题回答完，再填写答复。")
            else:
                data["answers"] = way.answers
        return data


class DraftReply(Act):
    """拟写答复."""

    kind, name, label, icon = KIND, "draft_reply", "拟写答复", "pencil-line"
    # Its form is a page of its own: the five questions, the sentences, the files.
    page = "requests:reply"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    form_class = DraftForm
    private = frozenset({"withheld", *STATEMENTS, *_FREE})
    expected = True
    order = 15
    hint = "依次回答五个问题，系统给出答复类型、依据和应当写明的内容。"

    def initial(self, case: Case | None, user: User | None) -> dict[str, Any]:
        reply = reply_of(case) if case is not None else None
        return values_of(reply) if reply is not None else {}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        reply = reply_of(case)
        if reply is None:
            reply = Reply(request=case, author=work.user)
        code = work.data["decision"]
        found = law.decision(code)
        wanted = {item.key for item in found.statements} | set(_FREE)
        said: dict[str, Any] = {key: str(work.data.get(key) or "").strip() for key in wanted}
        if found.needs_withheld_parts:
            said[decisions.WITHHELD_WORDS] = work.data["withheld"]
        reply.decision, reply.answers, reply.earlier = code, work.data["answers"], work.data["earlier"]
        if reply.earlier is not None and found.needs_earlier_reply:
            # Number and date stand on file: what was typed may be mistaken.
            said |= decisions.earlier_words(reply.earlier)
        reply.statements = {key: value for key, value in said.items() if value}
        reply.author = work.user or reply.author
        if work.user is not None and work.user.pk not in reply.authors:
            reply.authors = [*reply.authors, work.user.pk]
        reply.save()
        digest = decisions.digest_of(case, reply)
        changed = digest != reply.digest
        if changed:
            reply.digest = digest
            reply.save(update_fields=["digest"])
        work.record["digest"] = digest
        short = decisions.short_of(code)
        work.summary = short if changed else f"{short}，内容没有改动"


def values_of(reply: Reply) -> dict[str, Any]:
    """A reply as its form takes it."""
    return {
        "decision": reply.decision,
        "answers": json.dumps(reply.answers, ensure_ascii=False),
        "earlier": reply.earlier.number if reply.earlier else "",
        **reply.statements,
    }


# --- review -----------------------------------------------------------------------------------------------------------


class SubmitForm(ActForm):
    """The fifth question, and a word for the reviewers."""

    proper = forms.BooleanField(
        label="答复书妥当：答的就是申请人问的，依据的条款对，理由说清了，救济途径、收件人和日期都对",
        error_messages={"required": "请先核对答复书，核对无误后勾选。"},
    )
    words = text_area("送审说明", rows=2, limit=500, required=False)


class SubmitReply(Act):
    """送审."""

    kind, name, label, icon = KIND, "submit_reply", "答复送审", "send"
    from_states = frozenset({"handling"})
    to_state = "review"
    permits = STAFF_OF_OWNER
    form_class = SubmitForm
    private = frozenset({"words"})
    expected = True
    hide_blocked = True
    order = 10
    hint = "送审后按审核环节依次审核，最后由分管负责人签发。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["replies"] else "还没有拟写答复。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        reply = reply_of(case)
        if reply is None:
            raise ActError("还没有拟写答复。请先拟写，再送审。")
        wrong = [finding.message for finding in decisions.check(case, reply) if finding.level == "error"]
        if wrong:
            raise ActError("".join(wrong[:4]))
        # A letter that cannot be written is found now, not by the one who signs.
        letter_of(case, reply, timezone.localdate(work.now))
        reply.answers = {**reply.answers, law.PROPER: "proper"}
        reply.digest = decisions.digest_of(case, reply)
        reply.round += 1
        reply.save()
        first = _open_round(case, reply)
        work.record |= {"digest": reply.digest, "round": reply.round}
        work.summary = (
            f"第{reply.round}轮，{decisions.short_of(reply.decision)}，先由{first.unit}{first.get_role_display()}审核"
        )
        work.words = work.data["words"]
        work.notify(people_of(first.unit, Role(first.role)), f"{first.ask}：{case.title}")


def _letter(case: Request, reply: Reply) -> tuple[str, str, dict[str, Any]]:
    """Code of the letter, the result it tells, and its words."""
    code = decisions.letter_code(case, reply)
    return code, "" if code == "L15" else reply.decision, decisions.letter_words(case, reply)


def letter_of(case: Request, reply: Reply, day: dt.date, *, masked: bool = False) -> bytes:
    """The Word file as it would be signed on a day, `masked` without the applicant's name. ActError for what is missing."""
    code, decision, words = _letter(case, reply)
    if masked:
        words["addressee"] = case.applicant_label or "申请人"
    return letters.preview(case, code, words, decision=decision, day=day)


def _open_round(case: Request, reply: Reply) -> ReplyStep:
    """The steps of this round; one that passed on exactly this content before is kept, the signature never."""
    passed = {
        step.role: step
        for step in reply.steps.filter(decision=ReplyStep.Decision.PASSED, digest=reply.digest).order_by("round")
    }
    chain = decisions.chain_for(reply)
    steps = []
    for position, role in enumerate(chain, 1):
        unit = decisions.place_of(case, reply, role)
        step = ReplyStep(reply=reply, round=reply.round, position=position, role=role, unit=unit)
        before = passed.get(role)
        if before is not None and position < len(chain) and before.user_id not in reply.authors:
            step.decision, step.digest = before.decision, before.digest
            step.user_id, step.words, step.decided_at = before.user_id, before.words, before.decided_at
        steps.append(step)
    ReplyStep.objects.bulk_create(steps)
    return next(step for step in steps if not step.decision)


def steps_now(case: Any) -> list[ReplyStep]:
    """The steps of the round that runs, in order; read once for each state of the case."""
    key = (case.pk, case.event_count)
    known = case.__dict__.get("_reply_steps")
    if known is None or known[0] != key:
        asked = ReplyStep.objects.select_related("unit", "user").filter(reply__request=case.pk)
        rows = list(asked.order_by("round", "position"))
        last = rows[-1].round if rows else 0
        known = (key, [step for step in rows if step.round == last])
        case.__dict__["_reply_steps"] = known
    return known[1]


def step_now(case: Any) -> ReplyStep | None:
    """The step that is waited for."""
    if case.state != "review":
        return None
    return next((step for step in steps_now(case) if not step.decision), None)


class StepAct(Act):
    """What the acts of a reviewer share: the step's role decides; who wrote, or took another step, is kept out."""

    kind = KIND
    from_states = frozenset({"review"})
    permits = REVIEWERS_OF_CASE
    signs = False

    def permitted(self, case: Case | None, user: User) -> bool:
        """The role that the current step asks, in the unit that it asks."""
        step = step_now(case) if case is not None else None
        if step is None:
            return super().permitted(case, user)
        return user.is_active and step.role in user.roles_at(step.unit)

    def _last(self, case: Any) -> bool:
        steps = steps_now(case)
        return bool(steps) and steps[-1] == step_now(case)

    def blocked(self, case: Any, user: User) -> str:
        reply = reply_of(case)
        if reply is not None and user.pk in reply.authors:
            return "答复是你起草的，要由其他人审核。"
        if any(step.user_id == user.pk for step in steps_now(case) if step.decision):
            return "这一轮里你已经审核过一个环节，下一个环节要由其他人办。"
        return ""

    def decide(self, work: Work, decision: str, words: str) -> tuple[Reply, ReplyStep]:
        """Write the decision into the current step; what is passed is the content that was sent up."""
        case: Request = work.case
        reply = reply_of(case)
        step = step_now(case)
        if reply is None or step is None:
            raise ActError("这一轮审核已经结束。请刷新页面。")
        passing = decision == ReplyStep.Decision.PASSED
        if passing and decisions.digest_of(case, reply) != reply.digest:
            raise ActError("送审以后答复内容或者材料有改动，原来的审核不再有效。请退回，重新送审。")
        step.decision, step.words, step.digest = decision, words, reply.digest
        step.user, step.decided_at = work.user, work.now
        step.save()
        work.record["digest"] = reply.digest
        return reply, step


class PassForm(ActForm):
    """The reviewer's opinion."""

    words = text_area("审核意见", rows=3, limit=1000, required=False)


class PassReply(StepAct):
    """审核通过."""

    name, label, icon = "pass_reply", "审核通过", "check"
    form_class = PassForm
    private = frozenset({"words"})
    expected = True
    order = 10

    def starts_from(self, case: Case) -> bool:
        return super().starts_from(case) and not self._last(case)

    def apply(self, work: Work) -> None:
        case: Request = work.case
        _, step = self.decide(work, ReplyStep.Decision.PASSED, work.data["words"])
        work.summary = step.get_role_display()
        following = next((one for one in steps_now(case) if not one.decision), None)
        if following is not None:
            work.notify(people_of(following.unit, Role(following.role)), f"{following.ask}：{case.title}")


class SignReply(StepAct):
    """签发: the last step; the letter gets its number and is written."""

    name, label, icon = "sign_reply", "签发", "stamp"
    to_state = "signed"
    form_class = PassForm
    private = frozenset({"words"})
    expected = True
    order = 10
    hint = "签发后答复书编号、成文，由经办人送达。"

    def starts_from(self, case: Case) -> bool:
        return super().starts_from(case) and self._last(case)

    def describe(self, case: Any, user: User) -> str:
        reply = reply_of(case)
        parties = decisions.told_to_third_parties(case, reply) if reply else []
        return self.hint + (f"同时编出给第三方的告知书{len(parties)}份。" if parties else "")

    def apply(self, work: Work) -> None:
        case: Request = work.case
        reply, step = self.decide(work, ReplyStep.Decision.PASSED, work.data["words"])
        wrong = [finding.message for finding in decisions.check(case, reply) if finding.level == "error"]
        if wrong:
            raise ActError("".join(wrong[:4]))
        code, decision, words = _letter(case, reply)
        reply.letter = letters.issue(work, code, decision=decision, **words)
        reply.signed_at = work.now
        reply.save()
        Delivery.objects.create(request=case, letter=reply.letter, way=case.way or Way.POST)
        for party in decisions.told_to_third_parties(case, reply):
            _tell_third_party(work, case, reply, party)
        clocks.signed(case, work.now)
        work.summary = f"{step.get_role_display()}签发，{reply.letter.number}"
        work.notify(case_people(case), f"答复已签发，请送达：{case.title}")


def _tell_third_party(work: Work, case: Request, reply: Reply, party: Consultation) -> None:
    """L8: what is disclosed against the objection or without an answer, and why (art. 32)."""
    name = str((party.party or {}).get("name") or (party.unit.name if party.unit else "") or party.party_label)
    letter = letters.issue(
        work,
        "L8",
        addressee=name,
        facts="" if party.answer == Consultation.Answer.OBJECTED else "你（单位）在规定期限内没有提出意见",
        disclosed=reply.statements.get("disclosed", ""),
        reason=_why_disclosed(case, reply),
        remedy=decisions.remedy_of(case.unit, "O1"),
    )
    Delivery.objects.create(request=case, letter=letter, addressee=Delivery.Addressee.THIRD_PARTY, way=Way.POST)


def _why_disclosed(case: Request, reply: Reply) -> str:
    """The reason as the third party reads it; with the public interest where that outweighs the objection."""
    reason = str(reply.statements.get("disclosed_reason") or "").rstrip("。")
    interest = str(reply.statements.get(law.PUBLIC_INTEREST.key) or "").rstrip("。")
    if not interest or not decisions.against_objection(case, reply):
        return reason
    return f"{reason}。不公开会对公共利益造成重大影响：{interest}"


class ReturnReply(StepAct):
    """退回修改."""

    name, label, icon = "return_reply", "退回修改", "undo-2"
    to_state = "handling"
    form_class = ReasonForm
    private = frozenset({"reason"})
    order = 20
    hint = "退回经办人修改，改好后重新送审。没有改动的，已经通过的环节继续有效。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        reply, step = self.decide(work, ReplyStep.Decision.RETURNED, work.data["reason"])
        reply.steps.filter(decision="").delete()
        work.summary = f"{step.get_role_display()}退回"
        work.notify(case_people(case), f"答复退回修改：{case.title}")


class RecallReply(Act):
    """撤回送审."""

    kind, name, label, icon = KIND, "recall_reply", "撤回送审", "rotate-ccw"
    from_states = frozenset({"review"})
    to_state = "handling"
    permits = STAFF_OF_OWNER
    order = 80
    hint = "撤回后可以修改；内容不变的，已经通过的环节继续有效。"

    def apply(self, work: Work) -> None:
        reply = reply_of(work.case)
        if reply is not None:
            reply.steps.filter(decision="").delete()
            work.summary = f"第{reply.round}轮审核撤回"
