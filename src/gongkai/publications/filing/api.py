"""The machine side of publishing: intake from office systems, public documents, filing, daily counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import File, Router, Schema
from ninja.errors import HttpError
from ninja.files import UploadedFile
from pydantic import Field, field_validator

from gongkai.core.acts import ActError, NotPermitted, acts, perform
from gongkai.core.machine.interfaces import Scoped
from gongkai.core.machine.tokens import declare_scope
from gongkai.core.models import Unit
from gongkai.law import documents
from gongkai.publications import body
from gongkai.publications.acts import review
from gongkai.publications.filing import recording
from gongkai.publications.filing.models import Filing
from gongkai.publications.models import Publication, PublicDocument

INTAKE = declare_scope("intake", "报送信息")
FILING = declare_scope("filing", "读取和确认备案")
PAGE = 100
MOST_DAYS = 366

router = Router()


class Message(Schema):
    """A refusal in words."""

    message: str
    fields: dict[str, str] = {}


class Fault(Schema):
    """One missing part of a document."""

    code: str
    words: str


class Refusal(Schema):
    """A document that is sent back, with every reason."""

    message: str
    faults: list[Fault]


class Conflict(Schema):
    """Why it could not be done now. `kept`: the draft is kept under `number` and can be mended and sent up again."""

    message: str
    fields: dict[str, str] = {}
    kept: bool = Field(False, description="拟稿是否已保存；为 true 时不要重新报送，按 number 补正后再送审")
    number: str = Field("", description="已保存的拟稿的编号")
    state: str = ""
    reasons: list[str] = Field([], description="不能送审的全部原因")


class Given(Schema):
    """What comes in: no text holds the character that databases cannot keep."""

    @field_validator("*", mode="before")
    @classmethod
    def fit(cls, value: Any) -> Any:
        """Refuse U+0000."""
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("不能含有控制字符。")
        return value


class Submission(Given):
    """A document from an office system."""

    source_system: str = Field(min_length=1, max_length=40, description="报送系统的代号")
    source_key: str = Field(min_length=1, max_length=120, description="报送系统里的编号；同一编号再次报送即更新")
    unit: str = Field(max_length=40, description="发布单位的编码")
    title: str = Field(min_length=1, max_length=300)
    body_html: str = Field("", max_length=2_000_000)
    body_text: str = Field("", max_length=2_000_000)
    document_number: str = Field("", max_length=80)
    document_kind: str = Field("", max_length=20)
    subject: str = Field("", max_length=60)
    issuer: str = Field("", max_length=200)
    made_on: dt.date | None = None
    effective_on: dt.date | None = None
    expires_on: dt.date | None = None
    attribute: str = Field(description="proactive 主动公开，on_request 依申请公开，withheld 不予公开")
    ground: str = Field("", max_length=6, description="不予公开情形：X14a 至 X16c")
    reason: str = Field("", max_length=500)
    normative: bool = False
    policy: bool = False
    plan: str = Field("", max_length=500, description="解读方案，或不需要解读的理由")
    classification: str = Field("非密", max_length=4, description="只接收非密文件")
    summary: str = Field("", max_length=1500)
    keywords: str = Field("", max_length=200)
    exception: str = Field("", max_length=300, description="缺项的例外理由")
    submit: bool = Field(False, description="报送后即送审")


class Taken(Schema):
    """Where a submitted document stands."""

    number: str
    state: str
    state_label: str
    title: str
    index_number: str
    address: str
    faults: list[Fault] = []


class Document(Schema):
    """A document that is public now."""

    id: int
    title: str
    unit: str
    document_number: str
    index_number: str
    issuer: str
    subject: str
    document_kind: str
    made_on: dt.date | None
    published_at: dt.datetime
    validity: str
    address: str


class DocumentText(Document):
    """With its text and files."""

    text: str
    html: str
    digest: str
    version: int
    files: list[dict[str, Any]]


class Documents(Schema):
    """A page of documents; `next` continues, empty at the end."""

    items: list[Document]
    next: str


class DayCounts(Schema):
    """The three counts of a day."""

    day: dt.date
    information: int
    documents: int
    interpretations: int


class Receipt(Given):
    """What the superior platform says to a filed document."""

    accepted: bool
    remote_number: str = Field("", max_length=60)
    reason: str = Field("", max_length=300)


def _taken(case: Publication) -> dict[str, Any]:
    return {
        "number": case.number,
        "state": case.state,
        "state_label": case.state_label,
        "title": case.title,
        "index_number": case.index_number,
        "address": case.public_address if case.is_public else "",
        "faults": case.gate_faults,
    }


def _form(given: Submission) -> dict[str, Any]:
    """The submission as the writing form takes it."""
    typed = {
        name: value
        for name, value in given.dict().items()
        if name in documents_fields() and value not in ("", None, False)
    }
    typed["body"] = (
        given.body_html or body.from_text(given.body_text).html if given.body_text or given.body_html else ""
    )
    return {name: "on" if value is True else value for name, value in typed.items()}


def documents_fields() -> frozenset[str]:
    """The fields that a submission shares with the writing form."""
    from gongkai.publications.forms import FIELDS

    return frozenset(FIELDS) - {"body"}


@router.post(
    "/publications",
    response={200: Taken, 201: Taken, 401: Message, 403: Message, 404: Message, 409: Conflict, 422: Refusal | Message},
    auth=Scoped(INTAKE),
    tags=["报送"],
    summary="报送一份文件",
)
def submit(request: HttpRequest, given: Submission) -> Any:
    """缺公开属性、理由或解读方案的，按本地规定退回（422）并逐条说明，不保存。同一编号再次报送，更新尚未公开的拟稿。

    报送即送审（submit）而不能送审的，返回 409：拟稿已保存（kept），列出编号（number）和全部原因（reasons）。
    补正后用同一编号再次报送，或调用“送审”，不会产生第二份。
    """
    unit = Unit.objects.filter(code=given.unit, active=True).first()
    if unit is None:
        raise HttpError(404, f"没有编码为“{given.unit}”的单位。")
    faults = documents.gate(
        attribute=given.attribute,
        ground=given.ground,
        reason=given.reason,
        classified=given.classification != "非密",
        normative=given.normative,
        policy=given.policy,
        plan=given.plan,
    )
    refused = [fault for fault in faults if fault.code in ("attribute", "classified") or _returns(given, fault.code)]
    if refused:
        said = [{"code": fault.code, "words": fault.words} for fault in refused]
        return 422, {"message": "文件不完整，已退回。", "faults": said}
    case = Publication.objects.filter(source_system=given.source_system, source_key=given.source_key).first()
    status = 200
    if case is None:
        data = {**_form(given), "unit": unit.pk}
        try:
            event = perform("publication.take_in", None, _account(request), data | _origin(given))
        except IntegrityError:
            raise HttpError(409, "这个编号的文件正在报送，请稍后再试。") from None
        case, status = Publication.objects.get(pk=event.case_id), 201
    elif not Publication.objects.visible_to(_account(request)).filter(pk=case.pk).exists():
        raise Http404
    elif acts["publication.edit"].starts_from(case):
        perform("publication.edit", case, _account(request), _form(given))
    if given.submit and case.state in ("draft", "returned"):
        refused_now = _send_up(case, _account(request), given.exception)
        if refused_now is not None:
            return refused_now
    return status, _taken(Publication.objects.get(pk=case.pk))


def _send_up(case: Publication, user: Any, exception: str = "") -> tuple[int, dict[str, Any]] | None:
    """Send a draft up; where it cannot be, the answer with every reason, for the draft stays."""
    try:
        perform("publication.submit", case, user, {"exception": exception})
    except NotPermitted:
        raise
    except ActError as refusal:
        kept = Publication.objects.get(pk=case.pk)
        reasons = review.hindrances(kept, exception) if kept.state in ("draft", "returned") else []
        return 409, {
            "message": f"拟稿已保存，没有送审：{refusal}",
            "kept": True,
            "number": kept.number,
            "state": kept.state,
            "reasons": reasons or [str(refusal)],
        }
    return None


def _origin(given: Submission) -> dict[str, str]:
    return {"source_system": given.source_system, "source_key": given.source_key}


def _returns(given: Submission, code: str) -> bool:
    from gongkai.core import jurisdiction

    return jurisdiction.value("publications.gate") == "return" and not given.exception and bool(code)


def _account(request: HttpRequest) -> Any:
    return request.user


@router.post(
    "/publications/{number}/files",
    response={200: Taken, 401: Message, 403: Message, 404: Message, 409: Conflict, 422: Message},
    auth=Scoped(INTAKE),
    tags=["报送"],
    summary="给报送的文件加附件",
)
def add_file(request: HttpRequest, number: str, file: File[UploadedFile]) -> Any:
    """附件公开前会检查并去除作者、批注、修订和隐藏内容。"""
    case = _own(request, number)
    perform("publication.add_files", case, _account(request), {}, files=_as_files(file))
    return _taken(Publication.objects.get(pk=case.pk))


def _as_files(file: UploadedFile) -> Any:
    from django.utils.datastructures import MultiValueDict

    return MultiValueDict({"files": [file]})


@router.post(
    "/publications/{number}/submit",
    response={200: Taken, 401: Message, 403: Message, 404: Message, 409: Conflict, 422: Message},
    auth=Scoped(INTAKE),
    tags=["报送"],
    summary="送审",
)
def send_up(request: HttpRequest, number: str) -> Any:
    """加完附件后送审。不能送审的（例如附件还在检查），返回 409 和全部原因（reasons），拟稿保留，稍后再试。"""
    case = _own(request, number)
    return _send_up(case, _account(request)) or (200, _taken(Publication.objects.get(pk=case.pk)))


@router.get(
    "/publications/{number}",
    response={200: Taken, 401: Message, 404: Message},
    auth=Scoped(INTAKE),
    tags=["报送"],
    summary="查询办理结果",
)
def state(request: HttpRequest, number: str) -> Any:
    """状态、索引号和公开网址。"""
    return _taken(_own(request, number))


def _own(request: HttpRequest, number: str) -> Publication:
    if "\x00" in number:
        raise Http404
    case = Publication.objects.visible_to(_account(request)).filter(number=number).first()
    if case is None:
        raise Http404
    return case


def _document(row: PublicDocument) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "unit": row.unit.name,
        "document_number": row.document_number,
        "index_number": row.index_number,
        "issuer": row.issuer,
        "subject": row.subject,
        "document_kind": row.document_kind,
        "made_on": row.made_on,
        "published_at": row.published_at,
        "validity": row.get_validity_display(),
        "address": row.get_absolute_url(),
    }


@router.get(
    "/documents", response={200: Documents, 422: Message}, tags=["公开的信息"], summary="公开的信息，按发布顺序"
)
def list_documents(
    request: HttpRequest, after: int = 0, unit: str = "", changed_since: dt.datetime | None = None
) -> Any:
    """每页100条；next 是下一页的 after，为空表示到底。"""
    rows = PublicDocument.objects.select_related("unit").filter(pk__gt=min(max(after, 0), 2**62)).order_by("pk")
    if "\x00" in unit:
        raise HttpError(422, "单位编码不能含有控制字符。")
    if unit:
        rows = rows.filter(unit__code=unit[:40])
    if changed_since is not None:
        aware = changed_since if timezone.is_aware(changed_since) else timezone.make_aware(changed_since)
        rows = rows.filter(changed_at__gte=aware)
    found = list(rows[: PAGE + 1])
    more = str(found[PAGE - 1].pk) if len(found) > PAGE else ""
    return {"items": [_document(row) for row in found[:PAGE]], "next": more}


@router.get(
    "/documents/{int:pk}", response={200: DocumentText, 404: Message}, tags=["公开的信息"], summary="一份公开的信息"
)
def one_document(request: HttpRequest, pk: int) -> Any:
    """正文、附件和现行版本的摘要。"""
    rows = PublicDocument.objects.select_related("unit", "version").prefetch_related("version__files")
    row = rows.filter(pk=pk).first() if pk < 2**62 else None
    if row is None:
        raise Http404
    files = [
        {"name": file.name, "sha256": file.digest, "size": file.size}
        for file in row.version.files.all()
        if not file.inline
    ]
    more = {
        "text": row.version.text,
        "html": row.version.body,
        "digest": row.version.digest,
        "version": row.version.number,
        "files": files,
    }
    return {**_document(row), **more}


@router.get(
    "/counts", response={200: list[DayCounts], 422: Message}, tags=["统计"], summary="每日信息、公文、解读更新数"
)
def counts(request: HttpRequest, first: dt.date, last: dt.date) -> Any:
    """三个数据：信息更新数、公文更新数、解读更新数；一次最多366天。"""
    if not dt.date(2000, 1, 1) <= first <= last <= dt.date(2100, 1, 1) or (last - first).days >= MOST_DAYS:
        raise HttpError(422, "起止日期要在2000年至2100年之间，一次最多366天。")
    return recording.day_counts(first, last)


@router.get(
    "/filing",
    response={200: list[dict[str, Any]], 401: Message},
    auth=Scoped(FILING),
    tags=["备案"],
    summary="待备案的公文",
)
def waiting_filings(request: HttpRequest, after: int = 0) -> Any:
    """除涉密和党内文件外的全部公文，不论公开属性；id 是下一页的 after。"""
    rows = Filing.objects.filter(state__in=["waiting", "sent"], pk__gt=min(max(after, 0), 2**62))
    rows = rows.select_related("publication__unit").order_by("pk")[:PAGE]
    return [{"id": row.pk, **recording.filed_content(row)} for row in rows]


@router.post(
    "/filing/{number}/receipt",
    response={200: Message, 401: Message, 404: Message, 422: Message},
    auth=Scoped(FILING),
    tags=["备案"],
    summary="确认或退回备案",
)
def receipt(request: HttpRequest, number: str, given: Receipt) -> Any:
    """上级平台收到后回执；退回的写明原因。"""
    filing = Filing.objects.filter(number=number).first() if "\x00" not in number else None
    if filing is None:
        raise Http404
    filing.state = Filing.State.CONFIRMED if given.accepted else Filing.State.REFUSED
    filing.confirmed_at = timezone.now() if given.accepted else None
    filing.remote_number, filing.refusal = given.remote_number, "" if given.accepted else given.reason
    filing.save()
    return {"message": "已记录。"}
