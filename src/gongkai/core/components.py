"""The living page of components: every part of the look in every state, with invented words. Demo and debug only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gongkai.core import charts
from gongkai.core.icons import STAFF_WORDS

LONG_UNIT = "云溪区人民政府政务服务和大数据管理局政务公开与便民服务科"
LONG_TITLE = (
    "关于印发《云溪区人民政府办公室关于进一步做好重点领域政府信息主动公开和政策文件集中规范公开工作的实施方案》"
    "并做好社区宣传栏、政务公开专区同步张贴和线上线下查询服务的通知"
)
MARKS = {"ok": 6, "soon": 18, "late": 20, "paused": 9, "wait": 0, "done": 20, "donelate": 20}


class Sample(forms.Form):
    """Every kind of field."""

    unit = forms.ChoiceField(
        label="承办单位",
        choices=[("1", "区卫生健康委"), ("2", LONG_UNIT)],
        widget=forms.Select(attrs={"class": "w-20"}),
    )
    due = forms.DateField(
        label="新的到期日",
        required=False,
        help_text="例如2026年12月10日，最多延长20个工作日",
        widget=forms.DateInput(attrs={"class": "w-10"}),
    )
    words = forms.CharField(
        label="延期理由",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "还没有写理由。请写明为什么不能按期办结。"},
        help_text="会随台账公开，不要写个人信息。",
    )
    share = forms.IntegerField(
        label="完成比例（%）", required=False, widget=forms.TextInput(attrs={"class": "w-4", "inputmode": "numeric"})
    )
    public = forms.ChoiceField(
        label="是否随台账公开",
        choices=[("y", "公开"), ("n", "暂不公开，并说明理由")],
        widget=forms.RadioSelect,
        initial="y",
    )
    parts = forms.MultipleChoiceField(
        label="同步渠道",
        required=False,
        choices=[("a", "门户网站"), ("b", "社区宣传栏")],
        widget=forms.CheckboxSelectMultiple,
    )
    told = forms.BooleanField(label="同时书面告知申请人", required=False, initial=True)
    file = forms.FileField(label="佐证", required=False, help_text="支持Word、Excel、PDF、图片，单个不超过50 MB")


def _ruler(total: int, used: int, stopped: int = 0) -> dict[str, int]:
    return {"total": total, "used": used, "stopped": stopped}


def _row(
    identifier: int, title: str, light: str, words: str, date_words: str, ruler: dict[str, int] | None, **more: Any
) -> dict[str, Any]:
    row = {
        "id": identifier,
        "title": title,
        "url": "#",
        "meta": ["工作要点第7条", "责任单位", "每月22日前报送"],
        "ask": "报送进展",
        "light": light,
        "face": {"words": words, "date_words": date_words, "ruler": ruler},
        "act": {"label": "报送进展", "url": "#", "dialog": False},
    }
    return {**row, **more}


def _groups() -> list[dict[str, Any]]:
    late = [
        _row(1, "申请公开“清平路社区卫生服务站改造验收材料”", "late", "超期1个工作日", "11月20日", _ruler(20, 20)),
        _row(2, LONG_TITLE, "late", "超期12个工作日", "11月5日", _ruler(60, 60), meta=["信息发布", LONG_UNIT]),
    ]
    soon = [
        _row(
            3,
            "图解、短视频等形式占全年解读的比例不低于60%",
            "soon",
            "还剩2个工作日",
            "11月24日",
            _ruler(22, 20),
            selected=True,
        ),
        _row(4, "居民询问：云栖路接种门诊周六上午是否开放", "soon", "今天17:30", "11月22日", _ruler(5, 5)),
    ]
    later = [
        _row(5, "申请公开“区中心医院二期设备采购合同”", "paused", "已停5个工作日", "第11日", _ruler(20, 11, 3)),
        _row(6, "老年人健康体检服务点位与时间表按季公布", "ok", "还剩22个工作日", "12月22日", _ruler(62, 41)),
        _row(7, "社区医院挂牌公告发布后10个工作日内公布服务项目", "wait", "等待启动", "尚未计时", None),
    ]
    return [
        {"light": "late", "title": "已超期", "count": 2, "note": "已向分管负责人发送提醒", "rows": late},
        {"light": "soon", "title": "三个工作日内", "count": 2, "rows": soon},
        {"light": "ok", "title": "以后", "count": 1286, "note": "显示前3件", "rows": later},
    ]


def _head() -> dict[str, Any]:
    why = {
        "basis": "台账管理办法第九条：收到催办后5个工作日内书面说明；核对口径期间不计时。",
        "rows": [
            {"title": "11月11日 星期三，收到催办", "count": "当日不计"},
            {"title": "11月12日、13日", "count": "第1、2日"},
            {"title": "11月14日、15日 周六、周日", "count": "休息，不计"},
            {"title": "11月16日 星期一，15:40起暂停", "count": "第3日"},
            {"title": "11月17日、18日 等待核对口径", "count": "暂停，不计"},
            {"title": "恢复计时之日的次日起", "count": "再数2个工作日"},
        ],
        "note": "日历：2026年放假安排（正式）。如11月23日恢复，到期日为11月25日。",
        "print_url": "#",
    }
    head: dict[str, Any] = {
        "light": "soon",
        "state_words": "办理中，临近报送",
        "kind": "工作要点任务",
        "role": "责任单位",
        "number": "RW-2026-0007-13",
        "title": "图解、短视频等形式占全年解读的比例不低于60%",
        "watchers": 3,
        "watch_url": "#",
        "watching": True,
        "previous_url": "#",
        "next_url": "#",
        "facts": [
            {"label": "承办", "value": "区卫生健康委（信息公开员）"},
            {"label": "牵头", "value": "区政府办公室", "url": "#"},
            {"label": "配合", "value": LONG_UNIT},
            {"label": "派发", "value": "2026年4月2日"},
        ],
        "clocks": [
            {"name": "11月进展报送", "light": "soon", "words": "还剩2个工作日", "date_words": "11月24日 24:00前", "ruler": _ruler(22, 20), "begin": "11月1日", "end": "11月24日", "why": why},
            {"name": "全年办结", "light": "ok", "words": "进展正常", "date_words": "12月31日前", "ruler": _ruler(240, 205), "begin": "4月2日 派发", "end": "12月31日", "why_url": "#"},
            {"name": "一季度差异说明", "light": "paused", "words": "暂停计时", "date_words": "等区政府办公室核数", "ruler": _ruler(7, 3, 2), "begin": "11月11日收到", "end": "已用3个工作日，剩2个", "why": why},
        ],
    }  # fmt: skip
    return {**head, "all_clocks": [*head["clocks"], head["clocks"][1]], "more_clocks": 1}


def _acts() -> list[dict[str, Any]]:
    return [
        {"label": "报送进展", "url": "?part=act", "icon": "send"},
        {"label": "提交办结", "url": "#", "page": True, "blocked": "还有1个配合单位没有报送"},
        {"label": "申请延期", "url": "?part=act", "page": True},
        {"label": "转经办人", "url": "#", "page": True},
        {"label": "提问", "url": "#", "page": True},
        {"label": "退回", "url": "#", "icon": "corner-up-left", "page": True},
        {"label": "取消任务", "url": "#", "page": True, "blocked": "已有公开的进展，不能取消"},
    ]


def _entries() -> list[dict[str, Any]]:
    now = timezone.now()
    files = [
        {"name": "一季度解读清单.xlsx", "url": "#", "size": 18 * 1024},
        {"name": "图解：托育补助怎么领", "url": "#", "icon": "link", "remark": "政策解读JD-2026-0021，已发布"},
    ]
    return [
        {"at": now, "label": "催办", "summary": "请说明一季度图解数与台账的差异", "who": "区政府办公室 督办岗", "icon": "bell", "tone": "warn"},
        {"at": now - dt.timedelta(days=1), "label": "暂停计时", "summary": "等区政府办公室核对解读形式口径", "who": "区政府办公室 督办岗", "basis": "依据：台账管理办法第九条", "icon": "pause"},
        {"at": now - dt.timedelta(days=30), "label": "报送进展", "summary": "完成比例由15%更新为30%", "who": f"{LONG_UNIT} 信息公开员", "icon": "send", "tone": "act",
         "words": "一季度发布解读11篇，其中图解4篇、短视频2篇。\n家庭医生签约、托育补助两项图解已在社区宣传栏同步张贴。", "files": files},
        {"at": now - dt.timedelta(days=400), "label": "签收", "summary": "确定经办人", "who": "区卫生健康委 信息公开员", "icon": "check"},
    ]  # fmt: skip


def _files() -> list[dict[str, Any]]:
    return [
        {
            "name": "社区宣传栏张贴照片.jpg",
            "url": "#",
            "size": 1_258_291,
            "date": timezone.localdate(),
            "remark": "已去除位置信息",
        },
        {"name": "要点.docx", "size": 2_411_724, "state": "uploading", "share": 64},
        {"name": "差异说明（草稿）.docx", "size": 24_576, "state": "checking"},
        {
            "name": "要点.pdf",
            "size": 90_112,
            "state": "refused",
            "reason": "文件设有打开密码。请去掉密码后重新上传，或把正文粘贴到下面。",
        },
    ]


def _table() -> dict[str, Any]:
    cells = [
        ("区政府办公室", "ok", "进展正常", "20", "3"),
        (LONG_UNIT, "late", "已超期", "1,286", "41"),
        ("望江镇", "donelate", "逾期办结", "11", "0"),
    ]
    return {
        "caption": "各单位任务数",
        "select": True,
        "acts": True,
        "heads": [
            {"label": "单位", "url": "#", "sort": "ascending"},
            {"label": "状态"},
            {"label": "任务（件）", "url": "#", "number": True},
            {"label": "超期（件）", "url": "#", "number": True},
        ],
        "rows": [
            {
                "id": place,
                "cells": [
                    {"words": unit, "url": "#"},
                    {"words": words, "light": light},
                    {"words": total, "number": True},
                    {"words": late, "number": True},
                ],
                "acts": [{"label": "催办", "url": "#"}, {"label": "导出", "url": "#"}],
            }
            for place, (unit, light, words, total, late) in enumerate(cells)
        ],
    }


def _matrix() -> dict[str, Any]:
    def cells(lights: str) -> list[dict[str, Any] | None]:
        return [
            {"light": light, "count": 2 + place, "url": "#"} if light != "-" else None
            for place, light in enumerate(lights.split())
        ]

    rows = [
        ("区政府办公室", "done soon ok ok ok done", 0),
        ("区民政局", "ok late ok ok - ok", 2),
        (LONG_UNIT, "ok late paused wait - donelate", 4),
        ("望江镇", "soon late ok ok - ok", 1),
    ]
    return {
        "caption": "各单位在要点六个部分的任务数和最差状态",
        "heads": [
            {"number": number, "label": label}
            for number, label in zip(
                "一二三四五六", ("公开内容", "政策解读", "回应关切", "依申请公开", "平台建设", "基础工作"), strict=True
            )
        ],
        "rows": [
            {"label": unit, "url": "#", "cells": cells(lights), "total": 17, "late": late}
            for unit, lights, late in rows
        ],
    }


def _tiles() -> list[dict[str, Any]]:
    return [
        {"label": "在办任务", "value": "214", "unit": "件", "words": "38条任务，42个责任单位", "url": "#"},
        {
            "label": "已超期",
            "light": "late",
            "value": "8",
            "unit": "件",
            "words": "比上周多2件，涉及4个单位",
            "url": "#",
        },
        {
            "label": "三个工作日内到期",
            "light": "soon",
            "value": "21",
            "unit": "件",
            "words": "其中9件尚未报送进展",
            "url": "#",
        },
        {"label": "未签收", "light": "wait", "value": "3", "unit": "家", "words": "签收期限5月22日", "url": "#"},
        {
            "label": "本年按时办结率",
            "light": "done",
            "value": "94.6",
            "unit": "%",
            "words": "87件中82件按时，去年同期91%",
            "url": "#",
        },
    ]


def _weeks(count: int) -> list[list[dict[str, Any]]]:
    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday())
    days = [monday + dt.timedelta(days=step) for step in range(7 * count)]
    items = [
        {
            "day": day,
            "today": day == today,
            "past": day < today,
            "off": day.weekday() > 4,
            "first": day.day == 1,
            "count": (day.day * 7) % 13 if day >= today and day.weekday() < 5 else 0,
            "light": "soon" if (day.day * 7) % 13 > 9 else "",
            "url": "#",
        }
        for day in days
    ]
    return [items[step : step + 7] for step in range(0, len(items), 7)]


def _trend() -> dict[str, Any]:
    figures = [
        (18, 2),
        (14, 3),
        (11, 1),
        (22, 4),
        (16, 2),
        (20, 2),
        (29, 3),
        (12, 0),
        (9, 1),
        (17, 1),
        (31, 2),
        (13, 1),
    ]
    columns = [
        charts.Column(
            label=f"{(place + 10) % 12 + 1}月",
            values=values,
            note={0: "2025年", 2: "2026年"}.get(place, ""),
            url="#",
            unfinished=place == 11,
        )
        for place, values in enumerate(figures)
    ]
    names = ("按时办结", "逾期办结")
    return {
        "chart": charts.stacked_bars(
            columns, names, "2025年11月至2026年10月每月办结件数", "按时办结每月9至31件，逾期办结不超过4件。"
        ),
        "table": charts.data_table(("月份", *names), [(c.label, *c.values) for c in columns], "每月办结件数"),
        "empty": charts.stacked_bars([], names, "还没有办结的事项", "没有数据。"),
    }


def _navigation() -> list[dict[str, Any]]:
    def item(label: str, icon: str, count: int = 0, current: bool = False) -> dict[str, Any]:
        return {"label": label, "url": "#", "icon": icon, "count": count, "current": current}

    return [
        {
            "title": "",
            "items": [
                item("我的待办", "inbox", 23, True),
                item("本单位事项", "building-2", 1286),
                item("我关注的", "eye"),
            ],
        },
        {
            "title": "业务",
            "items": [
                item("工作要点台账", "list-checks", 38),
                item("信息发布", "file-text", 6),
                item("依申请公开", "mail-open", 9),
                item("政策解读", "message-square-text", 3),
            ],
        },
        {"title": "统计与检查", "items": [item("报表与年报", "chart-column"), item("自查整改", "clipboard-check", 2)]},
    ]


def _feed() -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {"at": now, "strong": "区政府办公室催办", "words": "：第7条一季度图解数与台账不一致，请在11月24日报送时说明。"},
        {
            "at": now - dt.timedelta(days=1),
            "words": "YX-2026-0131已超期1个工作日，",
            "url": "#",
            "link": "填写超期原因",
        },
        {"at": now - dt.timedelta(days=9), "words": "《云溪区家庭医生签约服务管理办法》已提交审签，需同步解读。"},
    ]


def shell() -> dict[str, Any]:
    """What the workbench's shell shows on this page."""
    return {
        "navigation": _navigation(),
        "search_url": "#",
        "help_url": "#",
        "notifications_url": "#",
        "notification_count": 4,
        "person": {"unit": "区卫生健康委", "post": "信息公开员"},
        "user_menu": [
            {"label": "我的设置", "url": "#", "icon": "settings"},
            {"label": "退出", "url": "#", "icon": "log-out"},
        ],
    }


