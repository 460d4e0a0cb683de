"""What an applicant does on the status page without an account: write a message, switch mails on or off.

The page has proven who may (number and code, or the mailbox); the acts are done by nobody of the house.
"""

from __future__ import annotations

from django import forms

from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm
from gongkai.requests.acts.common import APPLICANT, KIND, case_people, text_area
from gongkai.requests.models import Message, Request

MOST_MESSAGES = 50


class MessageForm(ActForm):
    """What the applicant wants to add."""

    text = text_area(
        "补充说明",
        rows=5,
        limit=2000,
        help_text="会加密保存，交给办理这件申请的人。不会改变答复期限。",
        error_messages={"required": "还没有写内容。请写明要补充什么。"},
    )


class Write(Act):
    """补充说明: the applicant adds something that was not asked for; no clock moves."""

    kind, name, label, icon = KIND, "applicant_message", "申请人补充说明", "message-square"
    system = True
    form_class = MessageForm
    actor_label = APPLICANT
    private = frozenset({"text"})

    def apply(self, work: Work) -> None:
        case: Request = work.case
        if case.messages.filter(from_applicant=True).count() >= MOST_MESSAGES:
            raise ActError(f"补充说明已经有{MOST_MESSAGES}条。还有要说的，请打电话给承办单位。")
        Message.objects.create(request=case, from_applicant=True, text=work.data["text"], at=work.now)
        work.data = {}
        work.summary = "申请人在进度页面写了补充说明"
        work.notify(case_people(case), f"{case.number}：申请人写了补充说明。")


class TellingForm(forms.Form):
    """Whether mails are wanted."""

    wanted = forms.BooleanField(label="有进展时发邮件告诉我", required=False)


class Telling(Act):
    """进展邮件: switched on or off by the applicant."""

    kind, name, label, icon = KIND, "applicant_telling", "申请人设置进展邮件", "bell"
    system = True
    form_class = TellingForm
    actor_label = APPLICANT

    def apply(self, work: Work) -> None:
        case: Request = work.case
        wanted = work.data["wanted"]
        if wanted and not case.email_mark:
            raise ActError("申请时没有写电子邮箱，发不了邮件。可以用补充说明告诉承办单位。")
        case.tell_by_email = wanted
        work.summary = "有进展时发邮件" if wanted else "有进展时不发邮件"
