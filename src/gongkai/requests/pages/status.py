"""The status page: found by number and query code, shown under a grant, with what the applicant can do there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongkai.core import attachments
from gongkai.core.acts import ActError, InvalidData, WrongState, perform
from gongkai.core.letters import docx_to_pdf
from gongkai.core.models import Letter
from gongkai.core.privacy import Fault
from gongkai.requests import public_queries, receipts
from gongkai.requests.acts import applicant
from gongkai.requests.models import Request
from gongkai.requests.pages import access, derivation_paper, outgoing
from gongkai.requests.pages.shell import crumbs, shell

View = Callable[..., HttpResponse]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class QueryForm(forms.Form):
    """Number and code."""

    number = forms.CharField(
        label="受理号",
        max_length=40,
        help_text="回执上的编号，例如 SQ-2026-0001。",
        widget=forms.TextInput(attrs={"class": "w-20", "autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "还没有写受理号。请照回执填写。"},
    )
    code = forms.CharField(
        label="查询码",
        max_length=60,
        help_text="回执上的10位字母和数字，大小写、短横都不要紧。",
        widget=forms.TextInput(
            attrs={"class": "w-20", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "还没有写查询码。请照回执填写。"},
    )


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def query(request: HttpRequest) -> HttpResponse:
    """Ask for number and code; the right ones open the status page for half an hour."""
    form = QueryForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                case = access.find(request, form.cleaned_data["number"], form.cleaned_data["code"])
            except access.TooMany as problem:
                form.add_error(None, str(problem))
                status = 429
            else:
                if case is not None:
                    grant = access.with_request(access.read(request), case.pk)
                    return access.private(access.give(redirect("requests-public:status", number=case.number), grant))
                form.add_error(None, access.WRONG)
    context = shell(request, crumbs=crumbs(("查询进度", "")), form=form)
    return access.private(render(request, "requests/public/query.html", context, status=status))


def granted(view: View) -> View:
    """Only for whom a grant names the request; everybody else is asked for number and code, whether it exists or not."""

    @never_cache
    @csrf_protect
    @wraps(view)
    def inner(request: HttpRequest, number: str, **more: Any) -> HttpResponse:
        grant = access.read(request)
        pk = (
            Request.objects.filter(number=number[:40], pk__in=grant.requests).values_list("pk", flat=True).first()
            if grant.requests
            else None
        )
        case = public_queries.request_of(pk) if pk else None
        if case is None:
            return access.private(redirect("requests-public:query"))
        response = view(request, case, **more)
        # Half an hour from the last look.
        return access.private(access.give(response, grant))

    return inner


@granted
@require_safe
def status(request: HttpRequest, case: Request) -> HttpResponse:
    """Everything about one request."""
    return _page(request, case)


def _page(request: HttpRequest, case: Request, *, code: int = 200, **more: Any) -> HttpResponse:
    found = public_queries.status_of(case)
    context = shell(
        request,
        crumbs=crumbs(("查询进度", "")),
        status=found,
        case=case,
        channel=public_queries.channel_words(case),
        way=public_queries.way_words(case),
        letters=outgoing.letters_of(case),
        files=outgoing.files_of(case),
        can_withdraw=outgoing.may_withdraw(case),
        supplement=more.pop("supplement", None) or outgoing.supplement_form(case),
        message=more.pop("message", None) or applicant.MessageForm(),
        telephone=case.unit.telephone,
        **more,
    )
    return render(request, "requests/public/status.html", context, status=code)


def _done(request: HttpRequest, case: Request, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("requests-public:status", number=case.number)


def _act(
    request: HttpRequest, case: Request, act: Any, data: Any, files: Any, words: str, name: str = ""
) -> HttpResponse:
    """Do an act for the applicant and go back to the page."""
    try:
        perform(act, case, None, data, files=files)
    except InvalidData as problem:
        return _page(request, public_queries.request_of(case.pk) or case, code=422, **{name: problem.form})
    except WrongState:
        messages.error(request, "这件申请的状态刚刚变了，没有提交成功。请看看现在到哪一步，再决定。")
    except ActError as problem:
        messages.error(request, str(problem))
    else:
        return _done(request, case, words)
    return redirect("requests-public:status", number=case.number)


@granted
@require_POST
def message(request: HttpRequest, case: Request) -> HttpResponse:
    """补充说明."""
    if access.count(f"message.{case.pk}", 20, 3600):
        messages.error(request, "补充说明写得太多了。请过一小时再写，或者打电话给承办单位。")
        return redirect("requests-public:status", number=case.number)
    return _act(request, case, applicant.Write, request.POST, None, "补充说明已交给承办单位。", "message")


@granted
@require_POST
def telling(request: HttpRequest, case: Request) -> HttpResponse:
    """Mails on or off."""
    wanted = request.POST.get("wanted") == "on"
    words = "有进展时会发邮件告诉您。" if wanted else "不再发进展邮件。"
    return _act(request, case, applicant.Telling, {"wanted": "on"} if wanted else {}, None, words)


@granted
@require_POST
def supplement(request: HttpRequest, case: Request) -> HttpResponse:
    """补正: what was asked for."""
    return outgoing.take_supplement(request, case, _act)


@granted
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, case: Request) -> HttpResponse:
    """撤回: asked once more, then done."""
    if not outgoing.may_withdraw(case):
        messages.error(request, "这件申请现在不能撤回。已经答复或者终止的，不用撤回。")
        return redirect("requests-public:status", number=case.number)
    if request.method == "POST":
        return outgoing.take_withdrawal(request, case, _act)
    context = shell(
        request,
        case=case,
        crumbs=crumbs(
            ("查询进度", reverse("requests-public:status", args=[case.number])),
            ("撤回申请", ""),
        ),
    )
    return render(request, "requests/public/withdraw.html", context)


# --- papers -----------------------------------------------------------------------------------------------------------


def sent(data: bytes, content_type: str, name: str) -> HttpResponse:
    """Bytes that a browser neither guesses about nor runs nor keeps."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@granted