def content() -> dict[str, Any]:
    """Every component's data."""
    good, bad = Sample(prefix="good"), Sample({"bad-unit": "1", "bad-public": "y", "bad-share": "很多"}, prefix="bad")
    return {
        "lights": [
            {
                "light": light,
                "words": words,
                "clock": {"light": light, "ruler": _ruler(20, MARKS[light], 4 if light == "paused" else 0)},
            }
            for light, words in STAFF_WORDS.items()
        ],
        "long_unit": LONG_UNIT,
        "long_title": LONG_TITLE,
        "groups": _groups(),
        "head": _head(),
        "acts": _acts(),
        "hint": ["下一步由你办理", "办结后由区政府办公室复核"],
        "entries": _entries(),
        "files": _files(),
        "table": _table(),
        "empty_table": {"rows": [], "caption": "没有行的表"},
        "empty": {
            "title": "没有符合条件的事项",
            "words": "去掉一个条件再看",
            "link": {"label": "清除条件", "url": "#"},
        },
        "matrix": _matrix(),
        "tiles": _tiles(),
        "month": _weeks(5),
        "fortnight": _weeks(2),
        "trend": _trend(),
        "feed": _feed(),
        "counts": {"done": 9, "ok": 21, "soon": 4, "late": 2, "wait": 2},
        "steps": ["上传", "读取", "核对", "批准", "派发"],
        "good": good,
        "bad": bad,
        "crumbs": [{"label": "工作要点台账", "url": "#"}, {"label": LONG_TITLE, "url": "#"}, {"label": "第7条"}],
        "tabs": [
            {"label": "待我处理", "url": "#", "count": 23, "current": True},
            {"label": "等待他人", "url": "#", "count": 9},
            {"label": "暂停计时", "url": "#", "count": 3},
            {"label": "本月办结", "url": "#", "count": 0},
        ],
        "chips": [
            {"label": "时限", "value": "已超期", "clear_url": "#", "options": [{"label": "已超期", "url": "#"}]},
            {
                "label": "类型",
                "options": [
                    {"label": "工作要点任务", "url": "#", "count": 118},
                    {"label": "依申请公开", "url": "#", "count": 9},
                ],
            },
            {
                "label": "责任单位",
                "options": [
                    {"label": LONG_UNIT, "url": "#", "count": 3},
                    {"label": "区民政局", "url": "#", "count": 11},
                ],
            },
            {"label": "只看牵头事项", "url": "#", "saved": True},
            {"label": "依申请公开", "url": "#", "saved": True, "on": True},
        ],
        "buttons": [
            {
                "label": "2026年要点",
                "menu": [{"label": "2026年", "url": "#", "current": True}, {"label": "2025年", "url": "#"}],
            },
            {"label": "导出", "url": "#", "icon": "download", "phone": False},
            {"label": "打印", "url": "#", "icon": "printer", "phone": False},
        ],
    }


