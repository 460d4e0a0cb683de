"""The complete file of a request 案卷: form, letters, evidence, opinions, timeline and derivations as one PDF and one ZIP.

It holds everything, personal data too, because it is the file; the page that gives it out records who took it and why.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongkai.core import attachments, calendars
from gongkai.core import clocks as core_clocks
from gongkai.core import letters as core_letters
from gongkai.core.acts import ActError
from gongkai.core.letters import day_words
from gongkai.core.models import Attachment, Letter, User
from gongkai.core.paper import STYLE
from gongkai.core.roles import STAFF, Role
from gongkai.law.requests import decisions as law
from gongkai.law.workdays import UnknownYearError
from gongkai.requests import decisions, packages
from gongkai.requests.acts.reply import reply_of
from gongkai.requests.forms import IDENTITY_KINDS
from gongkai.requests.models import Delivery, Form, Request

LABELS = {
    "name": "姓名或者名称", "identity_kind": "证件名称", "identity_number": "证件号码", "credit_code": "统一社会信用代码",
    "representative": "法定代表人", "contact": "联系人", "employer": "工作单位", "address": "联系地址", "postcode": "邮政编码",
    "phone": "联系电话", "fax": "传真", "email": "电子邮箱", "agent": "代理人", "agent_identity": "代理人证件号码",
}  # fmt: skip
_PLAIN = {Role.OFFICER, Role.HANDLER, Role.LEADER}
PICTURES = ("image/png", "image/jpeg", "image/gif")
_SHEET = f"{STYLE} h2 {{ font-size: 16pt; margin: 18pt 0 6pt; break-after: avoid; }} th {{ white-space: nowrap; }} td {{ overflow-wrap: anywhere; }}"


def may_open(case: Request, user: User) -> bool:
    """The body's staff and leader, and the office above it."""
    if set(user.roles_at(case.unit)) & {*STAFF, *_PLAIN}:
        return True
    return case.supervisor is not None and Role.OFFICE in user.roles_at(case.supervisor)


def contents(case: Request) -> list[tuple[str, str]]:
    """What the file holds, in order."""
    rows = [("申请表", "申请人填写的全部内容")]
    rows += [(f"{letter.title}", letter.number) for letter in _letters(case)]
    for name, query, unit in (
        ("补正记录", case.supplement_rounds, "次"),
        ("征求意见记录", case.consultations, "份"),
        ("收费记录", case.fees, "份"),
        ("检索记录", case.searches, "份"),
        ("送达记录", case.deliveries, "条"),
        ("往来留言", case.messages, "条"),
    ):
        number = query.count()
        if number:
            rows.append((name, f"{number}{unit}"))
    if reply_of(case) is not None:
        rows.append(("答复的判断过程和审核记录", ""))
    rows.append(("办理时间线", f"{case.event_count}条"))
    rows.append(("每个时限逐日推算", f"{case.clocks.exclude(started_at=None).count()}个时限"))
    rows += [(_name(row), "材料") for row in _attachments(case)]
    return rows


def _letters(case: Request) -> list[Letter]:
    return list(Letter.objects.filter(case=case.pk).order_by("pk"))


def _attachments(case: Request) -> list[Attachment]:
    return list(Attachment.objects.filter(case=case.pk).order_by("pk"))


def _name(row: Attachment) -> str:
    return row.own_name if row.erased_at is None else row.name


# --- the sheets -------------------------------------------------------------------------------------------------------


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> SafeString:
    body = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows)
    )
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        format_html_join("", '<th scope="col">{}</th>', ((words,) for words in head)),
        body,
    )


def _section(title: str, *parts: Any) -> SafeString:
    return format_html("<h2>{}</h2>{}", title, format_html_join("", "{}", ((part,) for part in parts)))


def _day(day: Any) -> str:
    return day_words(day) if day else ""


