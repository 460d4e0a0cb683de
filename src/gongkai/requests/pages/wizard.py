"""The application in five steps. What was filled in lies in a sealed draft on the server; every step works without scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.html import strip_tags
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from gongkai.core import challenge
from gongkai.core.acts import ActError, Filled, InvalidData
from gongkai.core.models import Unit
from gongkai.core.search.query import PUBLIC
from gongkai.core.search.service import Hit
from gongkai.core.search.service import find as search
from gongkai.requests import public_queries
from gongkai.requests.acts import submission
from gongkai.requests.forms import ORGANISATION, ApplicationForm, asked_unit
from gongkai.requests.models import Category, Draft, Form, Way
from gongkai.requests.pages import access, drafts, receipt, sending
from gongkai.requests.pages.shell import crumbs, shell

# Step -> title, heading, the fields of the application it asks for.
STEPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "unit": ("选择单位", "您要向哪个单位申请？", ("unit",)),
    "information": (
        "说明想要的信息",
        "您想要什么信息？",
        ("subject", "content", "forms", "accepts_other", "files"),
    ),
    "applicant": (
        "申请人",
        "谁来申请？",
        (
            "applicant_kind", "category", "name", "identity_kind", "identity_number", "credit_code", "representative",
            "contact", "employer", "phone", "email", "address", "agent", "agent_identity", "proof",
        ),
    ),
    "delivery": (
        "怎么给您",
        "怎么把答复给您？",
        ("way", "tell_by_email", "email", "address", "postcode", "fax", "phone"),
    ),
    "check": ("核对提交", "核对后提交", ()),
}  # fmt: skip
ORDER = tuple(STEPS)
FILES = ("files", "proof")
REQUIRED = {
    "content": "还没有写想要什么信息。请写清时间、地点和事项。",
    "name": "还没有写姓名或者名称。请照证件、证照填写。",
}
DRAFTS_PER_PLACE, SUGGESTIONS_PER_PLACE = 100, 120
PURPOSE = "requests.apply"
MOST_SUGGESTED = 3
LONG_NAME = 9


def address_of(step: str) -> str:
    """Where a step is."""
    return reverse("requests-public:new") if step == "unit" else reverse("requests-public:step", args=[step])


def _frame(request: HttpRequest, step: str, **context: Any) -> dict[str, Any]:
    number = ORDER.index(step)
    return shell(
        request,
        crumbs=crumbs(("提交申请", "")),
        step=step,
        heading=STEPS[step][1],
        steps=[title for title, *_ in STEPS.values()],
        current=number + 1,
        back_url=address_of(ORDER[number - 1]) if number else reverse("requests-public:index"),
        last_day=public_queries.last_day_of_today(),
        most_files=drafts.MOST_FILES,
        most_megabytes=drafts.MOST_MEGABYTES,
        **context,
    )


def _page(request: HttpRequest, step: str, *, status: int = 200, **context: Any) -> HttpResponse:
    template = f"requests/public/step_{step}.html"
    response = render(request, template, _frame(request, step, **context), status=status)
    return access.private(response)


# --- step 1: the body -------------------------------------------------------------------------------------------------


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: HttpRequest) -> HttpResponse:
    """The body that is asked; choosing one begins the draft."""
    draft = drafts.read(request)
    chosen = str(
        request.POST.get("unit") or request.GET.get("unit") or (draft.content.get("code", "") if draft else "")
    )
    words = request.GET.get("q", "").strip()[:40]
    error = ""
    if request.method == "POST":
        body = public_queries.body(chosen[:60])
        if body is None:
            error = "还没有选单位。请选一个；拿不准的，可以先打电话问区政府办公室。"
        elif draft is None and challenge.limited(request, "requests.draft", DRAFTS_PER_PLACE):
            error = "从您所在的网络开始的申请太多了。请过一小时再试。"
        else:
            return _begun(draft, body)
    context = {"groups": public_queries.grouped(words), "chosen": chosen, "words": words, "error": error}
    return _page(request, "unit", status=422 if error else 200, draft=draft, window=public_queries.window(), **context)


def _begun(draft: Draft | None, body: Unit) -> HttpResponse:
    cookie: dict[str, str] = {}
    draft = draft or drafts.begin(cookie)
    drafts.save(draft, unit=body.pk, code=body.code)
    response: HttpResponse = HttpResponseRedirect(address_of("information"))
    return drafts.remember(response, cookie["secret"]) if cookie else response


# --- steps 2 to 4 -----------------------------------------------------------------------------------------------------


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, name: str) -> HttpResponse:
    """A step of the form: kept whatever is typed, and judged when it goes on."""
    if name == "check" and request.method == "POST":
        return _send(request)
    draft = drafts.read(request)
    if draft is None or not _body_of(draft):
        return redirect("requests-public:new")
    if name == "check":
        return _check(request, draft)
    if request.method != "POST":
        return _page(request, name, **_shown(draft, name, _form(draft, name)))
    form = _form(draft, name, request.POST)
    faults = _take(request, draft, name, form)
    if request.POST.get("go", "") == "back":
        return redirect(address_of(ORDER[ORDER.index(name) - 1]))
    if "remove" in request.POST or request.POST.get("go") == "upload":
        place = "id_proof" if name == "applicant" else "id_files"
        return _again(request, draft, name, form, faults) if faults else redirect(f"{address_of(name)}#{place}")
    return _go_on(request, draft, name, form, faults)


def _go_on(
    request: HttpRequest, draft: Draft, name: str, form: ApplicationForm, faults: dict[str, list[str]]
) -> HttpResponse:
    valid = form.is_valid()
    context: dict[str, Any] = {}
    if name == "information":
        context = _information(request, draft, form)
    if not valid or faults or context.pop("stop", False):
        return _again(request, draft, name, form, faults, **context)
    done = list(dict.fromkeys([*draft.content.get("done", []), name]))
    drafts.save(draft, done=done)
    return redirect(address_of(ORDER[ORDER.index(name) + 1]))


def _again(
    request: HttpRequest,
    draft: Draft,
    name: str,
    form: ApplicationForm,
    faults: dict[str, list[str]],
    **context: Any,
) -> HttpResponse:
    form.is_valid()
    for field, words in faults.items():
        for fault in words:
            form.add_error(field, fault)
    return _page(request, name, status=422, **{**_shown(draft, name, form), **context})


def _body_of(draft: Draft) -> Unit | None:
    return asked_unit(draft.content.get("unit") or 0)


def _form(draft: Draft, name: str, data: Any = None) -> ApplicationForm:
    fields = STEPS[name][2]
    initial = {field: draft.content[field] for field in fields if field in draft.content}
    if name == "information":
        initial.setdefault("forms", [Form.ELECTRONIC])
    form = ApplicationForm(data, initial=initial, only=fields)
    for field_name, field in form.fields.items():
        # The server says what is missing, in words.
        field.widget.is_required = False
        if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = REQUIRED.get(field_name, f"还没有填{field.label}。")
    return form


def _take(request: HttpRequest, draft: Draft, name: str, form: ApplicationForm) -> dict[str, list[str]]:
    """Write down what was typed, take files in and out; returns what is wrong with the files."""
    typed: dict[str, Any] = {}
    for field in STEPS[name][2]:
        if field in FILES:
            continue
        value = form[field].value()
        if isinstance(form.fields[field], forms.MultipleChoiceField):
            typed[field] = [str(one)[:20] for one in (value or [])][:10]
        elif isinstance(form.fields[field], forms.BooleanField):
            typed[field] = bool(value)
        else:
            typed[field] = str(value or "").replace("\x00", "")[:4100]
    faults: dict[str, list[str]] = {}
    proofs = [int(pk) for pk in draft.content.get("proofs", [])]
    for field in FILES:
        for upload in request.FILES.getlist(field)[:20] if field in STEPS[name][2] else []:
            try:
                if access.count(f"file.{access.place_of(request)}", 100, 3600):
                    raise drafts.Refused("从您这里上传的文件太多了。请过一小时再试，或者当面、邮寄提交。")
                kept = drafts.add_file(draft, upload)
            except drafts.Refused as problem:
                faults.setdefault(field, []).append(str(problem))
            else:
                proofs += [kept.pk] if field == "proof" else []
    removed = request.POST.get("remove", "")
    if removed.isascii() and removed.isdigit() and len(removed) < 18:
        drafts.drop_file(draft, int(removed))
        proofs = [pk for pk in proofs if pk != int(removed)]
    if name == "information":
        typed["anyway"] = request.POST.get("anyway") == "on"
    drafts.save(draft, **typed, proofs=proofs)
    return faults


def _shown(draft: Draft, name: str, form: ApplicationForm) -> dict[str, Any]:
    proofs = set(draft.content.get("proofs", []))
    files = list(draft.files.all())
    return {
        "form": form,
        "body": _body_of(draft),
        "files": [file for file in files if (file.pk in proofs) == (name == "applicant")],
        "draft": draft,
        "anyway": bool(draft.content.get("anyway")),
        "advised": bool(draft.content.get("anyway")),
    }


# --- step 2: is it this, and what would help --------------------------------------------------------------------------


def _information(request: HttpRequest, draft: Draft, form: ApplicationForm) -> dict[str, Any]:
    """Advice that was not read yet, and public documents that were not shown yet; `stop` asks to look at them first."""
    advice = form.advice() if request.POST.get("anyway") != "on" else []
    words = _words(form.cleaned_data if form.is_valid() else {"subject": str(form["subject"].value() or "")})
    hits = already_public(words)
    seen = request.POST.get("seen", "") == digest_of(words)
    return {
        "advice": advice,
        "hits": hits,
        "seen": digest_of(words),
        "advised": bool(advice) or request.POST.get("anyway") == "on",
        "anyway": request.POST.get("anyway") == "on",
        "stop": bool(advice) or (bool(hits) and not seen),
    }


def _words(data: dict[str, Any]) -> str:
    """What to look for: the name of the information, else the first words of what is wanted."""
    return str(data.get("subject") or data.get("content") or "").strip()[:60]


def digest_of(words: str) -> str:
    """A sign that suggestions for these words were shown."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def already_public(words: str) -> list[Hit]:
    """Public documents that may be what is wanted; the words are counted nowhere."""
    if len(words) < 4:
        return []
    return find_public(words)


