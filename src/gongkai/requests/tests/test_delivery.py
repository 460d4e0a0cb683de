"""The reply goes out: the day that counts, its proof, what comes back; batch print; correcting and doing it anew."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from gongkai.core.acts import ActError, InvalidData, WrongState
from gongkai.core.models import Letter
from gongkai.requests import clocks, letters
from gongkai.requests.acts.delivery import proof_missing
from gongkai.requests.models import Delivery, Message, Reply, Request
from gongkai.requests.tests import reply_helpers as helpers
from gongkai.requests.tests.helpers import NAME, PNG, act, at, fresh, upload
from gongkai.requests.tests.reply_helpers import delivered, draft, opened, reviewed, submit, text_of


@pytest.fixture
def signed(place):
    """A request received on 2026-06-01 whose reply was signed on 2026-06-10."""
    return reviewed(place, submit(place, draft(place, opened(place), "G-b")))


@pytest.mark.duty("004-8c", "001-15d")
def test_the_day_it_was_posted_is_the_day_of_the_reply_whenever_it_is_typed(place, signed):
    # Typed in July, posted in June: judged on the day it was posted.
    case = act(
        "deliver", signed, place.handler, "2026-07-15", way="post", sent_on="2026-06-12", tracking_number="XA123",
        files=None,
    )  # fmt: skip
    assert case.state == "replied"
    assert case.replied_on == dt.date(2026, 6, 12)
    assert case.on_time is True
    assert case.workdays_used == 9
    row = Delivery.objects.get(request=case)
    assert (row.tracking_number, row.received_on) == ("XA123", None)
    case = act("confirm_delivery", case, place.handler, "2026-07-16", delivery=row.pk, received_on="2026-07-10")
    assert case.replied_on == dt.date(2026, 6, 12)
    assert Delivery.objects.get(pk=row.pk).received_on == dt.date(2026, 7, 10)
    assert clocks.check(case, at("2026-07-16")) == []


def test_a_late_posting_is_late_however_early_it_was_signed(place, signed):
    case = act("deliver", signed, place.handler, "2026-07-15", way="post", sent_on="2026-07-10", tracking_number="X1")
    assert case.on_time is False


def test_days_that_cannot_be_are_refused(place, signed):
    for sent_on, words in (("2026-06-20", "不能晚于今天"), ("2026-06-09", "不能早于签发日期")):
        with pytest.raises(ActError, match=words):
            act("deliver", signed, place.handler, "2026-06-12", way="fax", sent_on=sent_on)
    with pytest.raises(ActError, match="只能是今天"):
        act("deliver", signed, place.handler, "2026-06-12", way="online", sent_on="2026-06-11")
    with pytest.raises(InvalidData):
        act("deliver", signed, place.handler, "2026-06-12", way="post", sent_on="2026-06-11")
    assert fresh(signed).state == "signed"


def test_online_delivery_shows_letter_and_message_at_once(place, signed):
    from gongkai.requests.pages import outgoing

    assert [one for one in outgoing.letters_of(signed) if one.code.startswith("requests-l13")] == []
    case = delivered(place, signed)
    assert [one.number for one in outgoing.letters_of(case) if one.code.startswith("requests-l13")] == [
        "云公复〔2026〕1号"
    ]
    assert any("已于2026年6月11日在本页送达" in one.text for one in Message.objects.filter(request=case))


@pytest.mark.duty("004-8c")
def test_proof_is_kept_sealed_and_what_comes_back_goes_out_again(place, signed):
    case = act(
        "deliver", signed, place.handler, "2026-06-12", way="pickup", sent_on="2026-06-12",
        files={"proof": [upload("签收页.png", PNG)]},
    )  # fmt: skip
    proof = case.attachments.get()
    assert proof.sealed
    assert proof.own_name == "签收页.png"
    other = reviewed(place, submit(place, draft(place, opened(place), "D1")))
    other = act("deliver", other, place.handler, "2026-06-12", way="post", sent_on="2026-06-12", tracking_number="X2")
    row = Delivery.objects.get(request=other)
    with pytest.raises(ActError, match="不能早于发出日期"):
        act(
            "undeliverable",
            other,
            place.handler,
            "2026-06-20",
            delivery=row.pk,
            returned_on="2026-06-10",
            reason="无人",
            way="pickup",
        )
    other = act(
        "undeliverable", other, place.handler, "2026-06-20", delivery=row.pk, returned_on="2026-06-18", reason="查无此人",
        way="pickup",
    )  # fmt: skip
    assert other.replied_on == dt.date(2026, 6, 12)
    again = Delivery.objects.filter(request=other).last()
    assert (again.way, again.sent_on) == ("pickup", None)
    with pytest.raises(ActError, match="还没有发出"):
        act("archive", other, place.handler, "2026-06-20")
    other = act("send_again", other, place.handler, "2026-06-22", delivery=again.pk, sent_on="2026-06-22")
    assert other.replied_on == dt.date(2026, 6, 12)
    assert proof_missing(other)
    assert act("archive", other, place.handler, "2026-06-22").state == "archived"


# --- printing ---------------------------------------------------------------------------------------------------------


@pytest.mark.duty("002-22a")
def test_several_letters_are_printed_as_one_file_each_on_a_new_sheet(place):
    for code in ("G-b", "D1", "U2"):
        reviewed(place, submit(place, draft(place, opened(place), code)))
    found = [row.letter for row in Delivery.objects.order_by("pk").select_related("letter")]
    pages = PdfReader(io.BytesIO(letters.print_many(found))).pages
    text = [page.extract_text() or "" for page in pages]
    for number in (1, 2, 3):
        places = [at_page for at_page, words in enumerate(text) if f"2026〕{number}号" in words]
        assert places
        assert places[0] % 2 == 0
    with pytest.raises(ActError, match="没有选中"):
        letters.print_many([])


# --- afterwards -------------------------------------------------------------------------------------------------------


def test_a_slip_of_the_pen_is_put_right_by_a_letter(place, signed):
    with pytest.raises(WrongState):
        act(
            "correct_reply",
            signed,
            place.leader,
            "2026-06-12",
            result="x",
            reason="y",
            way="online",
            sent_on="2026-06-12",
        )
    case = delivered(place, signed)
    case = act(
        "correct_reply", case, place.leader, "2026-06-15", result="“2025年”更正为“2026年”", reason="笔误", way="online",
        sent_on="2026-06-15",
    )  # fmt: skip
    letter = Letter.objects.get(case=case.pk, code="requests-l14")
    assert case.state == "replied"
    text = text_of(letter)
    for words in ("云公复〔2026〕1号", "更正为", "笔误", NAME):
        assert words in text
    assert letter.number == "云公更〔2026〕1号"


@pytest.mark.duty("001-15a")
def test_a_reply_made_anew_is_a_request_of_its_own_and_not_counted_again(place, signed):
    case = delivered(place, signed)
    case = act("archive", case, place.officer, "2026-06-16")
    case = act(
        "reopen", case, place.officer, "2026-08-03", cause="reconsideration", document="云复决字〔2026〕8号", received_on="2026-08-03",
        workdays="10",
    )  # fmt: skip
    assert case.state == "archived"
    anew = Request.objects.get(origin=case)
    assert (anew.state, anew.origin_reason, anew.counted_year, anew.ordered_by) == (
        "handling",
        "redo",
        None,
        "云复决字〔2026〕8号",
    )
    assert anew.applicant["name"] == NAME
    assert anew.identity_mark == case.identity_mark
    assert anew.code_mark != case.code_mark
    reply = anew.clocks.get(code="reply")
    # Ten working days from 2026-08-03: not counted itself.
    from gongkai.law.clock import last_day

    assert last_day(reply.due_at) == dt.date(2026, 8, 17)
    assert clocks.check(anew, at("2026-08-03")) == []
    assert any("查询码" in one.text for one in Message.objects.filter(request=case))
    with pytest.raises(ActError, match="已经在重新办理"):
        act(
            "reopen",
            case,
            place.officer,
            "2026-08-04",
            cause="own",
            document="x",
            received_on="2026-08-04",
            workdays="5",
        )
    done = helpers.replied(place, anew, "D5", "2026-08-10")
    assert (done.decision, done.result_year, done.counted_year) == ("D5", None, None)
    assert done.on_time is True
    assert Reply.objects.get(request=case).decision == "G-b"


def test_a_day_ordered_becomes_working_days(place, signed):
    case = delivered(place, signed)
    with pytest.raises(InvalidData):
        act("reopen", case, place.officer, "2026-08-03", cause="judgment", document="判决", received_on="2026-08-03")
    case = act(
        "reopen", case, place.officer, "2026-08-03", cause="judgment", document="判决", received_on="2026-08-03",
        until="2026-08-18",
    )  # fmt: skip
    assert Request.objects.get(origin=case).ordered_workdays == 11


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"way": "post", "tracking_number": "XA100200300CN"}, "已于2026年6月11日交邮，邮件号XA100200300CN。"),
        ({"way": "pickup"}, "已于2026年6月11日当面交给您。"),
        ({"way": "online"}, "已于2026年6月11日在本页送达，可以下载。"),
    ],
)
def test_the_applicant_reads_how_the_reply_went_out(place, values, words):
    """Who waits for the post can ask for it by its number."""
    case = reviewed(place, submit(place, draft(place, opened(place), "G-b")))
    case = delivered(place, case, **values)
    assert case.messages.filter(from_applicant=False).last().text.endswith(words)
