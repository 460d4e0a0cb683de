"""Entering requests that came in person, by post, fax or mail; and their receipts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.core import entry, privacy
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.models import User
from gongkai.core.navigation import shell, signed_in
from gongkai.requests import receipts
from gongkai.requests.forms import advice_on
from gongkai.requests.models import Request

PANELS = (
    ("来件", ("channel", "arrived_on", "confirmed_on", "scans", "kept", "as_written", "dictated")),
    ("想要的信息", ("subject", "content", "files")),
    (
        "申请人",
        (
            "applicant_kind", "name", "identity_kind", "identity_number", "employer", "category", "credit_code",
            "representative", "contact", "agent", "agent_identity", "proof",
        ),
    ),
)  # fmt: skip
ASIDE = (
    ("收件机关", ("unit",)),
    ("联系方式", ("phone", "email", "address", "postcode", "fax")),
    ("提供方式", ("forms", "way", "accepts_other", "tell_by_email")),
)
WORDS = {
    "title": "录入申请",
    "sub": "当面、邮寄、平常信函、传真、电子邮件收到的申请，收到后2个工作日内录入",
    "refused": "没有录入。",
    "verb": "录入",
}
UPLOADS = {"scans": "来件扫描件", "files": "补充材料", "proof": "身份证明"}
KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@signed_in
def enter(request: HttpRequest) -> HttpResponse:
    """录入申请: one page for the whole form; nothing typed or uploaded is lost when something is wrong."""
    act = acts["request.enter"]
    if not act.permitted(None, request.user):
        raise PermissionDenied("你的角色不能录入申请。需要时请联系安全保密管理员。")
    failure = ""
    form: Any
    if request.method == "POST":
        try:
            case = perform(act, None, request.user, request.POST, files=request.FILES).case.concrete
        except InvalidData as problem:
            form = problem.form
        except ActError as problem:
            form, failure = act.form(None, request.user, request.POST, request.FILES), str(problem)
            form.is_valid()
        else:
            messages.success(request, _done(case))
            return redirect(case)
        entry.keep_uploads(request, form, act="request.enter", labels=UPLOADS)
    else:
        form = act.form(None, request.user)
    content = str(form["content"].value() or "")
    context = shell(
        request,
        current="requests:enter",
        form=form,
        failure=failure,
        advice=advice_on(content, str(form["subject"].value() or "")) if form.is_bound else [],
        panels=entry.panels(form, PANELS),
        aside=entry.panels(form, ASIDE),
        after=act.hint,
        entry=WORDS,
        cancel_url=reverse("workbench:todo"),
        crumbs=[{"label": "依申请公开", "url": ""}, {"label": act.label, "url": ""}],
    )
    return render(request, "requests/entry/enter.html", context, status=422 if request.method == "POST" else 200)


def _done(case: Request) -> str:
    if case.received_on is None:
        return f"已录入，登记号{case.number}。请今天与申请人联系，确认后办理“确认收到”。"
    return f"已录入，登记号{case.number}，已出具登记回执，可以打印交给申请人。"


def _case(user: User, pk: int) -> Request:
    """A request the person may read; Http404 for all others, so that ids tell nothing."""
    found = Request.objects.visible_to(user).select_related("unit").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这件申请，或者你不能查看。")
    return found


@signed_in
@require_safe
def receipt(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The receipt to print or send; who fetched it is recorded, since it carries name and query code."""
    case = _case(request.user, pk)
    if not privacy.may_see(case, request.user):
        raise PermissionDenied("登记回执含个人信息，你在这件申请上的工作不需要打开。")
    try:
        content = receipts.pdf(case) if form == "pdf" else receipts.word(case)
    except ActError as problem:
        messages.error(request, str(problem))
        return redirect(case)
    privacy.looked(case, request.user, ["登记回执"], "打印登记回执")
    response = HttpResponse(content, content_type=KINDS[form])
    name = f"{case.number}登记回执.{form}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=form != "pdf", filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
