"""What was given to one becomes public for all, and what many ask about becomes a proposal: invented, without people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from gongkai.core.roles import Role
from gongkai.demo.publishing import Paper, Publishing
from gongkai.demo.requests import Requests
from gongkai.demo.scenes import Scenes
from gongkai.demo.timeline import Life, Timeline, later, workday
from gongkai.demo.world import World
from gongkai.publications.models import Publication
from gongkai.requests.conversion import signals, topics
from gongkai.requests.conversion.models import Conversion, HotTopic, TopicProposal

# Source, day of the month, words, how many, field, body.
SIGNALS = (
    ("hotline", 8, "咨询小学入学学区怎样划分、什么时候公布", 14, "就业入学", "YX-JYJ"),
    ("mailbox", 12, "小学入学学区划分的范围能不能提前公布", 5, "就业入学", "YX-JYJ"),
    ("board", 15, "小学入学学区怎样划分", 3, "就业入学", "YX-JYJ"),
    ("hotline", 9, "询问既有住宅加装电梯补贴怎样申请、多久到账", 11, "社会保障", "YX-ZJJ"),
    ("service", 16, "既有住宅加装电梯补贴申请材料看不懂", 6, "社会保障", "YX-ZJJ"),
    ("rating", 20, "既有住宅加装电梯补贴进度查不到", 4, "社会保障", "YX-ZJJ"),
    ("hotline", 10, "咨询征地补偿安置费用的标准和发放时间", 8, "征地拆迁", "YX-ZGJ"),
    ("social", 17, "征地补偿安置费用的标准在哪里可以看到", 4, "征地拆迁", "YX-ZGJ"),
    ("hotline", 21, "反映夜间施工噪声", 5, "其他", "YX-CGJ"),
)
EARLIER = (
    ("hotline", 11, "询问既有住宅加装电梯补贴怎样申请", 7, "社会保障", "YX-ZJJ"),
    ("hotline", 13, "咨询小学入学学区怎样划分", 16, "就业入学", "YX-JYJ"),
)
SETTLEMENT = {
    "title": "清平路老旧小区改造工程结算审核情况",
    "text": "清平路老旧小区改造工程（1月至11月）送审金额1862万元，审定金额1795万元，核减67万元，核减率3.6%。\n"
    "核减的主要原因是部分零星工程重复计量、材料价格高于信息价。\n审定金额已经按合同支付到85%。",
}
PLAN = {
    "title": "望江镇长堤村征收补偿安置方案和批准文件",
    "text": "长堤村集体土地征收面积38.6亩，补偿安置方案于当年报区政府批准。\n补偿标准按照区片综合地价执行，青苗和附着物按照公布的标准补偿。",
}
PIPE = {
    "title": "清平路雨污分流改造工程管道检测结论",
    "text": "管道总长1260米，检查井31座。二级缺陷5处，三级缺陷2处，没有四级缺陷。\n结构总体良好，三级缺陷在汛期前修复，二级缺陷列入下一年度养护计划。",
}


class Conversions(Scenes):
    """Each conversion that a reply opened goes its own way."""

    seed = 137

    def __init__(self, world: World, timeline: Timeline, requests: Requests, publishing: Publishing) -> None:
        super().__init__(world, timeline)
        self.requests, self.publishing = requests, publishing

    def begin(self) -> None:
        """Put it on the timeline: days count from the reply that gave something."""
        for life in (
            self._published("carried", "2026-01-26", SETTLEMENT, "城乡建设、环境保护\\城乡建设（含住房）", 4),
            self._declined(), self._late(), self._postponed(), self._put_off(), self._running(), self._again(), self._topics(),
        ):  # fmt: skip
            self.timeline.add(life)

    def _of(self, key: str) -> Conversion | None:
        """The conversion that the reply to a request opened."""
        pk = self.requests.cases.get(key)
        return Conversion.objects.select_related("unit").filter(request=pk).first() if pk else None

    def _judge(self, case: Conversion, verdict: str, **more: Any) -> None:
        self.do("conversion.judge", case, self.world.officer(case.unit), verdict=verdict, **more)

    def _draft(self, case: Conversion, text: dict[str, str]) -> Publication:
        self.do("conversion.draft", case, self.world.officer(case.unit), **text)
        return Publication.objects.select_related("unit").get(pk=self.fresh(case).publication_id)

    def _release(self, draft: Publication, text: dict[str, str], subject: str) -> Life:
        """The draft gets its metadata and goes through its review."""
        code = draft.unit.code
        paper = Paper(
            f"converted-{draft.pk}",
            {
                "title": draft.title, "unit": code, "kind": "公告", "subject": subject, "pace": "quick",
                "made": workday(self.today).isoformat(),
            },
            lines=text["text"].splitlines(),
        )  # fmt: skip
        values = self.publishing.values(paper)
        yield self.publishing.next(paper)
        self.do("publication.edit", draft, self.world.officer(draft.unit), **values)
        yield from self.publishing.review(paper, self.fresh(draft))

    def _published(self, key: str, day: str, text: dict[str, str], subject: str, wait: int) -> Life:
        """Judged, drafted and published within its thirty days."""
        yield self.on(self.date(day))
        case = self._of(key)
        if case is None:
            return
        self._judge(case, "yes")
        yield self.after(wait)
        draft = self._draft(case, text)
        yield from self._release(draft, text, subject)

    def _declined(self) -> Life:
        """What concerns one school alone is not published: the leader agrees."""
        yield self.on(self.date("2026-04-20"))
        case = self._of("supplemented")
        if case is None:
            return
        self._judge(case, "no", reason="合同含供应商的分项报价，项目总额和验收结果已经在网站公开。")
        yield self.after(1)
        leader = self.world.holder(case.unit, Role.LEADER) or self.world.holder(case.unit, Role.REVIEWER)
        self.do("conversion.agree_decline", case, leader)

    def _late(self) -> Life:
        """Postponed until repairs were done: public in the end, later than thirty days."""
        yield self.on(self.date("2026-06-10"))
        case = self._of("third")
        if case is None:
            return
        self._judge(case, "yes")
        yield self.after(2)
        until = workday(self.today + dt.timedelta(days=45))
        self.do(
            "conversion.postpone",
            case,
            self.world.officer(case.unit),
            until=until,
            reason="三级缺陷正在修复，修复后连同结果一并公开。",
        )
        yield self.on(until)
        draft = self._draft(case, PIPE)
        yield from self._release(draft, PIPE, "城乡建设、环境保护\\城乡建设（含住房）")

    def _postponed(self) -> Life:
        """What was found for the reply made anew is in the thirty days or lately over, with a draft in review."""
        yield self.on(self.date("2026-09-28"))
        case = self._of("remade")
        if case is None:
            return
        self._judge(case, "yes")
        yield self.after(4)
        draft = self._draft(case, PLAN)
        yield from self._release(draft, PLAN, "国土资源、能源\\土地")

    def _put_off(self) -> Life:
        """A refusal that waits for the leader."""
        yield self.on(self.back(7))
        case = self._of("extended")
        if case is not None:
            self._judge(case, "no", reason="设计方案批复和公示材料已经公开，规划条件涉及未签约的地块。")

    def _running(self) -> Life:
        """Answered lately: it may be known to all, its thirty days run, the draft is to be written."""
        for workdays in (4, 3, 2):
            yield self.on(self.back(workdays))
            case = self._of("recent")
            if case is not None:
                self._judge(case, "yes")
                return

    def _again(self) -> Life:
        """Earlier replies are looked at again: one that was kept back waits for a new judgement."""
        yield self.on(self.back(8))
        request = self.requests.cases.get("held")
        if request is None:
            return
        year = self.world.moved("2026")
        self.do(
            "conversion_campaign.launch", None, self.person("minzheng"), title=f"{year}年答复信息复查",
            since=f"{year}-01-01", until=workday(self.today - dt.timedelta(days=30)),
            due_on=workday(self.world.today + dt.timedelta(days=20)),
            instruction="可以区分的，去除个人信息以后公开；仍不公开的，写明理由。",
        )  # fmt: skip

    # --- hot topics ---------------------------------------------------------------------------------------------------

    def _topics(self) -> Life:
        """Questions of two months, the ranking of the last full one, and what is proposed because of it."""
        # In the first days of a month the month before it has only begun to be worked on.
        since, until = topics.period_before(self.world.today - dt.timedelta(days=8))
        before = since - dt.timedelta(days=1)
        for month, rows in ((before.replace(day=1), EARLIER), (since, SIGNALS)):
            yield self.on(workday(month + dt.timedelta(days=27)))
            self._take(month, rows)
        first = until + dt.timedelta(days=1)
        yield timezone.make_aware(dt.datetime.combine(first, dt.time(5, 40)))
        topics.analyse(since, until, None, self.timeline.now)
        office = self.person("gongkai")
        yield self.on(later(first, 1))
        lift = self._propose(
            office,
            "电梯",
            "YX-ZJJ",
            "加装电梯补贴的办理进度和到账时间",
            "问得多，又逐月增加。建议公布各街道已受理、已审核、已发放的户数和平均用时。",
        )
        school = self._propose(
            office,
            "学区",
            "YX-JYJ",
            "小学学区范围和招生时间",
            "每年都问。建议把学区范围、时间和材料放在一个页面，常年可查。",
        )
        yield self.after(2)
        if lift is not None:
            self.do(
                "topic_proposal.accept", lift, self.world.officer(lift.unit), plan_column="重点领域信息公开／住房保障",
                plan_on=workday(self.world.today + dt.timedelta(days=20)), plan_words="先公布三季度的户数和用时，以后按季更新。",
            )  # fmt: skip
        yield self.after(1)
        guide = self.publishing.cases.get("enrol-guide")
        if school is not None and guide:
            self.do(
                "topic_proposal.link",
                school,
                self.world.officer(school.unit),
                publication=Publication.objects.get(pk=guide).number,
            )

    def _take(self, month: dt.date, rows: tuple[tuple[str, int, str, int, str, str], ...]) -> None:
        given = [
            {
                "source": source,
                "day": month.replace(day=day),
                "words": words,
                "number": number,
                "area": area,
                "unit": code,
            }
            for source, day, words, number, area, code in rows
        ]
        places = [(f"第{at}条", row) for at, row in enumerate(given, 1)]
        report = signals.take(places, self.person("gongkai"), "sheet", self.timeline.now)
        if report.errors:
            raise ValueError("；".join(report.errors))

    def _propose(self, office: Any, word: str, code: str, title: str, reason: str) -> TopicProposal | None:
        topic = next((one for one in HotTopic.objects.order_by("rank") if word in one.example), None)
        if topic is None:
            return None
        event = self.do(
            "topic_proposal.propose",
            None,
            office,
            topic=topic.pk,
            title=title,
            unit=self.unit(code).pk,
            area=topic.area,
            reason=reason,
        )
        return TopicProposal.objects.select_related("unit").get(pk=event.case_id or 0)
