"""The lives of the district's duties: receipt, reports, completion, checks, delays, in shares that the data sets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Avg, Count, Q
from django.utils import timezone

from gongkai.core import clocks, reminders
from gongkai.core.models import Case, Clock, Event, Unit, User
from gongkai.core.roles import Role
from gongkai.demo.timeline import Life, Timeline, is_workday, later, workday
from gongkai.demo.words import Evidence, Words
from gongkai.demo.world import World
from gongkai.ledger import recurrence
from gongkai.ledger.models import Assignment, AssignmentRole, Notice, Plan, Progress, Task

DAY = dt.timedelta(days=1)


class Hands:
    """What people do with an assignment; each method is one act, done now by whoever would do it."""

    def __init__(self, world: World, timeline: Timeline) -> None:
        self.world, self.timeline = world, timeline
        self.random = timeline.random
        self.words = Words(world, timeline.random)
        self.evidence = Evidence()
        self.office: User = world.people["gongkai"]
        self.defaults = world.history["defaults"]
        self.texts = world.texts

    def month(self) -> int:
        """The month of the story."""
        return timezone.localtime(self.timeline.now).month

    def worker(self, case: Any) -> User:
        """The handler, else the unit's first person."""
        handler = next((user for user in self.world.staff.get(case.unit_id, []) if user.pk == case.handler_id), None)
        return handler or self.world.officer(case.unit)

    def receive(self, case: Assignment) -> None:
        """签收, sometimes handing it to a handler of the unit."""
        staff = self.world.staff[case.unit_id]
        handlers = [user for user in staff[1:] if self.timeline.chance(0.6)]
        data = {"handler": handlers[0].pk} if handlers else {}
        self.timeline.do("assignment.receive", case, staff[0], data)
        case.handler = handlers[0] if handlers else staff[0]

    def _report_data(self, case: Assignment, text: str, percent: int, *, withheld: bool) -> dict[str, Any]:
        data: dict[str, Any] = {"text": text[:500], "percent": percent, "public": "no" if withheld else "yes"}
        if withheld:
            data["private_reason"] = self.words.one(self.texts["withheld_reasons"])
        if Assignment.objects.filter(pk=case.pk, urge_open=True).exists():
            data["answer"] = self.words.fill(
                self.words.one(self.texts["urging_replies"]), deadline=self._day_words(self.timeline.now + 5 * DAY)
            )
        value = self.value(case, percent)
        if value is not None:
            data["value"] = value
        return data

    def _day_words(self, moment: dt.datetime) -> str:
        day = workday(timezone.localdate(moment))
        return f"{day.month}月{day.day}日"

    def value(self, case: Assignment, percent: int) -> int | None:
        """The figure that a duty with a target asks for."""
        targets = [target for target in case.task.targets.all() if not target.metric]
        if not targets:
            return None
        goal = float(targets[0].value)
        if "按时答复率" in targets[0].text:
            return self.random.randint(97, 100)
        if targets[0].unit == "%":
            return min(100, round(goal + self.random.randint(-4, 12))) if goal < 95 else round(goal * percent / 100)
        return max(0, round(goal * percent / 100))

    def files(self, share: float, names: list[str] | None = None) -> dict[str, Any]:
        """Evidence for a share of the reports."""
        if names is None:
            if not self.timeline.chance(share):
                return {}
            names = [self.words.fill(self.words.one(self.texts["evidence_names"], "evidence"), month=self.month())]
        made = [SimpleUploadedFile(name, self.evidence.bytes_of(name), "application/octet-stream") for name in names]
        return {"files": made}

    def report(
        self,
        case: Assignment,
        text: str,
        percent: int,
        *,
        clock: str = "",
        user: User | None = None,
        names: list[str] | None = None,
        evidence: float = 0.2,
        value: int | None = None,
    ) -> Event:
        """报送进展."""
        data = self._report_data(case, text, percent, withheld=self.timeline.chance(0.02))
        if value is not None:
            data["value"] = value
        files = self.files(evidence, names)
        case.percent = percent
        return self.timeline.do("assignment.report", case, user or self.worker(case), data | {"clock": clock}, files)

    def submit(
        self, case: Assignment, text: str, *, user: User | None = None, files: dict[str, Any] | None = None
    ) -> Event:
        """提交办结."""
        data = self._report_data(case, text, 100, withheld=False)
        return self.timeline.do("assignment.submit", case, user or self.worker(case), data, files or {})

    def release(self, case: Assignment) -> None:
        """公开进展: the newest report that waits and may be shown."""
        waiting = Progress.objects.filter(
            assignment=case, returned_at__isnull=True, released_at__isnull=True, public=True
        ).first()
        if waiting is not None:
            self.timeline.do("assignment.release", case, self.office, {"progress": waiting.pk})

    def state(self, case: Case) -> str:
        """The state as it stands."""
        return Case.objects.values_list("state", flat=True).get(pk=case.pk)


