"""Masking on one page: the page as a picture, four ways to mark, the marks, the file; and the comparison by somebody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from gongkai.core import attachments, jurisdiction, privacy
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.models import User
from gongkai.core.navigation import shell, signed_in
from gongkai.core.privacy.models import PersonalAccess
from gongkai.core.roles import STAFF
from gongkai.requests.acts.reply import REVIEWERS
from gongkai.requests.masking import acts as doing
from gongkai.requests.masking import finding, jobs, queries, sheets
from gongkai.requests.masking.models import Mark, Mask
from gongkai.requests.models import Material, Request

MARK, CHECK = "request.mask_material", "request.check_masking"
# Looking at page after page of one material is one look.
ONE_LOOK = dt.timedelta(minutes=30)
MOST_SHOWN = 200


# --- who ----------------------------------------------------------------------------------------------------------------


def _works_on(case: Request, user: User) -> bool:
    """The body's staff and reviewers, and reviewers of the office above."""
    own = set(user.roles_at(case.unit)) & {*STAFF, *REVIEWERS}
    above = set(user.roles_at(case.supervisor)) & set(REVIEWERS) if case.supervisor else set()
    return bool(own or above)


def _material(user: User, pk: int) -> tuple[Request, Material]:
    """A material of a request the person works on; Http404 for all others, so that ids tell nothing."""
    found = Material.objects.select_related("original", "masked").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这份材料，或者你不能查看。")
    return _case(user, found.request_id), found


def _case(user: User, pk: int) -> Request:
    rows = Request.objects.visible_to(user).select_related("unit", "supervisor", "clock", "handler")
    case = rows.filter(pk=pk).first()
    if case is None:
        raise Http404("没有这件申请，或者你不能查看。")
    if not _works_on(case, user):
        raise PermissionDenied("材料原件只对办理、审核这件申请的人员开放。")
    return case


def _looked(case: Request, material: Material, user: User, why: str) -> None:
    """Record the look at the original, once in half an hour."""
    label = f"材料原件：{material.title}"
    since = timezone.now() - ONE_LOOK
    recent = PersonalAccess.objects.filter(case=case.pk, user=user, at__gte=since).values_list("labels", flat=True)
    if not any(label in labels for labels in recent):
        privacy.looked(case, user, [label], why)


def _erased(material: Material) -> None:
    if material.original.erased_at:
        raise PermissionDenied("这份材料已按保存期限删除。")


def _may(name: str, case: Request, user: User) -> bool:
    act = acts[name]
    return act.permitted(case, user) and act.starts_from(case)


# --- from the case ------------------------------------------------------------------------------------------------------


@signed_in
@require_safe
def of_case(request: HttpRequest, pk: int) -> HttpResponse:
    """To the first material that still has to be masked."""
    case = _case(request.user, pk)
    rows = case.materials.filter(treatment=Material.Treatment.MASKED)
    found = rows.filter(masked=None).first() or rows.first()
    if found is None:
        messages.error(request, "没有要遮盖的材料。请先给材料选“遮盖后提供”。")
        return redirect("requests:reply", case.pk)
    return redirect("requests-masking:mask", found.pk)


@signed_in
@require_safe
def check_of_case(request: HttpRequest, pk: int) -> HttpResponse:
    """To the first made file that was not looked through."""
    case = _case(request.user, pk)
    rows = list(case.materials.filter(treatment=Material.Treatment.MASKED, masked__isnull=False))
    left = [row for row in rows if _left(case, row)]
    if not rows:
        messages.error(request, "还没有生成遮盖文件。")
        return redirect("requests:reply", case.pk)
    return redirect("requests-masking:check", (left or rows)[0].pk)


def _left(case: Request, material: Material) -> bool:
    mask = queries.masks_of(case).get(material.pk)
    return mask is None or mask.seen < mask.page_count


# --- pictures -----------------------------------------------------------------------------------------------------------


