"""The reply on one page: five questions, what has to be said, the files, the letter as it will be; letters to be sent; the file."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.http import require_safe

from gongkai.core import letters as core_letters
from gongkai.core import listing, privacy
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.models import User
from gongkai.core.navigation import shell, signed_in
from gongkai.core.privacy import showing
from gongkai.core.roles import STAFF, Role
from gongkai.law.clock import last_day
from gongkai.law.requests import decisions as law
from gongkai.law.requests.letters import LETTERS
from gongkai.requests import archive, decisions, letters, materials, outstanding, personal
from gongkai.requests.acts.reply import DRAFTING, REVIEWERS, letter_of, reply_of, steps_now, values_of
from gongkai.requests.models import Consultation, Delivery, Material, Reply, Request

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}
# Which act sends the letter that has to go out before a result is possible.
FIRST_LETTERS = {"L2": "ask_supplement", "L3": "ask_reasons", "L5": "ask_third_party", "L9": "ask_co_maker"}
OUTBOX_SIZE = 50


def _case(user: User, pk: int) -> Request:
    """A request the person may read; Http404 for all others, so that ids tell nothing."""
    rows = Request.objects.visible_to(user).select_related("unit", "supervisor", "clock", "handler", "merged_into")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("没有这件申请，或者你不能查看。")
    return found


def _working_on(case: Request, user: User) -> bool:
    """Whether the person's work is this reply: the body's staff and reviewers, and reviewers of the office above."""
    own = set(user.roles_at(case.unit)) & {*STAFF, *REVIEWERS}
    above = set(user.roles_at(case.supervisor)) & set(REVIEWERS) if case.supervisor else set()
    return bool(own or above)


def _may_draft(case: Request, user: User) -> bool:
    act = acts["request.draft_reply"]
    return act.permitted(case, user) and act.starts_from(case)


# --- the page ---------------------------------------------------------------------------------------------------------


@signed_in
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """拟写答复; for those who review it, the same page to read."""
    case = _case(request.user, pk)
    if not _working_on(case, request.user):
        raise PermissionDenied("答复在送达之前只对本单位的经办人和审核人开放。")
    if request.method == "POST":
        return _save(request, case)
    return _show(request, case)


def _save(request: HttpRequest, case: Request) -> HttpResponse:
    name = "treat_materials" if "treat" in request.POST else "draft_reply"
    try:
        event = perform(f"request.{name}", case, request.user, request.POST)
    except InvalidData as problem:
        return _show(request, case, problem.form if name == "draft_reply" else None, _sentences(problem))
    except ActError as problem:
        return _show(request, case, None, str(problem))
    messages.success(request, f"已保存。{event.summary}。")
    # Answers that were not saved yet stand in the address.
    return redirect(request.get_full_path() if name == "treat_materials" else request.path)


def _sentences(problem: InvalidData) -> str:
    return " ".join(str(words) for found in problem.form.errors.values() for words in found)


def _answers(request: HttpRequest, found: Reply | None) -> dict[str, str]:
    """The answers of the address (`a=course.on~clear.clear`), else those of the draft."""
    text = request.POST.get("answers") or ""
    if text:
        try:
            given = json.loads(text)
        except ValueError:
            return {}
        return {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    if "a" in request.GET:
        pairs = [part.partition(".") for part in request.GET["a"].split("~") if part]
        return {key: value for key, _, value in pairs}
    return {key: value for key, value in (found.answers if found else {}).items() if key != law.PROPER}


def _address(case: Request, answers: dict[str, str]) -> str:
    text = "~".join(f"{key}.{value}" for key, value in answers.items())
    return f"{reverse('requests:reply', args=[case.pk])}?{urlencode({'a': text})}"


def _show(request: HttpRequest, case: Request, form: Any = None, failure: str = "") -> HttpResponse:
    found = reply_of(case)
    editable = _may_draft(case, request.user)
    try:
        way = decisions.walk(_answers(request, found))
    except ActError:
        way = decisions.walk({})
    if not editable and found is None:
        messages.error(request, f"申请现在是“{case.state_label}”，还没有拟写答复。")
        return redirect(case)
    chosen = way.decision or (law.decision(found.decision) if found and not editable else None)
    context = shell(
        request,
        current="requests:index",
        case=case,
        reply=found,
        editable=editable,
        failure=failure,
        due_on=last_day(case.clock.due_at) if case.is_open and case.clock and case.clock.due_at else None,
        questions=_questions(case, way) if editable else _answered(found),
        stages=[words for words, _ in law.STAGES.values()],
        stage=_stage(way, editable),
        chosen=_described(case, chosen) if chosen else None,
        first_letter=_first_letter(case, way.step.letter) if editable and way.step.letter else None,
        form=_form(case, request.user, found, chosen, way, form) if editable and chosen else None,
        stated=_stated(found, chosen) if not editable and found and chosen else [],
        materials=_materials(case),
        grounds=[(code, law.decision(code).short) for code in law.WITHHOLDING],
        treatments=Material.Treatment.choices,
        findings=decisions.check(case, found) if found and case.state in DRAFTING | {"review"} else [],
        steps=steps_now(case) if found else [],
        letter=_letter(case, found) if found else None,
        acts=_acts(case, request.user),
        named=personal.may(case, request.user),
        on_file=_on_file(case),
        crumbs=[
            {"label": "依申请公开", "url": reverse("requests:index")},
            {"label": case.number, "url": case.get_absolute_url()},
            {"label": "答复", "url": ""},
        ],
    )
    return render(request, "requests/reply/page.html", context, status=422 if failure else 200)


def _stage(way: decisions.Way, editable: bool) -> int:
    if not editable:
        return 6
    question = way.step.question
    return question.stage if question else (way.step.path[-1][0].stage if way.step.path else 1)


def _questions(case: Request, way: decisions.Way) -> dict[str, Any]:
    """What was answered, each with a way back, and the question that is open."""
    said: dict[str, str] = {}
    answered = []
    for question, answer in way.step.path:
        answered.append(
            {"question": question, "answer": answer, "back": _address(case, said) if said else _address(case, {})}
        )
        said = {**said, question.key: answer.key}
    following = way.step.question
    if following is not None and following.key == law.PROPER:
        following = None
    choices = []
    if following is not None:
        choices = [
            {"answer": one, "url": _address(case, {**said, following.key: one.key})} for one in following.answers
        ]
    return {"answered": answered, "open": following, "choices": choices, "restart": _address(case, {})}


def _answered(found: Reply | None) -> dict[str, Any]:
    way = decisions.walk(found.answers if found else {})
    rows = [{"question": question, "answer": answer, "back": ""} for question, answer in way.step.path]
    return {"answered": rows, "open": None, "choices": [], "restart": ""}


def _described(case: Request, chosen: law.Decision) -> dict[str, Any]:
    """A result as the page explains it: row, articles, what must be said, remedy, letter."""
    code = "L12" if chosen.code == "O3" else chosen.letter
    return {
        "decision": chosen,
        "group": chosen.group,
        "label": chosen.label,
        "short": decisions.short_of(chosen.code),
        "basis": letters.basis_of(chosen.articles),
        "statements": [item.label for item in chosen.statements],
        "remedy": decisions.remedy_of(case.unit, chosen.code),
        "first": law.reconsideration_comes_first(chosen.code, decisions.reconsideration_first()),
        "letter": LETTERS[code].title,
    }


def _first_letter(case: Request, code: str) -> dict[str, Any]:
    name = FIRST_LETTERS.get(code, "")
    known = acts.get(f"request.{name}")
    return {
        "title": LETTERS[code].title,
        "trigger": LETTERS[code].trigger,
        "url": reverse("workbench:act", args=[case.pk, name]) if known else "",
        "label": known.label if known else "",
    }


def _form(case: Request, user: User, found: Reply | None, chosen: law.Decision, way: decisions.Way, form: Any) -> Any:
    """The form for one result, with what is on file as a beginning."""
    if form is None:
        values: dict[str, Any] = decisions.suggested(case, chosen.code)
        if found is not None and found.decision == chosen.code:
            # The same name stands for other sentences in other results: words are not carried over.
            values |= {key: value for key, value in values_of(found).items() if value}
        values |= {"decision": chosen.code, "answers": json.dumps(way.answers)}
        form = acts["request.draft_reply"].form(case, user, initial=values)
    for item in chosen.statements:
        form.fields[item.key].label, form.fields[item.key].help_text = item.label, item.explanation
    names = [item.key for item in chosen.statements]
    if chosen.needs_earlier_reply:
        # Number and date follow from the request that is named.
        names = ["earlier"]
    if chosen.needs_withheld_parts:
        names.append("withheld")
    held = [part for part in (found.statements.get("withheld") or [] if found else []) if part.get("ground") == "D4"]
    if (chosen.needs_third_party or _about_third_party(chosen, way) or held) and not any(
        one.answer and one.kind == Consultation.Kind.THIRD_PARTY for one in case.consultations.all()
    ):
        names.append("unreachable")
    if chosen.code == "O3" and way.answers.get("course") == "withdrawn":
        names.append("withdrawn_on")
    same = found is not None and found.decision == chosen.code
    said = found.statements if found is not None and same else {}
    told = Reply(request=case, decision=chosen.code, answers=way.answers, statements=said)
    if decisions.told_to_third_parties(case, told):
        names += ["disclosed", "disclosed_reason"]
    for wanted, item in (
        (decisions.against_objection(case, told), law.PUBLIC_INTEREST),
        (decisions.without_answer(case, told), law.NO_HARM),
    ):
        if wanted:
            names.append(item.key)
            form.fields[item.key].help_text = item.explanation
    needed = {item.key for item in chosen.statements if item.required} | {"earlier", "withheld", "disclosed"}
    for name in names:
        form.fields[name].quiet = name in needed | {
            "disclosed_reason",
            "withdrawn_on",
            law.PUBLIC_INTEREST.key,
            law.NO_HARM.key,
        }
    return {
        "form": form,
        "fields": [form[name] for name in names],
        "more": [form[name] for name in ("facts", "next") if name not in names],
    }


def _about_third_party(chosen: law.Decision, way: decisions.Way) -> bool:
    """Whether a third party's interest was weighed on the way, so that it may have to be said why nobody was reached."""
    if way.answers.get("ground") != "third_party":
        return False
    return chosen.needs_withheld_parts or way.answers.get("opinion") == "unreachable"


