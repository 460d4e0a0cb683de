"""Acts of an import: uploaded, read, sent up, approved, carried out, undone; and what it does to documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Max
from django.utils import timezone

from gongkai.core import attachments
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, FilesField, ReasonForm, UnitField
from gongkai.core.models import Attachment, User
from gongkai.core.roles import STAFF, Role, anywhere, owner, supervisor
from gongkai.publications import body, content, screen
from gongkai.publications.acts import common, release
from gongkai.publications.importing import bulk, running
from gongkai.publications.importing.models import Import, ImportRow, Origin
from gongkai.publications.models import CatalogColumn, Publication, ScreeningHit

KIND = Import.KIND
IMPORTERS = (*STAFF, Role.OFFICE)
OWN = owner(*IMPORTERS)
APPROVERS = (*owner(Role.LEADER, Role.OFFICE), *supervisor(Role.LEADER, Role.OFFICE))
MOST_OVERRULED = 200


class UploadForm(ActForm):
    """The files, where they come from, and what is meant where they say nothing."""

    source_system = forms.CharField(
        label="来自哪个网站",
        max_length=40,
        help_text="例如“旧门户网站”。以后从同一网站再次导入，写同一个名字，才能认出已导入的。",
    )
    files = FilesField(
        label="文件",
        required=False,
        help_text="表格（.xlsx、.csv）和装有附件的压缩包（.zip），或者另存的网页（.html、.txt，多的打成压缩包）。",
    )  # type: ignore[assignment]
    fallback_unit = UnitField(label="没有写明单位的", required=False, empty_label="不导入")
    fallback_column = forms.ModelChoiceField(
        label="没有写明栏目的放到", queryset=CatalogColumn.objects.none(), required=False, empty_label="不放入栏目"
    )
    missing_attribute = forms.ChoiceField(
        label="没有公开属性的",
        choices=Import.Missing.choices,
        initial=Import.Missing.PROACTIVE,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was uploaded before, with a form that had errors or from the terminal, need not be uploaded again.
        self.fields["files"].required = not self.data.get("kept")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        column: Any = self.fields["fallback_column"]
        column.queryset = CatalogColumn.objects.filter(active=True)

    def clean_source_system(self) -> str:
        """One name, without blanks around."""
        return " ".join(self.cleaned_data["source_system"].split())


class Upload(Act):
    """上传历史信息: the files are kept and read in the background."""

    kind, name, label, icon = KIND, "upload", "上传历史信息", "upload"
    creates = True
    permits = anywhere(*IMPORTERS)
    form_class = UploadForm
    hint = "先预检，什么都不会公开；核对预检结果后送审，批准后才导入。"

    def apply(self, work: Work) -> None:
        data = work.data
        unit = common.home_unit(work.user)
        kept = [*data.get("kept", []), *(attachments.store(file, user=work.user) for file in data.get("files") or [])]
        open_run(work, unit, kept)


def open_run(work: Work, unit: Any, files: list[Attachment]) -> Import:
    """A new import with its uploads; reading begins when the act is through. Raises ActError without files."""
    if not files:
        raise ActError("还没有选择文件。请选择表格、网页或压缩包后再提交。")
    data = work.data
    run = Import(
        kind=KIND,
        state="reading",
        unit=unit,
        supervisor=common.supervising(unit),
        handler=work.user,
        series="import",
        title=f"{data['source_system']}历史信息，{timezone.localdate(work.now):%Y年%-m月%-d日}",
        source_system=data["source_system"],
        fallback_unit=data.get("fallback_unit"),
        fallback_column=data.get("fallback_column"),
        missing_attribute=data.get("missing_attribute") or Import.Missing.PROACTIVE,
        progress="等待读取",
        beat=work.now,
    )
    names = "、".join(file.name for file in files[:3])
    # Thousands of uploads are told by their number; each is an attachment of the event.
    work.data = {**{name: value for name, value in data.items() if name not in ("files", "kept")}, "files": len(files)}
    work.open(run, summary=names[:300] if len(files) <= 3 else f"{names}等{len(files)}个文件"[:300])
    work.attachments.extend(files)
    running.start_later(running.read_files, run.pk)
    return run


class Read(Act):
    """预检完成."""

    kind, name, label, icon = KIND, "read", "预检", "list-checks"
    from_states = frozenset({"reading"})
    to_state = "checked"
    system = True

    def form(self, case: Any, user: User | None, data: Any = None, files: Any = None, **kwargs: Any) -> forms.Form:
        """Remarks of the reading, taken as they are."""
        return _Plain(data or {})

    def apply(self, work: Work) -> None:
        run: Import = work.case
        run.counts = running.counts_of(run)
        run.notes = list(work.data.get("notes") or [])[:50]
        run.failure = run.progress = ""
        work.summary = outcome_words(run.counts)
        if run.handler:
            work.notify([run.handler], f"预检完成：{run.title}，{work.summary}"[:200])


def outcome_words(counts: dict[str, int]) -> str:
    """新增120条，更新3条，没有变化5条，不能导入2条."""
    return "，".join(f"{label}{counts.get(code, 0):,}条" for code, label in ImportRow.Outcome.choices)


class _Plain(forms.Form):
    """What the background hands over."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__({})
        self.cleaned_data = values

    def is_valid(self) -> bool:
        return True