def _picture(pdf: str, number: int) -> HttpResponse:
    try:
        content, kind = sheets.draw(attachments.load(pdf), number, jurisdiction.value("requests.mask_pages"))
    except (sheets.SheetsError, FileNotFoundError, ValueError):
        raise Http404("这一页画不出来。") from None
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@signed_in
@require_safe
def page(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """A page of the original as a picture."""
    case, material = _material(request.user, pk)
    _erased(material)
    mask = queries.mask_of(material)
    if mask is None:
        raise Http404
    _looked(case, material, request.user, "遮盖、核对材料")
    return _picture(mask.layout.digest, int(number))


@signed_in
@require_safe
def made_page(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """A page of the masked file as a picture."""
    _, material = _material(request.user, pk)
    if material.masked is None or material.masked.erased_at:
        raise Http404
    return _picture(material.masked.digest, int(number))


# --- marking ------------------------------------------------------------------------------------------------------------


@signed_in
def mask(request: HttpRequest, pk: int) -> HttpResponse:
    """The page on which parts of a material are masked."""
    case, material = _material(request.user, pk)
    _erased(material)
    if request.method == "POST":
        return _do(request, case, material)
    return _show(request, case, material)


def _do(request: HttpRequest, case: Request, material: Material) -> HttpResponse:
    """One step, or a search whose words stay out of the address."""
    user, wanted = request.user, request.POST.get("operation", "")
    if not _may(MARK, case, user):
        raise PermissionDenied(f"申请现在是“{case.state_label}”，或者你的角色不能遮盖材料。")
    if wanted in ("find", "personal"):
        return _show(request, case, material, searched=wanted)
    try:
        if wanted in ("prepare", "make") and jobs.long(material, queries.mask_of(material), wanted):
            jobs.start(case, material, user, wanted)
            return redirect(f"{request.path}?{urlencode({'page': _number(request)})}")
        if wanted in ("prepare", "make"):
            step = doing.prepare if wanted == "prepare" else doing.make
            event = step(case, material, user)
        else:
            event = perform(MARK, case, user, _data(request, material))
    except InvalidData as problem:
        words = " ".join(str(text) for found in problem.form.errors.values() for text in found)
        return _show(request, case, material, failure=words)
    except ActError as problem:
        return _show(request, case, material, failure=str(problem))
    messages.success(request, f"{event.summary}。")
    return redirect(f"{request.path}?{urlencode({'page': _number(request)})}")


@signed_in
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is; the page asks again while it goes on."""
    _, material = _material(request.user, pk)
    job = jobs.shown(jobs.of(material), queries.mask_of(material))
    response = render(request, "masking/progress.html", {"job": job or {}, "material": material})
    if job is None or not job["active"]:
        # What is possible now stands on the whole page.
        response["HX-Redirect"] = reverse("requests-masking:mask", args=[pk])
    return response


# What the buttons of the page mean: the way of marking, and the field that says where.
_BUTTONS = {"words": (Mark.Way.WORDS, "chosen"), "found": (Mark.Way.PHRASE, "hit"), "box": (Mark.Way.BOX, "")}


def _data(request: HttpRequest, material: Material) -> Any:
    data = request.POST.copy()
    data["material"] = str(material.pk)
    button = _BUTTONS.get(data.get("operation", ""))
    if button is not None:
        way, name = button
        if name == "hit" and data.get("searched") == "personal":
            way = Mark.Way.HIT
        data["operation"], data["way"] = "mark", way
        data.setlist("chosen", data.getlist(name) if name else [])
    return data


def _number(request: HttpRequest) -> int:
    text = request.POST.get("page") or request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else 1


def _show(
    request: HttpRequest, case: Request, material: Material, *, searched: str = "", failure: str = ""
) -> HttpResponse:
    user = request.user
    mask = queries.mask_of(material)
    editable = _may(MARK, case, user) and material.treatment == Material.Treatment.MASKED
    job = jobs.shown(jobs.of(material), mask)
    context = {
        "case": case,
        "material": material,
        "mask": mask,
        # While the file is made, changed marks would make it worthless.
        "editable": editable and not (job and job["active"]),
        "treated": material.treatment == Material.Treatment.MASKED,
        "failure": failure,
        "job": job,
        "reply_url": reverse("requests:reply", args=[case.pk]),
        "check_url": reverse("requests-masking:check", args=[material.pk]),
        "crumbs": _crumbs(case, "遮盖材料"),
    }
    if mask is not None:
        _looked(case, material, user, "遮盖、核对材料")
        context |= _marking(request, case, material, mask, searched)
    status = 422 if failure else 200
    return render(request, "masking/mask.html", shell(request, current="requests:outbox", **context), status=status)


def _marking(request: HttpRequest, case: Request, material: Material, mask: Mask, searched: str) -> dict[str, Any]:
    """The page that is shown, its words, and all marks."""
    rows = list(mask.pages.only("number", "width", "height", "characters"))
    number = min(max(_number(request), 1), len(rows))
    shown = rows[number - 1]
    marks = list(mask.marks.filter(removed_step=None).select_related("made_by").order_by("page", "pk"))
    last = max(marks, key=lambda mark: mark.pk, default=None)
    covered = finding.by_page(box for mark in marks for box in mark.boxes)
    counts = {row.number: 0 for row in rows}
    for mark in marks:
        for box_page in {box[0] for box in mark.boxes}:
            counts[box_page] = counts.get(box_page, 0) + 1
    lines = queries.lines_of(mask, None if searched else [number])
    return {
        "page": shown,
        "pages": [{"number": row.number, "marks": counts[row.number], "current": row.number == number} for row in rows],
        "previous": number - 1 if number > 1 else 0,
        "next": number + 1 if number < len(rows) else 0,
        "boxes": _boxes(marks, number),
        "marks": [_told(mark) for mark in marks],
        "runs": _runs(number, lines, covered),
        "ground": _ground(material, last, searched),
        "reason": last.reason if last else material.reason,
        "grounds": queries.GROUNDS,
        "made": bool(mask.made_marks) and material.masked is not None,
        "seen": len(queries.looked_pages(mask, material.masked.digest)) if material.masked else 0,
        **_results(request, case, lines, covered, searched),
    }


def _ground(material: Material, last: Mark | None, searched: str) -> str:
    """The ground that is offered: that of the search, of the mark before, of the material."""
    if searched == "personal":
        return queries.PERSONAL
    return last.ground if last else material.ground or queries.PERSONAL


def _boxes(marks: list[Mark], number: int) -> list[dict[str, Any]]:
    return [
        {"x": left, "y": top, "width": right - left, "height": bottom - top, "words": queries.ground_words(mark.ground)}
        for mark in marks
        for page, left, top, right, bottom in mark.boxes
        if page == number
    ]


def _told(mark: Mark) -> dict[str, Any]:
    return {
        "row": mark,
        "pages": queries.pages_words(box[0] for box in mark.boxes),
        "ground": queries.ground_words(mark.ground),
        "words": mark.words[:60],
        "reason": mark.reason,
    }


def _runs(number: int, lines: Any, covered: Any) -> list[list[dict[str, Any]]]:
    """The words of the page, those that are covered already marked as such."""
    found = []
    for pieces in finding.runs(number, lines.get(number, [])):
        found.append([{"one": one, "covered": finding.covered(lines, one, covered)} for one in pieces])
    return found


def _results(request: HttpRequest, case: Request, lines: Any, covered: Any, searched: str) -> dict[str, Any]:
    """What a search found, what is covered already apart."""
    if not searched:
        return {"searched": ""}
    words = request.POST.get("phrase", "").strip()[:200]
    problem = ""
    found: list[finding.Found] = []
    if searched == "personal":
        found = finding.personal(lines, [case.unit.telephone] if case.unit.telephone else [])
    else:
        try:
            found = finding.phrase(lines, words)
        except ValueError:
            problem = f"请至少输入{finding.LEAST}个字，再查找。"
    fresh = [one for one in found if not finding.covered(lines, one, covered)]
    return {
        "searched": searched,
        "phrase": words,
        "problem": problem,
        "found": fresh[:MOST_SHOWN],
        "found_count": len(found),
        "fresh_count": len(fresh),
        "found_pages": len({one.page for one in found}),
        "most_shown": MOST_SHOWN,
    }


def _crumbs(case: Request, words: str) -> list[dict[str, str]]:
    return [
        {"label": "依申请公开", "url": reverse("requests:outbox")},
        {"label": case.number, "url": case.get_absolute_url()},
        {"label": "答复", "url": reverse("requests:reply", args=[case.pk])},
        {"label": words, "url": ""},
    ]


# --- the second pair of eyes ----------------------------------------------------------------------------------------------


@signed_in
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Original and masked file side by side, page by page."""
    case, material = _material(request.user, pk)
    _erased(material)
    mask = queries.mask_of(material)
    if mask is None or material.masked is None:
        messages.error(request, "这份材料还没有生成遮盖文件，不能核对。")
        return redirect("requests-masking:mask", pk)
    failure = ""
    if request.method == "POST":
        number = _number(request)
        data = {"material": material.pk, "pages": [str(number)], "digest": request.POST.get("digest", "")}
        try:
            event = perform(CHECK, case, request.user, data)
        except ActError as problem:
            failure = str(problem)
        else:
            messages.success(request, f"{event.summary}。")
            left = _unseen(mask, material)
            following = next((one for one in left if one > number), left[0] if left else number)
            return redirect(f"{request.path}?{urlencode({'page': following})}")
    _looked(case, material, request.user, "遮盖、核对材料")
    return _compare(request, case, material, mask, failure)


def _unseen(mask: Mask, material: Material) -> list[int]:
    seen = queries.looked_pages(mask, material.masked.digest if material.masked else "")
    return [number for number in mask.pages.values_list("number", flat=True) if number not in seen]


def _left_words(mask: Mask) -> str:
    pages = mask.proof.get("left") or []
    return f"遮盖过的文字在{queries.pages_words(pages)}还有没遮盖的。请看清楚是不是漏了。" if pages else ""


def _compare(request: HttpRequest, case: Request, material: Material, mask: Mask, failure: str) -> HttpResponse:
    rows = list(mask.pages.only("number", "width", "height"))
    number = min(_number(request), len(rows))
    looks = queries.looked_pages(mask, material.masked.digest if material.masked else "")
    marks = list(mask.marks.filter(removed_step=None).order_by("page", "pk"))
    on_page = [mark for mark in marks if any(box[0] == number for box in mark.boxes)]
    own = queries.is_author(mask, request.user)
    context = shell(
        request,
        current="requests:outbox",
        case=case,
        material=material,
        mask=mask,
        page=rows[number - 1],
        pages=[{"number": row.number, "seen": row.number in looks, "current": row.number == number} for row in rows],
        previous=number - 1 if number > 1 else 0,
        next=number + 1 if number < len(rows) else 0,
        look=looks.get(number),
        seen=len(looks),
        marks=[_told(mark) for mark in on_page],
        mark_count=len(marks),
        may=_may(CHECK, case, request.user) and not own,
        own=own,
        left=_left_words(mask),
        failure=failure,
        mask_url=reverse("requests-masking:mask", args=[material.pk]),
        reply_url=reverse("requests:reply", args=[case.pk]),
        crumbs=_crumbs(case, "核对遮盖"),
    )
    return render(request, "masking/check.html", context, status=422 if failure else 200)
