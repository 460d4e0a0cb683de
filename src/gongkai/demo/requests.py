"""What citizens ask of the district: invented requests, handled by the right people at their time.

They stand in `data/requests.json`: who asks which body for what and when, and the steps of its life, a word with what it
needs (`supplement 3 …` is asked three working days later). Days are those of the story's year, or so many working days
before the day on which it ends.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import deque
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from gongkai.core.models import Unit, User
from gongkai.core.roles import Role
from gongkai.demo.covering import Covering
from gongkai.demo.timeline import Life, Timeline, workday
from gongkai.demo.world import World, read
from gongkai.law.requests import decisions as law
from gongkai.requests import periodic
from gongkai.requests.acts.submission import submit
from gongkai.requests.models import Request

OPINIONS = {
    Role.REVIEWER: "内容完整，依据准确。",
    Role.SECRECY: "经保密审查，不涉及国家秘密和工作秘密。",
    Role.LEGAL: "程序和依据合法，理由充分。",
    Role.LEADER: "同意，请按期送达。",
}

# What is held back in the story touches a third party who objected; the shortest way would call it a secret of the state.
PARTLY = {
    "course": "on", "clear": "clear", "kind": "request", "amount": "normal", "duty": "ours", "held": "found",
    "published": "no", "joint": "no", "ground": "third_party", "opinion": "objects", "interest": "minor",
    "separable_D4": "yes",
}  # fmt: skip


def answers_to(code: str) -> dict[str, str]:
    """A way through the five questions to a result: the shortest one where the story asks for no other."""
    if code == "P":
        return dict(PARTLY)
    queue: deque[tuple[str, dict[str, str]]] = deque([(law.ENTRY, {})])
    while queue:
        at, given = queue.popleft()
        for answer in law.QUESTIONS[at].answers:
            found = {**given, at: answer.key}
            if answer.to == code:
                return found
            if answer.to in law.QUESTIONS and len(found) < 12:
                queue.append((answer.to, found))
    raise ValueError(f"no way to {code}")


class Requests(Covering):
    """The lives of all requests of the data."""

    def __init__(self, world: World, timeline: Timeline) -> None:
        self.world, self.timeline = world, timeline
        self.data: dict[str, Any] = json.loads(world.moved(read("requests.json")))
        # A source of its own: the ledger's story stays the same whatever is asked.
        self.random = random.Random(77)  # noqa: S311  the story must be the same every time
        self.cases: dict[str, int] = {}

    def begin(self) -> None:
        """Put every request on the timeline."""
        for row in self.data["requests"]:
            if self.world.units.get(row["unit"]) and self._day(row["day"]) < self.world.today:
                self.timeline.add(self._life(row))
        self.timeline.add(self._nights())

    def _nights(self) -> Life:
        """What runs by itself every night: times that are over without an answer."""
        while True:
            day = timezone.localdate(self.timeline.now) + dt.timedelta(days=1)
            yield timezone.make_aware(dt.datetime.combine(day, dt.time(0, 30)))
            periodic.lapse(self.timeline.now)

    def _day(self, text: str) -> dt.date:
        if not text.startswith("today"):
            return workday(dt.date.fromisoformat(text))
        day, left = self.world.today, int(text.removeprefix("today-"))
        while left:
            day -= dt.timedelta(days=1)
            left -= workday(day) == day
        return day

    def _at(self, day: dt.date) -> dt.datetime:
        minute = self.random.randint(520, 1050)
        return timezone.make_aware(dt.datetime.combine(day, dt.time(minute // 60, minute % 60)))

    def _later(self, workdays: int) -> dt.datetime:
        day, left = timezone.localdate(self.timeline.now), workdays
        while left:
            day += dt.timedelta(days=1)
            left -= workday(day) == day
        moment = self._at(day)
        return moment if moment > self.timeline.now else self.timeline.now + dt.timedelta(minutes=25)

    def _life(self, row: dict[str, Any]) -> Life:
        day = self._day(row["day"])
        yield self._at(day)
        case = self._open(row, day)
        self.cases[row["key"]] = case.pk
        yield from self.steps(case, row["steps"], row)

    def steps(self, case: Request, lines: list[str], row: dict[str, Any]) -> Life:
        """One step after the other, each a word with what it needs."""
        for line in lines:
            word, _, rest = line.partition(" ")
            step: Callable[..., Life] = getattr(self, f"_{word}")
            yield from step(case, rest, row)

    # --- coming in ----------------------------------------------------------------------------------------------------

    def _typed(self, row: dict[str, Any]) -> dict[str, Any]:
        unit = self.world.units[row["unit"]]
        typed: dict[str, Any] = {
            "unit": unit.pk, "subject": row["subject"], "content": row["content"], "forms": ["electronic"],
            "accepts_other": "yes", "way": "online" if row["channel"] == "web" else "post",
        }  # fmt: skip
        if "organisation" in row:
            body = self.data["organisations"][row["organisation"]]
            return typed | {"applicant_kind": "organisation", **body}
        person = dict(self.data["citizens"][row["who"]])
        proof = {"identity_kind": "id_card"} if person["identity_number"] else {"identity_kind": "other"}
        person["identity_number"] = person["identity_number"] or f"YX{row['who']:06d}"
        return typed | {"applicant_kind": "citizen", **proof, **person}

    def _open(self, row: dict[str, Any], day: dt.date) -> Request:
        if row["channel"] == "web":
            return self._fresh(submit(self._typed(row), None, now=self.timeline.now).case)
        unit = self.world.units[row["unit"]]
        paper = {"channel": row["channel"], "arrived_on": day.isoformat(), "as_written": "on"}
        if row["channel"] in ("fax", "email"):
            paper["confirmed_on"] = day.isoformat()
        event = self.timeline.do("request.enter", None, self.world.officer(unit), self._typed(row) | paper)
        return self._fresh(event.case)

    def _fresh(self, case: Any) -> Request:
        return Request.objects.select_related("unit", "supervisor").get(pk=case.pk)

    # --- steps --------------------------------------------------------------------------------------------------------

    def _do(self, act: str, case: Request, user: User | None, **data: Any) -> None:
        self.timeline.do(f"request.{act}", self._fresh(case), user, data)

    def _worker(self, case: Request) -> User:
        return self.world.officer(case.unit)

    @property
    def _today(self) -> str:
        return timezone.localdate(self.timeline.now).isoformat()

    def _register(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        yield self._later(1)
        handler = self.world.staff[case.unit_id][-1]
        self._do("register", case, self._worker(case), area=row["area"], handler=handler.pk, identity="complete")

    def _supplement(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        days, _, items = rest.partition(" ")
        yield self._later(int(days))
        sent = {"sent_on": self._today, "received_on": self._today, "workdays": 10}
        self._do("ask_supplement", case, self._worker(case), items=items, **sent)

    def _answered(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        days, _, words = rest.partition(" ")
        yield self._later(int(days))
        self._do("supplement_received", case, self._worker(case), answer=words, answered_on=self._today)

    def _lapsed(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        """Nothing comes; the night after the last day the request goes back to its handler."""
        yield self._later(12)

    def _third(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        days, _, words = rest.partition(" ")
        name, information, part = words.split("|")
        yield self._later(int(days))
        self._do(
            "ask_third_party", case, self._worker(case), party_kind="organisation", name=name,
            information=information, part=part, way="post", sent_on=self._today, received_on=self._today,
        )  # fmt: skip

    def _opinion(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        days, answer, reasons = rest.split(" ", 2)
        yield self._later(int(days))
        asked = self._fresh(case).consultations.get(answered_on__isnull=True)
        said = {"consultation": asked.pk, "answer": answer, "reasons": reasons, "answered_on": self._today}
        self._do("opinion_received", case, self._worker(case), **said)

    def _ask_extend(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        days, workdays = rest.split(" ")
        yield self._later(int(days))
        self._do(
            "ask_extension", case, self._worker(case), workdays=int(workdays),
            reason="所申请的信息涉及年度多、数量大，需要逐份查找核对。",
        )  # fmt: skip

    def _extend(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        yield from self._ask_extend(case, rest, row)
        yield self._later(1)
        leader = self.world.holder(case.unit, Role.LEADER)
        self._do("grant_extension", case, leader, workdays=int(rest.split(" ")[1]), words="同意延期，抓紧办理。")

    def _search(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        days, result = rest.split(" ")
        yield self._later(int(days))
        found = result == "found"
        self._do(
            "add_search", case, self._worker(case), place="机关档案室、业务系统", method="按名称、年度和责任单位检索",
            searched_on=self._today, searcher="档案管理岗", result="找到相关材料。" if found else "没有检索到相关信息。",
            **({"found": "on"} if found else {}),
        )  # fmt: skip

    def _judge(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        verdict, _, reason = rest.partition(" ")
        yield self._later(1)
        self._do("judge_public_interest", case, self._worker(case), verdict=verdict, reason=reason)

    def _withdraw(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        yield self._later(int(rest))
        self._do("withdraw", case, None)

    def _draft(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        code, days = rest.split(" ")
        yield self._later(int(days))
        said: dict[str, Any] = {"decision": code, "answers": json.dumps(answers_to(code)), **self.data["said"][code]}
        if law.decision(code).needs_withheld_parts:
            said["withheld"] = [
                {"what": "检测单位的设备参数和报价", "ground": "D4", "reason": "属于商业秘密，第三方不同意公开"}
            ]
        self._do("draft_reply", case, self._worker(case), **said)

    def _submit(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        yield self._later(1)
        self._do("submit_reply", case, self._worker(case), proper="on")

    def _review(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        yield from self._submit(case, rest, row)
        yield from self._pass(case, rest, row)

    def _pass(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        while (now := self._fresh(case)).state == "review":
            yield self._later(1)
            place: Unit = now.turn_unit or now.unit
            role = Role(now.turn_role)
            name = "sign_reply" if role == Role.LEADER else "pass_reply"
            self._do(name, case, self.world.holder(place, role), words=OPINIONS[role])

    def _deliver(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        yield self._later(1)
        number = {"tracking_number": f"YX{case.pk:09d}"} if rest == "post" else {}
        self._do("deliver", case, self._worker(case), way=rest, sent_on=self._today, **number)

    def _archive(self, case: Request, rest: str, row: dict[str, Any]) -> Life:
        yield self._later(5)
        self._do("archive", case, self._worker(case))
