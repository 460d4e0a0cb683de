"""同义词 and 搜索统计: what administrators set about searching, and what people look for."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.navigation import shell
from gongkai.core.roles import Role
from gongkai.core.search import statistics
from gongkai.core.search import synonyms as table
from gongkai.core.search.models import Synonym
from gongkai.core.search.text import fold
from gongkai.workbench.views.guards import requires, system

SIZE = 100
LONGEST_WORD = 40
MOST_WORDS = 12
PERIODS = {7: "近7天", 30: "近30天", 90: "近90天", 365: "近一年"}

seeing = requires(Role.SYSTEM_ADMIN, Role.OFFICE, Role.AUDITOR)


class SynonymForm(forms.Form):
    """One group of words that mean the same."""

    words = forms.CharField(
        label="意思相同的词",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="用顿号或换行隔开，例如：低保、最低生活保障。搜其中一个，也会找到其他几个，页面上会告诉读者。",
    )
    active = forms.BooleanField(label="使用", required=False, initial=True)

    def clean_words(self) -> list[str]:
        """The words, each once."""
        listed = [word.strip() for word in re.split(r"[、\n\r;；,，]+", self.cleaned_data["words"]) if word.strip()]
        words = list({fold(word): word for word in listed}.values())
        if len(words) < 2:
            raise forms.ValidationError("至少写两个不同的词。")
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(f"一组最多{MOST_WORDS}个词，请分成几组。")
        for word in words:
            if not 2 <= len(word) <= LONGEST_WORD:
                raise forms.ValidationError(f"“{word[:LONGEST_WORD]}”的长度要在2到{LONGEST_WORD}个字之间。")
        return words


@system
def synonyms(request: HttpRequest) -> HttpResponse:
    """All groups, page by page."""
    words = request.GET.get("q", "").strip()[:LONGEST_WORD]
    after = request.GET.get("after", "")
    rows = Synonym.objects.order_by("id")
    if words:
        rows = rows.filter(pk__in=[row.pk for row in rows if any(words in word for word in row.words)])
    if after.isascii() and after.isdigit() and len(after) < 10:
        rows = rows.filter(pk__gt=int(after))
    listed = list(rows[: SIZE + 1])
    more = {"q": words, "after": listed[SIZE - 1].pk} if len(listed) > SIZE else {}
    context = shell(
        request,
        title="同义词",
        sub="搜其中一个词，也会找到同组的其他词。单位的别名和曾用名在“单位”里登记，搜索时自动使用。",
        rows=listed[:SIZE],
        words=words,
        next_url=f"?{urlencode(more)}" if more else "",
        buttons=[
            {"label": "新增一组", "url": reverse("workbench-search:synonym-new"), "icon": "plus", "primary": True}
        ],
    )
    return render(request, "workbench/admin/synonyms.html", context)


@system
def synonym(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One group."""
    row = get_object_or_404(Synonym, pk=pk) if pk else Synonym()
    initial = {"words": "、".join(row.words), "active": row.active} if pk else {"active": True}
    form = SynonymForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        before = str(row)
        with writing():
            row.words, row.active = form.cleaned_data["words"], form.cleaned_data["active"]
            row.save()
            audit.note(
                "search.synonyms",
                "修改同义词" if pk else "新增同义词",
                request.user,
                summary=str(row)[:300],
                data={"synonym": row.pk, "before": before, "active": row.active},
            )
        table.forget()
        messages.success(request, f"已保存：{row}。下一次搜索就会用上。")
        return redirect("workbench-search:synonyms")
    title = "修改同义词" if pk else "新增同义词"
    context = shell(
        request,
        title=title,
        form=form,
        submit="保存",
        cancel_url=reverse("workbench-search:synonyms"),
        crumbs=[{"label": "同义词", "url": reverse("workbench-search:synonyms")}, {"label": title, "url": ""}],
        current="workbench-search:synonyms",
    )
    return render(request, "workbench/form.html", context, status=422 if form.errors else 200)


@seeing
def statistics_page(request: HttpRequest) -> HttpResponse:
    """What people search most, and what they do not find."""
    asked = request.GET.get("days", "30")
    days = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 and int(asked) in PERIODS else 30
    since = timezone.localdate() - dt.timedelta(days=days - 1)
    by_day = list(statistics.days(since))
    total, empty = sum(number for _, number, _ in by_day), sum(none for _, _, none in by_day)
    tiles: list[dict[str, Any]] = [
        {"label": "搜索次数", "value": total, "url": "#top"},
        {"label": "一条也没找到", "value": empty, "url": "#nothing"},
        {"label": "无结果比例", "value": f"{100 * empty / total:.1f}%" if total else "暂无", "url": "#nothing"},
    ]
    context = shell(
        request,
        title="搜索统计",
        sub="只记搜了什么、找没找到，不记是谁。像身份证号、电话的内容不记。搜得多又找不到的，就是该补的公开信息。",
        tiles=tiles,
        top=statistics.top(since, limit=30),
        nothing=statistics.top(since, empty=True, limit=30),
        periods=[{"label": label, "days": number, "current": number == days} for number, label in PERIODS.items()],
    )
    return render(request, "workbench/admin/search_statistics.html", context)
