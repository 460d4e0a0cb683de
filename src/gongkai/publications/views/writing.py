"""Writing: from a Word file, pasted text or a blank page to a draft, and the page on which it is changed."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import attachments
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.forms import OneFileField
from gongkai.core.navigation import shell
from gongkai.law import documents
from gongkai.publications import body
from gongkai.publications.forms import InformationForm, values_of
from gongkai.publications.models import PublicationFile
from gongkai.publications.views.common import for_editor, from_editor, publication_of, working

WAYS = (("file", "上传文件"), ("text", "粘贴正文"), ("blank", "空白起草"))
WORD_ENDINGS = frozenset({"docx", "doc", "wps", "rtf", "odt"})
# What the reader of a document calls a field, and what the form calls it.
SUGGESTED = {"number": "document_number", "made": "made_on", "issuing_body": "issuer", "kind": "document_kind"}
# Fields of the editing page, by panel.
PANELS = (
    ("公开属性", ("attribute",), "不主动公开的填写", ("ground", "reason", "negative_entry")),
    ("文件信息", ("issuer", "document_number", "document_kind", "subject", "column", "made_on"), "", ()),
    ("性质和效力", ("policy", "normative"), "解读方案和施行日期", ("plan", "effective_on", "expires_on")),
    ("其他", ("stage", "watched"), "概述、关键词、来源", ("summary", "keywords", "source")),
)


class SourceForm(forms.Form):
    """Where the text comes from."""

    file = OneFileField(
        label="文件", required=False, help_text="Word、WPS、PDF、网页或文本；标题、表格、图片和编号会保留。"
    )
    text = forms.CharField(
        label="正文", required=False, max_length=2_000_000, widget=forms.Textarea(attrs={"rows": 16})
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        fields: dict[str, Any] = self.fields
        for field in fields.values():
            # The page shows the one that is asked for; it is not optional there.
            field.quiet = True


@working
def new(request: HttpRequest) -> HttpResponse:
    """拟稿: choose where the text comes from; the draft opens filled with what was recognised."""
    act = acts["publication.write"]
    if not act.permitted(None, request.user):
        raise Http404
    way = request.POST.get("way") or request.GET.get("way", "file")
    way = way if way in dict(WAYS) else "file"
    form = SourceForm(request.POST or None, request.FILES or None)
    failure = ""
    if request.method == "POST" and form.is_valid():
        try:
            return _start(request, way, form)
        except body.ReadingError as problem:
            failure = problem.message
        except ActError as problem:
            failure = _sentences(problem)
        except attachments.Refused as problem:
            failure = " ".join(problem.messages)
    context = shell(
        request,
        current="publications:index",
        form=form,
        way=way,
        failure=failure,
        tabs=[
            {"label": label, "url": f"{reverse('publications:new')}?way={code}", "current": code == way}
            for code, label in WAYS
        ],
        crumbs=[{"label": "信息发布", "url": reverse("publications:index")}, {"label": "拟稿", "url": ""}],
    )
    return render(request, "publications/new.html", context, status=422 if failure else 200)


def _sentences(problem: ActError) -> str:
    if not isinstance(problem, InvalidData):
        return str(problem)
    return " ".join(str(words) for found in problem.form.errors.values() for words in found)


def _start(request: HttpRequest, way: str, form: SourceForm) -> HttpResponse:
    read: body.Body | None = None
    uploads: list[Any] = []
    title = "未命名的信息"
    if way == "file":
        file = form.cleaned_data["file"]
        if file is None:
            raise ActError("还没有选择文件。请选择后再提交。")
        data = file.read()
        name = attachments.clean_name(file.name)
        attachments.check(name, data)
        read = read_file(data, name)
        title = name.rpartition(".")[0] or name
    elif way == "text":
        if not form.cleaned_data["text"].strip():
            raise ActError("正文是空的。请粘贴正文后再提交。")
        read = body.from_text(form.cleaned_data["text"])
    typed: dict[str, Any] = {"title": title, "body": ""}
    if read is not None:
        suggested = {SUGGESTED.get(one.field, one.field): one.value for one in body.suggest(read)}
        typed |= {name: suggested[name] for name in InformationForm.base_fields if suggested.get(name)}
        typed.setdefault("document_kind", kind_of(typed["title"]))
        typed["body"] = body.without_head(
            read.html, typed["title"], suggested.get("document_number", ""), suggested.get("issuer", "")
        )
        uploads = [SimpleUploadedFile(image.name, image.data) for image in read.images]
    event = perform("publication.write", None, request.user, typed)
    if uploads:
        perform("publication.add_pictures", event.case, request.user, {}, files=_many(uploads))
    for warning in read.warnings if read else ():
        messages.warning(request, warning)
    messages.success(request, "已起草。请核对识别出的内容，补充后保存。")
    return redirect("publications:edit", event.case_id)


def kind_of(title: str) -> str:
    """The kind with which a title ends, as in 关于……的通知; empty when none does."""
    words = title.rstrip("》）) ").split("（")[0]
    return next((kind for kind in documents.OFFICIAL_KINDS if words.endswith(f"的{kind}")), "")


def _many(uploads: list[Any]) -> Any:
    from django.utils.datastructures import MultiValueDict

    return MultiValueDict({"files": uploads})


def read_file(data: bytes, name: str) -> body.Body:
    """The body inside an uploaded file. Raises ReadingError."""
    ending = name.rpartition(".")[2].lower()
    if ending in WORD_ENDINGS:
        return body.from_word(data, name)
    if ending == "pdf":
        return body.from_pdf(data)
    if ending in ("html", "htm", "mht"):
        return body.from_html(data)
    return body.from_text(data.decode("utf-8", "replace"))


@working
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """修改: text and metadata on one page; nothing typed is lost when something is wrong."""
    case = publication_of(request.user, pk)
    act = acts["publication.edit"]
    if not act.permitted(case, request.user) or not act.starts_from(case):
        messages.error(request, f"信息现在是“{case.state_label}”，不能修改。")
        return redirect(case)
    failure = ""
    form: Any
    if request.method == "POST":
        posted = request.POST.copy()
        posted["body"] = from_editor(posted.get("body", ""))
        try:
            event = perform(act, case, request.user, posted)
        except InvalidData as problem:
            form = problem.form
        except ActError as problem:
            form, failure = act.form(case, request.user, posted), str(problem)
        else:
            messages.success(request, f"已保存。{event.summary}。")
            return redirect(case if "stay" not in posted else request.path)
    else:
        form = InformationForm(initial={**values_of(case), "body": for_editor(case)})
        form.prepare(case, request.user)
    context = shell(
        request,
        current="publications:index",
        case=case,
        form=form,
        failure=failure,
        panels=[_panel(form, *panel) for panel in PANELS],
        files=list(case.files.filter(inline=False)),
        crumbs=[
            {"label": "信息发布", "url": reverse("publications:index")},
            {"label": case.number, "url": case.get_absolute_url()},
            {"label": "修改", "url": ""},
        ],
    )
    return render(request, "publications/edit.html", context, status=422 if request.method == "POST" else 200)


def _panel(form: Any, title: str, names: tuple[str, ...], more: str, rest: tuple[str, ...]) -> dict[str, Any]:
    """A panel of the page; the rest stands folded until it holds something."""
    hidden = [form[name] for name in rest]
    return {
        "title": title,
        "fields": [form[name] for name in names],
        "more": more,
        "rest": hidden,
        "open": any(bound.value() not in (None, "", False) or bound.errors for bound in hidden),
    }


@working
@require_safe
def image(request: HttpRequest, pk: int, digest: str) -> HttpResponse:
    """A picture of a working copy, for those who may read it."""
    case = publication_of(request.user, pk)
    file = PublicationFile.objects.filter(publication=case, original__digest=digest).select_related("original").first()
    if file is None or not file.original.content_type.startswith("image/"):
        raise Http404
    response = HttpResponse(attachments.load(digest), content_type=file.original.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@working
@require_safe
def public_copy(request: HttpRequest, pk: int, file: int) -> FileResponse:
    """The copy of a file that will go out, for those who write and review."""
    case = publication_of(request.user, pk)
    kept = (
        PublicationFile.objects.filter(publication=case, pk=file).exclude(digest="").select_related("original").first()
    )
    if kept is None:
        raise Http404
    return FileResponse(
        io.BytesIO(attachments.load(kept.digest)),
        as_attachment=True,
        filename=kept.name,
        content_type=kept.original.content_type,
        headers={"X-Content-Type-Options": "nosniff"},
    )
