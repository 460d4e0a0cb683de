"""Acts on the working copy: written, changed, files added, linked to others, dropped."""

from __future__ import annotations

from html import escape
from typing import Any

from django import forms
from django.db.models import Max

from gongkai.core import attachments, clocks
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, FilesField, ReasonForm, UnitField
from gongkai.core.models import Unit, User
from gongkai.core.roles import STAFF, anywhere
from gongkai.publications import body, content, screen
from gongkai.publications.acts import common
from gongkai.publications.acts.common import EDITABLE, KIND, STAFF_OF_OWNER
from gongkai.publications.forms import FIELDS, InformationForm, values_of
from gongkai.publications.models import DocumentRelation, Publication, PublicationFile


class NewForm(InformationForm):
    """A new draft; files may come along."""

    unit = UnitField(label="发布单位", required=False, help_text="不选就是本单位。")
    files = FilesField(label="附件", required=False)  # type: ignore[assignment]


class Write(Act):
    """拟稿."""

    kind, name, label, icon = KIND, "write", "拟稿", "file-plus-corner"
    creates = True
    permits = anywhere(*STAFF)
    form_class = NewForm
    hint = "拟稿后可以继续修改、添加附件，再送审。"

    def apply(self, work: Work) -> None:
        open_draft(work, _unit_of(work, "只能为自己任职的单位拟稿。"))


class TakenInForm(NewForm):
    """A draft from another system, with its number there."""

    source_system = forms.CharField(label="来自系统", max_length=40)
    source_key = forms.CharField(label="来源编号", max_length=120)


class TakeIn(Act):
    """系统报送: a draft that another system sends for its account."""

    kind, name, label, icon = KIND, "take_in", "系统报送", "inbox"
    creates = True
    permits = anywhere(*STAFF)
    form_class = TakenInForm
    hint = "由办公系统报送，报送后与拟稿一样审核。"

    def apply(self, work: Work) -> None:
        unit = _unit_of(work, "对接账号不在这个单位任职，不能为它报送。")
        origin = {name: work.data[name] for name in ("source_system", "source_key")}
        if Publication.objects.filter(**origin).exists():
            raise ActError("这个编号的文件已经报送过。请换一个编号，或更新原来的文件。")
        open_draft(work, unit, **origin)


def _unit_of(work: Work, refusal: str) -> Unit:
    """The unit that is written for; ActError with the refusal where the person does not work there."""
    unit = work.data.get("unit") or common.home_unit(work.user)
    if work.user is not None and not work.user.roles_at(unit) & set(STAFF):
        raise ActError(refusal)
    return unit


def open_draft(work: Work, unit: Any, **more: Any) -> Publication:
    """A new draft of a unit from the form's data; `more` are columns that no form asks."""
    data = work.data
    case = Publication(
        kind=KIND,
        state="draft",
        unit=unit,
        supervisor=common.supervising(unit),
        handler=work.user,
        series="publication",
        authors=[work.user.pk] if work.user else [],
        **{name: data.get(name) if data.get(name) is not None else _empty(name) for name in FIELDS},
        **more,
    )
    case.issuer = case.issuer or unit.name
    limited = case.made_on is not None and case.attribute == "proactive"
    plan = common.limit_plan(case.made_on) if limited and case.made_on else None
    work.open(case, clocks=[plan] if plan else [], summary=case.title[:200])
    add_files(work, case, list(data.get("files") or []), list(data.get("kept") or []))
    content.refresh(case)
    case.save(update_fields=["content_digest"])
    screen.refresh(case)
    return case


def _empty(name: str) -> Any:
    field: Any = Publication._meta.get_field(name)
    return None if field.null else field.get_default()


def add_files(work: Work, case: Publication, uploads: list[Any], kept: list[Any], *, inline: bool = False) -> int:
    """Keep uploads as files of the working copy; the check of each runs in the background. Returns how many."""
    last = case.files.aggregate(last=Max("ordinal"))["last"] or 0
    stored = [*(attachments.store(file, user=work.user) for file in uploads), *kept]
    for number, attachment in enumerate(stored, last + 1):
        attachment.case_id = case.pk
        attachment.draft_of, attachment.draft_act = None, ""
        attachment.save()
        work.attachments.append(attachment)
        PublicationFile.objects.create(
            publication=case, original=attachment, name=attachment.name, inline=inline, ordinal=number
        )
    if stored:
        screen.check_files_later(case.pk)
    return len(stored)


class Edit(Act):
    """修改."""

    kind, name, label, icon = KIND, "edit", "修改", "pencil"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = InformationForm
    order = 20
    hint = "内容有改动的，原来的审核结论不再有效；没有改动的，保留。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return values_of(case) if case is not None else {}

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        for name in FIELDS:
            value = work.data.get(name)
            setattr(case, name, value if value is not None else _empty(name))
        common.publication_clock(case, work.now)
        if common.changed(work):
            common.wrote(work)
            screen.refresh(case)
            work.summary = "内容有改动" if not work.state else "内容有改动，原批准失效，须重新送审"
        else:
            work.summary = "内容没有改动"


class FilesForm(ActForm):
    """Files to be published with it."""

    files = FilesField(label="附件", help_text="公开前自动去除作者、批注、修订、隐藏内容和图片位置信息，原件另存。")  # type: ignore[assignment]