@require_safe
def derivation(request: HttpRequest, case: Request) -> HttpResponse:
    """推算单, for printing."""
    found = public_queries.status_of(case)
    if found.derivation is None:
        return redirect("requests-public:status", number=case.number)
    context = shell(request, status=found, case=case, channel=public_queries.channel_words(case))
    return render(request, "requests/public/derivation.html", context)


@granted
@require_safe
def derivation_pdf(request: HttpRequest, case: Request) -> HttpResponse:
    """推算单 as PDF."""
    found = public_queries.status_of(case)
    if found.derivation is None:
        raise Http404
    try:
        data = derivation_paper.pdf(found)
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect("requests-public:derivation", number=case.number)
    return sent(data, "application/pdf", f"推算单{case.number}.pdf")


@granted
@require_safe
def receipt_file(request: HttpRequest, case: Request, form: str) -> HttpResponse:
    """The receipt (登记回执) as Word or PDF, with the QR code that leads here."""
    if outgoing.receipt_of(case) is None:
        messages.error(request, "还没有确认收到，确认以后出具回执。")
        return redirect("requests-public:status", number=case.number)
    try:
        data = receipts.pdf(case) if form == "pdf" else receipts.word(case)
    except (FileNotFoundError, ValueError, Fault):
        raise Http404 from None
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect("requests-public:status", number=case.number)
    return sent(data, "application/pdf" if form == "pdf" else DOCX, f"{case.number}登记回执.{form}")


@granted
@require_safe
def letter(request: HttpRequest, case: Request, pk: str, form: str) -> HttpResponse:
    """A letter that was sent to the applicant."""
    found = next((one for one in outgoing.letters_of(case) if one.pk == int(pk)), None)
    if found is None:
        raise Http404
    return _letter(request, case, found, form)


def _letter(request: HttpRequest, case: Request, found: Letter, form: str) -> HttpResponse:
    try:
        data = attachments.load(found.digest)
        if form == "pdf":
            data = docx_to_pdf(data, found.title)
    except (FileNotFoundError, ValueError, Fault):
        raise Http404 from None
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect("requests-public:status", number=case.number)
    name = attachments.clean_name(f"{found.title}{found.number}.{form}")
    return sent(data, "application/pdf" if form == "pdf" else DOCX, name)


@granted
@require_safe
def file(request: HttpRequest, case: Request, pk: int) -> HttpResponse:
    """A file that was given with the reply."""
    found = next((one for one in outgoing.files_of(case) if one.pk == pk), None)
    if found is None:
        raise Http404
    try:
        data = attachments.load(found.digest)
    except (FileNotFoundError, ValueError, Fault):
        raise Http404 from None
    return sent(data, found.content_type, found.own_name)


@never_cache
@csrf_protect
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End looking: for computers that others use too."""
    return access.private(access.take_back(redirect("requests-public:query")))
