"""Acts of new media: accounts on record, posts written, reviewed, released, compared, taken down."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import attachments, own_units
from gongkai.core.acts import Act, ActError, Work, people_of, perform
from gongkai.core.forms import ActForm, FilesField, ReasonForm, UnitField, WordsForm
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, anywhere, owner, supervisor
from gongkai.publications.acts import common, stepped
from gongkai.publications.media import screen
from gongkai.publications.media.models import MediaAccount, MediaPost
from gongkai.publications.models import Publication, PublicDocument

ACCOUNT, POST = MediaAccount.KIND, MediaPost.KIND
MINE = owner(*STAFF)
EDITABLE = frozenset({"draft", "returned"})
IN_USE = ("active", "silent")


# --- accounts ---------------------------------------------------------------------------------------------------------


class AccountForm(ActForm):
    """An account as it goes on record."""

    unit = UnitField(label="主办单位", required=False, help_text="不选就是本单位。")
    title = forms.CharField(label="账号名称", max_length=100)
    platform = forms.ChoiceField(label="平台", choices=MediaAccount.Platform.choices)
    address = forms.CharField(label="账号或网址", max_length=300)
    subject = common.text_area("功能定位", rows=2, limit=300)
    post = forms.CharField(label="责任岗位", max_length=120, help_text="写岗位，不写个人姓名。")
    reason = common.text_area(
        "同一平台再开账号的理由", rows=2, limit=300, required=False, help_text="一个单位在一个平台原则上只开一个账号。"
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        own_units.offer(self, user, STAFF)


class RegisterAccount(Act):
    """申报账号."""

    kind, name, label, icon = ACCOUNT, "register", "申报账号", "plus"
    creates = True
    permits = anywhere(*STAFF)
    form_class = AccountForm
    hint = "由政务公开主管备案后启用。"

    def apply(self, work: Work) -> None:
        data = work.data
        unit = data.get("unit") or common.home_unit(work.user)
        if work.user is not None and not work.user.roles_at(unit) & set(STAFF):
            raise ActError("只能为自己任职的单位申报。")
        same = MediaAccount.objects.filter(unit=unit, platform=data["platform"], state__in=(*IN_USE, "proposed"))
        other = same.first()
        if other is not None and not data["reason"].strip():
            raise ActError(f"{unit}在这个平台已经有“{other.title}”。确需再开的，请写明理由。")
        case = MediaAccount(
            kind=ACCOUNT,
            state="proposed",
            unit=unit,
            supervisor=common.supervising(unit),
            handler=work.user,
            **{name: data[name] for name in ("title", "platform", "address", "subject", "post")},
        )
        work.open(case, summary=data["reason"][:300], words=data["reason"])
        if case.supervisor is not None:
            work.notify(people_of(case.supervisor, Role.OFFICE), f"新媒体账号待备案：{case.title}")


class ConfirmAccount(Act):
    """备案."""

    kind, name, label, icon = ACCOUNT, "confirm", "备案", "circle-check"
    from_states = frozenset({"proposed"})
    to_state = "active"
    permits = supervisor(Role.OFFICE)
    expected = True
    batch = True
    order = 10
    hint = "备案后可以送审稿件，账号列在公开网站上。"

    def apply(self, work: Work) -> None:
        work.case.last_posted_at = work.case.last_posted_at or work.now
        work.notify(common.staff(work.case.unit), f"账号已备案，可以启用：{work.case.title}")


class ChangeForm(ActForm):
    """What may change of an account."""

    title = forms.CharField(label="账号名称", max_length=100)
    address = forms.CharField(label="账号或网址", max_length=300)
    subject = common.text_area("功能定位", rows=2, limit=300)
    post = forms.CharField(label="责任岗位", max_length=120)
    reason = common.text_area("变更原因", rows=2, limit=300)


class ChangeAccount(Act):
    """变更备案."""

    kind, name, label, icon = ACCOUNT, "change", "变更备案", "pencil"
    from_states = frozenset({"proposed", *IN_USE})
    permits = MINE
    form_class = ChangeForm
    order = 30

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        names = ("title", "address", "subject", "post")
        return {name: getattr(case, name) for name in names} if case is not None else {}

    def apply(self, work: Work) -> None:
        for name in ("title", "address", "subject", "post"):
            setattr(work.case, name, work.data[name])
        work.words = work.data["reason"]
        if work.case.supervisor is not None:
            work.notify(people_of(work.case.supervisor, Role.OFFICE), f"新媒体账号有变更：{work.case.title}")


class CloseAccount(Act):
    """关停账号."""

    kind, name, label, icon = ACCOUNT, "close", "关停", "ban"
    from_states = frozenset({"proposed", *IN_USE})
    to_state = "closed"
    permits = (*MINE, *supervisor(Role.OFFICE))
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "关停后不能再发布；请同时在平台上公告并注销。"

    def apply(self, work: Work) -> None:
        work.case.closed_reason = work.data["reason"][:300]
        work.words = work.data["reason"]
        work.case.outcome = "已关停"


class FallSilent(Act):
    """超期未更新, by the system."""

    kind, name, label, icon = ACCOUNT, "fall_silent", "超期未更新", "clock-alert"
    from_states = frozenset({"active"})
    to_state = "silent"
    system = True

    def apply(self, work: Work) -> None:
        last = work.case.last_posted_at
        work.summary = f"最近一次发布：{common.day_words(timezone.localdate(last))}" if last else "还没有发布过"
        work.notify(common.staff(work.case.unit), f"账号该更新了：{work.case.title}")


class Resume(Act):
    """恢复更新, by the system."""

    kind, name, label, icon = ACCOUNT, "resume", "恢复更新", "circle-check"
    from_states = frozenset({"silent"})
    to_state = "active"
    system = True

    def apply(self, work: Work) -> None:
        work.summary = "有新的发布"


# --- posts ------------------------------------------------------------------------------------------------------------


class PostForm(ActForm):
    """What shall stand on the account, word for word."""

    account = forms.ModelChoiceField(label="账号", queryset=MediaAccount.objects.none(), empty_label="请选择账号")
    title = forms.CharField(label="标题", max_length=100)
    text = common.text_area("文字", rows=10, limit=5000, help_text="平台上发什么，这里就写什么；一字不差地审核和发布。")
    files = FilesField(label="图片和视频", required=False, help_text="随稿件一并送审。")  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields.get("account")
        if field is None:
            return
        units = [case.unit_id] if case is not None else list(user.roles_by_unit) if user is not None else []
        field.queryset = MediaAccount.objects.filter(unit__in=units, state__in=IN_USE).select_related("unit")


def open_post(work: Work, **columns: Any) -> MediaPost:
    """A new draft for an account; the account's unit owns it."""
    account: MediaAccount = work.data["account"]
    post = MediaPost(
        kind=POST,
        state="draft",
        title=" ".join(work.data["title"].split()),
        unit=account.unit,
        supervisor=account.supervisor,
        handler=work.user,
        series="media",
        authors=[work.user.pk] if work.user else [],
        account=account,
        text=work.data["text"],
        **columns,
    )
    work.open_many([_opening(post)])
    _keep_files(work, post)
    screen.refresh(post)
    post.content_digest = screen.digest(post)
    post.save()
    return post


