"""Settings, letter templates, webhooks and background work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import audit, jurisdiction, letters, listing, notifications, people, schedule
from gongkai.core.acts import ActError, acts
from gongkai.core.forms import OneFileField
from gongkai.core.kinds import kinds
from gongkai.core.locks import writing
from gongkai.core.models import Delivery, JurisdictionSetting, LetterTemplate, PeriodicRun, Webhook
from gongkai.core.navigation import shell
from gongkai.workbench.views.guards import system

# --- settings --------------------------------------------------------------------------------------------------------


@system
def jurisdiction_page(request: HttpRequest) -> HttpResponse:
    """本地设置: every declared number with its default and source; each change leaves a trace."""
    errors: dict[str, str] = {}
    typed: dict[str, str] = {}
    if request.method == "POST":
        changed, shown = 0, request.POST.getlist("shown")
        for key in jurisdiction.declared:
            # An unticked box sends nothing: the form says which boxes it showed.
            if key not in request.POST and key not in shown:
                continue
            text = request.POST.get(key, "")
            try:
                before = jurisdiction.value(key)
                changed += jurisdiction.change(key, text, request.user) != before
            except ValueError as problem:
                errors[key], typed[key] = str(problem), text
        if not errors:
            messages.success(request, f"已修改{changed}项设置。" if changed else "没有改动。")
            return redirect("workbench:jurisdiction")
    own = set(JurisdictionSetting.objects.values_list("key", flat=True))
    values = jurisdiction.values()
    groups: dict[str, list[dict[str, Any]]] = {}
    for key, setting in jurisdiction.declared.items():
        groups.setdefault(setting.group, []).append(
            {
                "key": key,
                "identifier": f"setting-{key.replace('.', '-')}",
                "setting": setting,
                "value": typed.get(key, values[key]),
                "yes_no": isinstance(setting.default, bool),
                "number": isinstance(setting.default, int | float),
                "own": key in own and values[key] != setting.default,
                "error": errors.get(key, ""),
            }
        )
    context = shell(request, title="本地设置", sub="与全国规定不同的数字和约定", groups=groups, errors=errors)
    return render(request, "workbench/admin/settings.html", context, status=422 if errors else 200)


# --- letters ---------------------------------------------------------------------------------------------------------


class TemplateForm(forms.Form):
    """A Word file with placeholders."""

    file = OneFileField(
        label="Word 模板", help_text="在下载的模板上改，占位符照原样保留。上传时会试填一份，缺要素就不接收。"
    )


@system
def letters_page(request: HttpRequest) -> HttpResponse:
    """文书模板: every kind of letter, and whether the office uses its own template."""
    own = {row.code: row for row in LetterTemplate.objects.all()}
    groups: dict[str, list[dict[str, Any]]] = {}
    for kind in letters.letter_kinds.values():
        row = {"kind": kind, "label": _label(kind), "own": own.get(kind.code)}
        groups.setdefault(getattr(kind, "group", "") or "其他文书", []).append(row)
    context = shell(request, title="文书模板", groups=sorted(groups.items(), key=lambda item: item[0] == "其他文书"))
    return render(request, "workbench/admin/letters.html", context)


def _label(kind: letters.LetterKind) -> str:
    """The name of a kind in lists: several may share the title that is printed."""
    return getattr(kind, "label", "") or kind.title


def _kind(code: str) -> letters.LetterKind:
    if code not in letters.letter_kinds:
        raise Http404
    return letters.letter_kinds[code]


@system
def letter(request: HttpRequest, code: str) -> HttpResponse:
    """One kind: its placeholders, its template out and in."""
    kind = _kind(code)
    form = TemplateForm(request.POST or None, request.FILES or None)
    own = LetterTemplate.objects.filter(code=code).first()
    if request.method == "POST" and "reset" in request.POST and own:
        with writing():
            own.delete()
            audit.note("letter.template", "恢复自带文书模板", request.user, summary=_label(kind))
        messages.success(request, f"{_label(kind)}已恢复为自带模板。")
        return redirect("workbench:letter-template", code)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            letters.save_template(kind, file.name, file.read(), request.user)
        except ActError as problem:
            form.add_error("file", str(problem))
        except ValidationError as problem:
            form.add_error("file", problem)
        else:
            messages.success(request, f"{_label(kind)}的模板已更换，试填没有问题。")
            return redirect("workbench:letter-template", code)
    crumbs = [{"label": "文书模板", "url": reverse("workbench:letters")}, {"label": _label(kind), "url": ""}]
    context = shell(request, title=_label(kind), kind=kind, own=own, form=form, crumbs=crumbs, fields=[
        {"name": name, "words": words, "required": name in kind.required} for name, words in kind.fields.items()
    ])  # fmt: skip
    return render(request, "workbench/admin/letter.html", context, status=422 if form.errors else 200)


@system
def letter_download(request: HttpRequest, code: str) -> HttpResponse:
    """The template in use, or with ?proof=1 one filled in with the names of its parts."""
    kind = _kind(code)
    data = letters.template_bytes(kind)
    if request.GET.get("proof") == "1":
        words = {name: f"〔{label}〕" for name, label in kind.fields.items()} | {"number": "〔文号〕"}
        return listing.download(letters.render(kind, words, data), f"{_label(kind)}（试填）.docx", "docx")
    return listing.download(data, f"{_label(kind)}（模板）.docx", "docx")


# --- webhooks --------------------------------------------------------------------------------------------------------


class WebhookForm(forms.ModelForm):
    """Another system that is told of acts."""

    acts = forms.MultipleChoiceField(
        label="告诉它哪些办理", required=False, widget=forms.CheckboxSelectMultiple, help_text="一个都不选就是全部。"
    )

    class Meta:
        model = Webhook
        fields = ["name", "address", "secret", "acts", "active"]
        help_texts = {
            "address": "以 http:// 或 https:// 开头。",
            "secret": "对方用它验证签名（X-Gongkai-Signature，HMAC-SHA256）。已自动生成一个。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["acts"].choices = [  # type: ignore[attr-defined]
            (act.key, f"{kinds[act.kind].label}：{act.label}") for act in acts.values() if act.kind in kinds
        ]
        if not self.instance.pk:
            self.fields["secret"].initial = people.new_password() + people.new_password()

    def clean_address(self) -> str:
        """No address inside the own network."""
        address = self.cleaned_data["address"]
        try:
            notifications.check_address(address)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None
        except OSError:
            raise ValidationError("这个地址的域名查不到。请检查有没有写错。") from None
        return address


@system
def webhooks(request: HttpRequest) -> HttpResponse:
    """推送地址, and what has not arrived."""
    context = shell(
        request,
        title="推送地址",
        sub="办理发生后通知其他系统",
        rows=list(Webhook.objects.order_by("id")),
        waiting=Delivery.objects.filter(channel="webhook", state=Delivery.State.WAITING).count(),
        failed=list(Delivery.objects.filter(state=Delivery.State.FAILED).order_by("-id")[:20]),
        buttons=[{"label": "新增推送地址", "url": reverse("workbench:webhook-new"), "icon": "plus", "primary": True}],
    )
    return render(request, "workbench/admin/webhooks.html", context)


@system
def webhook(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One address; deleted with its own button."""
    row = get_object_or_404(Webhook, pk=pk) if pk else None
    if request.method == "POST" and row and "delete" in request.POST:
        with writing():
            audit.note("webhook.delete", "删除推送地址", request.user, summary=f"{row.name} {row.address}")
            row.delete()
        messages.success(request, f"已删除：{row.name}")
        return redirect("workbench:webhooks")
    form = WebhookForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with writing():
            saved = form.save()
            audit.note("webhook.edit", "修改推送地址", request.user, summary=f"{saved.name} {saved.address}")
        messages.success(request, f"已保存：{saved.name}")
        return redirect("workbench:webhooks")
    title = row.name if row else "新增推送地址"
    crumbs = [{"label": "推送地址", "url": reverse("workbench:webhooks")}, {"label": title, "url": ""}]
    context = shell(request, title=title, form=form, row=row, crumbs=crumbs)
    return render(request, "workbench/admin/webhook.html", context, status=422 if form.errors else 200)