class AddFiles(Act):
    """添加附件."""

    kind, name, label, icon = KIND, "add_files", "添加附件", "paperclip"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = FilesForm
    order = 30

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        number = add_files(work, case, list(work.data.get("files") or []), list(work.data.get("kept") or []))
        if not number:
            raise ActError("还没有选择文件。请选择后再提交。")
        common.changed(work)
        common.wrote(work)
        work.summary = f"{number}个附件"


class PicturesForm(ActForm):
    """Pictures that stand in the text."""

    files = FilesField(label="图片")  # type: ignore[assignment]

    def clean_files(self) -> list[Any]:
        """Only pictures."""
        files = self.cleaned_data["files"]
        for file in files:
            if not file.name.lower().endswith((".png", ".jpg", ".jpeg", ".gif")):
                raise forms.ValidationError(f"“{file.name}”不是图片。请选择 PNG、JPG 或 GIF 图片。")
        return files


class AddPictures(Act):
    """插入图片: pictures for the body, shown where the text refers to them."""

    kind, name, label, icon = KIND, "add_pictures", "插入图片", "image-plus"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = PicturesForm
    order = 35
    hint = "图片排在正文末尾，可以在“修改”里移动位置。位置信息会自动去除。"

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        known = set(case.files.values_list("original__digest", flat=True))
        add_files(work, case, list(work.data.get("files") or []), list(work.data.get("kept") or []), inline=True)
        for file in case.files.filter(inline=True).select_related("original"):
            digest = file.original.digest
            if digest not in known and f"attachment:{digest}" not in case.body:
                case.body += f'<p><img src="attachment:{digest}" alt="{escape(file.name)}"></p>'
        case.body = body.sanitise(case.body)
        common.changed(work)
        common.wrote(work)
        work.summary = "正文图片"


class RemoveFileForm(ActForm):
    """Which file."""

    file = forms.ModelChoiceField(label="附件", queryset=PublicationFile.objects.none(), empty_label=None)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["file"]
            field.queryset = PublicationFile.objects.filter(publication=case.pk)


class RemoveFile(Act):
    """去掉附件."""

    kind, name, label, icon = KIND, "remove_file", "去掉附件", "trash-2"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = RemoveFileForm
    order = 70
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["files"] else "没有附件。"

    def apply(self, work: Work) -> None:
        file = work.data["file"]
        work.summary = file.name
        file.delete()
        common.changed(work)
        common.wrote(work)


class RelateForm(ActForm):
    """Which document, and how it relates."""

    relation = forms.ChoiceField(label="关系", choices=DocumentRelation.Kind.choices)
    target = forms.CharField(label="另一份文件", max_length=300, help_text="填发文字号、索引号、编号或完整标题。")
    outside = forms.BooleanField(
        label="这是系统外的文件，只写名称", required=False, help_text="例如上级文件。名称会显示在公开页面上。"
    )
    note = forms.CharField(label="说明", max_length=200, required=False)


class Relate(Act):
    """关联文件."""

    kind, name, label, icon = KIND, "relate", "关联文件", "link"
    from_states = EDITABLE | {"published"}
    permits = STAFF_OF_OWNER
    form_class = RelateForm
    order = 60

    def apply(self, work: Work) -> None:
        from gongkai.publications import outward, queries

        case: Publication = work.case
        kind, words = work.data["relation"], work.data["target"].strip()
        target = queries.find_document(words, work.user)
        if target is not None and target.pk == case.pk:
            raise ActError("不能和自己关联。请填写另一份文件。")
        if target is None and not work.data["outside"]:
            # The same words for what does not exist and for what the person may not see.
            raise ActError(
                f"没有找到“{words}”。还没有公开、又不是本单位的文件，公开后再关联；系统外的文件，请勾选“这是系统外的文件”。"
            )
        if kind in ("repeals", "amends") and target is not None and target.unit_id != case.unit_id:
            work.record["other_unit"] = target.unit_id
        link, made = DocumentRelation.objects.get_or_create(
            source=case,
            target=target,
            kind=kind,
            outside="" if target else words,
            defaults={"note": work.data["note"], "made_by": work.user},
        )
        if not made:
            raise ActError("这条关联已经有了。")
        work.summary = f"{link.get_kind_display()}：{target.title if target else words}"[:300]
        outward.related(work, case, target)


class UnrelateForm(ActForm):
    """Which link."""

    link = forms.ModelChoiceField(label="关联", queryset=DocumentRelation.objects.none(), empty_label=None)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["link"]
            field.queryset = DocumentRelation.objects.filter(source=case.pk).select_related("target")
            field.label_from_instance = lambda link: f"{link.get_kind_display()}：{link.target or link.outside}"


class Unrelate(Act):
    """取消关联."""

    kind, name, label, icon = KIND, "unrelate", "取消关联", "unlink"
    from_states = EDITABLE | {"published"}
    permits = STAFF_OF_OWNER
    form_class = UnrelateForm
    order = 75
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["links"] else "没有关联。"

    def apply(self, work: Work) -> None:
        from gongkai.publications import outward

        link = work.data["link"]
        target = link.target
        work.summary = f"{link.get_kind_display()}：{target.title if target else link.outside}"[:300]
        link.delete()
        outward.related(work, work.case, target)


class Drop(Act):
    """作废: a draft that will not be published."""

    kind, name, label, icon = KIND, "drop", "作废", "trash"
    from_states = frozenset({"draft", "returned"})
    to_state = "dropped"
    permits = STAFF_OF_OWNER
    form_class = ReasonForm
    danger = True
    order = 90
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "已经公开过的信息不能作废，可以撤回。" if case.version_count else ""

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        for clock in work.case.clocks.all():
            clocks.cancel(clock, work.now)
