"""Mails to applicants: that a request came in, that something happened, and links that prove a mailbox.

A mail says the number and where to look, and nothing of what was asked, of whom, or by whom. The address is read from the
sealed record at the moment of sending; it stands in no task, no log and no queue that staff can read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django_tasks import task

from gongkai.core.acts import Work
from gongkai.core.privacy import Fault
from gongkai.requests.models import Request

log = logging.getLogger(__name__)
# States whose coming the applicant may want to hear of.
TOLD = frozenset(
    {"received", "supplementing", "consulting", "explaining", "paying", "signed", "replied", "ended", "moved"}
)
_NEEDED = frozenset({"supplementing", "explaining", "paying"})


def _send(case: Request, subject: str, lines: list[str]) -> bool:
    try:
        address = str(case.applicant.get("email", ""))
        if not address:
            return False
        EmailMessage(subject, "\n".join(lines), settings.DEFAULT_FROM_EMAIL, [address]).send()
    except (OSError, Fault) as problem:
        log.warning("mail on request %s not sent: %s", case.pk, type(problem).__name__)
        return False
    return True


def _query_address() -> str:
    return f"{settings.GONGKAI_PUBLIC_ADDRESS}{reverse('requests-public:query')}"


def received(cases: Iterable[Request]) -> None:
    """Tell that requests came in, where an address was given; sent in the background.

    Runs in the transaction in which they came in.
    """
    keys = [case.pk for case in cases if case.email_mark]
    if keys:
        send_received.enqueue(keys)


def told(work: Work) -> None:
    """A listener: tell the applicant who wants it that the request has moved on."""
    case = work.case
    before = work.event.state_before if work.event else ""
    if case.tell_by_email and case.email_mark and before and before != case.state and case.state in TOLD:
        transaction.on_commit(partial(send_progress.enqueue, case.pk, case.state in _NEEDED))


@task
def send_received(keys: list[int]) -> None:
    """The mails after submission, of requests that came at the same time."""
    for case in Request.objects.filter(pk__in=keys):
        _send(
            case,
            f"已收到您的申请（{case.number}）",
            [
                f"您的政府信息公开申请已经提交，受理号：{case.number}。",
                "查询进度请打开下面的网址，输入受理号和回执上的查询码：",
                _query_address(),
                "邮件里不写查询码。没有保存回执的，可以在同一网页用这个邮箱查看。",
                "不是您本人提交的，请不用理会这封邮件。",
            ],
        )


@task
def send_progress(pk: int, needed: bool) -> None:
    """The mail about progress; `needed` when something is asked of the applicant."""
    case = Request.objects.filter(pk=pk).first()
    if case is not None and case.tell_by_email:
        what = "需要您处理，请按页面上写的期限办理" if needed else "有了新进展"
        _send(
            case,
            f"您的申请{'需要您处理' if needed else '有新进展'}（{case.number}）",
            [
                f"您的政府信息公开申请（受理号：{case.number}）{what}。",
                "请打开下面的网址，输入受理号和查询码查看：",
                _query_address(),
                "不想再收到这样的邮件，可以在进度页面关掉。",
            ],
        )


@task
def send_link(pk: int, token: str) -> None:
    """The link that shows the requests of a mailbox, sent to the address that one of them carries."""
    case = Request.objects.filter(pk=pk).first()
    if case is not None:
        address = f"{settings.GONGKAI_PUBLIC_ADDRESS}{reverse('requests-public:link', args=[token])}"
        _send(
            case,
            "查看您的申请",
            [
                "有人用这个邮箱查询政府信息公开申请。是您本人的，请在20分钟内打开下面的网址，只能用一次：",
                address,
                "不是您本人的，不用理会。",
            ],
        )
