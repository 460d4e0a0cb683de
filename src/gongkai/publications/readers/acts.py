"""Acts on a topic: put together by one person, approved by another, shown, taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from gongkai.core import pages
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, ReasonForm
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, anywhere, owner
from gongkai.publications.acts.common import home_unit, text_area
from gongkai.publications.models import PublicDocument
from gongkai.publications.readers.models import Topic
from gongkai.publications.readers.views import TOPICS

KIND = Topic.KIND
EDITORS = owner(*STAFF, Role.OFFICE)
APPROVERS = owner(Role.REVIEWER, Role.LEADER, Role.OFFICE)
WORKING = frozenset({"draft", "returned"})
MOST_SECTIONS = 20
MOST_DOCUMENTS = 40


class TopicForm(ActForm):
    """What a topic is called, where it stands, what it is about."""

    title = forms.CharField(label="专题名称", max_length=60)
    slug = forms.SlugField(
        label="网址中的名称", max_length=40, help_text="小写字母、数字和连字符，例如 elevator-2026；公开以后不要再改。"
    )
    summary = text_area("导语", rows=3, limit=600, required=False)

    def clean_slug(self) -> str:
        """No two topics under one address."""
        slug = self.cleaned_data["slug"].lower()
        taken = Topic.objects.filter(slug=slug)
        if getattr(self, "case", None) is not None:
            taken = taken.exclude(pk=self.case.pk)
        if taken.exists():
            raise forms.ValidationError("这个名称已经有专题在用。请换一个。")
        return slug

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.case = case


class Write(Act):
    """新建专题."""

    kind, name, label, icon = KIND, "write", "新建专题", "layout-list"
    creates = True
    permits = anywhere(*STAFF, Role.OFFICE)
    form_class = TopicForm
    hint = "建好后逐个添加栏目，写文字、选文件；送审，由另一个人批准后公开。"

    def apply(self, work: Work) -> None:
        data = work.data
        topic = Topic(
            kind=KIND,
            state="draft",
            unit=home_unit(work.user),
            handler=work.user,
            title=data["title"],
            slug=data["slug"],
            summary=data["summary"],
            authors=[work.user.pk] if work.user else [],
        )
        work.open(topic, summary=topic.public_address)


def _wrote(work: Work) -> None:
    topic: Topic = work.case
    if work.user is not None and work.user.pk not in topic.authors:
        topic.authors = [*topic.authors, work.user.pk]


class Edit(Act):
    """修改专题: name, address, introduction."""

    kind, name, label, icon = KIND, "edit", "修改专题", "pencil"
    from_states = WORKING
    permits = EDITORS
    form_class = TopicForm
    order = 30

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {name: getattr(case, name) for name in ("title", "slug", "summary")} if case else {}

    def apply(self, work: Work) -> None:
        topic: Topic = work.case
        if topic.is_public and work.data["slug"] != topic.slug:
            raise ActError("专题已经公开，网址不能再改，否则别人收藏的网址会打不开。")
        for name in ("title", "slug", "summary"):
            setattr(topic, name, work.data[name])
        _wrote(work)


class SectionForm(ActForm):
    """One section: its heading, words, documents, place."""

    heading = forms.CharField(label="栏目标题", max_length=60)
    text = text_area("文字", rows=6, limit=4000, required=False)
    documents = text_area(
        "文件",
        rows=5,
        limit=6000,
        required=False,
        help_text="每行一个，写发文字号、索引号、完整标题或网址都可以；只能选已公开的，按所写的顺序显示。",
    )
    place = forms.IntegerField(label="排第几", min_value=1, max_value=MOST_SECTIONS, required=False)

    def clean_documents(self) -> list[int]:
        """The public documents that are named; every line must be found."""
        lines = [line.strip() for line in self.cleaned_data["documents"].splitlines() if line.strip()]
        if len(lines) > MOST_DOCUMENTS:
            raise forms.ValidationError(f"一个栏目最多{MOST_DOCUMENTS}个文件。请分成几个栏目。")
        found, missing = [], []
        for line in lines:
            pk = find_public(line)
            if pk is None:
                missing.append(line)
            elif pk not in found:
                found.append(pk)
        if missing:
            raise forms.ValidationError(f"没有找到已公开的：{'；'.join(missing[:5])}。请核对写法，或先发布再选。")
        return found

    def clean(self) -> dict[str, Any]:
        """A section has something in it."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("text") and not data.get("documents"):
            self.add_error("text", "写一段文字，或者选几个文件。")
        return data


def find_public(words: str) -> int | None:
    """The public document that a line names: by address, number or exact title."""
    tail = words.rstrip("/").rpartition("/information/")[2] if "/information/" in words else ""
    if tail.isascii() and tail.isdigit():
        rows = PublicDocument.objects.filter(pk=int(tail))
    else:
        rows = PublicDocument.objects.filter(Q(document_number=words) | Q(index_number=words) | Q(title=words))
    return rows.order_by("-published_at").values_list("pk", flat=True).first()


class ChosenForm(ActForm):
    """Which section."""

    section = forms.ChoiceField(label="哪个栏目")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        _offer_sections(self, case)


def _offer_sections(form: forms.Form, case: Any) -> None:
    field: Any = form.fields["section"]
    sections = case.sections if case is not None else []
    field.choices = [(str(at), f"{at + 1}. {one['title']}") for at, one in enumerate(sections)]


