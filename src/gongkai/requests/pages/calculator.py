"""几号收到，最晚几号答复: the count for anybody, with pause, restart and extension, shown day by day.

It asks the same functions as the clocks of real requests. Days are no secret, so the form goes by address and can be sent
on as a link.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gongkai.core import calendars
from gongkai.core.forms import DayField, DayInput
from gongkai.law import clock as law_clock
from gongkai.law.requests.history import NATIONAL
from gongkai.law.workdays import UnknownYearError, chinese_date
from gongkai.requests import fees
from gongkai.requests.pages import days
from gongkai.requests.pages.shell import crumbs, shell

EARLIEST = dt.date(2019, 5, 15)
BASIS = "《政府信息公开条例》第三十三条：自收到申请之日起20个工作日内答复；需要延长的，经同意最多延长20个工作日；征求第三方和其他机关意见所需时间不计算在内。"


def _day(label: str, required: bool = False, help_text: str = "") -> DayField:
    return DayField(
        label=label,
        required=required,
        help_text=help_text,
        widget=DayInput(attrs={"class": "w-10"}),
        error_messages={
            "required": "还没有填日期。请填收到申请的日期。",
            "invalid": "日期写得不对。请写成2026年6月3日，或者2026-06-03。",
        },
    )


class CalculatorForm(forms.Form):
    """The days that matter."""

    received = _day("单位收到申请的日期", True, "网上提交，是提交当天；邮寄，是单位签收当天；当面，是交到当天。")
    restarted = _day("收到补正，或者缴清费用的日期", False, "有过补正或者缴费的才填：从这一天重新计算。")
    sent = _day("发出征求意见函的日期", False, "征求过第三方或者其他机关意见的才填。")
    back = _day("收到回函的日期", False, "还没有回函的先空着，按今天收到推算。")
    extension = forms.IntegerField(
        label="批准延长几个工作日",
        required=False,
        min_value=0,
        max_value=NATIONAL.extension_limit,
        widget=forms.NumberInput(attrs={"class": "w-4", "min": 0, "max": NATIONAL.extension_limit}),
        error_messages={
            "max_value": f"最多延长{NATIONAL.extension_limit}个工作日。",
            "min_value": "延长的工作日不能是负数。",
            "invalid": "请填整数。",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not fees.restarts():
            # A payment ends a pause there; only a supplement begins the count anew.
            field = self.fields["restarted"]
            field.label, field.help_text = "收到补正的日期", "有过补正的才填：从这一天重新计算。"

    def clean(self) -> dict[str, Any]:
        """The days follow one another."""
        data = super().clean() or self.cleaned_data
        received, restarted = data.get("received"), data.get("restarted")
        start = restarted or received
        if received and received < EARLIEST:
            self.add_error("received", "现行条例从2019年5月15日起施行。请填这一天以后的日期。")
        if received and restarted and restarted < received:
            self.add_error("restarted", "不能早于收到申请的日期。请核对。")
        if data.get("back") and not data.get("sent"):
            self.add_error("sent", "填了收到回函的日期，还要填发函的日期。")
        if start and data.get("sent") and data["sent"] < start:
            self.add_error("sent", "不能早于起算的日期。请核对。")
        if data.get("sent") and data.get("back") and data["back"] < data["sent"]:
            self.add_error("back", "不能早于发函的日期。请核对。")
        return data


def calculate(data: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """The derivation and the other last days of a clean form. Raises UnknownYearError."""
    calendar = calendars.current()
    start = data.get("restarted") or data["received"]
    again = "收到补正或者缴费" if fees.restarts() else "收到补正"
    trigger = again if data.get("restarted") else "收到申请"
    rule = law_clock.Rule("workday", NATIONAL.reply, trigger=trigger)
    pauses = []
    if data.get("sent"):
        end = data.get("back") or max(data["sent"], timezone.localdate(now))
        pauses.append(law_clock.Pause(law_clock.midnight(data["sent"]), law_clock.midnight(end), "征求意见"))
    extensions = []
    if data.get("extension"):
        extensions.append(law_clock.Extension(data["extension"]))
    begin = law_clock.midnight(start)
    found = law_clock.derive(rule, begin, calendar, pauses, extensions, now)
    others = [
        ("通知补正", calendar.add_workdays(data["received"], NATIONAL.supplement_notice), "收到申请后7个工作日内")
    ]
    if not extensions:
        longest = law_clock.derive(
            rule, begin, calendar, pauses, [law_clock.Extension(NATIONAL.extension_limit)], now
        ).due_on
        others.append(("如果再延长20个工作日", longest, "须经批准，并书面告知申请人"))
    return {"derivation": found, "others": others, "assumed": bool(data.get("sent") and not data.get("back"))}


@require_safe
def calculator(request: HttpRequest) -> HttpResponse:
    """The form and the count."""
    asked = bool(request.GET.get("received", ""))
    form = CalculatorForm(request.GET if request.GET else None, initial={"received": timezone.localdate()})
    now = timezone.now()
    context: dict[str, Any] = {}
    if request.GET and form.is_valid():
        try:
            context = calculate(form.cleaned_data, now)
        except UnknownYearError as problem:
            form.add_error(None, str(problem))
        else:
            found = context["derivation"]
            # Today is marked only where the count has reached it.
            today = timezone.localdate(now) if found.start.date() <= timezone.localdate(now) else None
            context |= {
                "weeks": days.weeks(found, today),
                "told": days.told(found),
                "due": chinese_date(found.due_on) if found.due_on else "",
            }
    frame = shell(request, crumbs=crumbs(("推算答复日期", "")), form=form, asked=asked, basis=BASIS, **context)
    response = render(request, "requests/public/calculator.html", frame)
    response["Cache-Control"] = "no-cache"
    return response
