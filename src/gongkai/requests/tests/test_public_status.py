"""The status page: who gets in and who does not, what it shows in every state, what an applicant can do there."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
import zipfile

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from gongkai.core import calendars, jurisdiction
from gongkai.core.acts import perform
from gongkai.law.clock import StepKind
from gongkai.requests import codes, public_queries, receipts
from gongkai.requests.acts import registration, supplement  # noqa: F401  acts register themselves
from gongkai.requests.models import MailLink, Message, Request
from gongkai.requests.pages import access, calculator, days, mine
from gongkai.requests.tests import helpers, reply_helpers
from gongkai.requests.tests.reply_helpers import docx_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def enter(client: Client, case: Request, code: str = ""):
    """Ask for a request by its number and code."""
    return client.post(reverse("requests-public:query"), {"number": case.number, "code": code or case.code})


def page_of(client: Client, case: Request) -> str:
    """The status page of a request whose code the reader has."""
    enter(client, case)
    return client.get(reverse("requests-public:status", args=[case.number])).content.decode()


def words_of(page: str) -> str:
    """The page without what changes with every answer: tokens."""
    return re.sub(r'value="[A-Za-z0-9]{60,}"', "", page)


# --- who gets in ------------------------------------------------------------------------------------------------------


def test_number_and_code_open_the_page_for_a_while(place, received, client):
    answer = enter(client, received, codes.shown(received.code).lower())
    assert answer.url == reverse("requests-public:status", args=[received.number])
    assert received.code not in answer.url
    page = client.get(answer.url)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"].startswith("noindex")
    cookie = client.cookies[access.COOKIE]
    assert cookie["httponly"]
    assert cookie["max-age"] == access.MINUTES * 60
    assert received.code not in cookie.value


def test_a_wrong_number_and_a_wrong_code_look_the_same(place, received, client):
    wrong_code = enter(client, received, "ABCDEFGHJK")
    wrong_number = client.post(reverse("requests-public:query"), {"number": "SQ-2026-9999", "code": received.code})
    assert wrong_code.status_code == wrong_number.status_code == 422
    first, second = (words_of(answer.content.decode()) for answer in (wrong_code, wrong_number))
    assert access.WRONG in first
    typed = re.compile(f"{received.number}|SQ-2026-9999|{received.code}|ABCDEFGHJK")
    assert typed.sub("", first) == typed.sub("", second)


def test_who_guesses_numbers_gets_nothing(place, received, client):
    other = Client()
    asked = [reverse("requests-public:status", args=[number]) for number in (received.number, "SQ-2026-9999", "x")]
    answers = [other.get(address) for address in asked]
    assert {(one.status_code, one.url) for one in answers} == {(302, reverse("requests-public:query"))}
    for name in ("message", "telling", "supplement", "withdraw"):
        answer = other.post(reverse(f"requests-public:{name}", args=[received.number]), {"text": "我要看"})
        assert (answer.status_code, answer.url) == (302, reverse("requests-public:query"))
    for address in (
        reverse("requests-public:derivation", args=[received.number]),
        reverse("requests-public:derivation-pdf", args=[received.number]),
        reverse("requests-public:receipt-file", args=[received.number, "pdf"]),
        reverse("requests-public:letter", args=[received.number, 1, "docx"]),
        reverse("requests-public:file", args=[received.number, 1]),
    ):
        assert other.get(address).status_code == 302
    assert not Message.objects.exists()
    assert helpers.fresh(received).state == "received"


def test_the_key_to_one_request_opens_no_other(place, received, client):
    other = helpers.submitted(place, name="司马长亭", identity_number="110101198001010010", email="other@example.cn")
    enter(client, received)
    assert client.get(reverse("requests-public:status", args=[other.number])).url == reverse("requests-public:query")


def test_a_forged_or_old_grant_is_none(place, received, client):
    client.cookies[access.COOKIE] = '{"r":[1]}'
    assert client.get(reverse("requests-public:status", args=[received.number])).status_code == 302
    enter(client, received)
    value = client.cookies[access.COOKIE].value
    client.cookies[access.COOKIE] = value[:-1] + ("A" if value[-1] != "A" else "B")
    assert client.get(reverse("requests-public:status", args=[received.number])).status_code == 302


def test_leaving_closes_the_page(place, received, client):
    enter(client, received)
    client.post(reverse("requests-public:leave"))
    assert client.get(reverse("requests-public:status", args=[received.number])).status_code == 302


def test_trying_too_often_is_stopped_even_with_the_right_code(place, received, client):
    for _ in range(access.TRIES_OF_NETWORK):
        enter(client, received, "ABCDEFGHJK")
    stopped = enter(client, received)
    assert stopped.status_code == 429
    assert access.BUSY in stopped.content.decode()


def test_one_number_is_not_tried_from_many_places(place, received, monkeypatch):
    monkeypatch.setattr(access, "TRIES_OF_NUMBER", 3)
    for number in range(4):
        answer = Client(REMOTE_ADDR=f"203.0.113.{number}").post(
            reverse("requests-public:query"), {"number": received.number, "code": "ABCDEFGHJK"}
        )
    assert answer.status_code == 429


def test_nothing_personal_reaches_the_log(place, received, client, caplog):
    with caplog.at_level(logging.DEBUG):
        page_of(client, received)
        enter(client, received, "ABCDEFGHJK")
    assert not any(words in caplog.text for words in (*helpers.PERSONAL, received.code, "ABCDEFGHJK"))


def test_personal_pages_are_never_kept(place, received, client):
    page_of(client, received)
    for name, args in (("status", [received.number]), ("query", []), ("mine", []), ("derivation", [received.number])):
        answer = client.get(reverse(f"requests-public:{name}", args=args))
        assert "no-store" in answer["Cache-Control"]
        # What is not tagged is never kept.
        assert getattr(answer.wsgi_request, "_gongkai_page", None) is None


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_the_page_says_when_why_and_how_far(place, received, client):
    page = page_of(client, received)
    due = helpers.last_day(received.clocks.get(code="reply"))
    assert f"{due.year}年{due.month}月{due.day}日" in page
    for words in (
        received.number,
        place.bureau.name,
        "登记审查",
        "是怎么算出来的",
        "用文字说",
        "《政府信息公开条例》第三十三条",
    ):
        assert words in page
    # Nothing of the applicant stands on it but what was asked.
    assert not any(words in page for words in helpers.PERSONAL)


def test_words_and_calendar_tell_of_the_pause_and_the_hatching_leaves_the_date(place, handling):
    clock = handling.clocks.get(code="reply")
    start = timezone.localdate(clock.started_at)
    sent, back = start + dt.timedelta(days=3), start + dt.timedelta(days=9)
    clock.pauses.create(
        start_at=helpers.at(sent.isoformat()), end_at=helpers.at(back.isoformat()), reason="征求第三方意见"
    )
    status = public_queries.status_of(public_queries.request_of(handling.pk), helpers.at("2026-06-15"))
    cells = [cell for week in status.weeks for cell in week]
    stopped = [cell for cell in cells if cell.kind.startswith("stop")]
    assert stopped
    assert all(cell.head for cell in stopped)
    assert {cell.label for cell in cells} >= {"收到", "发函", "恢复", "今天", "到期"}
    assert any("个工作日不计" in line for line in status.told)
    assert status.told[-1].startswith("数到第20日")
    change = status.changes[-1]
    assert "征求第三方意见用去" in change.cause
    assert change.before != change.after
    # The date lies in a box of its own, which the style sheet gives a plain ground over the hatching.
    from django.contrib.staticfiles import finders

    sheet = open(finders.find("requests/public.css"), encoding="utf-8").read()  # noqa: PTH123, SIM115
    assert re.search(r"\.days \.stop \.d,[^{]*\{[^}]*background: var\(--surface\)", sheet)


def test_each_change_of_the_date_states_its_cause(place, handling):
    clock = handling.clocks.get(code="reply")
    clock.extensions.create(amount=10, reason="需要整理多年资料", approved_at=helpers.at("2026-06-10"))
    status = public_queries.status_of(public_queries.request_of(handling.pk), helpers.at("2026-06-15"))
    assert [change.cause for change in status.changes] == ["经批准延长10个工作日（需要整理多年资料）"]
    assert status.derivation.total == 30


def test_a_year_without_calendar_is_marked_provisional(place, client):
    known = max(year.year for year in calendars.current().years if not year.is_provisional)
    page = client.get(reverse("requests-public:calculator"), {"received": f"{known}-12-20"}).content.decode()
    assert f"{known + 1}年1月" in page
    assert "（暂定）" in page
    beyond = client.get(reverse("requests-public:calculator"), {"received": f"{known + 20}-06-01"})
    assert beyond.status_code == 200
    assert "最晚答复日期" not in beyond.content.decode()


def test_supplement_by_the_applicant_restarts_the_count(place, handling, client):
    today = timezone.localdate()
    asked = helpers.act(
        "ask_supplement", handling, place.handler, now="2026-06-04",
        items="请写明是哪一段管道。", workdays=10, sent_on="2026-06-04", received_on="2026-06-04",
    )  # fmt: skip
    assert asked.state == "supplementing"
    page = page_of(client, asked)
    for words in ("请您补正", "请写明是哪一段管道", "提交补正"):
        assert words in page
    # The count will begin anew: no date is promised as if it went on.
    due = public_queries.last_day_of_today().due_on
    assert f"今天补正的，最晚{due.year}年{due.month}月{due.day}日答复" in page
    assert "恢复，" not in page
    empty = client.post(reverse("requests-public:supplement", args=[asked.number]), {"answer": ""})
    assert empty.status_code == 422
    assert "还没有写补正的内容" in empty.content.decode()
    done = client.post(
        reverse("requests-public:supplement", args=[asked.number]),
        {"answer": "安澜路至望江大道段。", "files": [SimpleUploadedFile("示意图.png", helpers.PNG)]},
    )
    assert done.status_code == 302
    case = helpers.fresh(asked)
    assert case.counted_from == today
    assert case.supplement_rounds.get().answer
    page = page_of(client, case)
    assert "答复期限从这一天重新计算" in page
    assert "日期变动过几次" in page


def test_withdrawing_asks_once_more(place, received, client):
    enter(client, received)
    address = reverse("requests-public:withdraw", args=[received.number])
    ask = client.get(address).content.decode()
    assert "不能恢复" in ask
    assert helpers.fresh(received).state == "received"
    # The day cannot be chosen here.
    answer = client.post(address, {"reason": "已经在网站上找到", "withdrawn_on": "2026-06-02"})
    assert answer.status_code == 302
    case = helpers.fresh(received)
    assert (case.state, case.replied_on) == ("ended", timezone.localdate())
    assert client.get(address).status_code == 302
    page = client.get(reverse("requests-public:status", args=[case.number])).content.decode()
    assert "已终止" in page
    assert "撤回" in page


def test_messages_are_sealed_and_told_without_their_words(place, received, client):
    enter(client, received)
    text = "补充一点：我要的是2025年11月的那一份。"
    answer = client.post(reverse("requests-public:message", args=[received.number]), {"text": text})
    assert answer.status_code == 302
    assert Message.objects.get().text == text
    event = helpers.fresh(received).events.get(act="request.applicant_message")
    assert text not in str((event.summary, event.words, event.data, event.changes))
    assert text in client.get(reverse("requests-public:status", args=[received.number])).content.decode()
    empty = client.post(reverse("requests-public:message", args=[received.number]), {"text": " "})
    assert empty.status_code == 422


def test_mails_of_progress_are_switched_and_say_nothing_personal(
    place, received, client, django_capture_on_commit_callbacks
):
    enter(client, received)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("requests-public:telling", args=[received.number]), {"wanted": "on"})
    assert helpers.fresh(received).tell_by_email
    with django_capture_on_commit_callbacks(execute=True):
        case = helpers.registered(place, helpers.fresh(received))
        helpers.act(
            "ask_supplement", case, place.handler, now="2026-06-04",
            items="请写明是哪一段管道。", workdays=10, sent_on="2026-06-04",
        )  # fmt: skip
    letter = mail.outbox[-1]
    assert letter.to == [helpers.EMAIL]
    assert "需要您处理" in letter.subject
    assert not any(
        words in letter.subject + letter.body for words in (*helpers.PERSONAL, received.code, received.subject)
    )
    client.post(reverse("requests-public:telling", args=[received.number]), {})
    assert not helpers.fresh(received).tell_by_email


def test_receipt_and_sheet_as_files(place, received, client):
    enter(client, received)
    word = client.get(reverse("requests-public:receipt-file", args=[received.number, "docx"]))
    assert word.status_code == 200
    assert word.content.startswith(b"PK")
    assert word["X-Content-Type-Options"] == "nosniff"
    again = client.get(reverse("requests-public:receipt-file", args=[received.number, "docx"]))
    assert docx_text(again.content) == docx_text(word.content)
    assert received.letters.count() == 1
    # What is kept at home has the QR code, as what is printed at the counter.
    with zipfile.ZipFile(io.BytesIO(word.content)) as package:
        assert any(name.startswith("word/media/") for name in package.namelist())
    assert f"{receipts.HINT}：{received.number}" in docx_text(word.content)
    paper = client.get(reverse("requests-public:receipt-file", args=[received.number, "pdf"]))
    (only,) = PdfReader(io.BytesIO(paper.content)).pages
    assert receipts.HINT in only.extract_text().replace("\n", "")
    sheet = client.get(reverse("requests-public:derivation", args=[received.number])).content.decode()
    assert "答复期限推算单" in sheet
    pdf = client.get(reverse("requests-public:derivation-pdf", args=[received.number]))
    assert pdf.status_code == 200
    assert pdf.content.startswith(b"%PDF")
    # The paper says of each day how it counts, as the page does.
    printed = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages).split())
    for words in ("逐日推算", "第1日", "第7日", "第20日", "到期"):
        assert words in printed


def test_the_status_page_asks_few_questions(place, handling, client, django_assert_max_num_queries):
    page_of(client, handling)
    with django_assert_max_num_queries(26):
        client.get(reverse("requests-public:status", args=[handling.number]))


def test_a_reply_delivered_online_is_read_here_and_one_by_post_is_not(place, client, monkeypatch):
    now = timezone.localdate().isoformat()
    case = helpers.registered(place, helpers.submitted(place, now=now), now=now)
    case = reply_helpers.reviewed(
        place, reply_helpers.submit(place, reply_helpers.draft(place, case, "G-a", now), now), now
    )
    assert case.state == "signed"
    letter = case.letters.get(code__startswith="requests-l13")
    assert letter.title not in page_of(client, case).partition("文书和文件")[2]
    address = reverse("requests-public:letter", args=[case.number, letter.pk, "docx"])
    assert client.get(address).status_code == 404
    case = reply_helpers.delivered(place, case, now)
    page = page_of(client, case)
    for words in ("答复日期", "已完成", letter.number, "文书和文件"):
        assert words in page
    assert client.get(address).content.startswith(b"PK")
    assert "撤回申请" not in page
    case.deliveries.filter(letter=letter).update(way="post")
    assert client.get(address).status_code == 404


# --- by mailbox -------------------------------------------------------------------------------------------------------


def test_a_link_to_the_mailbox_shows_its_requests_once(place, received, client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        known = client.post(reverse("requests-public:mine"), {"email": helpers.EMAIL.upper()})
    letters = len(mail.outbox)
    unknown = client.post(reverse("requests-public:mine"), {"email": "nobody@example.cn"})
    assert words_of(known.content.decode()) == words_of(unknown.content.decode())
    assert letters == len(mail.outbox) == 1
    assert MailLink.objects.count() == 1
    token = re.search(r"/requests/mine/([\w-]+)/", mail.outbox[0].body)[1]
    assert token not in str(MailLink.objects.values())
    address = reverse("requests-public:link", args=[token])
    # Programs follow links in mail: looking at it uses nothing up.
    assert client.get(address).status_code == 200
    assert client.post(address).url == reverse("requests-public:list")
    listed = client.get(reverse("requests-public:list")).content.decode()
    assert received.number in listed
    assert not any(words in listed for words in helpers.PERSONAL)
    assert client.get(reverse("requests-public:status", args=[received.number])).status_code == 200
    assert Client().post(address).status_code == 410


def test_links_run_out_and_are_not_sent_without_end(place, received, client):
    now = timezone.now()
    for _ in range(5):
        mine.send(helpers.EMAIL, now)
    assert MailLink.objects.count() == mine.LINKS_PER_MAILBOX == len(mail.outbox)
    token = re.search(r"/requests/mine/([\w-]+)/", mail.outbox[0].body)[1]
    assert mine.use(token, now + mine.GOOD_FOR) == ""
    assert mine.use("x" * 43, now) == ""
    assert mine.use(token, now + dt.timedelta(minutes=19))
    assert mine.forget_links(now + mine.GOOD_FOR + dt.timedelta(seconds=1)) == mine.LINKS_PER_MAILBOX


def test_the_list_needs_its_link(place, received, client):
    enter(client, received)
    assert client.get(reverse("requests-public:list")).url == reverse("requests-public:mine")


# --- the calculator ---------------------------------------------------------------------------------------------------


def test_the_calculator_speaks_of_payments_only_where_they_begin_the_count_anew(client):
    address = reverse("requests-public:calculator")
    assert "收到补正，或者缴清费用的日期" in client.get(address).content.decode()
    jurisdiction.change("requests.fee_clock", "continue", None)
    page = client.get(address, {"received": "2024-02-09", "restarted": "2024-03-05"}).content.decode()
    assert "收到补正的日期" in page
    assert "缴清费用" not in page
    assert "缴费" not in page


# (received, restarted, sent, back, extension) -> last day: the worked examples of the clock.
EXAMPLES = [
    (("2024-02-09", "", "", "", 0), "2024-03-14"),
    (("2024-02-09", "2024-03-05", "", "", 0), "2024-04-02"),
    (("2024-02-09", "2024-03-05", "", "", 20), "2024-04-30"),
    (("2025-09-22", "", "", "", 0), "2025-10-24"),
    (("2025-09-22", "", "2025-09-24", "2025-10-14", 0), "2025-11-07"),
    (("2025-09-22", "", "2025-09-24", "2025-10-14", 20), "2025-12-05"),
    (("2025-09-22", "", "2025-09-24", "2025-10-23", 0), "2025-11-18"),
    (("2026-01-19", "", "", "", 0), "2026-02-14"),
    (("2026-01-19", "", "", "", 10), "2026-03-06"),
    (("2026-03-02", "2026-04-08", "", "", 0), "2026-05-09"),
    (("2025-06-07", "", "", "", 0), "2025-07-04"),
    (("2025-10-11", "", "", "", 0), "2025-11-07"),
    (("2025-10-10", "", "", "", 0), "2025-11-06"),
]


@pytest.mark.parametrize(("given", "last"), EXAMPLES)
def test_the_calculator_counts_as_the_law_does(given, last):
    received, restarted, sent, back, extension = given
    form = calculator.CalculatorForm(
        {"received": received, "restarted": restarted, "sent": sent, "back": back, "extension": extension}
    )
    assert form.is_valid(), form.errors
    found = calculator.calculate(form.cleaned_data, helpers.at("2026-06-01"))["derivation"]
    assert found.due_on == dt.date.fromisoformat(last)
    drawn = [cell for week in days.weeks(found) for cell in week if cell.head]
    assert len(drawn) == len(found.days)
    counted = sum(step.kind in (StepKind.COUNTED, StepKind.MAKEUP) for step in found.days)
    assert counted == sum(cell.number is not None for cell in drawn) == found.total


def test_the_calculator_for_anybody(client):
    empty = client.get(reverse("requests-public:calculator"))
    assert empty.status_code == 200
    assert "最晚答复日期" not in empty.content.decode()
    page = client.get(reverse("requests-public:calculator"), {"received": "2026年1月19日"}).content.decode()
    assert "2026年2月14日" in page
    assert "调休上班" in page
    assert "春节" in page or "放假" in page
    wrong = client.get(
        reverse("requests-public:calculator"), {"received": "2026-03-02", "sent": "2026-03-01", "extension": "99"}
    ).content.decode()
    assert "最多延长20个工作日" in wrong
    assert "不能早于起算的日期" in wrong
    assert 'href="#id_extension"' in wrong


@pytest.mark.parametrize("stands", ["supplementing", "consulting", "ended"])
def test_the_receipt_is_there_whatever_became_of_the_request(place, received, client, stands):
    """Whoever fetches it late gets it too: the last day is that of the first count."""
    case = helpers.registered(place, received)
    if stands == "supplementing":
        case = helpers.act(
            "ask_supplement", case, place.handler, "2026-06-03", items="道路名称", sent_on="2026-06-03", workdays=10
        )
    elif stands == "consulting":
        asked = {"party_kind": "organisation", "name": "云溪宏远建材行", "information": "检测报告", "part": "价格",
                 "way": "post", "sent_on": "2026-06-03"}  # fmt: skip
        perform("request.ask_third_party", case, place.handler, asked, now=helpers.at("2026-06-03"))
        case = helpers.fresh(case)
    else:
        case = helpers.act("withdraw", case, None, "2026-06-03")
    assert case.state == stands
    enter(client, case)
    word = client.get(reverse("requests-public:receipt-file", args=[case.number, "docx"]))
    assert word.status_code == 200
    assert "2026年6月30日" in docx_text(word.content)


def test_what_stands_still_already_is_no_change_of_a_day(place, received, client):
    """Two opinions side by side: the day left open once is not said to have moved from nowhere."""
    case = helpers.registered(place, received)
    asked = {
        "party_kind": "organisation",
        "information": "检测报告",
        "part": "价格",
        "way": "post",
        "sent_on": "2026-06-03",
    }
    for name in ("云溪宏远建材行", "云溪安泰检测站"):
        perform("request.ask_third_party", case, place.handler, {**asked, "name": name}, now=helpers.at("2026-06-03"))
        case = helpers.fresh(case)
    found = public_queries.status_of(case, helpers.at("2026-06-05"))
    assert [(change.before, change.after) for change in found.changes] == [("2026年6月30日", "恢复后再定")]
    html = page_of(client, case)
    assert "未定" not in html