class ChangeSectionForm(SectionForm):
    """Which section, and what it becomes."""

    section = forms.ChoiceField(label="哪个栏目")
    field_order = ("section", "heading", "text", "documents", "place")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        _offer_sections(self, case)


class AddSection(Act):
    """添加栏目."""

    kind, name, label, icon = KIND, "add_section", "添加栏目", "plus"
    from_states = WORKING
    permits = EDITORS
    form_class = SectionForm
    order = 5

    def apply(self, work: Work) -> None:
        topic: Topic = work.case
        if len(topic.sections) >= MOST_SECTIONS:
            raise ActError(f"一个专题最多{MOST_SECTIONS}个栏目。")
        _put(topic, _section(work.data), work.data.get("place"))
        _wrote(work)
        work.summary = work.data["heading"]


class ChangeSection(Act):
    """修改栏目; the topic's page opens it with what the section says now (see `staff.section`)."""

    kind, name, label, icon = KIND, "change_section", "修改栏目", "pencil-line"
    from_states = WORKING
    permits = EDITORS
    form_class = ChangeSectionForm
    order = 40
    hide_blocked = True
    hint = "在“专题内容”里点栏目旁边的“修改”，会带出现在的文字和文件。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.sections else "还没有栏目。"

    def apply(self, work: Work) -> None:
        topic: Topic = work.case
        at = int(work.data["section"])
        sections = list(topic.sections)
        sections.pop(at)
        topic.sections = sections
        _put(topic, _section(work.data), work.data.get("place") or at + 1)
        _wrote(work)
        work.summary = work.data["heading"]


class RemoveSection(Act):
    """删去栏目."""

    kind, name, label, icon = KIND, "remove_section", "删去栏目", "trash-2"
    from_states = WORKING
    permits = EDITORS
    form_class = ChosenForm
    order = 60
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.sections else "还没有栏目。"

    def apply(self, work: Work) -> None:
        topic: Topic = work.case
        sections = list(topic.sections)
        gone = sections.pop(int(work.data["section"]))
        topic.sections = sections
        _wrote(work)
        work.summary = gone["title"]


def _section(data: dict[str, Any]) -> dict[str, Any]:
    return {"title": data["heading"], "text": data["text"], "documents": data["documents"]}


def _put(topic: Topic, section: dict[str, Any], place: int | None) -> None:
    at = len(topic.sections) if place is None else min(place - 1, len(topic.sections))
    topic.sections = [*topic.sections[:at], section, *topic.sections[at:]]


class Submit(Act):
    """送审."""

    kind, name, label, icon = KIND, "submit", "送审", "send"
    from_states = WORKING
    to_state = "review"
    permits = EDITORS
    expected = True
    order = 10
    hint = "由审核人、分管负责人或政务公开主管批准；编辑过的人不能自己批准。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.sections else "还没有栏目，先添加栏目。"

    def apply(self, work: Work) -> None:
        people = people_of(work.case.unit, Role.REVIEWER, Role.LEADER, Role.OFFICE)
        work.notify(people, f"专题待批准：{work.case.title}")


class Approve(Act):
    """批准: readers see it from now on."""

    kind, name, label, icon = KIND, "approve", "批准", "check"
    from_states = frozenset({"review"})
    to_state = "published"
    permits = APPROVERS
    expected = True
    order = 10
    hint = "批准后立即公开。"

    def blocked(self, case: Any, user: User) -> str:
        return "你编辑过这个专题，要由另一个人批准。" if user.pk in case.authors else ""

    def apply(self, work: Work) -> None:
        topic: Topic = work.case
        topic.released = {"title": topic.title, "summary": topic.summary, "sections": topic.sections}
        topic.released_at = work.now
        topic.approved_by = work.user.who if work.user else "系统"
        topic.outcome = "已公开"
        topic.authors = []


class Return(Act):
    """退回."""

    kind, name, label, icon = KIND, "return", "退回", "undo-2"
    from_states = frozenset({"review"})
    to_state = "returned"
    permits = APPROVERS
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.notify(people_of(work.case.unit, *STAFF), f"专题被退回：{work.case.title}")


class Revise(Act):
    """改版: work on it while the released one stays."""

    kind, name, label, icon = KIND, "revise", "改版", "file-pen"
    from_states = frozenset({"published", "withdrawn"})
    to_state = "draft"
    permits = EDITORS
    order = 20
    hint = "改好后要重新批准；批准以前，公开的仍是现在这一版。"

    def apply(self, work: Work) -> None:
        work.case.outcome = ""
        work.case.authors = [work.user.pk] if work.user else []


class Withdraw(Act):
    """撤回."""

    kind, name, label, icon = KIND, "withdraw", "撤回", "ban"
    from_states = frozenset({"published", "draft", "returned", "review"})
    to_state = "withdrawn"
    permits = (*EDITORS, *APPROVERS)
    form_class = ReasonForm
    danger = True
    order = 90
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.is_public else "还没有公开。"

    def apply(self, work: Work) -> None:
        topic: Topic = work.case
        topic.released = topic.released_at = None
        topic.outcome = "已撤回"
        work.words = work.data["reason"]


def tags_of(topic: Topic) -> list[str]:
    """Pages that show a topic."""
    return [f"topic:{topic.pk}", TOPICS]


def follow() -> None:
    """Drop them after every act."""
    pages.follow(KIND, tags_of)
