"""What the tests of replies share: the answers that lead to each result, the sentences it wants, the steps to delivery."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import deque
from typing import Any

from docx import Document

from gongkai.core import attachments
from gongkai.core.acts import perform
from gongkai.law.requests import decisions as law
from gongkai.requests import clocks, decisions
from gongkai.requests.models import Consultation, Fee, Reply, Request, Search, Supplement
from gongkai.requests.tests.helpers import act, at, fresh

CODES = decisions.CHOICES
PART = {"what": "第三方的联系电话", "ground": "D5", "reason": "属于人事管理信息"}


def answers_to(code: str) -> dict[str, str]:
    """A shortest way through the five questions to a result, without the last one."""
    if code == "O3":
        return {"course": "merged"}
    queue: deque[tuple[str, dict[str, str]]] = deque([(law.ENTRY, {})])
    while queue:
        at_question, given = queue.popleft()
        for answer in law.QUESTIONS[at_question].answers:
            found = {**given, at_question: answer.key}
            if answer.to == code:
                return found
            if answer.to in law.QUESTIONS and len(found) < 12:
                queue.append((answer.to, found))
    raise AssertionError(f"no way to {code}")


def sentences(code: str, **more: Any) -> dict[str, Any]:
    """What staff type for a result: every required sentence, and the parts held back."""
    found = law.decision(code)
    said: dict[str, Any] = {item.key: f"{item.label}写在这里" for item in found.statements if item.required}
    if found.needs_withheld_parts:
        said["withheld"] = [PART]
    return {"decision": code, "answers": json.dumps(answers_to(code)), **said, **more}


def prepare(place: Any, case: Request, code: str) -> None:
    """What has to be on file before a result may be told."""
    day = dt.date(2026, 6, 2)
    if code == "U1-a":
        Search.objects.create(
            request=case, place="档案室", method="按文号和题名", searched_on=day, searcher="档案管理员", result="没有"
        )
    if code == "D4":
        Consultation.objects.create(
            request=case, kind="third_party", party={"name": "云溪宏远建材行"}, party_label="云溪**", matter="联系方式",
            answer="objected", sent_on=day, received_on=day, answered_on=dt.date(2026, 6, 5), ended_on=dt.date(2026, 6, 5),
        )  # fmt: skip
    if code in ("U3", "O1"):
        answered = code == "U3"
        Supplement.objects.create(
            request=case, items="道路名称", asked_on=day, received_on=day, workdays=3, due_on=dt.date(2026, 6, 5),
            answer="清平路" if answered else "", answered_on=dt.date(2026, 6, 4) if answered else None,
            state="answered" if answered else "lapsed",
        )  # fmt: skip
    if code == "O2":
        Fee.objects.create(
            request=case, basis="items", count=12, amount=200, noticed_on=day, received_on=day,
            due_on=dt.date(2026, 7, 1), state="lapsed",
        )  # fmt: skip
    if code == "N4":
        Request.objects.filter(pk=case.pk).update(reasons_asked_on=day, reasons_given_on=dt.date(2026, 6, 4))
    if code in ("D4", "U3", "O1", "O2", "N4"):
        clocks.settle(fresh(case), at("2026-07-06" if code == "O2" else "2026-06-08"))


def draft(place: Any, case: Request, code: str, now: str = "2026-06-09", user: Any = None, **more: Any) -> Request:
    """Draft a reply."""
    return act("draft_reply", case, user or place.handler, now, **sentences(code, **more))


def submit(place: Any, case: Request, now: str = "2026-06-09", user: Any = None) -> Request:
    """Send the draft to review."""
    return act("submit_reply", case, user or place.handler, now, proper="on")


def reviewed(place: Any, case: Request, now: str = "2026-06-10") -> Request:
    """Every step of the review, and the signature."""
    people = {"reviewer": place.reviewer, "secrecy": place.secrecy, "legal": place.legal, "leader": place.leader}
    for _ in range(6):
        case = fresh(case)
        if case.state != "review":
            return case
        name = "sign_reply" if case.turn_role == "leader" else "pass_reply"
        perform(f"request.{name}", case, people[case.turn_role], {"words": ""}, now=at(now))
    raise AssertionError("review does not end")


def delivered(place: Any, case: Request, now: str = "2026-06-11", **more: Any) -> Request:
    """Hand the reply over."""
    data = {"way": "online", "sent_on": now, **more}
    return act("deliver", case, place.handler, now, **data)


def replied(place: Any, case: Request, code: str, now: str = "2026-06-11", **more: Any) -> Request:
    """From handling to the delivered reply."""
    prepare(place, case, code)
    case = draft(place, fresh(case), code, now, **more)
    case = reviewed(place, submit(place, case, now), now)
    return delivered(place, case, now)


def text_of(letter: Any) -> str:
    """The words of a letter."""
    return docx_text(attachments.load(letter.digest))


def docx_text(data: bytes) -> str:
    """The words of a Word file."""
    return "\n".join(line.text for line in Document(io.BytesIO(data)).paragraphs)


def reply_text(case: Request) -> str:
    """The words of the reply that was sent."""
    return text_of(Reply.objects.get(request=case.pk).letter)


def opened(place: Any, now: str = "2026-06-01", **more: Any) -> Request:
    """A request of the citizen that is being handled."""
    from gongkai.core.acts import acts
    from gongkai.requests.tests.helpers import registered, submitted

    case = submitted(place, now, **more)
    if "request.register" in acts:
        return registered(place, case, now)
    Request.objects.filter(pk=case.pk).update(state="handling", registered_at=at(now), handler=place.handler)
    return fresh(case)
