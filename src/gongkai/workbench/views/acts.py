"""Doing an act: as a side sheet over the page, or as a page of its own; with drafts and files that are not lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.core import attachments, listing
from gongkai.core.acts import Act, ActError, InvalidData, NotPermitted, WrongState, acts, perform
from gongkai.core.kinds import kinds
from gongkai.core.locks import writing
from gongkai.core.models import ActDraft, Attachment, Case, User
from gongkai.core.navigation import shell, signed_in
from gongkai.core.templatetags.gongkai import filesize_zh
from gongkai.workbench.views.cases import find

# Fields of the page that are no part of the form.
_OURS = ("csrfmiddlewaretoken", "draft")
LARGEST_DRAFT = 200_000


@signed_in
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """An act on a case."""
    case = find(request.user, pk)
    return _act(request, _known(case.kind, name, creates=False), case)


@signed_in
def new(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """An act that opens a case."""
    return _act(request, _known(kind, name, creates=True), None)


def _in_sheet(request: HttpRequest) -> bool:
    """Whether htmx asks for the side sheet."""
    return bool(getattr(request, "htmx", False))


def _known(kind: str, name: str, *, creates: bool) -> Act:
    found = acts.get(f"{kind}.{name}")
    if found is None or found.system or found.creates != creates:
        raise Http404
    return found


def _act(request: HttpRequest, act: Act, case: Any) -> HttpResponse:
    if not act.permitted(case, request.user):
        raise PermissionDenied(f"你的角色不能{act.label}。")
    if request.method == "POST":
        return _done(request, act, case)
    stopped = _stopped(act, case, request.user)
    if stopped:
        return _stop(request, act, case, stopped)
    page = getattr(act, "page", "")
    if page:
        return _elsewhere(request, reverse(page, args=[case.pk]))
    draft = _draft(request.user, act, case)
    form = act.form(case, request.user)
    kept = _take_draft(form, draft) if draft else []
    _show_kept(form, request.user, kept)
    return _sheet(request, act, case, form, draft=draft)


def _elsewhere(request: HttpRequest, target: str) -> HttpResponse:
    """To the page on which an act is done whose form is too large for a sheet."""
    if not _in_sheet(request):
        return redirect(target)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = target
    return response


def _stop(request: HttpRequest, act: Act, case: Any, words: str) -> HttpResponse:
    """The reason why the act cannot be done now, instead of its form."""
    back = case.get_absolute_url()
    context = {
        "act_label": act.label,
        "case_line": [case.number, case.title],
        "failure": words,
        "cancel_url": back,
        "crumbs": [{"label": case.number, "url": back}, {"label": act.label, "url": ""}],
    }
    if _in_sheet(request):
        return render(request, "workbench/parts/act_stopped.html", context)
    return render(request, "workbench/act_stopped.html", shell(request, **context), status=409)


def _stopped(act: Act, case: Any, user: User) -> str:
    """Why the act cannot start now, in words; empty when it can."""
    if case is None:
        return ""
    if not act.starts_from(case):
        return f"事项现在是“{case.state_label}”，不能{act.label}。可能已有人办理，请回到事项看看。"
    return act.blocked(case, user)


def _done(request: HttpRequest, act: Act, case: Any) -> HttpResponse:
    user = request.user
    try:
        event = perform(act, case, user, request.POST, files=request.FILES)
    except InvalidData as problem:
        return _again(request, act, case, problem.form)
    except NotPermitted as problem:
        raise PermissionDenied(str(problem)) from None
    except (WrongState, ActError) as problem:
        form = act.form(case, user, request.POST, request.FILES)
        form.is_valid()
        return _again(request, act, case, form, failure=str(problem))
    ActDraft.objects.filter(user=user, act=act.key, case=case.pk if case else None).delete()
    messages.success(request, f"已{act.label}：{event.case.title}")
    after = getattr(act, "page_after", "")
    target = reverse(after, args=[event.case.pk]) if after else _next_page(event.case, user)
    if _in_sheet(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return redirect(target)


def _next_page(case: Case, user: User) -> str:
    """The case, or the to-do list for whoever was only asked for this step and may not read the case any more."""
    readable = Case.objects.visible_to(user).filter(pk=case.pk).exists()
    return case.get_absolute_url() if readable else reverse("workbench:todo")


def _again(request: HttpRequest, act: Act, case: Any, form: forms.Form, failure: str = "") -> HttpResponse:
    """The form once more with what was typed; files that came with it are kept for the next attempt."""
    user = request.user
    kept = [*listing.ids_of(request.POST.getlist("kept")), *_keep_files(request, act, form)]
    draft = None
    if kept:
        data = _plain(request.POST)
        data["kept"] = [str(pk) for pk in kept]
        draft = _save_draft(user, act, case, data)
        changed = request.POST.copy()
        changed.setlist("kept", data["kept"])
        form.data = changed
    _show_kept(form, user, kept)
    return _sheet(request, act, case, form, draft=draft, failure=failure, status=409 if failure else 422)


def _keep_files(request: HttpRequest, act: Act, form: forms.Form) -> list[int]:
    """Store the uploads of a form with errors as draft attachments; those refused are told by the form already."""
    found: list[int] = []
    if "kept" not in form.fields:
        return found
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            file.seek(0)
            try:
                attachment = attachments.store(file, user=request.user, sealed=name in act.private)
            except attachments.Refused:
                continue
            attachment.draft_of_id, attachment.draft_act = request.user.pk, act.key
            attachment.save()
            found.append(attachment.pk)
    return found


class KeptFiles(forms.CheckboxSelectMultiple):
    """Files kept from an attempt before; unticked ones are left out."""


def _show_kept(form: forms.Form, user: User, kept: list[int]) -> None:
    """List kept files in the form with boxes; without any the field stays hidden."""
    field: Any = form.fields.get("kept")
    if field is None or not kept:
        return
    field.label = "已上传的文件"
    field.help_text = "不用再传一遍。不要的取消勾选。"
    field.widget = KeptFiles()
    field.label_from_instance = lambda file: f"{file.own_name}，{filesize_zh(file.size)}"
    field.queryset = Attachment.objects.filter(draft_of=user, case__isnull=True, pk__in=kept)
    # The form may have been read before: its bound field still carries the old label. The files stand at the end.
    form._bound_fields_cache.pop("kept", None)  # type: ignore[attr-defined]
    form.order_fields([name for name in form.fields if name != "kept"])


def _sheet(
    request: HttpRequest,
    act: Act,
    case: Any,
    form: forms.Form,
    *,
    draft: ActDraft | None = None,
    failure: str = "",
    status: int = 200,
) -> HttpResponse:
    if case is not None:
        back = case.get_absolute_url()
        action = reverse("workbench:act", args=[case.pk, act.name])
        keep = reverse("workbench:act-draft", args=[case.pk, act.name])
        crumbs = [{"label": case.number, "url": back}, {"label": act.label, "url": ""}]
        line, after = [case.number, case.title], act.describe(case, request.user)
    else:
        back = request.GET.get("back") or reverse("workbench:todo")
        back = back if back.startswith("/") and not back.startswith("//") else reverse("workbench:todo")
        action = reverse("workbench:new", args=[act.kind, act.name])
        keep = reverse("workbench:new-draft", args=[act.kind, act.name])
        crumbs = [{"label": kinds[act.kind].label, "url": ""}, {"label": act.label, "url": ""}]
        line, after = [kinds[act.kind].label], act.hint
    context: dict[str, Any] = {
        "act_label": act.label,
        "act": act,
        "case": case,
        "case_line": line,
        "form": form,
        "action_url": action,
        "cancel_url": back,
        "after": after,
        "failure": failure,
        "danger": act.danger,
        "draft_url": keep if form.visible_fields() else "",
        "draft_at": draft.updated_at if draft else None,
    }
    if _in_sheet(request):
        # The sheet is swapped in whatever happened; an error status would only fill the browser's console.
        return render(request, "core/act_dialog.html", context)
    return render(request, "core/act_page.html", shell(request, crumbs=crumbs, **context), status=status)


# --- drafts ----------------------------------------------------------------------------------------------------------


@signed_in
@require_POST
def draft(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Keep what was typed into an act's form."""
    case = find(request.user, pk)
    return _keep(request, _known(case.kind, name, creates=False), case)