class Lives(Hands):
    """Every duty's life, and what goes on around them."""

    def __init__(self, world: World, timeline: Timeline, notice: Notice, previous: Notice) -> None:
        super().__init__(world, timeline)
        self.notice, self.previous = notice, previous
        rows = (
            Assignment.objects.filter(task__notice=notice)
            .select_related("unit", "task__notice")
            .prefetch_related("clocks", "task__deadlines", "task__targets")
            .order_by("pk")
        )
        self.assignments = list(rows)
        self.by_place = {(str(case.task.ordinal), case.unit.code): case for case in self.assignments}
        self.tasks = {str(case.task.ordinal): case.task for case in self.assignments}
        # Cases whose whole life the plot tells; and steps of the plot for single periods: (case, 0 or -1) -> steps.
        self.taken: set[int] = set()
        self.periods: dict[tuple[int, int], list[dict[str, Any]]] = {}
        self.hearings: dict[int, dict[str, Any]] = {}
        self.play_steps: Any = None
        self.sittings: dict[int, dt.datetime] = {}
        self.dispatched = timezone.localdate(timeline.now)

    def begin(self) -> None:
        """All lives that the plot does not tell begin."""
        for case in self.assignments:
            if case.pk not in self.taken:
                self.timeline.add(self.life(case))
        for task in self.tasks.values():
            self.timeline.add(self.summaries(task))
        self.timeline.add(self.mornings())

    def sitting(self, unit: Unit) -> dt.datetime:
        """When a unit confirms its duties: all at one sitting, a few units late."""
        if unit.pk not in self.sittings:
            rules = self.defaults["receipt"]
            first, last = rules["days_after_dispatch"] if self.timeline.chance(0.94) else rules["late_days"]
            day = self.timeline.between(self.dispatched + first * DAY, self.dispatched + last * DAY)
            self.sittings[unit.pk] = self.timeline.at(max(day, later(self.dispatched, 1)))
        self.sittings[unit.pk] += dt.timedelta(seconds=self.random.randint(15, 80))
        return self.sittings[unit.pk]

    def life(self, case: Assignment) -> Life:
        """One duty of one unit from receipt to its end, or to today."""
        yield self.sitting(case.unit)
        self.receive(case)
        ref = str(case.task.ordinal)
        rhythm = next((r for r in map(recurrence.rhythm_of, case.task.deadlines.all()) if r), None)
        if rhythm is not None:
            yield from self.recurring(case, ref)
            return
        if ref == "28":
            yield from self.after_plan(case)
            return
        due = self.due_of(case)
        if due is None:
            return
        if case.pk in self.hearings:
            yield from self.hearing(case)
        elif due.year > self.notice.plan_year:
            yield from self.waiting_for_next_year(case, ref)
        elif (due.month, due.day) == (12, 31):
            yield from self.whole_year(case, ref, due)
        else:
            yield from self.dated(case, ref, due)

    def due_of(self, case: Assignment) -> dt.date | None:
        """The last day of the nearest fixed date; None where only events start the time."""
        dates = [clock.date for clock in case.clocks.all() if clock.code.startswith("date:") and clock.date]
        return min(dates) if dates else None

    # Duties with a date.

    def dated(self, case: Assignment, ref: str, due: dt.date) -> Life:
        """Reports on the way, completion before or after the day, check."""
        rules, dice = self.defaults["dated"], self.random.random()
        # Where a duty is hard, several units are late; elsewhere none is.
        if ref not in rules["hard"] and not self.is_drive(case):
            dice = 1.0
        late = rules["missing"] < dice < rules["missing"] + rules["late"]
        missing = dice <= rules["missing"]
        returned = self.timeline.chance(rules["returned"])
        if late:
            finish = workday(due + self.random.randint(*rules["late_days"]) * DAY)
            finish = finish if finish > due else later(due, 1)
        elif self.timeline.chance(rules["early"]):
            finish = workday(due - self.random.randint(*rules["early_days"]) * DAY)
        else:
            finish = workday(due - (self.random.randint(*rules["days_before_due"]) + 8 * returned) * DAY)
        finish = max(finish, later(timezone.localdate(self.timeline.now), 4))
        yield from self.on_the_way(case, ref, due if missing else finish, self.random.randint(*rules["reports_before"]))
        if missing:
            yield from self.never(case, ref, due)
            return
        if late and finish > due + 8 * DAY:
            yield self.timeline.at(later(due, 3))
            self.urge(case, ref, due)
        elif not late and self.timeline.chance(rules["postponed"]):
            finish = yield from self.postponed(case, due)
        yield self.timeline.soon(self.timeline.at(finish))
        yield from self.finish(case, ref, late=late, returned=returned)

    def is_drive(self, case: Assignment) -> bool:
        """Whether the duty belongs to the notice of the last weeks."""
        return case.task.notice_id != self.notice.pk

    def on_the_way(self, case: Assignment, ref: str, until: dt.date, number: int) -> Life:
        """Some reports between now and a day."""
        start = timezone.localdate(self.timeline.now)
        span = (until - start).days
        for at in range(1, number + 1):
            day = workday(start + dt.timedelta(days=span * at // (number + 1)))
            if day <= timezone.localdate(self.timeline.now):
                continue
            yield self.timeline.at(day)
            percent = min(
                90, max(case.percent + 5, 5 * round((100 * at / (number + 1) + self.random.randint(-8, 8)) / 5))
            )
            self.report(case, self.words.progress(case, ref, self.month(), "way"), percent)
            if self.timeline.chance(0.25):
                yield self.timeline.days_later(1, 2)
                self.release(case)

    def never(self, case: Assignment, ref: str, due: dt.date) -> Life:
        """Nothing comes: urged, then supervised; some are answered."""
        yield self.timeline.at(later(due, 3))
        self.urge(case, ref, due)
        yield self.timeline.at(later(due, 8))
        letter = self.supervise(case, ref, due)
        yield self.timeline.days_later(2, 4)
        answer = self.words.fill(
            self.words.one(self.texts["supervision_replies"]), deadline=self._day_words(self.timeline.now + 12 * DAY)
        )
        self.timeline.do("supervision.answer", letter, self.worker(case), {"answer": answer})
        yield self.timeline.days_later(1, 2)
        self.timeline.do("supervision.close", letter, self.office, {"words": "答复清楚，按写明的时间完成。"})
        if due > self.world.today - 75 * DAY:
            return  # still not done
        yield self.timeline.days_later(6, 10)
        yield from self.finish(case, ref, late=True)

    def urge(self, case: Assignment, ref: str, due: dt.date) -> None:
        """催办 by the office."""
        days = (timezone.localdate(self.timeline.now) - due).days
        self.timeline.do(
            "assignment.urge",
            case,
            self.office,
            {"words": f"第{ref}项已经超过时限{days}天。请今天报送进展，写明没有按时完成的原因和预计完成时间。"},
        )

    def supervise(self, case: Assignment, ref: str, due: dt.date) -> Case:
        """发督办单; returns the supervision."""
        now = timezone.localdate(self.timeline.now)
        event = self.timeline.do(
            "assignment.supervise",
            case,
            self.world.people["gongkai-duban"],
            {
                "problem": f"你单位承担的第{ref}项任务“{case.task.name}”超过规定时限{(now - due).days}天，经催办仍没有完成。",
                "demand": "请由分管负责人牵头研究，明确一名负责人每天跟进，限期完成并书面反馈办理结果。",
                "answer_by": later(now, 5).isoformat(),
            },
        )
        return Case.objects.get(pk=event.data["supervision"])

    def postponed(self, case: Assignment, due: dt.date) -> Any:
        """A postponement is asked for and granted; returns the new day of completion."""
        chosen = self.random.choice(self.texts["postponements"])
        new_due = workday(due + chosen["days"] * DAY)
        yield self.timeline.soon(self.timeline.at(workday(due - 6 * DAY)))
        self.timeline.do(
            "assignment.request_postponement",
            case,
            self.worker(case),
            {"date": new_due.isoformat(), "reason": chosen["reason"]},
        )
        yield self.timeline.days_later(1, 2)
        opinion = self.words.one(self.texts["postponement_opinions"]["approve"])
        self.timeline.do("assignment.approve_postponement", case, self.office, {"words": opinion})
        return workday(new_due - self.random.randint(0, 4) * DAY)

    def finish(self, case: Assignment, ref: str, *, late: bool, returned: bool = False) -> Life:
        """Completion, the unit's own review where it has one, the office's check, sometimes a return first."""
        files = self.files(self.defaults["evidence"] * 0.5)
        text = self.words.completion(case, ref, self.month(), late=late, evidence=bool(files))
        self.submit(case, text, files=files)
        yield from self.reviewed(case)
        if returned:
            yield self.timeline.days_later(1, 2)
            self.timeline.do(
                "assignment.return", case, self.office, {"reason": self.words.one(self.texts["returns"], "return")}
            )
            yield self.timeline.days_later(1, 2)
            self.submit(case, f"已按意见补充完善。{text}", files=self.files(1))
            yield from self.reviewed(case)
        yield self.timeline.days_later(*self.defaults["check_days"])
        opinion = self.texts["check_opinions"][5] if late else self.words.one(self.texts["check_opinions"][:3], "check")
        self.timeline.do("assignment.close", case, self.office, {"words": opinion})
        if self.timeline.chance(0.55):
            yield self.timeline.now + dt.timedelta(minutes=self.random.randint(1, 9))
            self.release(case)

    def reviewed(self, case: Assignment) -> Life:
        """The unit's own reviewer passes it where there is one."""
        reviewer = self.world.holder(case.unit, Role.REVIEWER)
        if reviewer is None:
            return
        yield self.timeline.now + dt.timedelta(minutes=self.random.randint(30, 150))
        self.timeline.do(
            "assignment.review_pass", case, reviewer, {"words": self.words.one(self.texts["review_opinions"][::2])}
        )

    # Duties of the whole year.

    def whole_year(self, case: Assignment, ref: str, due: dt.date) -> Life:
        """A third is through already; the others report now and then."""
        rules = self.defaults["year_end"]
        start = timezone.localdate(self.timeline.now)
        if self.timeline.chance(rules["done_already"]) and ref not in ("11", "13"):
            finish = self.timeline.between(start + 70 * DAY, due - 20 * DAY)
            yield from self.on_the_way(case, ref, finish, self.random.randint(0, 2))
            yield self.timeline.soon(self.timeline.at(finish))
            yield from self.finish(case, ref, late=False)
            return
        yield from self.on_the_way(case, ref, due, self.random.randint(1, 3))
        yield self.timeline.soon(self.timeline.at(workday(due - self.random.randint(1, 12) * DAY)))
        yield from self.finish(case, ref, late=False)

    def waiting_for_next_year(self, case: Assignment, ref: str) -> Life:
        """A note at most."""
        if self.timeline.chance(0.3):
            yield self.timeline.at(self.timeline.between(self.dispatched + 150 * DAY, self.dispatched + 230 * DAY))
            self.report(
                case, self.words.progress(case, ref, self.month(), "way"), self.random.choice([5, 10, 15]), evidence=0
            )

    def hearing(self, case: Assignment) -> Life:
        """The head heard a report: recorded, handed in as progress, completed, passed."""
        plan = self.hearings[case.pk]
        held = workday(self.world.today - plan["days_before_today"] * DAY)
        told = self.texts["hearings"][plan["hearing"]]
        yield self.timeline.soon(self.timeline.at(later(held, 1)))
        held = min(held, timezone.localdate(self.timeline.now))
        self.record_hearing(case.unit, case.task, held, told)
        yield self.timeline.days_later(1, 2)
        settled = len(told["settled"])
        text = f"{held.month}月{held.day}日{told['meeting']}听取政务公开工作汇报，议定事项{settled}项已录入平台，责任科室和时间已明确。"
        self.submit(case, text)
        yield from self.reviewed(case)
        yield self.timeline.days_later(1, 2)
        self.timeline.do("assignment.close", case, self.office, {"words": "记录完整，同意办结。"})
        yield self.timeline.now + dt.timedelta(minutes=3)
        self.release(case)

    def record_hearing(self, unit: Unit, task: Task, held: dt.date, told: dict[str, Any], form: str = "report") -> None:
        """登记听取汇报, as progress of the duty."""
        self.timeline.do(
            "hearing.record",
            None,
            self.world.officer(unit),
            {
                "form": form,
                "held_on": held.isoformat(),
                "chair": told["presider"],
                "content": told["content"],
                "settled": "；".join(told["settled"]) + "。",
                "attendees": self.random.randint(6, 22),
                "tasks": [task.pk],
                "as_progress": "on",
            },
        )

    def after_plan(self, case: Assignment) -> Life:
        """The duty to make a plan ends when the unit's own plan is public."""
        while True:
            plan = Plan.objects.filter(notice=self.notice, unit=case.unit, state="published").first()
            if plan is not None:
                break
            yield self.timeline.days_later(2)
        yield self.timeline.days_later(1)
        text = "工作方案经主要负责人审定后在区政府网站公布，任务逐项分到科室，写明了完成时间。"
        late = bool(plan.published_on and plan.published_on > self.plan_due())
        self.submit(case, text + (self.texts["completion_late"] if late else "提请复核。"))
        yield from self.reviewed(case)
        yield self.timeline.days_later(1, 3)
        self.timeline.do("assignment.close", case, self.office, {"words": "方案已公布，责任到科室，同意办结。"})
        if self.timeline.chance(0.8):
            yield self.timeline.now + dt.timedelta(minutes=2)
            self.release(case)

    def plan_due(self) -> dt.date:
        """The last day for units' own plans."""
        return (self.notice.issued_on or self.dispatched) + 30 * DAY

    # Duties that come again.

    def running_period(self, case: Assignment) -> Clock | None:
        """The period that runs."""
        return (
            Clock.objects.filter(case=case, code__startswith=recurrence.REPORT, state="running")
            .order_by("date")
            .first()
        )

    def current_due(self, case: Assignment) -> dt.date | None:
        """The due day of the period in which the story ends."""
        for deadline in case.task.deadlines.all():
            rhythm = recurrence.rhythm_of(deadline)
            if rhythm:
                found = recurrence.next_occurrence(rhythm, self.world.today, recurrence.horizon_of(case.task))
                return found.due if found else None
        return None

    def recurring(self, case: Assignment, ref: str) -> Life:
        """Period after period: reported, sometimes late, sometimes returned."""
        current = self.current_due(case)
        before: dt.date | None = None
        while True:
            clock = self.running_period(case)
            if clock is None or clock.date is None or clock.date == before:
                return
            before = clock.date
            key = self._relative(case, clock.date, current)
            if key is not None and (case.pk, key) in self.periods:
                yield from self.play_steps(case, self.periods[case.pk, key], clock.date, key)
                continue
            yield from self.one_period(case, ref, clock)

    def _relative(self, case: Assignment, due: dt.date, current: dt.date | None) -> int | None:
        if current is None:
            return None
        if due == current:
            return 0
        length = 45 if "month" in {d.unit for d in case.task.deadlines.all()} else 110
        return -1 if 0 < (current - due).days < length else None

    def one_period(self, case: Assignment, ref: str, clock: Clock) -> Life:
        """One period's report."""
        due = clock.date or self.world.today
        quarterly = "-Q" in clock.code or "-H" in clock.code
        rules = self.defaults["quarterly" if quarterly else "monthly"]
        dice = self.random.random()
        if dice < rules["missing"]:
            day = later(due, self.random.randint(7, 15))
        elif dice < rules["missing"] + rules["late"]:
            day = later(due, self.random.randint(*rules["late_days"]))
        else:
            day = workday(due - self.random.randint(*rules["days_before_due"]) * DAY)
        earliest = later(timezone.localdate(self.timeline.now), 1)
        yield self.timeline.soon(self.timeline.at(max(day, earliest)))
        yield from self.report_period(case, ref, clock, day > due)
        if self.timeline.chance(rules["returned"]):
            yield self.timeline.days_later(1, 2)
            reason = self.words.one(
                self.texts["returns"][1:2] + self.texts["returns"][3:5] + self.texts["returns"][8:9]
            )
            self.timeline.do("assignment.return_report", case, self.office, {"reason": reason})
            yield self.timeline.days_later(1, 2)
            yield from self.report_period(case, ref, clock, False, again=True)
        elif self.timeline.chance(0.35):
            yield self.timeline.days_later(1, 3)
            self.release(case)

    def report_period(self, case: Assignment, ref: str, clock: Clock, late: bool, *, again: bool = False) -> Life:
        """The words of a period."""
        if not Clock.objects.filter(pk=clock.pk, state=Clock.State.RUNNING).exists():
            return  # a meeting that was recorded has already been handed in for this period
        due = clock.date or self.world.today
        percent = min(96, max(case.percent, round(100 * due.timetuple().tm_yday / 366 / 5) * 5))
        value = self.value(case, percent)
        text = self.words.progress(case, ref, due.month, share=value)
        if late:
            text += "报送超过时限，原因是经办人员交接，已明确两人负责。"
        self.report(
            case, f"已核对更正。{text}" if again else text, percent, clock=clock.code, evidence=0.15, value=value
        )
        return
        yield

    # Around the duties.

    def summaries(self, task: Task) -> Life:
        """The lead sums up every two months or so; most of it is released."""
        day = self.dispatched + self.random.randint(45, 80) * DAY
        lead = next(
            (case for case in self.assignments if case.task_id == task.pk and case.role == AssignmentRole.LEAD), None
        )
        user = self.world.officer(lead.unit) if lead else self.office
        while True:
            yield self.timeline.at(workday(day))
            day += self.random.randint(50, 80) * DAY
            found = Assignment.objects.filter(task=task).exclude(state="cancelled").aggregate(
                total=Count("pk"), done=Count("pk", filter=Q(state="done")), percent=Avg("percent"),
                late=Count("pk", filter=Q(light="late", closed_at__isnull=True)),
            )  # fmt: skip
            if not found["total"]:
                return
            text = self.words.summary(found["total"], found["done"], found["late"])
            percent = round(found["percent"] or 0)
            self.timeline.do("task.summarise", task, user, {"text": text, "percent": percent, "public": "on"})
            if self.timeline.chance(0.8) or found["done"] == found["total"]:
                yield self.timeline.days_later(1, 2)
                self.release_summary(task)
            if found["done"] == found["total"]:
                return

    def release_summary(self, task: Task) -> None:
        """The office makes the summary public: the plot and the life of a duty may both wait with one, and once is enough."""
        waiting = Task.objects.filter(pk=task.pk, summary_released_at__isnull=True).exclude(summary_text="").first()
        if waiting is not None:
            self.timeline.do("task.release", waiting, self.office)

    def mornings(self) -> Life:
        """The morning's reminders, as the periodic work gives them: once a week, and every day of the last weeks."""
        day = self.dispatched
        recent = self.world.today - 18 * DAY
        while True:
            day += DAY
            if not is_workday(day) or (day < recent and day.toordinal() % 7 != 3):
                continue
            yield self.timeline.at(day, "08:00")
            clocks.refresh_lights(self.timeline.now)
            reminders.run(self.timeline.now)