def _opening(post: MediaPost) -> Any:
    from gongkai.core.acts import Opening

    return Opening(post, summary=f"{post.account}：{post.title}"[:300])


def _keep_files(work: Work, post: MediaPost) -> None:
    uploads, kept = list(work.data.get("files") or []), list(work.data.get("kept") or [])
    for attachment in [*(attachments.store(file, user=work.user) for file in uploads), *kept]:
        attachment.case_id, attachment.draft_of, attachment.draft_act = post.pk, None, ""
        attachment.save()
        post.files = [*post.files, [attachment.name, attachment.digest]]


class ToMedia(Act):
    """发到新媒体: a public document is put into words for an account; the same text, the same figures."""

    kind, name, label, icon = Publication.KIND, "to_media", "发到新媒体", "smartphone"
    from_states = frozenset({"published"})
    permits = common.STAFF_OF_OWNER
    form_class = PostForm
    order = 65
    hint = "为新媒体另拟文字，另行审核；原文修订或撤回后，这里会提醒处理。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"title": case.title[:100], "text": case.summary} if case is not None else {}

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        post = open_post(work, origin=MediaPost.Origin.DOCUMENT, document=case, document_version=case.version_count)
        work.summary = f"{post.account}，{post.number}"
        work.data = {"post": post.pk}