# --- background work -------------------------------------------------------------------------------------------------

JOB_WORDS = {
    "anchor-audit": "审计链写入存证日志",
    "areas.updates": "重点领域数据到期待办",
    "attachments.drafts": "清理没有报送的附件",
    "challenge.forget": "清理用过的验证",
    "conversion.topics": "分析申请热点",
    "deliver": "发送邮件和推送",
    "digest": "汇总未读提醒",
    "filing.counts": "推送每日更新数",
    "filing.push": "推送备案公文",
    "importing.resume": "接续中断的历史信息导入",
    "ledger-reading": "接续中断的通知读取",
    "lights": "更新时限标识",
    "masking.resume": "接续中断的遮盖处理",
    "media.silent": "新媒体停更待办",
    "pages": "整理公开页面缓存",
    "privacy.retention": "删除到期的个人信息",
    "publications.check_files": "接续中断的附件检查",
    "publications.release": "定时发布",
    "publications.review_withheld": "不公开信息定期审查提醒",
    "publications.validity": "更新文件有效性",
    "readers.counters": "核对公开信息的计数",
    "readers.digest": "发送邮件订阅",
    "registers.columns": "栏目更新待办",
    "registers.guides": "指南更新待办",
    "remind": "到期提醒和升级",
    "requests-lapse": "登记逾期未补正、未答复、未缴费",
    "requests-remind": "依申请公开提醒",
    "requests.drafts": "清理没有提交的申请",
    "requests.duplicates": "查找相似申请",
    "requests.links": "清理过期的邮件链接",
    "seal-audit": "留痕进入审计链",
    "search-counters": "记录搜索次数",
    "search-reconcile": "核对搜索索引",
    "search-update": "更新搜索索引",
    "sequence-log": "存证日志排序和签名",
    "sessions": "清理过期登录",
    "zones.postings": "定点公开到期待办",
}


@system
def jobs(request: HttpRequest) -> HttpResponse:
    """后台工作: when each job ran last, how long it took, and what went wrong."""
    runs = {run.name: run for run in PeriodicRun.objects.all()}
    late = {run.name for run in schedule.overdue()}
    rows = [
        {
            "label": JOB_WORDS.get(name, name),
            "name": name,
            "run": runs.get(name),
            "late": name in late or name not in runs,
        }
        for name in schedule.jobs
    ]
    context = shell(
        request,
        title="后台工作",
        rows=rows,
        stands=bool(rows) and all(row["late"] for row in rows),
        now=timezone.now(),
        queues=[
            {"label": "待发送", "value": Delivery.objects.filter(state=Delivery.State.WAITING).count()},
            {"label": "未送达", "value": Delivery.objects.filter(state=Delivery.State.FAILED).count()},
        ],
    )
    return render(request, "workbench/admin/jobs.html", context)