def _moment(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def _form(case: Request) -> SafeString:
    rows = [
        ("登记号", case.number),
        ("申请渠道", case.get_channel_display()),
        ("申请人类型", case.get_category_display()),
    ]
    said = dict(case.applicant)
    if said.get("identity_kind"):
        said["identity_kind"] = dict(IDENTITY_KINDS).get(said["identity_kind"], said["identity_kind"])
    rows += [(label, said[key]) for key, label in LABELS.items() if said.get(key)]
    rows += [
        ("收到申请之日", _day(case.received_on)),
        ("信息名称或者文号", case.subject),
        ("具体内容", case.content),
        ("希望得到的形式", "、".join(str(dict(Form.choices).get(one, one)) for one in case.forms)),
        ("获取方式", case.get_way_display()),
    ]
    return _section("申请表", _table(("项目", "内容"), [row for row in rows if row[1]]))


def _records(case: Request) -> list[SafeString]:
    """Supplements, opinions, fees, searches, deliveries, messages: what hangs on the request."""
    found = []
    rounds = [
        (row.items, _day(row.asked_on), _day(row.due_on), row.answer, _day(row.answered_on), row.get_state_display())
        for row in case.supplement_rounds.all()
    ]
    if rounds:
        found.append(_section("补正记录", _table(("补正内容", "告知", "期限", "补正", "收到", "结果"), rounds)))
    asked = [
        (
            row.get_kind_display(), (row.party or {}).get("name") or row.party_label, row.matter, _day(row.sent_on),
            _day(row.answered_on), row.get_answer_display(), row.reasons,
        )
        for row in case.consultations.all()
    ]  # fmt: skip
    if asked:
        found.append(_section("征求意见记录", _table(("类别", "对象", "内容", "发出", "答复", "意见", "理由"), asked)))
    fees = [
        (row.get_basis_display(), row.count, f"{row.amount}元", _day(row.noticed_on), _day(row.paid_on), row.get_state_display())
        for row in case.fees.all()
    ]  # fmt: skip
    if fees:
        found.append(_section("收费记录", _table(("方式", "件数或页数", "金额", "通知", "缴费", "结果"), fees)))
    searches = [(row.place, row.method, _day(row.searched_on), row.searcher, row.result) for row in case.searches.all()]
    if searches:
        found.append(_section("检索记录", _table(("范围", "方法", "日期", "检索人", "结果"), searches)))
    sent = [
        (
            f"{row.letter.title}（{row.letter.number}）" if row.letter else "", row.get_addressee_display(),
            row.get_way_display(), _day(row.sent_on), _day(row.received_on), row.tracking_number, row.remark,
        )
        for row in Delivery.objects.filter(request=case.pk).select_related("letter").order_by("pk")
    ]  # fmt: skip
    if sent:
        found.append(_section("送达记录", _table(("文书", "收件人", "方式", "发出", "签收", "邮件号", "说明"), sent)))
    said = [("申请人" if row.from_applicant else "本机关", _moment(row.at), row.text) for row in case.messages.all()]
    if said:
        found.append(_section("往来留言", _table(("谁", "时间", "内容"), said)))
    return found


def _reply(case: Request) -> SafeString:
    reply = reply_of(case)
    if reply is None:
        return mark_safe("")
    answers = []
    try:
        path = decisions.walk(reply.answers).step.path
        answers = [(question.title, question.wording, answer.label) for question, answer in path]
    except ActError:
        pass
    steps = [
        (f"第{step.round}轮", step.get_role_display(), step.get_decision_display() or "未审", step.words, str(step.user or ""), _moment(step.decided_at))
        for step in reply.steps.select_related("user")
    ]  # fmt: skip
    result = law.DECISIONS.get(reply.decision)
    return _section(
        "答复的判断过程和审核记录",
        format_html(
            "<p>答复类型：{}</p>", f"{result.group}，{decisions.short_of(reply.decision)}" if result else reply.decision
        ),
        _table(("问题", "问的是", "回答"), answers),
        _table(("轮次", "环节", "结论", "意见", "审核人", "时间"), steps),
    )


def _timeline(case: Request) -> SafeString:
    rows = [
        (event.sequence, _moment(event.at), event.actor_label, event.label, event.summary)
        for event in case.events.order_by("sequence")
    ]
    return _section("办理时间线", _table(("序", "时间", "办理人", "行为", "内容"), rows))


def _derivations(case: Request) -> list[SafeString]:
    """Every clock that ran, day by day."""
    now = timezone.now()
    found = []
    for clock in case.clocks.exclude(started_at=None).prefetch_related("pauses", "extensions").order_by("pk"):
        basis = f"{clock.basis}，从{clock.trigger}起算" if clock.trigger else clock.basis
        try:
            derived = core_clocks.derivation(clock, now)
        except UnknownYearError as error:
            found.append(_section(f"时限推算：{clock.name}", format_html("<p>{}</p>", str(error))))
            continue
        if derived is None:
            continue
        rows = [(_day(step.date), step.number or "", step.label, step.note) for step in derived.days]
        found.append(
            _section(
                f"时限推算：{clock.name}",
                format_html("<p>{}。{}</p>", basis, derived.conclusion.rstrip("。") + "。"),
                _table(("日期", "第几个", "怎么算", "说明"), rows),
            )
        )
    return found


def _catalog(case: Request) -> SafeString:
    rows = [(number, title, words) for number, (title, words) in enumerate(contents(case), 1)]
    return format_html(
        "{}{}",
        format_html('<p class="flush">{}</p>', f"承办单位：{case.unit.name}"),
        _table(("序", "名称", "说明"), rows),
    )


def _sheets(case: Request) -> str:
    """Cover, catalogue and every record as one page of HTML."""
    parts = [
        _catalog(case), _form(case), *_records(case), _reply(case), _timeline(case), *_derivations(case),
    ]  # fmt: skip
    title = f"政府信息公开申请案卷 {case.number}"
    return format_html(
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{0}</title><style>{1}</style></head>'
        '<body><p class="title">{0}</p><p class="flush">{2}，{3}</p>{4}<p class="flush">制卷：{5}。{6}</p></body></html>',
        title,
        mark_safe(_SHEET),  # noqa: S308  a constant of this module
        case.title,
        case.state_label,
        format_html_join("", "{}", ((part,) for part in parts)),
        _moment(timezone.now()),
        f"放假安排：{_calendar_note()}",
    )


def _calendar_note() -> str:
    years = sorted(found.year for found in calendars.current().years)
    return f"{years[0]}年至{years[-1]}年" if years else "没有放假安排"


def _paper(html: str) -> bytes:
    reason = core_letters.pdf_missing()
    if reason:
        raise ActError(reason)
    from weasyprint import HTML

    def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(f"a case file loads nothing: {url}")

    return HTML(string=html, url_fetcher=refuse).write_pdf()


def _picture(data: bytes) -> bytes:
    """A picture as one page of at most A4. Raises OSError, ValueError for one that cannot be read."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        flat = picture.convert("RGB")
        # So many dots an inch that it fits 170 x 250 mm.
        flat.save(out, "PDF", resolution=max(72.0, flat.width / 6.7, flat.height / 9.8))
    return out.getvalue()


# --- the two forms ----------------------------------------------------------------------------------------------------


def pdf(case: Request) -> bytes:
    """The whole file as one PDF with bookmarks: sheets, letters, and every attachment that can be laid on paper.

    Raises ActError when PDF cannot be made here, privacy.Fault when something sealed cannot be opened.
    """
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError

    writer = PdfWriter()

    def add(title: str, data: bytes) -> None:
        start = len(writer.pages)
        for page in PdfReader(io.BytesIO(data)).pages:
            writer.add_page(page)
        writer.add_outline_item(title=title, page_number=start)

    add("案卷", _paper(_sheets(case)))
    for letter in _letters(case):
        if letter.erased_at is None:
            data = core_letters.docx_to_pdf(attachments.load(letter.digest), letter.title)
            add(f"{letter.title} {letter.number}", data)
    for row in _attachments(case):
        if row.erased_at is not None:
            continue
        try:
            if row.content_type == "application/pdf":
                add(_name(row), attachments.load(row.digest))
            elif row.content_type in PICTURES:
                add(_name(row), _picture(attachments.load(row.digest)))
        except (PyPdfError, OSError, ValueError, KeyError):
            # What cannot be laid on paper stands in the package as it came.
            continue
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def package(case: Request) -> bytes:
    """The whole file as a ZIP: the PDF, letters and files as they are, the records as data, and the manifest.

    Raises ActError, privacy.Fault.
    """
    files: dict[str, bytes] = {}
    if not core_letters.pdf_missing():
        files["案卷.pdf"] = pdf(case)
    files["案卷.html"] = _sheets(case).encode()
    files["记录.json"] = json.dumps(_data(case), ensure_ascii=False, indent=1, default=str).encode()
    for number, letter in enumerate(_letters(case), 1):
        if letter.erased_at is None:
            files[_free(files, f"文书/{number:02d} {letter.title} {letter.number}.docx")] = attachments.load(
                letter.digest
            )
    for number, row in enumerate(_attachments(case), 1):
        if row.erased_at is None:
            files[_free(files, f"材料/{number:02d} {_name(row)}")] = attachments.load(row.digest)
    last = case.events.order_by("-sequence").first()
    return packages.pack(
        files,
        {
            "number": case.number,
            "title": case.title,
            "unit": case.unit.name,
            "state": case.state_label,
            "decision": case.decision,
            "replied_on": case.replied_on.isoformat() if case.replied_on else None,
            "events": case.event_count,
            "last_event": getattr(last, "digest", "") or "",
            "made_at": timezone.localtime(timezone.now()).isoformat(timespec="seconds"),
        },
    )


def _free(files: dict[str, bytes], path: str) -> str:
    """A path in the package: no folders but ours, no name twice."""
    folder, _, name = path.partition("/")
    return f"{folder}/{name.replace('/', '_').replace(chr(92), '_')}"


def _data(case: Request) -> dict[str, Any]:
    """The records as data that another archive can read."""
    return {
        "number": case.number,
        "applicant": dict(case.applicant),
        "category": case.category,
        "channel": case.channel,
        "subject": case.subject,
        "content": case.content,
        "arrived_at": case.arrived_at,
        "received_on": case.received_on,
        "counted_from": case.counted_from,
        "replied_on": case.replied_on,
        "decision": case.decision,
        "workdays_used": case.workdays_used,
        "origin": case.origin.number if case.origin else None,
        "events": list(
            case.events.order_by("sequence").values("sequence", "at", "actor_label", "label", "summary", "state_after")
        ),
        "clocks": list(
            case.clocks.order_by("pk").values("code", "name", "started_at", "due_at", "stopped_at", "on_time", "state")
        ),
        "letters": [
            {"title": letter.title, "number": letter.number, "issued_at": letter.issued_at, "sha256": letter.digest}
            for letter in _letters(case)
        ],
    }