def find_public(words: str) -> list[Hit]:
    """The best hits of the public search for the name, else for its first two thirds: names begin with what they are about."""
    hits = _near(words)
    if not hits and len(words) >= LONG_NAME:
        hits = _near(words[: -(-len(words) * 2 // 3)])
    return hits[:MOST_SUGGESTED]


def _near(words: str) -> list[Hit]:
    """Hits; where the words were taken apart, only titles with most of their parts."""
    found = search(words, PUBLIC)
    if not found.parts:
        return found.hits
    least = max(2, -(-len(found.parts) // 2))
    return [hit for hit in found.hits if sum(part in strip_tags(hit.title) for part in found.parts) >= least]


@never_cache
@csrf_protect
@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggestions while typing, for htmx. Sent by POST: what somebody looks for does not stand in an address."""
    words = str(request.POST.get("subject", "")).strip()[:60]
    busy = access.count(f"suggest.{access.place_of(request)}", SUGGESTIONS_PER_PLACE, 60)
    hits = [] if busy else already_public(words)
    response = render(request, "requests/public/_suggestions.html", {"hits": hits, "seen": digest_of(words)})
    return access.private(response)


# --- step 5: check and submit -----------------------------------------------------------------------------------------


def _whole(draft: Draft) -> ApplicationForm:
    return ApplicationForm(_data(draft))


def _data(draft: Draft) -> dict[str, Any]:
    content = draft.content
    names = {name for _, _, fields in STEPS.values() for name in fields} - set(FILES)
    return {name: content[name] for name in names if name in content and content[name] not in (None, False)}


def step_of(field: str) -> str:
    """The step that asks for a field."""
    return next((name for name, (_, _, fields) in STEPS.items() if field in fields), "information")


def _check(request: HttpRequest, draft: Draft) -> HttpResponse:
    form = _whole(draft)
    form.is_valid()
    return _checked(request, draft, form)


def _send(request: HttpRequest) -> HttpResponse:
    """The draft itself is read where it is sent, with those of others who send at the same moment."""
    fault, form = "", None
    try:
        solved = challenge.read(request, PURPOSE)
        if isinstance(solved, str):
            raise sending.NotTaken(solved)
        case = sending.send(sending.Sending(drafts.key_of(request), solved, filled, filled_with_files))
    except InvalidData as problem:
        form = problem.form
    except (drafts.Refused, sending.NoDraft, sending.NotTaken, ActError) as problem:
        fault = str(problem)
    else:
        response: HttpResponse = HttpResponseRedirect(reverse("requests-public:receipt"))
        response.delete_cookie(drafts.COOKIE, path="/requests/", samesite="Lax")
        return receipt.give(access.give(response, access.with_request(access.read(request), case.pk)), case)
    draft = drafts.read(request)
    if draft is None or not _body_of(draft):
        return redirect("requests-public:new")
    faulty: Any = form or _whole(draft)
    return _checked(request, draft, faulty, fault=fault, status=422)


def filled(draft: Draft, files: Mapping[str, Any] | None = None) -> Filled:
    """What a draft holds, checked; under the key of the draft it is sent once. Raises InvalidData."""
    return submission.fill_in({**_data(draft), "key": draft.key}, files)


def filled_with_files(draft: Draft) -> Filled:
    """The same with its files. Raises InvalidData, and drafts.Refused for a file that cannot be read any more."""
    return filled(draft, _uploads(draft))


def _uploads(draft: Draft) -> MultiValueDict:
    proofs = {int(pk) for pk in draft.content.get("proofs", [])}
    found: MultiValueDict = MultiValueDict()
    for file, upload in zip(draft.files.all(), drafts.uploads(draft), strict=True):
        found.appendlist("proof" if file.pk in proofs else "files", upload)
    return found


def _checked(
    request: HttpRequest, draft: Draft, form: ApplicationForm, *, fault: str = "", status: int = 200
) -> HttpResponse:
    faults = [
        {"label": form[field].label, "words": words, "url": f"{address_of(step_of(field))}#id_{field}"}
        for field, messages in form.errors.items()
        if field in form.fields
        for words in messages
    ]
    context = {
        **_shown(draft, "check", form),
        "parts": _summary(draft),
        "faults": faults,
        "fault": fault,
        "advice": [] if draft.content.get("anyway") else [one for one in form.advice() if one.field != "proof"],
        "files": list(draft.files.all()),
        "challenge": challenge.issue(PURPOSE),
    }
    return _page(request, "check", status=status, **context)


def _summary(draft: Draft) -> list[dict[str, Any]]:
    """What will be submitted, step by step, in words."""
    content, body = draft.content, _body_of(draft)
    labels = {name: str(field.label) for name, field in ApplicationForm().fields.items()}
    organisation = content.get("applicant_kind") == ORGANISATION
    hidden = {"identity_kind", "identity_number", "employer"} if organisation else {
        "category", "credit_code", "representative", "contact",
    }  # fmt: skip
    parts = [
        {"step": "unit", "title": "单位", "url": address_of("unit"), "rows": [("申请单位", str(body and body.name))]}
    ]
    for name in ("information", "applicant", "delivery"):
        title, _, fields = STEPS[name]
        earlier = STEPS["applicant"][2] if name == "delivery" else ()
        rows = [
            (labels[field], _said(field, content.get(field)))
            for field in fields
            if field not in hidden and field not in FILES and field not in earlier and _said(field, content.get(field))
        ]
        parts.append({"step": name, "title": title, "url": address_of(name), "rows": rows})
    return parts


def _said(name: str, value: Any) -> str:
    """A value in the words of its field."""
    field = ApplicationForm.base_fields[name]
    if name == "forms":
        return "、".join(Form(one).label for one in value or [] if one in Form.values)
    if isinstance(field, forms.BooleanField):
        return "发邮件" if value else ""
    if name == "way":
        return Way(value).label if value in Way.values else ""
    if name == "category":
        return Category(value).label if value in Category.values else ""
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, "") or "")
    return str(value or "")


# --- ending -----------------------------------------------------------------------------------------------------------


@never_cache
@csrf_protect
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Everything that was filled in goes."""
    draft = drafts.read(request)
    if draft is not None:
        drafts.forget(draft)
    response = redirect("requests-public:index")
    response.delete_cookie(drafts.COOKIE, path="/requests/", samesite="Lax")
    return response
