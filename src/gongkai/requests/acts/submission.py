"""How a request comes in: sent through the web by anybody, or entered by staff from paper, fax and mail; and confirmed.

Everything of one intake happens in one transaction: number, sealed applicant, marks, clocks, event, notices. A form that is
sent twice with the same key is one request: `submit` gives back the same case however often it is called.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.db import IntegrityError
from django.utils import timezone

from gongkai.core import attachments, calendars, jurisdiction
from gongkai.core import clocks as core_clocks
from gongkai.core.acts import Act, ActError, Filled, Opening, Work, fill, open_together, people_of, perform_filled
from gongkai.core.forms import ActForm, DayField, SharedFields
from gongkai.core.locks import writing
from gongkai.core.models import Attachment, Unit, User
from gongkai.core.privacy import fingerprint, mask
from gongkai.core.roles import STAFF, Role, anywhere
from gongkai.core.together import Together
from gongkai.law.workdays import UnknownYearError
from gongkai.requests import clocks, codes, letters
from gongkai.requests.acts import common
from gongkai.requests.acts.common import KIND, STAFF_OF_OWNER, check_day, day_words, today
from gongkai.requests.forms import (
    ORGANISATION,
    PRIVATE,
    ApplicationForm,
    EntryForm,
    applicant_of,
    asked_officers,
)
from gongkai.requests.models import Category, Channel, Request, Submission

# Channels whose day of receipt is the day both sides confirm (art. 31).
CONFIRMED = frozenset({Channel.WEB, Channel.ORDINARY_MAIL, Channel.FAX, Channel.EMAIL})
PROOF, SUPPORT, SCAN = "身份证明", "补充材料", "来件扫描件"
TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of sending the form. `repeated`: this form had been sent before; `changed`: with other words."""

    case: Request
    repeated: bool = False
    changed: bool = False


class AlreadySubmitted(ActError):
    """The form with the key of this submission was sent before."""

    def __init__(self, submission: Submission) -> None:
        super().__init__("这份申请已经提交过了，不用再提交。")
        self.submission = submission


def label_of(name: str, organisation: bool) -> str:
    """How an applicant appears in lists: 李**, 欧阳**; organisations by their public name."""
    if organisation:
        return mask.organisation(name)[:60]
    return mask.name(name).replace("某", "*")[:60]


def title_of(subject: str, content: str, private: Iterable[str]) -> str:
    """What the case is called in lists, notices and search: the matter, without what was typed about the applicant."""
    text = " ".join((subject or content).split())
    for words in sorted({value for value in private if len(value) > 1}, key=len, reverse=True):
        text = text.replace(words, "＊＊")
    return text[:TITLE_LENGTH] + ("……" if len(text) > TITLE_LENGTH else "")


def marks_of(applicant: Mapping[str, str]) -> dict[str, str]:
    """The keyed digests by which the same person is found again."""
    return {
        "identity_mark": fingerprint(
            applicant.get("identity_number") or applicant.get("credit_code") or "", "identity"
        ),
        "phone_mark": fingerprint(applicant.get("phone", ""), "phone"),
        "email_mark": fingerprint(applicant.get("email", ""), "email"),
    }


def new_request(
    unit: Unit,
    *,
    channel: str,
    data: Mapping[str, Any],
    arrived_at: dt.datetime,
    entered_at: dt.datetime,
    received_on: dt.date | None,
) -> Request:
    """A request from a clean form, not saved yet, with its marks, its code, and the day the law counts from."""
    applicant = applicant_of(dict(data))
    organisation = data.get("applicant_kind") == ORGANISATION
    case = Request(
        kind=KIND,
        unit=unit,
        supervisor=common.supervising(unit),
        channel=channel,
        category=data.get("category") or Category.NATURAL,
        applicant=applicant,
        applicant_label=label_of(applicant.get("name", ""), organisation),
        subject=data.get("subject") or "",
        content=data["content"],
        forms=list(data.get("forms") or []),
        way=data.get("way") or "",
        accepts_other=bool(data.get("accepts_other", True)),
        tell_by_email=bool(data.get("tell_by_email")),
        arrived_at=arrived_at,
        entered_at=entered_at,
        **marks_of(applicant),
    )
    case.title = title_of(case.subject, case.content, applicant.values())
    set_code(case, codes.new())
    set_received(case, received_on)
    return case


def set_code(case: Request, code: str) -> None:
    """The query code of a request: sealed, with its digest."""
    case.code, case.code_mark = code, codes.mark(code)


def set_received(case: Request, on: dt.date | None) -> None:
    """The day of receipt, or that it is not confirmed yet; year and state follow from it."""
    case.received_on = case.counted_from = on
    case.counted_year = on.year if on else None
    case.state = "received" if on else "unconfirmed"