class Failed(Act):
    """没有读成."""

    kind, name, label, icon = KIND, "failed", "没有读成", "file-x-corner"
    from_states = frozenset({"reading"})
    to_state = "failed"
    system = True
    form_class = ReasonForm

    def apply(self, work: Work) -> None:
        work.case.failure = work.words = work.data["reason"]
        work.case.progress = ""
        if work.case.handler:
            work.notify([work.case.handler], f"没有读成：{work.case.title}")


class AgainForm(ActForm):
    """Further or corrected files."""

    files = FilesField(label="换用的文件", required=False, help_text="不选就重新读取原来的文件；选了就只读新选的。")  # type: ignore[assignment]


class Again(Act):
    """重新读取: after names were registered or files mended."""

    kind, name, label, icon = KIND, "again", "重新读取", "refresh-cw"
    from_states = frozenset({"failed", "checked"})
    to_state = "reading"
    permits = OWN
    form_class = AgainForm
    order = 30
    hint = "登记了单位别名，或改好了文件，就重新预检一次。"

    def apply(self, work: Work) -> None:
        run: Import = work.case
        files = [
            *(work.data.get("kept") or []),
            *(attachments.store(file, user=work.user) for file in work.data.get("files") or []),
        ]
        if files:
            run.attachments.update(remark=running.PUT_ASIDE)
            work.attachments.extend(files)
        run.counts, run.notes, run.failure = {}, [], ""
        run.progress, run.beat, run.worker = "等待读取", work.now, ""
        running.start_later(running.read_files, run.pk)


class Submit(Act):
    """送审."""

    kind, name, label, icon = KIND, "submit", "送审", "send"
    from_states = frozenset({"checked"})
    to_state = "review"
    permits = OWN
    expected = True
    order = 10
    hint = "由本单位负责人或政务公开主管批准。自己送审的不能自己批准。"

    def blocked(self, case: Any, user: User) -> str:
        known = case.known
        return "" if known["ready"] + known["blocked"] else "没有可以导入的信息。请看预检结果，改好文件后重新读取。"

    def apply(self, work: Work) -> None:
        run: Import = work.case
        run.submitted_by = work.user.pk if work.user else None
        work.summary = outcome_words(run.counts)


class Return(Act):
    """退回."""

    kind, name, label, icon = KIND, "return", "退回", "undo-2"
    from_states = frozenset({"review"})
    to_state = "checked"
    permits = APPROVERS
    form_class = ReasonForm
    order = 40

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        if work.case.handler:
            work.notify([work.case.handler], f"导入被退回：{work.case.title}")


