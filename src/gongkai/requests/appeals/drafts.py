"""Drafts of the body's own answer 行政复议答复书, 答辩状 and of the list of proof 证据目录, from what the request's case holds.

They are a beginning to write on, not letters that were sent: no number, no seal, nobody's name. An office may put its own
Word templates in their place, as for every letter. No rule known to this program says what they must contain.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from gongkai.core import letters as core_letters
from gongkai.core.letters import LetterKind, day_words
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role
from gongkai.law.requests import decisions as law
from gongkai.requests import decisions
from gongkai.requests.appeals.models import Appeal
from gongkai.requests.letters import basis_of, contact_of
from gongkai.requests.models import Reply, Request

ANSWER, DEFENCE, PROOF = "appeals-answer", "appeals-defence", "appeals-proof"
# Who may draft for the body.
WRITERS = frozenset({*STAFF, Role.LEADER, Role.REVIEWER, Role.LEGAL})
UNNUMBERED = "（文号待编，草稿）"
_FIELDS = {
    "organ": "复议机关或者法院",
    "file_number": "案号",
    "agency": "机关名称",
    "contact": "地址、电话",
    "received_on": "收到通知之日",
    "challenged": "争议的答复或者行为",
    "course": "办理经过，逐行",
    "decision": "答复的结论",
    "basis": "答复的依据",
    "side": "申请人或者原告（只是称呼）",
    "answer": "答复、答辩要点",
    "proof": "证据，逐行",
    "number": "文号",
    "date": "日期",
}
_BODY = """{{ organ }}：
{{ file_number }}一案的通知，本机关于{{ received_on }}收到。现就{{ challenged }}一事提出意见如下。
一、本机关的情况
{{ agency }}，{{ contact }}。
二、办理经过
{%p for line in course %}
{{ line }}
{%p endfor %}
三、结论和依据
{{ decision }}{{ basis }}
四、对{{ side }}主张的意见
{{ answer }}
附：证据目录

> {{ agency }}
> （印章处）
> {{ date }}"""
_LIST = """案号：{{ file_number }}
提交单位：{{ agency }}
{%p for line in proof %}
{{ line }}
{%p endfor %}

> {{ agency }}
> （印章处）
> {{ date }}"""


def _declare(code: str, title: str, body: str, required: tuple[str, ...]) -> LetterKind:
    return core_letters.declare(LetterKind(code, title, f"F-{code}", dict(_FIELDS), required, body))


KINDS = {
    "answer": _declare(ANSWER, "行政复议答复书", _BODY, ("organ", "agency", "received_on")),
    "defence": _declare(DEFENCE, "行政诉讼答辩状", _BODY, ("organ", "agency", "received_on")),
    "proof": _declare(PROOF, "证据目录", _LIST, ("agency",)),
}


def kinds_for(case: Appeal) -> list[tuple[str, str]]:
    """What may be drafted for a case: name in the address and title."""
    first = "defence" if case.suit else "answer"
    return [(name, KINDS[name].title) for name in (first, "proof")]


def may_draft(case: Appeal, user: User) -> bool:
    """Whether a person answers for the body of a case."""
    return bool(user.roles_at(case.unit) & WRITERS)


def draft(case: Appeal, name: str, day: dt.date) -> bytes:
    """A draft as Word. Raises ActError when the office's own template does not fill in, KeyError for an unknown name."""
    return core_letters.render(KINDS[name], {**fields(case), "number": UNNUMBERED, "date": day_words(day)})


def fields(case: Appeal) -> dict[str, Any]:
    """What is known; where nothing is, the place says what has to be written."""
    reply = _reply(case.request)
    course, proof = _course(case.request), _proof(case.request)
    return {
        "organ": case.organ,
        "file_number": case.file_number or "（案号）",
        "agency": str(case.unit.name),
        "contact": contact_of(case.unit),
        "received_on": day_words(case.received_on),
        "challenged": case.challenged,
        "course": course or ["（写明收到申请、办理和答复的经过）"],
        "decision": f"本机关的答复：{decisions.short_of(reply.decision)}。" if reply else "（写明答复的结论）",
        "basis": _basis(reply),
        "side": case.party_word,
        "answer": case.answer or f"（针对{case.party_word}的主张逐条写明）",
        "proof": [f"{number}. {line}" for number, line in enumerate(proof, 1)]
        or ["（逐件写明证据、来源和要证明的事实）"],
    }


def _reply(request: Request | None) -> Reply | None:
    if request is None:
        return None
    return Reply.objects.select_related("letter").filter(request=request.pk, letter__isnull=False).first()


def _basis(reply: Reply | None) -> str:
    if reply is None or reply.decision not in law.DECISIONS:
        return "（写明依据的条、款、项）"
    articles = law.decision(reply.decision).articles
    return f"依据：{basis_of(articles)}。" if articles else ""


def _course(request: Request | None) -> list[str]:
    """What was done on the request, day by day, without anybody's name."""
    if request is None:
        return []
    found: list[tuple[dt.date, str]] = []
    if request.received_on:
        found.append((request.received_on, f"收到申请，登记号{request.number}。"))
    found += [(row.asked_on, "书面要求补正。") for row in request.supplement_rounds.all()]
    found += [(row.sent_on, "书面征求意见。") for row in request.consultations.all() if row.sent_on]
    found += [(row.searched_on, f"检索{row.place}。") for row in request.searches.all()]
    reply = _reply(request)
    if request.replied_on:
        number = reply.letter.number if reply is not None and reply.letter is not None else ""
        found.append((request.replied_on, f"作出答复{f'（{number}）' if number else ''}并送达。"))
    return [f"{day_words(day)}，{words}" for day, words in sorted(found, key=lambda row: row[0])]


def _proof(request: Request | None) -> list[str]:
    """What the request's case holds that can be handed in, each with what it shows."""
    if request is None:
        return []
    received = f"，证明{day_words(request.received_on)}收到申请" if request.received_on else ""
    found = [f"政府信息公开申请和登记记录（{request.number}）{received}。"]
    for letter in request.letters.order_by("issued_at", "pk"):
        found.append(f"{letter.title}（{letter.number}），证明{day_words(timezone.localdate(letter.issued_at))}发出。")
    for search in request.searches.all():
        found.append(f"检索记录，证明{day_words(search.searched_on)}在{search.place}检索。")
    for sent in request.deliveries.all():
        if sent.sent_on:
            found.append(f"{sent.get_way_display()}的凭证，证明{day_words(sent.sent_on)}送达、交邮或者发出。")
    return found
