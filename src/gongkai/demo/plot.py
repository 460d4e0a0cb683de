"""What is told by name: the plot of the data, units' own plans, the look-back, events, and the last weeks' new notices."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from gongkai.core.models import Case
from gongkai.core.roles import Role
from gongkai.demo.lives import DAY, Lives
from gongkai.demo.papers import Office, relative
from gongkai.demo.timeline import Life, later, workday
from gongkai.ledger.models import Assignment, LookBack, Notice, Plan, PlanItem, Rectification, Supervision

Step = dict[str, Any]


class Plot:
    """Queues everything that has a name."""

    def __init__(self, lives: Lives, desk: Office) -> None:
        self.lives, self.desk = lives, desk
        self.world, self.timeline = lives.world, lives.timeline
        self.history = lives.world.history

    def begin(self) -> None:
        """All of it."""
        self.lives.play_steps = self.play_steps
        for entry in self.history["plot"]:
            self._entry(entry)
        self._hearings()
        self._events()
        for plan in Plan.objects.filter(notice=self.lives.notice).select_related("unit"):
            self.timeline.add(self.plan(plan))
        self.timeline.add(self.look_back())
        for addition in self.history["additions"]:
            self.timeline.add(self.addition(addition))
        self.timeline.add(self.group_meetings())
        self.timeline.add(self.drive())
        self.timeline.add(self.last_import())

    def case_of(self, ref: str, unit: str) -> Assignment | None:
        """An assignment by item and unit."""
        return self.lives.by_place.get((ref, unit))

    # Steps of the plot.

    def _entry(self, entry: dict[str, Any]) -> None:
        case = self.case_of(entry["ref"], entry["unit"])
        if case is None:
            return
        if entry["occurrence"] is not None:
            self.lives.periods[case.pk, entry["occurrence"]] = entry["steps"]
        elif all(step["act"] == "lead_summary" for step in entry["steps"]):
            self.timeline.add(self.play_steps(case, entry["steps"], None, None))
        else:
            self.lives.taken.add(case.pk)
            self.timeline.add(self.whole(case, entry["steps"]))

    def whole(self, case: Assignment, steps: list[Step]) -> Life:
        """A life told from beginning to end; receipt is added where the plot does not mention it."""
        if steps and steps[0]["act"] != "receive":
            yield self.lives.sitting(case.unit)
            self.lives.receive(case)
        yield from self.play_steps(case, steps, self.lives.due_of(case) or self._duration_due(case), None)

    def _duration_due(self, case: Assignment) -> dt.date | None:
        """The day of a clock that began with the notice itself."""
        for clock in case.clocks.all():
            if clock.code.startswith("event:") and clock.due_at:
                return timezone.localdate(clock.due_at - dt.timedelta(microseconds=1))
        return None

    def when(self, step: Step, due: dt.date | None) -> dt.datetime:
        """A step's moment; rest days move it to the working day before, never before the step that went before."""
        anchor = {"today": self.world.today, "dispatch": self.lives.dispatched, "due": due}[step["when"]["from"]]
        if anchor is None:
            raise RuntimeError("a step of the plot counts from a due day that its duty does not have")
        moment = self.timeline.at(workday(anchor + step["when"]["days"] * DAY), step["when"].get("time") or "")
        return self.timeline.soon(moment)

    def play_steps(self, case: Assignment, steps: list[Step], due: dt.date | None, period: int | None) -> Life:
        """Steps in order; `period` is 0 or -1 where they belong to one period of a recurring duty."""
        for step in steps:
            if step["act"] == "receive" and period is not None:
                continue
            yield self.when(step, due)
            if step["act"] == "close" and period is None and self.lives.state(case) == "review":
                reviewer = self.world.holder(case.unit, Role.REVIEWER)
                self.timeline.do("assignment.review_pass", case, reviewer, {"words": "内容准确，可以报送。"})
                yield self.timeline.now + dt.timedelta(hours=1)
            self._step(case, step, period)
            if (
                step.get("release")
                and step["act"] in ("report", "submit", "lead_summary")
                and not (period is None and step["act"] == "submit")
            ):
                yield self.timeline.days_later(1)
                self._release(case, step)
            if step["act"] == "close" and any(one.get("release") for one in steps):
                yield self.timeline.now + dt.timedelta(minutes=2)
                self.lives.release(case)

    def _release(self, case: Assignment, step: Step) -> None:
        if step["act"] == "lead_summary":
            self.lives.release_summary(case.task)
        else:
            self.lives.release(case)

    def _step(self, case: Assignment, step: Step, period: int | None) -> None:
        user = self.world.people[step["by"]]
        act = step["act"]
        text = step.get("text") or ""
        if act in ("report", "submit"):
            self._report(case, step, period, user)
        elif act == "close":
            if period is None:
                self.timeline.do("assignment.close", case, user, {"words": text})
        elif act == "record_hearing":
            held = timezone.localdate(self.timeline.now)
            self.lives.record_hearing(case.unit, case.task, held, self.lives.texts["hearings"][step["hearing"]])
        elif act == "lead_summary":
            data = {"text": text, "percent": 82, "public": "on"}
            self.timeline.do("task.summarise", case.task, user, data)
        elif act == "assign":
            person = self.world.people[step["to"]]
            if Assignment.objects.filter(pk=case.pk).exclude(handler=person).exists():
                self.timeline.do("assignment.transfer", case, user, {"handler": person.pk})
                case.handler = person
        elif act == "answer_supervision":
            letter = Supervision.objects.filter(assignment=case, state="issued").latest("pk")
            self.timeline.do("supervision.answer", letter, user, {"answer": text})
        elif act == "answer_urge" and not Assignment.objects.filter(pk=case.pk, urge_open=True).exists():
            return
        else:
            self.timeline.do(f"assignment.{act}", case, user, self._data(step))
            if act == "receive":
                case.handler = user

    def _data(self, step: Step) -> dict[str, Any]:
        text = step.get("text") or step.get("reason") or ""
        match step["act"]:
            case "urge" | "approve_postponement" | "review_pass":
                return {"words": text}
            case "answer_urge":
                return {"answer": text}
            case "return" | "cancel" | "reject_postponement":
                return {"reason": text}
            case "pause":
                return {"reason": text, "document": "解读统计口径核对通知"}
            case "ask":
                return {"question": text}
            case "request_postponement":
                return {"reason": text, "date": self._day(step["new_due"]).isoformat()}
            case "supervise":
                day = self._day(step["reply_due"])
                return {"problem": text, "demand": step.get("demand") or _DEMAND, "answer_by": day.isoformat()}
            case "register_event":
                day = timezone.localdate(self.timeline.now)
                return {"occurred_on": day.isoformat(), "note": step["event"]}
        return {}

    def _day(self, when: dict[str, Any]) -> dt.date:
        day = self.world.today + when["days"] * DAY
        return later(day, 1) if workday(day) != day else day

    def _report(self, case: Assignment, step: Step, period: int | None, user: Any) -> None:
        percent = step.get("percent", 0)
        if step["act"] == "submit" and period is None:
            files = self.lives.files(1, step["evidence"]) if step.get("evidence") else {}
            self.lives.submit(case, step["text"], user=user, files=files)
            return
        running = self.lives.running_period(case) if period is not None and percent == 100 else None
        year = min(96, round(100 * timezone.localdate(self.timeline.now).timetuple().tm_yday / 366 / 5) * 5)
        self.lives.report(
            case,
            step["text"],
            max(case.percent, year) if period is not None else percent,
            clock=running.code if running else "none" if period is not None else "",
            user=user,
            names=step.get("evidence"),
            evidence=0,
        )

    # Hearings and events.

    def _hearings(self) -> None:
        told = {entry["unit"] for entry in self.history["plot"] if entry["ref"] == "32"}
        for entry in self.history["hearings"]:
            case = self.case_of("32", entry["unit"])
            if case is not None and entry["unit"] not in told:
                self.lives.hearings[case.pk] = entry

    def group_meetings(self) -> Life:
        """The leading group meets once each half-year, which is a duty of its own."""
        task = self.lives.tasks["31"]
        for days, index in ((75, 5), (215, 7)):
            held = workday(self.lives.dispatched + days * DAY)
            yield self.timeline.at(held, "17:20")
            told = self.lives.texts["hearings"][index]
            told = told | {"presider": "区政府分管负责人", "meeting": "区政务公开领导小组会议"}
            self.lives.record_hearing(self.world.units["YX-BGS"], task, held, told, "group")

    def _events(self) -> None:
        told = {entry["unit"] for entry in self.history["plot"] if entry["ref"] == "8"}
        for entry in self.history["events"]:
            ref = entry["refs"][0]
            if ref == "28" or (ref == "8" and entry["unit"] in told):
                continue
            self.timeline.add(self.event(ref, entry))

    def event(self, ref: str, entry: dict[str, Any]) -> Life:
        """Something happened: registered for one unit or all, and reported by each within its time."""
        task = self.lives.tasks[ref]
        day = workday(self.world.today - entry["days_before_today"] * DAY)
        yield self.timeline.soon(self.timeline.at(max(day, later(self.lives.dispatched, 10))))
        today = timezone.localdate(self.timeline.now)
        deadline = next(d for d in task.deadlines.all() if d.kind == "duration")
        data = {"deadline": deadline.pk, "occurred_on": today.isoformat(), "note": entry["note"]}
        own = self.case_of(ref, entry["unit"]) if entry["unit"] else None
        if own is not None:
            self.timeline.do("assignment.register_event", own, self.lives.worker(own), data)
            carriers = [own]
        else:
            self.timeline.do("task.register_event", task, self.lives.office, data)
            carriers = [case for case in self.lives.assignments if case.task_id == task.pk]
        for case in carriers:
            self.timeline.add(self.event_report(case, entry["note"]))

    def event_report(self, case: Assignment, note: str) -> Life:
        """What was done within the time that the event started."""
        clock = case.clocks.model.objects.filter(case=case, code__startswith="event:", name__contains=note[:20]).first()
        if clock is None or clock.due_at is None:
            return
        due = timezone.localdate(clock.due_at - dt.timedelta(microseconds=1))
        earliest = later(timezone.localdate(self.timeline.now), 1)
        yield self.timeline.at(max(workday(due - self.lives.random.randint(1, 3) * DAY), earliest))
        text = f"{note}：已在时限内办理，结果在区政府网站可以查到。"
        self.lives.report(case, text, max(case.percent, 40), clock=clock.code)
        if self.timeline.chance(0.6):
            yield self.timeline.days_later(1, 2)
            self.lives.release(case)

    # Units' own plans.

    def plan(self, plan: Plan) -> Life:
        """Divisions are named, the leader approves, the plan is published; some are late, two are not there yet."""
        told: dict[str, Any] = next(
            (entry for entry in self.history["own_plans"] if self.world.units[entry["unit"]].pk == plan.unit_id), {}
        )
        issued = self.lives.notice.issued_on or self.lives.dispatched
        days = told.get("days_after_issue") or self.lives.random.randint(14, 29)
        status = told.get("status", "published")
        day = max(workday(issued + days * DAY), later(self.lives.dispatched, 7))
        yield self.timeline.soon(self.timeline.at(workday(day - 4 * DAY)))
        self.name_divisions(plan, told=plan.unit.code in _TOLD, half=status == "draft")
        if status == "draft":
            return
        yield from self.approved(plan, day)
        if status == "approved":
            return
        yield self.timeline.days_later(0, 1)
        self.timeline.do("plan.publish", plan, self.world.officer(plan.unit))

    def name_divisions(self, plan: Plan, *, told: bool, half: bool = False) -> None:
        """Each item gets a division: by the real act where the plan is told by name, written in one go elsewhere."""
        user = self.world.officer(plan.unit)
        items = list(PlanItem.objects.filter(plan=plan).order_by("ordinal"))
        if not told:
            for item in items:
                pool = _DIVISIONS.get(plan.unit.kind, _DIVISIONS["department"])
                item.responsible = self.lives.words.one(pool, plan.pk)
            PlanItem.objects.bulk_update(items, ["responsible"])
            return
        for item in items[: len(items) // 2] if half else items:
            self.timeline.now += dt.timedelta(seconds=self.lives.random.randint(30, 120))
            data = {
                "item": item.pk,
                "measure": item.measure,
                "responsible": self.lives.words.one(_DIVISIONS.get(plan.unit.kind, _DIVISIONS["department"]), plan.pk),
                "due_on": item.due_on.isoformat() if item.due_on else "",
            }
            self.timeline.do("plan.edit_item", plan, user, data)

    def approved(self, plan: Plan, day: dt.date) -> Life:
        """Handed in and approved by the unit's leader."""
        yield self.timeline.soon(self.timeline.at(workday(day - DAY)))
        self.timeline.do("plan.submit", plan, self.world.officer(plan.unit))
        yield self.timeline.soon(self.timeline.at(day))
        leader = self.world.holder(plan.unit, Role.LEADER)
        self.timeline.do("plan.approve", plan, leader, {"words": self.lives.words.one(_APPROVALS, "plan")})

    # The look-back.

    def look_back(self) -> Life:
        """Last year's duties, item by item; what is unfinished is ordered to be put right."""
        office = self.lives.office
        day = later(self.lives.dispatched, 10)
        yield self.timeline.at(day)
        event = self.timeline.do("lookback.start", None, office, {"notice": self.lives.previous.pk})
        case = LookBack.objects.get(number=event.data["number"])
        unfinished: dict[int, list[dict[str, Any]]] = {}
        for entry in self.history["lookback"]:
            unfinished.setdefault(int(entry["ref"]), []).append(entry)
        items = list(case.items.order_by("ordinal"))
        for at, item in enumerate(items):
            if at % 5 == 0:
                yield self.timeline.days_later(1, 2)
            self.timeline.now += dt.timedelta(minutes=self.lives.random.randint(3, 9))
            self.timeline.do("lookback.find", case, office, self._finding(item, unfinished.get(item.ordinal)))
        yield self.timeline.days_later(2)
        for item in items:
            for entry in unfinished.get(item.ordinal, []):
                self._order(case, item, entry)
        yield self.timeline.days_later(2)
        self.timeline.do(
            "lookback.close", case, office, {"conclusion": _CONCLUSION.format(total=len(items), left=len(unfinished))}
        )
        yield self.timeline.now + dt.timedelta(minutes=20)
        self.timeline.do(
            "notice.archive", self.lives.previous, office, {"words": "上年任务已核查，没有完成的已下达整改。"}
        )

    def _finding(self, item: Any, entries: list[dict[str, Any]] | None) -> dict[str, Any]:
        if not entries:
            return {"item": item.pk, "finding": "done", "note": ""}
        reasons = [self.lives.texts["lookback_unfinished"][entry["reason"]] for entry in entries]
        units = "、".join(str(self.world.units[entry["unit"]]) for entry in entries)
        finding = "unfinished" if entries[0]["status"] == "rectifying" else "partly"
        return {"item": item.pk, "finding": finding, "note": f"{units}：{reasons[0]}"}

    def _order(self, case: Case, item: Any, entry: dict[str, Any]) -> None:
        unit = self.world.units[entry["unit"]]
        today = timezone.localdate(self.timeline.now)
        due = today + 45 * DAY
        if entry["status"] == "rectifying":
            # Still being put right: given longer from the start.
            due = max(due, self.world.today + self.lives.random.randint(2, 20) * DAY)
        problem = self.lives.texts["lookback_unfinished"][entry["reason"]]
        self.timeline.now += dt.timedelta(minutes=self.lives.random.randint(4, 15))
        event = self.timeline.do(
            "lookback.order",
            case,
            self.lives.office,
            {"item": item.pk, "unit": unit.pk, "problem": problem, "due_on": due.isoformat()},
        )
        opened = Rectification.objects.get(pk=event.data["rectification"])
        if entry["rectified_days_before_today"] is not None:
            self.timeline.add(self.rectified(opened, entry))

    def rectified(self, case: Rectification, entry: dict[str, Any]) -> Life:
        """Put right and accepted."""
        day = workday(self.world.today - entry["rectified_days_before_today"] * DAY)
        day = min(max(day, later(timezone.localdate(self.timeline.now), 5)), workday(case.due_on))
        yield self.timeline.soon(self.timeline.at(day))
        month = min(12, timezone.localdate(self.timeline.now).month)
        result = self.lives.words.fill(self.lives.texts["rectifications"][entry["rectification"]], s1=month)
        self.timeline.do(
            "rectification.submit",
            case,
            self.world.officer(case.unit),
            {"result": result},
            self.lives.files(1, ["整改情况说明.docx"]),
        )
        yield self.timeline.days_later(1, 3)
        self.timeline.do("rectification.accept", case, self.lives.office, {"words": "整改到位，同意销号。"})

    # The last weeks.

    def addition(self, entry: dict[str, Any]) -> Life:
        """One more unit gets a duty that runs."""
        yield self.when(entry, None)
        task, unit = self.lives.tasks[entry["ref"]], self.world.units[entry["unit"]]
        receive_by = later(timezone.localdate(self.timeline.now), 5)
        self.timeline.do(
            "task.assign",
            task,
            self.lives.office,
            {"unit": unit.pk, "role": "responsible", "receive_by": receive_by.isoformat(), "reason": entry["reason"]},
        )

    def drive(self) -> Life:
        """A second notice of the last days: dispatched, confirmed by most, plans on the leaders' desks."""
        issued = workday(self.world.today - 9 * DAY)
        if issued <= self.lives.dispatched + 30 * DAY:
            return
        yield self.timeline.at(workday(issued + DAY), "09:40")
        notice = self.desk.import_file(
            "政务公开百日提升行动通知.txt", relative(self.world, "notice-drive.txt", issued, 21)
        )
        self.desk.check(notice)
        self.not_yearly(notice)
        notice = self.desk.approve(notice)
        yield self.timeline.days_later(1)
        receive_by = later(max(self.world.today, timezone.localdate(self.timeline.now)), 2)
        self.timeline.do(
            "notice.dispatch", notice, self.lives.office, {"receipt_by": receive_by.isoformat(), "own_plan": "on"}
        )
        notice.refresh_from_db()
        self.timeline.now += dt.timedelta(minutes=25)
        self.timeline.do("notice.publish", notice, self.lives.office, {"slug": f"tisheng-{issued.year}"})
        for case in Assignment.objects.filter(task__notice=notice).select_related("unit", "task").order_by("pk"):
            self.timeline.add(self.new_duty(case))
        for plan in Plan.objects.filter(notice=notice).select_related("unit"):
            if plan.unit.code in ("YX-WJW", "YX-ZJJ", "YX-JYJ"):
                self.timeline.add(self.new_plan(plan))

    def not_yearly(self, notice: Notice) -> None:
        """A drive belongs to no yearly ledger: the office leaves the year empty, so that the year's points stand first."""
        notice.refresh_from_db()
        names = ("title", "level", "issuer", "document_number", "issued_on", "published_on")
        self.timeline.do(
            "notice.edit", notice, self.lives.office, {name: getattr(notice, name) or "" for name in names}
        )

    def new_duty(self, case: Assignment) -> Life:
        """Two thirds have confirmed by now."""
        if case.unit.code in ("YX-LPZ", "YX-JSZ", "YX-MZZ", "YX-RSJ") or self.timeline.chance(0.15):
            return
        yield self.timeline.days_later(1, 3)
        self.lives.receive(case)
        if self.timeline.chance(0.4):
            yield self.timeline.days_later(1, 2)
            text = self.lives.words.one(_DRIVE, case.unit_id)
            self.lives.report(case, text, self.lives.random.choice([10, 20, 30]), evidence=0)

    def new_plan(self, plan: Plan) -> Life:
        """Waits for the unit's leader."""
        yield self.timeline.days_later(2)
        self.name_divisions(plan, told=True)
        yield self.timeline.soon(self.timeline.at(workday(self.world.today - DAY), "16:35"))
        self.timeline.do("plan.submit", plan, self.world.officer(plan.unit))

    def last_import(self) -> Life:
        """A notice of the city that was read and still waits to be checked."""
        issued = workday(self.world.today - 3 * DAY)
        yield self.timeline.at(workday(self.world.today - DAY), "15:05")
        self.desk.import_file(
            "市政府办公室关于平台运行维护的通知.txt",
            relative(self.world, "notice-review.txt", issued, 37),
            level="upstream",
        )


# Plans whose drafting is told act by act.
_TOLD = frozenset({"YX-WJW", "YX-ZJJ", "YX-WJZ", "YX-LPZ"})
_DEMAND = "由分管负责人牵头研究，明确一名负责人每天跟进，限期完成并书面反馈办理结果。"
_CONCLUSION = (
    "对上年要点{total}条任务逐条核查，{left}条没有全部完成，已责令有关单位限期整改。"
    "没有完成的主要原因是历史文件核对工作量大、人员变动交接不清。整改情况随台账跟踪。"
)
_APPROVALS = [
    "同意。请按方案抓好落实。",
    "同意，各科室按分工办理。",
    "同意。完成时间不能往后拖。",
    "原则同意，请办公室每月核对一次进度。",
]
_DRIVE = [
    "已对栏目和办事指南开始逐条核对，失效内容随查随改。",
    "近三个月群众来电来信已归类，问得最多的问题正在起草问答。",
    "已明确牵头科室和联系人，第一轮核对下周完成。",
    "公示栏现场核对已完成三分之一，不一致的当场更换。",
]
_DIVISIONS = {
    "department": ["办公室", "政策法规科", "业务科室", "办公室、业务科室"],
    "street": ["党政办公室", "便民服务中心", "社区建设办公室", "社会事务办公室"],
    "town": ["党政办公室", "便民服务中心", "社会事务办公室", "农业农村办公室"],
    "office": ["政务公开科", "督查科", "综合法规科", "信息公开员"],
    "institution": ["办公室", "业务科"],
    "enterprise": ["综合办公室", "客户服务部"],
    "park": ["综合办公室", "企业服务科"],
    "party": ["办公室", "新闻科"],
}