def open_request(work: Work, case: Request, *, summary: str, **data: Any) -> Request:
    """Bring a new request into the world: number, clocks, event. The event carries what is said here and no form."""
    # The form's own words would stand in the log for ever; the log says that it came, the record what it says.
    work.data = {}
    return open_on(work, case, summary=summary, **data)


def open_on(work: Work, case: Request, *, summary: str, **data: Any) -> Request:
    """The same for a request that goes on from another one: the act's own form is left alone."""
    open_together([(work, opening_of(case, work.now, summary, **data))])
    return case


def opening_of(case: Request, now: dt.datetime, summary: str, **data: Any) -> Opening:
    """A new request as core opens it."""
    case.number_prefix = str(jurisdiction.value("requests.number_prefix"))
    return Opening(case, tuple(clocks.first(case, now)), summary=summary, data=data)


def keep_files(work: Work, uploads: Iterable[Any], label: str, kept: Iterable[Attachment] = ()) -> int:
    """Seal uploads as files of the act; returns how many."""
    stored = [attachments.store(file, user=work.user, sealed=True, label=label) for file in uploads]
    for attachment in stored:
        attachment.remark = label
    work.attachments += [*stored, *kept]
    return len(stored)


def due_day(case: Request) -> dt.date | None:
    """The last day of the reply, as the clock has it now; None while it waits or stands still."""
    clock = core_clocks.get(case, "reply")
    if clock is None or clock.due_at is None:
        return None
    return timezone.localdate(clock.due_at - dt.timedelta(microseconds=1))


def _first_due_day(case: Request) -> dt.date:
    """The last day as counted from the receipt: what a receipt says that is fetched while the clock stands still.

    Raises ActError for a year nobody announced.
    """
    if case.received_on is None:
        raise ActError("还没有与申请人确认收到。确认后才能出具登记回执。")
    try:
        return calendars.current().add_workdays(case.received_on, clocks.rules(case).reply)
    except UnknownYearError as error:
        raise ActError(str(error)) from None


def issue_receipt(work: Work, case: Request) -> Any:
    """The receipt (登记回执, L1) of a request whose receipt is confirmed. Raises ActError without a due day."""
    return letters.issue(
        work,
        "L1",
        case=case,
        channel=case.get_channel_display(),
        due_on=due_day(case) or _first_due_day(case),
        query_code=codes.shown(case.code),
    )


# --- through the web --------------------------------------------------------------------------------------------------