@signed_in
@require_POST
def new_draft(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Keep what was typed into the form of an act that opens a case."""
    return _keep(request, _known(kind, name, creates=True), None)


def _keep(request: HttpRequest, act: Act, case: Any) -> HttpResponse:
    if not act.permitted(case, request.user):
        raise PermissionDenied(f"你的角色不能{act.label}。")
    data = _plain(request.POST)
    if sum(len(value) for values in data.values() for value in values) > LARGEST_DRAFT:
        return JsonResponse({"saved": False}, status=413)
    form = act.form(case, request.user)
    fresh = _keep_files(request, act, form)
    if fresh:
        data["kept"] = [*data.get("kept", []), *[str(pk) for pk in fresh]]
    row = _save_draft(request.user, act, case, data)
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"saved": True, "at": timezone.localtime(row.updated_at).strftime("%H:%M")})
    messages.success(request, f"草稿已保存，下次点“{act.label}”接着写。")
    return redirect(case.get_absolute_url() if case else reverse("workbench:new", args=[act.kind, act.name]))


def _plain(data: QueryDict) -> dict[str, list[str]]:
    return {name: data.getlist(name) for name in data if name not in _OURS}


def _save_draft(user: User, act: Act, case: Any, data: Mapping[str, list[str]]) -> ActDraft:
    private = {name: values for name, values in data.items() if name in act.private}
    held = {"data": {name: values for name, values in data.items() if name not in private}, "private": private or None}
    with writing():
        row, _ = ActDraft.objects.update_or_create(
            user=user, act=act.key, case_id=case.pk if case else None, defaults=held
        )
    return row


def _draft(user: User, act: Act, case: Any) -> ActDraft | None:
    return ActDraft.objects.filter(user=user, act=act.key, case=case.pk if case else None).first()


def _take_draft(form: forms.Form, draft: ActDraft) -> list[int]:
    """Fill a fresh form with a draft; returns the ids of kept files."""
    held = QueryDict(mutable=True)
    for name, values in {**draft.data, **(draft.private or {})}.items():
        held.setlist(name, [str(value) for value in values])
    for name, field in form.fields.items():
        if name == "kept" or isinstance(field, forms.FileField):
            continue
        if field.widget.value_omitted_from_data(held, {}, form.add_prefix(name)):
            continue
        form.initial[name] = field.widget.value_from_datadict(held, {}, form.add_prefix(name))
    kept = listing.ids_of(held.getlist("kept"))
    if kept:
        form.initial["kept"] = kept
    return kept
