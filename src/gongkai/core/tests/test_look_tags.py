"""Tags and filters, each by a table."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import lucide
import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from gongkai.core import icons, preferences
from gongkai.core.acts import acts
from gongkai.core.templatetags import gongkai as tags

SHANGHAI = ZoneInfo("Asia/Shanghai")


def render(source: str, **context) -> str:
    context.setdefault("request", RequestFactory().get("/list?light=late&page=3&q=公开"))
    return Template("{% load gongkai %}" + source).render(Context(context))


@pytest.fixture
def at_noon(monkeypatch):
    """It is 2026-05-20 12:00 in Shanghai."""
    now = dt.datetime(2026, 5, 20, 12, 0, tzinfo=SHANGHAI)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


@pytest.mark.parametrize(
    ("value", "day", "full", "weekday"),
    [
        (dt.date(2026, 5, 22), "5月22日", "2026年5月22日", "星期五"),
        (dt.date(2026, 6, 3), "6月3日", "2026年6月3日", "星期三"),
        (dt.date(2025, 12, 31), "2025年12月31日", "2025年12月31日", "星期三"),
        # 16:30 in UTC is already the next day in Shanghai
        (dt.datetime(2026, 5, 22, 16, 30, tzinfo=dt.UTC), "5月23日", "2026年5月23日", "星期六"),
        (None, "", "", ""),
    ],
)
def test_days(at_noon, value, day, full, weekday):
    assert (tags.day(value), tags.fullday(value), tags.weekday(value)) == (day, full, weekday)


@pytest.mark.parametrize(
    ("value", "words", "first", "clock"),
    [
        (dt.datetime(2026, 5, 20, 1, 12, tzinfo=dt.UTC), "今天 09:12", "今天", "09:12"),
        (dt.datetime(2026, 5, 19, 16, 5, tzinfo=SHANGHAI), "昨天 16:05", "昨天", "16:05"),
        (dt.datetime(2026, 5, 18, 16, 5, tzinfo=SHANGHAI), "5月18日", "5月18日", "16:05"),
        (dt.datetime(2025, 5, 18, 16, 5, tzinfo=SHANGHAI), "2025年5月18日", "2025年5月18日", "16:05"),
        (None, "", "", ""),
    ],
)
def test_moments(at_noon, value, words, first, clock):
    assert (tags.when(value), tags.whenday(value), tags.clocktime(value)) == (words, first, clock)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 字节"),
        (900, "900 字节"),
        (18432, "18 KB"),
        (1_258_291, "1.2 MB"),
        (52_428_800, "50 MB"),
        (3 * 1024**3, "3 GB"),
        (None, ""),
    ],
)
def test_file_sizes(size, words):
    assert tags.filesize_zh(size) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (999, "999"), (1286, "1,286"), (None, ""), (1234.5, "1,234.5"), ("9,999+", "9,999+")]
)
def test_thousands(value, words):
    assert tags.thousands(value) == words


@pytest.mark.parametrize(
    ("title", "broken"),
    [
        ("关于印发《政务公开工作要点》的通知", "关于印发<wbr>《政务公开工作要点》<wbr>的通知"),
        ("云溪区人民政府办公室关于印发2026年要点的通知", "云溪区人民政府办公室<wbr>关于印发<wbr>2026年要点的通知"),
        ("《家庭医生签约服务管理办法》", "《家庭医生签约服务管理办法》"),
        ("<b>短</b>", "&lt;b&gt;短&lt;/b&gt;"),
    ],
)
def test_titles_break_by_sense_and_stay_escaped(title, broken):
    assert tags.break_title(title) == broken


@pytest.mark.parametrize("light", icons.LIGHTS)
def test_state_is_mark_and_words(light):
    staff, public = render("{% state light %}", light=light), render("{% state_badge light public=True %}", light=light)
    assert f'href="#s-{light}"' in staff
    assert icons.STAFF_WORDS[light] in staff
    assert icons.PUBLIC_WORDS[light] in public
    assert f"is-{light} badge" in public
    assert "还剩2个工作日" in render("{% state light '还剩2个工作日' %}", light=light)


def test_words_are_escaped():
    assert "<script" not in render("{% state 'ok' words %}", words="<script>")


def test_the_worst_light_is_shown():
    assert icons.worst(["ok", "done", "soon"]) == "soon"
    assert icons.worst(["done", "donelate"]) == "donelate"
    assert icons.worst([]) == "wait"


def test_every_act_has_a_sign_that_exists():
    for act in acts.values():
        assert icons.icon(act.icon), act.key


def test_icons_are_silent_unless_labelled():
    assert 'aria-hidden="true"' in icons.icon("bell")
    assert 'role="img" aria-label="关闭"' in icons.icon("x", label="关闭")
    assert "i-20" in icons.icon("search", 20)
    assert icons.icon("circle-help")
    with pytest.raises(lucide.IconDoesNotExist):
        icons.icon("no-such-icon")


def test_ruler_takes_counts_and_the_rulers_of_the_law():
    counted = render("{% ruler clock %}", clock={"light": "soon", "ruler": {"total": 22, "used": 20}})
    assert counted.count('class="used"') == 20
    assert counted.count('class="slot"') == 2
    assert 'class="now"' in counted
    of_law = SimpleNamespace(slots=("used", "stop", "slot"), is_bar=False, share=0.5, now=0.66)
    drawn = render("{% ruler clock label='已用1日' %}", clock=SimpleNamespace(light="paused", ruler=of_law))
    assert drawn.count("<rect") == 4
    assert 'aria-label="已用1日"' in drawn
    assert render("{% ruler clock %}", clock=SimpleNamespace(light="wait", ruler=None)) == ""
    assert render("{% ruler clock %}", clock=None) == ""


@pytest.mark.parametrize(
    ("tag", "query"),
    [
        ("{% query page=None %}", "?light=late&amp;q=%E5%85%AC%E5%BC%80"),
        ("{% query light=None page=None q=None %}", "?"),
        ("{% query light='soon' page=None q='' %}", "?light=soon"),
        ("{% query_with name 'x' %}", "?light=late&amp;page=3&amp;q=%E5%85%AC%E5%BC%80&amp;sort=x"),
    ],
)
def test_query_changes_the_address(tag, query):
    assert render(tag, name="sort") == query


def test_query_string_takes_lists():
    request = RequestFactory().get("/list?page=2")
    assert tags.query_string(request, page=None, unit=[1, 2]) == "?unit=1&unit=2"


def test_preferences_come_back_and_keep_to_the_site():
    factory = RequestFactory()
    assert "mode=elder&next=%2Fa%3Fb%3D1" in preferences.address(factory.get("/a?b=1"), mode="elder")
    answer = preferences.preferences(
        factory.get("/preferences/", {"mode": "elder", "theme": "nonsense", "next": "/ledger/"})
    )
    assert answer["Location"] == "/ledger/"
    assert answer.cookies["mode"].value == "elder"
    assert "theme" not in answer.cookies
    assert preferences.preferences(factory.get("/preferences/", {"next": "https://example.org/"}))["Location"] == "/"
    back = preferences.preferences(factory.get("/preferences/", {"mode": "usual"}))
    assert back.cookies["mode"]["max-age"] == 0


def test_unknown_cookies_count_as_the_default():
    request = RequestFactory().get("/")
    request.COOKIES = {"mode": "<script>", "contrast": "high"}
    assert preferences.read(request) == {
        "mode": "usual",
        "contrast": "high",
        "theme": "light",
        "script": "hans",
        "keys": "on",
    }


class Form(forms.Form):
    reason = forms.CharField(label="理由", help_text="写明原因", widget=forms.Textarea(attrs={"class": "w-20"}))
    note = forms.CharField(label="备注", required=False)
    way = forms.ChoiceField(label="方式", choices=[("a", "网络"), ("b", "信函")], widget=forms.RadioSelect)
    told = forms.BooleanField(label="已告知", required=False)
    file = forms.FileField(label="佐证", required=False)


def test_fields_carry_label_help_error_in_this_order():
    drawn = str(Form({}))
    places = [drawn.index(words) for words in (">理由", "写明原因", 'class="error"', 'class="in w-20"')]
    assert places == sorted(places)
    assert 'aria-describedby="id_reason_helptext id_reason_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert drawn.count("（选填）") == 2  # 备注 and 佐证; a single checkbox says nothing
    assert "<legend>方式" in drawn


def test_error_summary_links_to_the_fields_and_takes_the_focus():
    drawn = render("{% error_summary form %}", form=Form({}))
    assert 'href="#id_reason"' in drawn
    assert 'href="#id_way"' in drawn
    assert "有2处需要改正" in drawn
    assert "autofocus" in drawn
    assert render("{% error_summary form %}", form=Form()).strip() == ""


def test_field_takes_another_label_and_attributes():
    drawn = render("{% field form.reason label='为什么' rows=9 data_kind='x' %}", form=Form())
    assert "为什么" in drawn
    assert 'rows="9"' in drawn
    assert 'data-kind="x"' in drawn