class WriteForm(PostForm):
    """A post that is not drawn from a document of this site."""

    origin = forms.ChoiceField(
        label="稿件来源",
        choices=[(code, label) for code, label in MediaPost.Origin.choices if code != "document"],
        widget=forms.RadioSelect,
        initial="own",
    )
    source = forms.CharField(label="转载自", max_length=300, required=False, help_text="写明网站名称和网址。")

    field_order = ("account", "origin", "source", "title", "text", "files")

    def clean(self) -> dict[str, Any]:
        """What is taken from elsewhere says from where."""
        data = super().clean() or self.cleaned_data
        if data.get("origin") == MediaPost.Origin.REPOST and not (data.get("source") or "").strip():
            self.add_error("source", "转载的，请写明转自哪个党委、政府网站或指定稿源。")
        return data


class Write(Act):
    """拟稿."""

    kind, name, label, icon = POST, "write", "拟新媒体稿", "file-plus-corner"
    creates = True
    permits = anywhere(*STAFF)
    form_class = WriteForm
    hint = "本站文件请在文件的事项页用“发到新媒体”；其他内容在这里拟稿。"

    def apply(self, work: Work) -> None:
        account: MediaAccount = work.data["account"]
        if work.user is not None and not work.user.roles_at(account.unit) & set(STAFF):
            raise ActError("只能为自己任职单位的账号拟稿。")
        open_post(work, origin=work.data["origin"], source=work.data["source"])


class EditForm(PostForm):
    """The words once more; the account stays."""

    account = None  # type: ignore[assignment]


class Edit(Act):
    """修改."""

    kind, name, label, icon = POST, "edit", "修改", "pencil"
    from_states = EDITABLE
    permits = MINE
    form_class = EditForm
    order = 20

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"title": case.title, "text": case.text} if case is not None else {}

    def apply(self, work: Work) -> None:
        post: MediaPost = work.case
        post.title, post.text = " ".join(work.data["title"].split()), work.data["text"]
        _keep_files(work, post)
        if post.document_id and post.document is not None:
            # Whoever edits has the present version before the eyes.
            post.document_version = post.document.version_count
        screen.refresh(post)
        before, post.content_digest = post.content_digest, screen.digest(post)
        if before != post.content_digest:
            common.wrote(work)
        work.summary = "内容有改动" if before != post.content_digest else "内容没有改动"


class OverruleForm(ActForm):
    """Which findings, and why they may stand."""

    findings = forms.MultipleChoiceField(label="认定哪几处", widget=forms.CheckboxSelectMultiple)
    reason = common.text_area("理由", rows=3, limit=300)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["findings"]
        open_ones = case.open_findings if case is not None else []
        field.choices = [(one["key"], f"{one['place']}：{one['label']}“{one['found']}”") for one in open_ones]