class ApproveForm(ActForm):
    """Which documents that screening holds back may go out as they are, and why."""

    overruled = forms.ModelMultipleChoiceField(
        label="认定可以公开，一并导入",
        queryset=ImportRow.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="检查发现了个人信息等内容。没有勾选的不导入。",
    )
    reason = common.text_area("认定的理由", rows=3, limit=300, required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is None:
            return
        field: Any = self.fields["overruled"]
        rows = ImportRow.objects.filter(run=case.pk, blocked=True, outcome__in=ImportRow.TAKEN)
        first = list(rows.values_list("pk", flat=True)[:MOST_OVERRULED])
        if not first:
            del self.fields["overruled"], self.fields["reason"]
            return
        field.queryset = rows.filter(pk__in=first).defer("body", "files", "values")
        field.label_from_instance = _held_words

    def clean(self) -> dict[str, Any]:
        """Whoever overrules a finding says why."""
        data = super().clean() or self.cleaned_data
        if data.get("overruled") and not (data.get("reason") or "").strip():
            self.add_error("reason", "请写明为什么可以公开。")
        return data


def _held_words(row: ImportRow) -> str:
    found = [f"{hit['place']}{hit['label']}“{hit['found'][:40]}”" for hit in row.hits if hit["blocking"]]
    more = f"等{len(found)}处" if len(found) > 3 else ""
    return f"{row.title}（{'、'.join(found[:3])}{more}）"


class Approve(Act):
    """批准导入: what authorises documents that were public already to be public here."""

    kind, name, label, icon = KIND, "approve", "批准导入", "stamp"
    from_states = frozenset({"review"})
    to_state = "running"
    permits = APPROVERS
    form_class = ApproveForm
    expected = True
    order = 5
    hint = "立即分批导入并公开，以后可以撤销。"

    def describe(self, case: Any, user: User) -> str:
        return f"立即分批导入{case.known['ready']:,}条并公开，不主动公开的归档；以后可以撤销。"

    def blocked(self, case: Any, user: User) -> str:
        if user.pk in (case.handler_id, case.submitted_by):
            return "导入和批准要由两个人办理，请由其他负责人批准。"
        return ""

    def apply(self, work: Work) -> None:
        run: Import = work.case
        chosen = [row.pk for row in work.data.get("overruled") or []]
        ImportRow.objects.filter(pk__in=chosen).update(overruled=True)
        run.approver = work.user.pk if work.user else None
        run.approved_by = work.user.who[:120] if work.user else "系统"
        run.approved_at = work.now
        total = running.takeable(run.pk).count()
        if not total:
            raise ActError("没有可以导入的信息：都没有变化，或者有须处理的发现而没有勾选。")
        run.results = {"total": total, "overrule_reason": (work.data.get("reason") or "").strip()}
        run.progress, run.beat, run.worker = "等待导入", work.now, ""
        work.words = run.results["overrule_reason"]
        work.summary = f"批准导入{total:,}条" + (f"，其中{len(chosen)}条认定可以公开" if chosen else "")
        work.data = {"overruled": chosen}
        running.start_later(running.carry_out, run.pk)


class Carried(Act):
    """导入完成."""

    kind, name, label, icon = KIND, "carried", "导入完成", "package-check"
    from_states = frozenset({"running"})
    to_state = "done"
    system = True

    def apply(self, work: Work) -> None:
        run: Import = work.case
        rows = ImportRow.objects.filter(run=run.pk)
        rows.filter(state="", outcome__in=ImportRow.TAKEN).update(
            state=ImportRow.State.SKIPPED, result="有须处理的发现，批准时没有认定可以公开。"
        )
        done = rows.filter(state=ImportRow.State.DONE)
        run.results = {
            **run.results,
            "new": done.filter(outcome=ImportRow.Outcome.NEW).count(),
            "changed": done.filter(outcome=ImportRow.Outcome.CHANGED).count(),
            "skipped": rows.filter(state=ImportRow.State.SKIPPED).count(),
        }
        # What was taken over stands in the publications; the rows stay slim.
        done.update(body="", files=[])
        run.progress, run.outcome = "", "已导入"
        work.summary = (
            f"新增{run.results['new']:,}条，更新{run.results['changed']:,}条，未导入{run.results['skipped']:,}条"
        )
        if run.handler:
            work.notify([run.handler], f"导入完成：{run.title}，{work.summary}"[:200])


class UndoForm(ActForm):
    """Why; the public reads it where the documents stood."""

    reason = common.text_area(
        "撤销原因", rows=3, limit=300, help_text="原因会显示在各条信息原来的网址上，不要写不宜公开的内容。"
    )


class Undo(Act):
    """撤销导入: everything that this import brought is withdrawn, what it updated gets back its version before."""

    kind, name, label, icon = KIND, "undo", "撤销导入", "undo-dot"
    from_states = frozenset({"done"})
    to_state = "undoing"
    permits = APPROVERS
    form_class = UndoForm
    danger = True
    hide_blocked = True
    order = 90
    hint = "这次新增的信息全部撤回，原网址只留撤回说明；更新过的恢复成导入前的内容，作为新的一版。后来又改过的不动，并说明原因。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["carried"] else "这次没有导入信息，不用撤销。"

    def apply(self, work: Work) -> None:
        run: Import = work.case
        run.undo_reason = work.words = work.data["reason"]
        run.undone_by = work.user.pk if work.user else None
        run.progress, run.beat, run.worker = "等待撤回", work.now, ""
        running.start_later(running.undo, run.pk)


class Undone(Act):
    """撤销完成."""

    kind, name, label, icon = KIND, "undone", "撤销完成", "archive-x"
    from_states = frozenset({"undoing"})
    to_state = "undone"
    system = True

    def apply(self, work: Work) -> None:
        run: Import = work.case
        undone = ImportRow.objects.filter(run=run.pk, state=ImportRow.State.UNDONE)
        withdrawn = undone.filter(outcome=ImportRow.Outcome.NEW).count()
        restored = undone.filter(outcome=ImportRow.Outcome.CHANGED).count()
        left = ImportRow.objects.filter(run=run.pk, state=ImportRow.State.KEPT).count()
        run.results = {**run.results, "withdrawn": withdrawn, "restored": restored, "left": left}
        run.progress, run.outcome = "", "已撤销"
        work.summary = f"撤回{withdrawn:,}条，恢复{restored:,}条，没有变动{left:,}条"


class Drop(Act):
    """作废."""

    kind, name, label, icon = KIND, "drop", "作废", "trash-2"
    from_states = frozenset({"failed", "checked"})
    to_state = "dropped"
    permits = OWN
    form_class = ReasonForm
    danger = True
    order = 80
    hint = "还没有导入任何信息，作废后不再显示。"

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        ImportRow.objects.filter(run=work.case.pk).delete()


# --- what an import does to documents -----------------------------------------------------------------------------------


class Imported(Act):
    """历史信息导入: how the first event of an imported document is called; `bulk.write_new` writes it."""

    kind, name, label, icon = Publication.KIND, "import", "历史信息导入", "import"
    creates = True
    system = True

    def apply(self, work: Work) -> None:
        raise ActError("历史信息由导入批量写入。请用“历史信息导入”。")


class ImportChange(Act):
    """导入更新: what the old site says anew becomes the next version."""

    kind, name, label, icon = Publication.KIND, "import_change", "导入更新", "file-down"
    from_states = frozenset({"published", "filed", "withdrawn", "dropped"})
    system = True

    def form(self, case: Any, user: User | None, data: Any = None, files: Any = None, **kwargs: Any) -> forms.Form:
        """The run and the row."""
        return _Plain(data or {})

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        run, row = work.data["run"], work.data["row"]
        number = case.index_number
        before = case.published_at
        bulk.fill(case, row)
        case.index_number = case.index_number or number
        case.column_id = row.values.get("column") or case.column_id
        case.published_at = case.published_at or before
        files = _replace_files(work, case, run, row)
        case.hits.all().delete()
        ScreeningHit.objects.bulk_create(bulk.hits_of(case, row, files, run))
        case.body = body.sanitise(case.body) if case.body else ""
        content.refresh(case)
        case.withdrawn_at = None
        work.data = bulk.event_data(run, row, case)
        if case.attribute == "proactive":
            case.approved_digest = case.content_digest
            case.approved_by, case.approved_at = run.approved_by, run.approved_at
            case.review_on = None
            case.amendment = "按原网站更新"
            version = release.make_public(work, case)
            work.state = "published"
            work.summary = f"第{version.number}版"
        else:
            case.review_on = bulk.review_day(row, work.now)
            case.outcome = case.get_attribute_display()
            work.state = "filed"
            work.summary = case.outcome
        Origin.objects.filter(pk=case.pk).update(digest=row.digest, run=run.pk, undone=False)


def _replace_files(work: Work, case: Publication, run: Import, row: ImportRow) -> list[Any]:
    case.files.all().delete()
    last = case.files.aggregate(last=Max("ordinal"))["last"] or 0
    made = []
    for ordinal, file in enumerate(row.files, last + 1):
        original = Attachment.objects.create(
            case_id=case.pk,
            digest=file["original"],
            name=file["name"],
            size=file["original_size"],
            content_type=file["content_type"],
            uploaded_by_id=run.handler_id,
        )
        work.attachments.append(original)
        kept = bulk.working_file(case, file, original, ordinal)
        kept.save()
        made.append(kept)
    return made


class ImportUndone(Act):
    """撤销导入: a filed document of an import that was undone."""

    kind, name, label, icon = Publication.KIND, "import_undone", "撤销导入", "archive-x"
    from_states = frozenset({"filed"})
    to_state = "dropped"
    system = True

    def form(self, case: Any, user: User | None, data: Any = None, files: Any = None, **kwargs: Any) -> forms.Form:
        """The run."""
        return _Plain(data or {})

    def apply(self, work: Work) -> None:
        run = work.data["run"]
        work.data = {"import": run.number}
        work.words = run.undo_reason
        work.case.outcome = "已撤销"


class ImportRestored(Act):
    """撤销导入，恢复原内容: what an import updated gets the words and files it had before, as its next version."""

    kind, name, label, icon = Publication.KIND, "import_restored", "撤销导入更新", "archive-restore"
    from_states = frozenset({"published"})
    system = True

    def form(self, case: Any, user: User | None, data: Any = None, files: Any = None, **kwargs: Any) -> forms.Form:
        """The run."""
        return _Plain(data or {})

    def apply(self, work: Work) -> None:
        case, run = work.case, work.data["run"]
        brought = case.events.filter(act="publication.import_change").order_by("-sequence").first()
        number = f"第{case.version_count}版"
        if brought is None or brought.data.get("import") != run.number or brought.summary != number:
            raise ActError("导入之后又修订过，没有变动。")
        before = case.versions.filter(number=case.version_count - 1).first()
        if before is None or brought.state_before != "published":
            raise ActError("导入之前没有公开的版本，没有变动。需要时请撤回或修订。")
        release.take_back_version(case, before)
        screen.refresh(case)
        case.approved_digest, case.approved_at = case.content_digest, work.now
        case.approved_by = work.user.who if work.user else run.approved_by
        case.amendment = f"撤销导入，恢复第{before.number}版"
        version = release.make_public(work, case)
        work.data = {"import": run.number}
        work.words = run.undo_reason
        work.summary = f"第{version.number}版，与第{before.number}版相同"