def _stated(found: Reply, chosen: law.Decision) -> list[tuple[str, str]]:
    """What the draft says, for those who review it."""
    said = found.statements
    rows = [(item.label, str(said.get(item.key) or "")) for item in chosen.statements]
    rows += [
        (label, str(said.get(key) or ""))
        for key, label in (
            (law.PUBLIC_INTEREST.key, law.PUBLIC_INTEREST.label),
            (law.NO_HARM.key, law.NO_HARM.label),
            ("disclosed", "告知第三方：决定公开的内容"),
            ("disclosed_reason", "告知第三方：决定公开的理由"),
        )
    ]
    if decisions.parts_of(found):
        rows.append(("不予公开的部分", decisions.withheld_words(decisions.parts_of(found))))
    if found.earlier:
        rows.append(("前次申请", found.earlier.number))
    return [(label, text) for label, text in rows if text]


def _materials(case: Request) -> list[dict[str, Any]]:
    rows = case.materials.select_related("original", "masked")
    return [
        {
            "row": row,
            "name": row.original.own_name,
            "url": row.original.get_absolute_url(),
            "masked_url": row.masked.get_absolute_url() if row.masked else "",
            "mask_url": materials.mask_address(row),
        }
        for row in rows
    ]


def _letter(case: Request, found: Reply) -> dict[str, Any]:
    """The letter as it will be: its paragraphs with the name masked, or why it cannot be written yet."""
    if found.letter is not None:
        return {"signed": found.letter, "lines": [], "fault": ""}
    try:
        code = decisions.letter_code(case, found)
        words = {**decisions.letter_words(case, found), "addressee": case.applicant_label or "申请人"}
        decision = "" if code == "L15" else found.decision
        data = letters.preview(case, code, words, decision=decision, day=timezone.localdate())
    except ActError as problem:
        return {"signed": None, "lines": [], "fault": str(problem)}
    return {"signed": None, "lines": letters.paragraphs(data), "fault": ""}