class Overrule(Act):
    """认定可以公开."""

    kind, name, label, icon = POST, "overrule", "认定可以公开", "shield-check"
    from_states = EDITABLE | {"review"}
    permits = common.REVIEWERS_OF_CASE
    form_class = OverruleForm
    order = 40
    hide_blocked = True
    hint = "理由记入留痕。涉密标志只能由保密审查员认定。"

    def blocked(self, case: Any, user: User) -> str:
        if user.pk in case.authors:
            return "你写过这篇稿件，请由其他审核人认定。"
        return "" if case.open_findings else "没有待处理的发现。"

    def apply(self, work: Work) -> None:
        post, user = work.case, work.user
        roles = user.roles_at(post.unit) | user.roles_at(post.supervisor) if user else frozenset()
        chosen = [one for one in post.findings if one["key"] in work.data["findings"]]
        if any(one["secrecy"] for one in chosen) and Role.SECRECY not in roles:
            raise ActError("涉密标志只能由保密审查员认定。请不要勾选，或转请保密审查员处理。")
        for one in chosen:
            one |= {
                "resolution": "审核人认定可以公开",
                "reason": work.data["reason"],
                "by_label": user.who if user else "",
            }
        post.findings = list(post.findings)
        work.words = work.data["reason"]
        work.summary = f"认定{len(chosen)}处可以公开"


class Submit(Act):
    """送审."""

    kind, name, label, icon = POST, "submit", "送审", "send"
    from_states = EDITABLE
    to_state = "review"
    permits = MINE
    form_class = WordsForm
    expected = True
    order = 10
    hint = "先审后发：依次审核、保密审查、批准，批准的文字才能发布。"

    def describe(self, case: Any, user: User) -> str:
        return common.before_review(case.blocking, self.hint)

    def blocked(self, case: Any, user: User) -> str:
        if case.account.state not in IN_USE:
            return "账号没有备案或已经关停。"
        return str(case.source_fault)

    def apply(self, work: Work) -> None:
        screen.refresh(work.case)
        work.words = work.data.get("words") or ""
        stepped.open_round(work)


class Pass(stepped.PassStep):
    """审核通过."""

    kind = POST


class Approve(stepped.ApproveStep):
    """批准."""

    kind = POST
    to_state = "approved"
    hint = "批准后由主办单位在平台上发布，并登记网址。"

    def blocked(self, case: Any, user: User) -> str:
        if case.blocking:
            return f"还有{case.blocking}处检查发现没有处理，要改正或由审核人认定。"
        return case.source_fault or stepped.StepAct.blocked(self, case, user)

    def approved(self, work: Work) -> None:
        people = [work.case.handler] if work.case.handler else common.staff(work.case.unit)
        work.notify(people, f"已批准，可以在新媒体发布：{work.case.title}")


class Return(stepped.ReturnStep):
    """退回."""

    kind = POST


class Recall(stepped.RecallStep):
    """撤回送审; also what was approved and not released yet."""

    kind = POST
    from_states = frozenset({"review", "approved"})

    def apply(self, work: Work) -> None:
        super().apply(work)
        work.case.approved_digest = ""


class PostedForm(ActForm):
    """Where it stands now."""

    address = forms.URLField(label="发布后的网址", max_length=500, assume_scheme="https")
    posted_at = forms.DateTimeField(
        label="发布时间",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="不填就是现在。",
    )

    def clean_posted_at(self) -> Any:
        """Not in the future."""
        at = self.cleaned_data["posted_at"]
        if at is not None and at > timezone.now():
            raise forms.ValidationError("发布时间不能晚于现在。")
        return at


class Post(Act):
    """登记发布: what was approved stands on the platform."""

    kind, name, label, icon = POST, "post", "登记发布", "badge-check"
    from_states = frozenset({"approved"})
    to_state = "posted"
    permits = MINE
    form_class = PostedForm
    expected = True
    order = 10
    hint = "在平台上按批准的文字发布后，登记网址。"

    def blocked(self, case: Any, user: User) -> str:
        if not case.approval_holds:
            return "批准已经失效，请重新送审。"
        if case.account.state not in IN_USE:
            return "账号已经关停，不能发布。"
        return str(case.source_fault)

    def apply(self, work: Work) -> None:
        post: MediaPost = work.case
        post.address, post.posted_at = work.data["address"], work.data.get("posted_at") or work.now
        post.posted_by = work.user.who if work.user else ""
        post.outcome = "已发布"
        work.summary = post.address[:300]
        account = post.account
        if account.last_posted_at is None or post.posted_at > account.last_posted_at:
            MediaAccount.objects.filter(pk=account.pk).update(last_posted_at=post.posted_at)
        if account.state == "silent":
            work.perform(Resume, account)