def components(request: HttpRequest) -> HttpResponse:
    """Show the page; anywhere but in the demo and while debugging it does not exist.

    `?face=portal` shows the parts of public pages; `?part=act` is the act form, as a dialog for htmx, else as a page.
    """
    if not (getattr(settings, "GONGKAI_DEMO", False) or settings.DEBUG):
        raise Http404
    if request.GET.get("part") == "act":
        return _act(request)
    if request.GET.get("face") == "portal":
        return render(request, "core/components_portal.html", public_content())
    return render(request, "core/components.html", {**shell(), **content()})


def _act(request: HttpRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = Sample(request.POST, request.FILES) if sent else Sample()
    context = {
        **shell(),
        "crumbs": [{"label": "组件", "url": request.path}, {"label": "报送进展"}],
        "act_label": "报送进展",
        "submit_label": "报送",
        "case_line": ["第7条", "图解、短视频等形式占全年解读的比例不低于60%"],
        "form": form,
        "after": "本期时限停止，状态变为“待复核”；区政府办公室3个工作日内复核。",
        "action_url": request.get_full_path(),
        "cancel_url": request.path,
        "failure": "这里只是样子，不会真的报送。" if sent and form.is_valid() else "",
    }
    template = "core/act_dialog.html" if request.headers.get("HX-Request") else "core/act_page.html"
    return render(request, template, context, status=422 if sent else 200)


def public_content() -> dict[str, Any]:
    """The data of the public parts."""
    labels = ("首页", "政策文件", "政府信息公开", "重点领域", "任务台账", "互动参与", "依申请公开")
    return {
        "portal_navigation": [{"label": label, "url": "#", "current": label == "任务台账"} for label in labels],
        "portal_search_url": "#",
        "telephone": "0000-1234567",
        "footer_links": [
            {"label": label, "url": "#"}
            for label in ("政府信息公开指南", "公开制度", "年度报告", "网站地图", "无障碍声明")
        ],
        "crumbs": [{"label": "首页", "url": "#"}, {"label": "任务台账", "url": "#"}, {"label": "2026年"}],
        "counts": {"done": 9, "ok": 21, "soon": 4, "late": 2, "wait": 2, "paused": 1, "donelate": 1},
        "long_title": LONG_TITLE,
        "long_unit": LONG_UNIT,
        "form": Sample({"unit": "1", "public": "y"}),
        "files": _files()[:1],
    }
