"""On new media nothing goes out unreviewed, nothing stays that is no longer true, and no account falls silent unseen."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import Case
from gongkai.publications.media.models import MediaAccount, MediaPost
from gongkai.publications.media.periodic import look_for_silence
from gongkai.publications.tests.helpers import act

pytestmark = pytest.mark.django_db
TEXT = "义务教育招生开始报名。报名时间：6月1日至6月10日。按户籍和居住地划片入学。"


@pytest.fixture
def account(office) -> MediaAccount:
    data = {
        "title": "云溪教育",
        "platform": "wechat",
        "address": "https://media.example/yunxi",
        "subject": "教育政策和招生信息",
        "post": "宣传岗",
    }
    case = perform("media-account.register", None, office.officer, data).case
    assert case.state == "proposed"
    perform("media-account.confirm", case, office.supervisor, {})
    return MediaAccount.objects.get(pk=case.pk)


def fresh(post) -> MediaPost:
    return MediaPost.objects.get(pk=post.pk)


def drawn(office, account, published, **more) -> MediaPost:
    act("to_media", published, office.officer, {"account": account.pk, "title": "招生报名", "text": TEXT, **more})
    return MediaPost.objects.order_by("-pk").first()


def approved(post, office) -> MediaPost:
    perform("media-post.submit", post, office.officer, {})
    perform("media-post.pass", fresh(post), office.reviewer, {})
    perform("media-post.pass", fresh(post), office.secrecy, {})
    perform("media-post.approve", fresh(post), office.leader, {})
    return fresh(post)


def posted(post, office) -> MediaPost:
    perform("media-post.post", approved(post, office), office.officer, {"address": "https://media.example/p/1"})
    return fresh(post)


@pytest.mark.duty("002-19c")
def test_a_post_goes_through_every_reviewer_before_it_is_released(office, account, published):
    post = drawn(office, account, published)
    data = {"address": "https://media.example/p/1"}
    with pytest.raises(WrongState):
        perform("media-post.post", post, office.officer, data)
    perform("media-post.submit", post, office.officer, {})
    for user in (office.officer, office.second):
        with pytest.raises(NotPermitted):
            perform("media-post.pass", fresh(post), user, {})
    perform("media-post.pass", fresh(post), office.reviewer, {"words": "与原文一致。"})
    assert fresh(post).purpose == "secrecy"
    perform("media-post.pass", fresh(post), office.secrecy, {})
    with pytest.raises(WrongState):
        perform("media-post.post", fresh(post), office.officer, data)
    perform("media-post.approve", fresh(post), office.leader, {})
    perform("media-post.post", fresh(post), office.officer, data)
    post = fresh(post)
    assert post.state == "posted"
    assert MediaAccount.objects.get(pk=account.pk).last_posted_at == post.posted_at


@pytest.mark.duty("002-19c")
def test_a_returned_post_is_reviewed_from_the_start_and_changed_words_lose_their_approval(office, account, published):
    post = drawn(office, account, published)
    perform("media-post.submit", post, office.officer, {})
    perform("media-post.return", fresh(post), office.reviewer, {"reason": "时间写全。"})
    perform("media-post.edit", fresh(post), office.second, {"title": "招生报名", "text": TEXT + "请带户口簿。"})
    post = approved(post, office)
    perform("media-post.recall", post, office.officer, {})
    perform("media-post.edit", fresh(post), office.officer, {"title": "招生报名", "text": "全改了。"})
    assert not fresh(post).approval_holds
    with pytest.raises(WrongState):
        perform("media-post.post", fresh(post), office.officer, {"address": "https://media.example/p/1"})


@pytest.mark.duty("002-19c")
def test_personal_data_keeps_a_post_from_approval_until_it_is_mended_or_a_reviewer_answers_for_it(
    office, account, published
):
    post = drawn(office, account, published, text=TEXT + "联系手机13812345678。")
    assert post.blocking == 1
    with pytest.raises(ActError, match="检查发现"):
        approved(post, office)
    perform("media-post.return", fresh(post), office.leader, {"reason": "去掉手机号。"})
    perform("media-post.edit", fresh(post), office.officer, {"title": "招生报名", "text": TEXT})
    assert fresh(post).blocking == 0
    assert approved(post, office).state == "approved"
    other = drawn(office, account, published, text=TEXT + "联系手机13812345678。")
    key = other.open_findings[0]["key"]
    with pytest.raises(NotPermitted):
        perform("media-post.overrule", other, office.officer, {"findings": [key], "reason": "没事。"})
    perform("media-post.overrule", other, office.reviewer, {"findings": [key], "reason": "是对外公布的值班手机。"})
    assert approved(other, office).state == "approved"


@pytest.mark.duty("002-19c")
def test_what_was_drawn_from_a_document_follows_its_amendment_and_withdrawal(office, account, published):
    post = posted(drawn(office, account, published), office)
    waiting = drawn(office, account, published)
    act("withdraw", published, office.officer, {"reason": "内容有误。"})
    post = fresh(post)
    assert (post.state, post.alarm) == ("recheck", "原文已经撤回。")
    assert Case.objects.open().filter(pk=post.pk, turn_unit=office.unit).exists()
    with pytest.raises(ActError, match="请删除"):
        perform("media-post.keep", post, office.officer, {"reason": "没事。"})
    perform("media-post.take_down", post, office.officer, {"reason": "原文撤回。"})
    assert fresh(post).state == "removed"
    with pytest.raises(ActError, match="原文没有公开"):
        perform("media-post.submit", waiting, office.officer, {})


def test_words_that_differ_on_the_platform_become_a_to_do(office, account, published):
    post = posted(drawn(office, account, published), office)
    perform("media-post.compare", post, office.reviewer, {"shown": f"云溪教育\n{TEXT}\n阅读 100"})
    assert fresh(post).state == "posted"
    perform("media-post.compare", post, office.reviewer, {"shown": TEXT.replace("6月10日", "6月20日")})
    assert fresh(post).state == "recheck"
    perform("media-post.keep", fresh(post), office.officer, {"reason": "已在平台更正。"})
    assert (fresh(post).state, fresh(post).alarm) == ("posted", "")


@pytest.mark.duty("002-19c")
def test_a_silent_account_is_a_to_do_until_something_is_released(office, account, published):
    later = timezone.now() + dt.timedelta(days=13)
    assert look_for_silence(later) == 0
    assert look_for_silence(timezone.now() + dt.timedelta(days=14)) == 1
    account.refresh_from_db()
    assert (account.state, account.turn_unit) == ("silent", office.unit)
    assert measures["media.updated"].compute(Scope()).value == 0
    posted(drawn(office, account, published), office)
    account.refresh_from_db()
    assert (account.state, account.is_open) == ("active", False)


def test_one_account_on_a_platform_and_reposts_name_their_source(office, account):
    data = {"title": "云溪教育二号", "platform": "wechat", "address": "甲", "subject": "乙", "post": "丙"}
    with pytest.raises(ActError, match="已经有“云溪教育”"):
        perform("media-account.register", None, office.officer, data)
    perform("media-account.register", None, office.officer, {**data, "reason": "面向学生另开。"})
    typed = {"account": account.pk, "title": "转载", "text": "国家政策。", "origin": "repost"}
    with pytest.raises(InvalidData):
        perform("media-post.write", None, office.officer, typed)
    post = perform("media-post.write", None, office.officer, {**typed, "source": "中国政府网"}).case
    assert MediaPost.objects.get(pk=post.pk).source == "中国政府网"
    perform("media-account.close", account, office.officer, {"reason": "合并到区级账号。"})
    with pytest.raises(ActError, match="没有备案或已经关停"):
        perform("media-post.submit", post, office.officer, {})


@pytest.mark.parametrize("state", ["draft", "posted", "recheck", "removed"])
def test_a_state_has_one_colour_in_the_list_and_on_its_page(office, account, published, client, state):
    post = drawn(office, account, published) if state == "draft" else posted(drawn(office, account, published), office)
    if state in ("recheck", "removed"):
        act("withdraw", published, office.officer, {"reason": "内容有误。"})
    if state == "removed":
        perform("media-post.take_down", fresh(post), office.officer, {"reason": "原文撤回。"})
    post = fresh(post)
    assert post.state == state
    client.force_login(office.officer)
    if state == "recheck":
        # No clock runs: the to-do list says how it stands, not that all is well.
        todo = client.get("/workbench/").content.decode().partition(post.title)[2].partition("</li>")[0]
        assert "须处理" in todo
        assert "is-late" in todo
        assert "进展正常" not in todo
    colours = [
        re.search(rf'class="state is-(\w+)(?: badge)?">(?:(?!</span>).)*{post.state_label}', page, re.DOTALL)
        for page in (
            client.get("/workbench/information/media/").content.decode().partition("<tbody")[2],
            client.get(post.get_absolute_url()).content.decode(),
        )
    ]
    assert [found and found[1] for found in colours] == [post.state_light] * 2


def test_the_pages_of_new_media(office, account, published, client):
    post = posted(drawn(office, account, published), office)
    client.force_login(office.officer)
    assert "招生报名" in client.get("/workbench/information/media/").content.decode()
    assert "云溪教育" in client.get("/workbench/information/media/accounts/").content.decode()
    page = client.get(post.get_absolute_url()).content.decode()
    assert "已经发布" in page
    assert TEXT in page
    assert "招生报名" in client.get(account.get_absolute_url()).content.decode()
    client.logout()
    assert "云溪教育" in client.get("/information/media/").content.decode()
    perform("media-account.close", account, office.officer, {"reason": "合并。"})
    assert "云溪教育" not in client.get("/information/media/").content.decode()
