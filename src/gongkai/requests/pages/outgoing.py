"""What an applicant gets and gives on the status page: letters, files, the answer to a request for supplement, withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from gongkai.core.acts import ActError, acts, perform
from gongkai.core.models import Attachment, Letter
from gongkai.requests.letters import slug_of
from gongkai.requests.models import Delivery, Material, Reply, Request, Supplement, Way
from gongkai.requests.pages import access, drafts

RECEIPT = slug_of("L1")
# Letters to the applicant on the way to the result; the result itself (L12, L13) is shown once it was delivered online.
ON_THE_WAY = frozenset(slug_of(code) for code in ("L2", "L3", "L4", "L7", "L11", "L14", "L15", "transfer"))
RESULTS = (slug_of("L12"), slug_of("L13"))
WITHDRAW, SUPPLEMENT = "request.withdraw", "request.applicant_supplement"


def letters_of(case: Request) -> list[Letter]:
    """The letters that the applicant may read here, oldest first; letters to others never."""
    elsewhere = set(
        Delivery.objects.filter(request=case)
        .exclude(addressee=Delivery.Addressee.APPLICANT)
        .values_list("letter", flat=True)
    )
    online = delivered_online(case)
    return [
        letter
        for letter in Letter.objects.filter(case=case.pk, erased_at__isnull=True).order_by("pk")
        if letter.pk not in elsewhere
        and (letter.code in ON_THE_WAY or (letter.code.startswith(RESULTS) and letter.pk in online))
    ]


def delivered_online(case: Request) -> set[int]:
    """The letters that reached the applicant here."""
    return {
        one.letter_id
        for one in case.deliveries.all()
        if one.way == Way.ONLINE
        and one.sent_on
        and one.addressee == Delivery.Addressee.APPLICANT
        and one.letter_id is not None
    }


def files_of(case: Request) -> list[Attachment]:
    """The files given with a reply that was delivered online; what is masked goes out masked."""
    reply = Reply.objects.filter(request=case.pk).only("letter").first()
    if case.replied_on is None or reply is None or reply.letter_id not in delivered_online(case):
        return []
    found = []
    for material in case.materials.select_related("original", "masked"):
        given = {Material.Treatment.GIVEN: material.original, Material.Treatment.MASKED: material.masked}
        attachment = given.get(Material.Treatment(material.treatment))
        if attachment is not None and attachment.erased_at is None:
            found.append(attachment)
    return found


def receipt_of(case: Request) -> Letter | None:
    """The receipt; made when it is first asked for. None while the receipt of the request is not confirmed."""
    found = Letter.objects.filter(case=case.pk, code=RECEIPT, erased_at__isnull=True).order_by("-pk").first()
    if found is None and case.received_on is not None:
        try:
            perform("request.issue_receipt", case, None)
        except ActError:
            return None
        found = Letter.objects.filter(case=case.pk, code=RECEIPT).order_by("-pk").first()
    return found


# --- withdrawal -------------------------------------------------------------------------------------------------------


def may_withdraw(case: Request) -> bool:
    """Whether the applicant can still withdraw."""
    act = acts.get(WITHDRAW)
    return act is not None and case.is_open and act.starts_from(case)


def take_withdrawal(request: HttpRequest, case: Request, act: Callable[..., HttpResponse]) -> HttpResponse:
    """The applicant withdraws, having confirmed it."""
    # The day is today's, whatever else the form of the staff may say.
    said = {"reason": request.POST.get("reason", "")[:500]}
    return act(request, case, WITHDRAW, said, None, "申请已撤回。以后需要，可以重新申请。", "withdrawal")


# --- supplement -------------------------------------------------------------------------------------------------------


def waiting(case: Request) -> Supplement | None:
    """The round of supplement that waits for the applicant."""
    if case.state != "supplementing":
        return None
    return next((one for one in case.supplement_rounds.all() if one.state == Supplement.State.WAITING), None)


def supplement_form(case: Request) -> Any:
    """The form of the answer, when one is waited for."""
    act = acts.get(SUPPLEMENT)
    return act.form(case, None) if act is not None and waiting(case) is not None else None


def take_supplement(request: HttpRequest, case: Request, act: Callable[..., HttpResponse]) -> HttpResponse:
    """What was asked for comes in: the count of the reply begins anew."""
    if waiting(case) is None or SUPPLEMENT not in acts:
        messages.error(request, "这件申请现在不用补正。请看看现在到哪一步。")
        return redirect("requests-public:status", number=case.number)
    if access.count(f"supplement.{case.pk}", 10, 3600):
        messages.error(request, "提交得太多了。请过一小时再试，或者打电话给承办单位。")
        return redirect("requests-public:status", number=case.number)
    uploads = request.FILES.getlist("files")
    if len(uploads) > drafts.MOST_FILES or any((one.size or 0) > drafts.MOST_MEGABYTES << 20 for one in uploads):
        limit = f"不超过{drafts.MOST_FILES}个，每个不超过{drafts.MOST_MEGABYTES} MB"
        messages.error(request, f"附件太多或者太大，补正没有提交。附件{limit}。")
        return redirect("requests-public:status", number=case.number)
    words = "补正已收到。答复期限从今天重新计算。"
    return act(request, case, SUPPLEMENT, request.POST, request.FILES, words, "supplement")