class SubmissionForm(ApplicationForm):
    """The public form with the key that makes sending it twice harmless."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, min_length=16, max_length=64)

    def _arrange(self) -> None:
        """It is never drawn; the steps of the public form are."""


SubmissionForm.base_fields = SharedFields(SubmissionForm.base_fields)


class Submit(Act):
    """网上提交: by anybody, without an account."""

    kind, name, label, icon = KIND, "submit", "提交申请", "send"
    creates = True
    system = True
    form_class = SubmissionForm
    private = PRIVATE | {"key"}
    actor_label = common.APPLICANT
    hint = "提交后出具回执，凭登记号和查询码查看进度。"

    def apply(self, work: Work) -> None:
        self.apply_many([work])

    def apply_many(self, works: Sequence[Work]) -> None:
        """Forms that came at the same time: each its own request, every kind of row written once for all."""
        automatic = jurisdiction.value("requests.web_confirmation") == "automatic"
        sent = [mark_of(work) for work in works]
        for work, submission in zip(works, sent, strict=True):
            # Files are not stored a second time; else it is enough that a key cannot be written twice.
            if submission and has_files(work) and Submission.objects.filter(key_mark=submission.key_mark).exists():
                raise AlreadySubmitted(submission)
        openings = [self._opening(work, automatic) for work in works]
        keys = [(submission, opening.case) for submission, opening in zip(sent, openings, strict=True) if submission]
        open_together(list(zip(works, openings, strict=True)), beside=partial(_remember, keys))
        todo = "请登记并审查" if automatic else "请在1个工作日内与申请人确认收到"
        for work in works:
            work.notify(asked_officers(work.case.unit_id), f"收到政府信息公开申请{work.case.number}，{todo}。")

    def _opening(self, work: Work, automatic: bool) -> Opening:
        data = work.data
        case = new_request(
            data["unit"],
            channel=Channel.WEB,
            data=data,
            arrived_at=work.now,
            entered_at=work.now,
            received_on=today(work.now) if automatic else None,
        )
        files = {
            "proof": keep_files(work, data.get("proof") or [], PROOF),
            "files": keep_files(work, data.get("files") or [], SUPPORT),
        }
        work.data = {}
        return opening_of(
            case,
            work.now,
            f"网上提交，{'回执即为确认' if automatic else '等待与申请人确认'}",
            channel=case.channel,
            category=case.category,
            received_on=case.received_on,
            files=files,
        )


def mark_of(form: Filled | Work) -> Submission | None:
    """What is remembered of a form when it is sent, not saved; None where it has no key."""
    key = fingerprint(form.data.get("key") or "", "submission")
    return Submission(key_mark=key, content_mark=content_mark(form.data)) if key else None


def has_files(form: Filled | Work) -> bool:
    """Whether files come with a form."""
    return bool(form.data.get("proof") or form.data.get("files"))


def _remember(sent: Sequence[tuple[Submission, Request]]) -> None:
    for submission, case in sent:
        submission.request = case
    rows = sorted((submission for submission, _ in sent), key=lambda row: row.key_mark)
    try:
        Submission.objects.bulk_create(rows)
    except IntegrityError as taken:
        if len(rows) > 1:
            # One of them; which one comes out when each is sent by itself.
            raise
        raise AlreadySubmitted(rows[0]) from taken


def content_mark(data: Mapping[str, Any]) -> str:
    """A keyed digest of what a form says, files included."""
    said: dict[str, Any] = {
        name: value for name, value in data.items() if isinstance(value, str | bool | list) and name != "key"
    }
    for name in ("files", "proof"):
        said[name] = [_digest(file) for file in data.get(name) or []]
    said["unit"] = data["unit"].pk if data.get("unit") else None
    said.pop("kept", None)
    return fingerprint(json.dumps(said, ensure_ascii=False, sort_keys=True, default=str), "submission content")


def _digest(file: Any) -> str:
    file.seek(0)
    found = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    return found


def fill_in(data: Mapping[str, Any], files: Mapping[str, Any] | None = None, now: dt.datetime | None = None) -> Filled:
    """The public form, checked and not sent yet; for `send`. Raises InvalidData."""
    return fill(Submit, None, data, files=files, now=now)


def send(forms: Sequence[Filled]) -> list[Request]:
    """Send checked forms; runs in a transaction, that of the caller.

    Raises:
        AlreadySubmitted: the form was sent before; of several none is named, send each by itself then.
        ActError: a rule stands against one of them.
    """
    return [event.case.concrete for event in perform_filled(forms)]


def sent_before(key: str) -> Request | None:
    """The request of a form that was sent with this key."""
    mark = fingerprint(key, "submission")
    found = Submission.objects.select_related("request").filter(key_mark=mark).first() if mark else None
    return found.request if found else None


def _send(forms: Sequence[Filled]) -> list[Request]:
    with writing():
        return send(forms)


_together = Together(_send)


def submit(
    data: Mapping[str, Any], files: Mapping[str, Any] | None = None, *, now: dt.datetime | None = None
) -> Submitted:
    """Send the public form. The same `key` gives the same case again: double clicks, retries, a kill in between.

    Args:
        data: the fields of `SubmissionForm`, `key` among them (16 to 64 random signs, made with the page).
        files: uploads under `proof` and `files`.
        now: the present unless given.

    Raises:
        InvalidData: the form has errors, it carries what was typed.
        ActError: a rule stands against it.
    """
    form = fill_in(data, files, now)
    try:
        # Files take a while; nobody else waits for them.
        return Submitted(_send([form])[0] if has_files(form) else _together(form))
    except AlreadySubmitted as again:
        # Of two at once the other one was faster, and is committed by now.
        before = Submission.objects.select_related("request").get(key_mark=again.submission.key_mark)
        return Submitted(before.request, True, before.content_mark != again.submission.content_mark)


# --- entered by staff -------------------------------------------------------------------------------------------------


class Enter(Act):
    """录入线下申请: in person, by post, ordinary mail, fax or e-mail; within two working days (004-8b)."""

    kind, name, label, icon = KIND, "enter", "录入申请", "file-plus-corner"
    creates = True
    permits = anywhere(*STAFF)
    form_class = EntryForm
    private = PRIVATE | {"scans"}
    hint = "录入后生成登记号和查询码；已确认收到的，同时出具登记回执。"

    def apply(self, work: Work) -> None:
        data = work.data
        unit: Unit = data["unit"]
        if work.user is not None and not work.user.roles_at(unit) & set(STAFF):
            raise ActError("只能录入自己任职单位收到的申请。")
        received_on = self._received_on(data, work.now)
        case = new_request(
            unit,
            channel=data["channel"],
            data=data,
            arrived_at=common.at_day(data["arrived_on"], work.now),
            entered_at=work.now,
            received_on=received_on,
        )
        files = {
            "proof": keep_files(work, data.get("proof") or [], PROOF),
            "files": keep_files(work, data.get("files") or [], SUPPORT),
            "scans": keep_files(work, data.get("scans") or [], SCAN, data.get("kept") or []),
        }
        said = {
            "channel": case.channel,
            "category": case.category,
            "arrived_on": data["arrived_on"],
            "received_on": received_on,
            "dictated": bool(data.get("dictated")),
            "lacking": data["lacking"],
            "files": files,
        }
        open_request(work, case, summary=self._summary(case), **said)
        if received_on is not None:
            issue_receipt(work, case)
        words = f"已录入{case.get_channel_display()}收到的申请{case.number}，请登记并审查。"
        work.notify(people_of(unit, Role.OFFICER), words)

    def _received_on(self, data: dict[str, Any], now: dt.datetime) -> dt.date | None:
        """The day of receipt by the rules of the channel (art. 31); None while both sides have not confirmed."""
        arrived, confirmed = data["arrived_on"], data.get("confirmed_on")
        check_day(arrived, now, "收到日期")
        if data["channel"] not in CONFIRMED:
            return arrived
        if confirmed is not None:
            check_day(confirmed, now, "确认日期", after=arrived, of="收到日期")
        return confirmed

    def _summary(self, case: Request) -> str:
        arrived = f"{case.get_channel_display()}，{day_words(today(case.arrived_at))}到达"
        if case.received_on is None:
            return f"{arrived}，还没有与申请人确认"
        return f"{arrived}，收到申请之日为{day_words(case.received_on)}"


# --- confirmation -----------------------------------------------------------------------------------------------------

HOW = [("phone", "电话"), ("email", "电子邮件"), ("message", "短信"), ("in_person", "当面"), ("other", "其他")]


class ConfirmForm(ActForm):
    """The day both sides confirmed, and how."""

    confirmed_on = DayField(label="双方确认之日")
    how = forms.ChoiceField(label="确认方式", choices=HOW)


class Confirm(Act):
    """确认收到: the day both sides confirm is the day of receipt, and the clocks of the law start (art. 31)."""

    kind, name, label, icon = KIND, "confirm", "确认收到", "check"
    from_states = frozenset({"unconfirmed"})
    to_state = "received"
    permits = STAFF_OF_OWNER
    form_class = ConfirmForm
    expected = True
    order = 10
    hint = "以双方确认之日为收到申请之日，次日起算20个工作日；同时出具登记回执。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"confirmed_on": today(timezone.now())}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        on = work.data["confirmed_on"]
        check_day(on, work.now, "确认日期", after=today(case.arrived_at), of="申请到达之日")
        clocks.received(case, on, work.now)
        issue_receipt(work, case)
        work.summary = f"收到申请之日为{day_words(on)}（{dict(HOW)[work.data['how']]}确认）"
        work.notify(people_of(case.unit, Role.OFFICER), f"申请{case.number}已确认收到，请登记并审查。")


FAILURES = [
    ("no_answer", "无人接听"),
    ("wrong_number", "号码或者地址有误"),
    ("returned", "邮件退回"),
    ("refused", "对方不愿确认"),
    ("none", "没有留联系方式"),
]


class AttemptForm(ActForm):
    """How the applicant was tried to be reached. No free words: numbers and names do not belong into the log."""

    how = forms.ChoiceField(label="联系方式", choices=HOW)
    failure = forms.ChoiceField(label="结果", choices=FAILURES)


class LogAttempt(Act):
    """记录联系情况: the applicant could not be reached; each attempt is kept, the clock waits for contact."""

    kind, name, label, icon = KIND, "log_attempt", "记录联系情况", "phone"
    from_states = frozenset({"unconfirmed"})
    permits = STAFF_OF_OWNER
    form_class = AttemptForm
    order = 20
    hint = "联系不上申请人的，每次都记一笔；联系上以后办理“确认收到”。"

    def apply(self, work: Work) -> None:
        how, failure = dict(HOW)[work.data["how"]], dict(FAILURES)[work.data["failure"]]
        work.summary = f"通过{how}联系申请人，未能确认：{failure}"


class IssueReceipt(Act):
    """出具登记回执: by the system, for requests that came through the web."""

    kind, name, label, icon = KIND, "issue_receipt", "出具登记回执", "file-check"
    system = True
    from_states = None

    def starts_from(self, case: Any) -> bool:
        """A receipt is due whatever became of the request."""
        return case.received_on is not None

    def apply(self, work: Work) -> None:
        if work.case.letters.filter(code=letters.slug_of("L1")).exists():
            raise ActError("登记回执已经出具，可以直接下载。")
        issue_receipt(work, work.case)