def _acts(case: Request, user: User) -> list[dict[str, str]]:
    """The acts of the reply that the person may do now, as buttons."""
    rows = []
    for name in (
        "submit_reply",
        "pass_reply",
        "sign_reply",
        "return_reply",
        "recall_reply",
        "deliver",
        "add_materials",
    ):
        act = acts[f"request.{name}"]
        if act.starts_from(case) and act.permitted(case, user) and not act.blocked(case, user):
            rows.append({"label": act.label, "url": reverse("workbench:act", args=[case.pk, name]), "icon": act.icon})
    return rows


def _on_file(case: Request) -> list[tuple[str, str]]:
    """What the file holds that a result may stand on."""
    rows = []
    for one in case.supplement_rounds.all():
        rows.append(("补正", f"{_day(one.asked_on)}告知，{one.get_state_display()}"))
    for party in case.consultations.all():
        rows.append((party.get_kind_display(), f"{party.party_label}：{party.get_answer_display() or '等待答复'}"))
    for fee in case.fees.all():
        rows.append(("信息处理费", f"{fee.amount}元，{fee.get_state_display()}"))
    for search in case.searches.all():
        rows.append(
            ("检索记录", f"{_day(search.searched_on)}，{search.place}，{'找到' if search.found else '没有找到'}")
        )
    if case.reasons_asked_on:
        rows.append(("说明理由", f"{_day(case.reasons_asked_on)}告知"))
    return rows


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


# --- the letter to look at --------------------------------------------------------------------------------------------