class CompareForm(ActForm):
    """What the platform shows."""

    shown = common.text_area("平台上现在的文字", rows=8, limit=6000, help_text="从平台上原样复制过来。")


class Compare(Act):
    """核对: what the platform shows against what was approved, word for word."""

    kind, name, label, icon = POST, "compare", "核对文字", "text-search"
    from_states = frozenset({"posted", "recheck"})
    permits = (*MINE, *owner(Role.REVIEWER, Role.SECRECY), *supervisor(Role.OFFICE))
    form_class = CompareForm
    order = 30
    hint = "不一致的，成为主办单位的待办，改正或删除。"

    def apply(self, work: Work) -> None:
        post: MediaPost = work.case
        if screen.plain(post.text) in screen.plain(work.data["shown"]):
            work.summary = "与批准的文字一致"
            return
        work.state = "recheck"
        post.alarm = "平台上的文字与批准的不一致。"
        work.summary = post.alarm
        work.notify(common.staff(post.unit), f"新媒体文字与批准的不一致：{post.title}")


class SourceChanged(Act):
    """原文有变化, by the system: what was drawn from it may be wrong now."""

    kind, name, label, icon = POST, "source_changed", "原文有变化", "file-clock"
    from_states = frozenset({"posted", "recheck"})
    to_state = "recheck"
    system = True
    form_class = ReasonForm

    def apply(self, work: Work) -> None:
        work.case.alarm = work.data["reason"]
        work.summary = work.data["reason"]
        work.notify(common.staff(work.case.unit), f"{work.data['reason']}请处理新媒体上的内容：{work.case.title}")


_CHANGES = {"amended": "原文已经修订。", "withdrawn": "原文已经撤回。", "validity_changed": "原文的有效性有变化。"}


def source_heard(what: str, publication: Publication, row: PublicDocument | None) -> None:
    """Listener of `outward`: posts that were drawn from a document are looked at again when it changes."""
    if what not in _CHANGES:
        return
    for post in MediaPost.objects.filter(document=publication.pk, state__in=("posted", "recheck")):
        perform(SourceChanged, post, None, {"reason": _CHANGES[what]}, consequence=True)


class KeepForm(ActForm):
    """Why it may stand, or what was mended."""

    reason = common.text_area(
        "处理情况", rows=3, limit=300, help_text="例如：已在平台上按新版更正；内容不受影响，保留。"
    )


class Keep(Act):
    """已处理."""

    kind, name, label, icon = POST, "keep", "已更正或不受影响", "check"
    from_states = frozenset({"recheck"})
    to_state = "posted"
    permits = MINE
    form_class = KeepForm
    order = 10

    def blocked(self, case: Any, user: User) -> str:
        withdrawn = case.document_id and case.document is not None and not case.document.is_public
        return "原文已经撤回，请删除新媒体上的内容。" if withdrawn else ""

    def apply(self, work: Work) -> None:
        post: MediaPost = work.case
        post.alarm = ""
        if post.document_id and post.document is not None:
            post.document_version = post.document.version_count
        work.words = work.data["reason"]


class TakeDown(Act):
    """登记删除: it stands on the platform no more."""

    kind, name, label, icon = POST, "take_down", "登记删除", "trash-2"
    from_states = frozenset({"posted", "recheck"})
    to_state = "removed"
    permits = (*MINE, *owner(Role.SECRECY, Role.LEADER), *supervisor(Role.OFFICE))
    form_class = ReasonForm
    danger = True
    order = 70
    hint = "在平台上删除后登记，写明原因。"

    def apply(self, work: Work) -> None:
        work.case.removed_at, work.case.alarm, work.case.outcome = work.now, "", "已删除"
        work.words = work.data["reason"]


class Drop(Act):
    """作废."""

    kind, name, label, icon = POST, "drop", "作废", "trash"
    from_states = EDITABLE
    to_state = "dropped"
    permits = MINE
    form_class = ReasonForm
    danger = True
    order = 90

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
