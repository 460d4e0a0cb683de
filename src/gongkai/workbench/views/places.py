"""工作日历: each year as months, official lists taken over, local days; each change says how many due days moved."""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import calendars
from gongkai.core.forms import DayField
from gongkai.core.models import CalendarLayer, CalendarYearRecord
from gongkai.core.navigation import shell
from gongkai.law.workdays import DayKind
from gongkai.workbench.views.guards import system


@system
def calendar(request: HttpRequest) -> HttpResponse:
    """A year with its days off and make-up days."""
    current = calendars.current()
    years = [item.year for item in current.years]
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in years else today.year
    item = current.year(year)
    record = CalendarYearRecord.objects.filter(year=year).first()
    context = shell(
        request,
        title="工作日历",
        sub=item.label,
        year=item,
        record=record,
        workdays=sum(1 for month in range(1, 13) for day in _days(year, month) if current.is_workday(day)),
        tabs=[{"label": f"{y}年", "url": f"?year={y}", "count": None, "current": y == year} for y in years],
        months=[_month(current, year, month, today) for month in range(1, 13)],
        layers=list(CalendarLayer.objects.all()[:50]),
        buttons=[
            {"label": "导入放假安排", "url": reverse("workbench:calendar-import"), "icon": "upload", "primary": True},
            {"label": "登记地方放假", "url": reverse("workbench:calendar-layer"), "icon": "map-pin"},
        ],
    )
    return render(request, "workbench/admin/calendar.html", context)


def _days(year: int, month: int) -> list[dt.date]:
    return [dt.date(year, month, day) for day in range(1, gregorian.monthrange(year, month)[1] + 1)]


def _month(current: Any, year: int, month: int, today: dt.date) -> dict[str, Any]:
    weeks = []
    for week in gregorian.Calendar().monthdatescalendar(year, month):
        cells: list[dict[str, Any] | None] = []
        for day in week:
            if day.month != month:
                cells.append(None)
                continue
            seen = current.day(day)
            named = seen.kind in (DayKind.HOLIDAY, DayKind.MAKEUP, DayKind.OFF)
            name = "班" if seen.kind == DayKind.MAKEUP else seen.label if named else ""
            cells.append(
                {"day": day, "off": not seen.is_workday, "today": day == today, "name": name, "made": name == "班"}
            )
        weeks.append(cells)
    return {"title": f"{month}月", "caption": f"{year}年{month}月", "weeks": weeks}


class ImportForm(forms.Form):
    """The State Council's list of a year."""

    text = forms.CharField(
        label="放假安排",
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="每行一天：日期,放假或上班,名称，例如 2027-01-01,放假,元旦。第一行写 date,kind,name。也可以贴 JSON。",
    )
    document_number = forms.CharField(label="文号", max_length=80, help_text="例如 国办发明电〔2026〕×号。")
    issued_on = DayField(label="发布日期", required=False)


@system
def calendar_import(request: HttpRequest) -> HttpResponse:
    """Take over a year's list; the sanity checks stop a wrong one."""
    form = ImportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            warnings, moved = calendars.import_year(
                values["text"], request.user, document_number=values["document_number"], issued_on=values["issued_on"]
            )
        except ValueError as problem:
            form.add_error("text", str(problem))
        else:
            messages.success(request, f"放假安排已导入，{moved}件在办事项的到期日有变化，已逐件留痕。")
            for warning in warnings:
                messages.warning(request, warning)
            return redirect("workbench:calendar")
    return _form(request, form, "导入放假安排", "导入")


class LayerForm(forms.Form):
    """Local days on top of the national list."""

    reason = forms.CharField(label="原因", max_length=120, help_text="例如：防汛停工。")
    document_number = forms.CharField(label="文号", max_length=80)
    off = forms.CharField(label="放假的日子", required=False, help_text="写成 2026-08-03，几天用逗号或换行隔开。",
                          widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    work = forms.CharField(label="上班的日子", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def _read(self, name: str) -> list[dt.date]:
        text = self.cleaned_data[name].replace("，", ",").replace("、", ",").replace("\n", ",")
        days = []
        for part in (piece.strip() for piece in text.split(",")):
            if not part:
                continue
            try:
                days.append(dt.date.fromisoformat(part))
            except ValueError:
                raise forms.ValidationError(f"“{part}”不是日期。请写成 2026-08-03。") from None
        return days

    def clean_off(self) -> list[dt.date]:
        """Days."""
        return self._read("off")

    def clean_work(self) -> list[dt.date]:
        """Days."""
        return self._read("work")

    def clean(self) -> dict[str, Any]:
        """At least one day, and none on both lists."""
        off, work = set(self.cleaned_data.get("off") or ()), set(self.cleaned_data.get("work") or ())
        if not off and not work and not self.errors:
            raise forms.ValidationError("没有写日子。请至少写一天。")
        if off & work:
            raise forms.ValidationError(f"{min(off & work)}既列为放假又列为上班。请删去其中一项。")
        return self.cleaned_data


@system
def calendar_layer(request: HttpRequest) -> HttpResponse:
    """登记地方放假."""
    form = LayerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        moved = calendars.add_layer(
            values["off"],
            values["work"],
            request.user,
            reason=values["reason"],
            document_number=values["document_number"],
        )
        messages.success(request, f"已登记，{moved}件在办事项的到期日有变化，已逐件留痕。")
        return redirect("workbench:calendar")
    return _form(request, form, "登记地方放假", "登记")


def _form(request: HttpRequest, form: forms.Form, title: str, submit: str) -> HttpResponse:
    crumbs = [{"label": "工作日历", "url": reverse("workbench:calendar")}, {"label": title, "url": ""}]
    notice = {"tone": "info", "title": "", "words": "保存后，所有在办事项的到期日会重新推算，变化的逐件留痕。"}
    context = shell(request, title=title, form=form, submit=submit, crumbs=crumbs, notice=notice,
                    cancel_url=reverse("workbench:calendar"))  # fmt: skip
    return render(request, "workbench/form.html", context, status=422 if form.errors else 200)