@signed_in
@require_safe
def draft_letter(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The letter as it would be signed today, as Word or PDF.

    It names the applicant to those whose work needs that, and the look is recorded; other reviewers read it masked.
    """
    case = _case(request.user, pk)
    found = reply_of(case)
    if found is None or form not in ("pdf", "docx"):
        raise Http404
    if not _working_on(case, request.user):
        raise PermissionDenied("答复在送达之前只对本单位的经办人和审核人开放。")
    named = personal.may(case, request.user)
    try:
        data = letter_of(case, found, timezone.localdate(), masked=not named)
        if form == "pdf":
            data = core_letters.docx_to_pdf(data, "答复书（预览）")
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect("requests:reply", pk)
    if named:
        privacy.looked(case, request.user, ["答复书预览"], "核对答复书")
    return _file(data, f"{case.number}答复书（预览）.{form}", form, inline=form == "pdf")


def _file(data: bytes, name: str, form: str, *, inline: bool = False) -> HttpResponse:
    response = HttpResponse(data, content_type=TYPES[form])
    response["Content-Disposition"] = content_disposition_header(as_attachment=not inline, filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- letters to be sent -----------------------------------------------------------------------------------------------


@signed_in
def outbox(request: HttpRequest) -> HttpResponse:
    """待发文书: letters that are signed and not sent, printed together as one PDF."""
    user = request.user
    units = [unit for unit, roles in user.roles_by_unit.items() if set(roles) & {*STAFF, Role.OFFICE}]
    rows = outstanding.letters(Delivery.objects.filter(sent_on=None, letter__isnull=False, request__unit__in=units))
    rows = rows.select_related("letter", "request", "request__unit", "request__clock").order_by("pk")
    if request.method == "POST":
        chosen = list(rows.filter(pk__in=listing.ids_of(request.POST.getlist("delivery")))[:OUTBOX_SIZE])
        return _print(request, chosen)
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 18:
        rows = rows.filter(pk__gt=int(after))
    rows = rows.annotate(with_reply=Exists(outstanding.with_reply(Delivery.objects.filter(pk=OuterRef("pk")))))
    found = list(rows[: OUTBOX_SIZE + 1])
    more = len(found) > OUTBOX_SIZE
    found = found[:OUTBOX_SIZE]
    context = shell(
        request,
        current="requests:index",
        rows=found,
        next_url=f"{request.path}?after={found[-1].pk}" if more else "",
        pdf_missing=core_letters.pdf_missing(),
        crumbs=[{"label": "依申请公开", "url": reverse("requests:index")}, {"label": "待发文书", "url": ""}],
    )
    return render(request, "requests/reply/outbox.html", context)


def _print(request: HttpRequest, chosen: list[Delivery]) -> HttpResponse:
    found = [row.letter for row in chosen if row.letter]
    try:
        data = letters.print_many(found)
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect("requests:outbox")
    for row in chosen:
        privacy.looked(row.request, request.user, [f"{row.letter.title} {row.letter.number}"], "打印待发文书")
    name = f"待发文书{timezone.localdate():%Y%m%d}（{len(found)}份）.pdf"
    return _file(data, name, "pdf")


# --- the whole file ---------------------------------------------------------------------------------------------------


@signed_in
def case_file(request: HttpRequest, pk: int) -> HttpResponse:
    """整卷: everything of a request as one PDF or one ZIP, for the body's staff and the office; the look is recorded."""
    case = _case(request.user, pk)
    if not archive.may_open(case, request.user):
        raise PermissionDenied("整卷含个人信息，只对本单位办理这件申请的人员和主管单位开放。")
    failure = ""
    if request.method == "POST":
        try:
            return _open(request, case, "pdf" if "pdf" in request.POST else "zip")
        except (ActError, privacy.NotShown) as problem:
            failure = str(problem)
    context = shell(
        request,
        current="requests:index",
        case=case,
        contents=archive.contents(case),
        failure=failure,
        reason=request.POST.get("reason", ""),
        pdf_missing=core_letters.pdf_missing(),
        crumbs=[
            {"label": "依申请公开", "url": reverse("requests:index")},
            {"label": case.number, "url": case.get_absolute_url()},
            {"label": "整卷", "url": ""},
        ],
    )
    return render(request, "requests/reply/file.html", context, status=422 if failure else 200)


def _open(request: HttpRequest, case: Request, form: str) -> HttpResponse:
    reason = showing.checked_reason(request.POST.get("reason", ""))
    data = archive.pdf(case) if form == "pdf" else archive.package(case)
    privacy.looked(case, request.user, ["整卷"], reason)
    return _file(data, f"{case.number}案卷.{form}", form)
