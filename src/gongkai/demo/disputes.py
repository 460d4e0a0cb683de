"""What comes after a reply: reconsideration and litigation, lessons, cases of interest, supervision, legal counsel.

Invented, without people: bodies, posts and organisations. Each matter hangs on a request of `data/requests.json`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from gongkai.core import jurisdiction
from gongkai.core.acts import acts
from gongkai.core.models import Unit
from gongkai.core.roles import Role
from gongkai.demo.publishing import letter
from gongkai.demo.requests import Requests
from gongkai.demo.scenes import Scenes
from gongkai.demo.timeline import Life, Timeline, later, workday
from gongkai.demo.world import World
from gongkai.requests.appeals.models import (
    Appeal,
    Caution,
    Exchange,
    Lesson,
    Precedent,
    Rectification,
    ReviewItem,
    SpecialReview,
)
from gongkai.requests.counsel.models import Counsel, Opinion
from gongkai.requests.models import Request

COURT = "云溪区人民法院"
ORGAN = "云溪区人民政府"
LESSON = {
    "causes": ["search", "reasons"],
    "reason": "只用一个关键词检索了业务系统，没有查纸质档案；答复书只写“信息不存在”，没有写检索的范围和方法。",
    "rectification": "检索要覆盖业务系统和档案室，检索记录随卷；答复“不存在”的，由法制岗位核对检索记录后再签发。",
    "advice": "答复“信息不存在”的，写明在哪里查、怎样查、查到什么；涉及年代较早的事项，同时查档案室和原承办科室。",
}
NOT_THERE = {
    "title": "没有写明怎样检索，“信息不存在”站不住",
    "question": "申请人要求公开一份较早年度的补偿安置方案，机关答复信息不存在，但没有说明检索的范围和方法。",
    "rule": "政府信息公开条例第三十六条第四项",
    "handling": "第一次只检索了业务系统。重新办理时查阅纸质档案，找到了方案和批准文件。",
    "result": "行政复议撤销了原答复，责令重新答复；重新答复后提供了信息。",
    "points": "答复“不存在”以前，业务系统、档案室、原承办科室都要查，检索记录随卷；答复书写明检索经过。",
    "decision": "U1",
    "area": "征地拆迁",
    "keywords": "信息不存在、检索义务、重新答复",
}
PARTLY = {
    "title": "检测报告里有第三方报价的，先区分再提供",
    "question": "申请人要求公开管道检测报告，检测单位认为报价和设备参数属于商业秘密，不同意公开。",
    "rule": "政府信息公开条例第十五条、第三十七条",
    "handling": "书面征求第三方意见；对能够区分的部分遮盖后提供，遮盖由另一人逐页核对。",
    "result": "答复类型：部分公开。申请人没有提出异议。",
    "points": "第三方不同意不等于不公开：先看能不能区分，遮盖只盖必须盖的，答复书逐项写明依据和理由。",
    "decision": "P",
    "area": "城乡规划",
    "keywords": "部分公开、商业秘密、遮盖",
}
SOLD = {
    "title": "公开出版物能不能依申请索要",
    "question": "申请人要求机关提供已经公开出版发行的年鉴。",
    "rule": "政府信息公开条例第三十九条第二款",
    "handling": "核实出版发行情况，告知获取的途径。",
    "result": "答复类型：不作为政府信息公开申请处理。",
    "points": "告知在哪里可以买到、哪里可以免费查阅，不要只写“不予处理”。",
    "decision": "N3",
    "area": "其他",
    "keywords": "公开出版物、告知途径",
}


class Disputes(Scenes):
    """The lives of all of it."""

    seed = 131

    def __init__(self, world: World, timeline: Timeline, requests: Requests) -> None:
        super().__init__(world, timeline)
        self.requests = requests

    def begin(self) -> None:
        """Put it on the timeline."""
        self._places()
        for life in (
            self._counsel(), self._upheld(), self._revoked(), self._pending(), self._new(),
            self._partly(), self._sold(), self._review(), self._exchanges(), self._rules(), self._asked(),
        ):  # fmt: skip
            self.timeline.add(life)

    def _places(self) -> None:
        """Who decides on the district's replies, and that cases of interest may be shown to everybody."""
        system = self.person("xitong")
        jurisdiction.change("requests.reconsideration_organ", ORGAN, system)
        jurisdiction.change("requests.court", COURT, system)
        jurisdiction.change("appeals.public_precedents", "是", system)

    def request(self, key: str) -> Request | None:
        """A request of the data; None as long as it has not come in."""
        pk = self.requests.cases.get(key)
        return Request.objects.select_related("unit", "supervisor").get(pk=pk) if pk else None

    # --- appeals ------------------------------------------------------------------------------------------------------

    def _challenged(self, request: Request) -> str:
        """The reply by its number, as the form of the act offers it."""
        return str(acts["request.enter_appeal"].initial(request, None)["challenged"])

    def _enter(self, request: Request, received: dt.date, **more: Any) -> Appeal:
        values = {
            "way": "reconsideration", "organ": ORGAN, "received_on": received.isoformat(), "procedure": "ordinary",
            "matter": "reply", "challenged": self._challenged(request), "standing": "respondent", **more,
        }  # fmt: skip
        event = self.do("request.enter_appeal", request, self.world.officer(request.unit), **values)
        return Appeal.objects.get(number=event.data["appeal"])

    def _answer(self, case: Appeal, words: str) -> None:
        """The body's own answer with its proof, in time."""
        name = "答辩状" if case.suit else "行政复议答复书"
        sheet = letter(
            [
                name,
                f"{case.unit}：",
                words,
                "附：证据目录",
                "序号 | 证据 | 页数",
                "1 | 申请和登记记录 | 3",
                "2 | 检索记录 | 1",
                "3 | 答复书和送达证明 | 4",
            ]
        )
        files = MultiValueDict({"files": [SimpleUploadedFile(f"{name}.docx", sheet)]})
        self.do("appeal.answer", case, self.world.officer(case.unit), files, answered_on=self.today, answer=words)

    def _act(self, name: str, case: Appeal, **data: Any) -> None:
        self.do(f"appeal.{name}", case, self.world.officer(case.unit), **data)

    def _upheld(self) -> Life:
        """A refusal is upheld in reconsideration; the applicant goes to court, the body's defence is due soon."""
        received = self.date("2026-08-06")
        yield self.on(later(received, 1))
        request = self.request("internal")
        if request is None:
            return
        year = received.year
        case = self._enter(
            request, received, file_number=f"云政复〔{year}〕21号", accepted_on=workday(received - dt.timedelta(days=2))
        )
        yield self.after(6)
        self._answer(case, "会议记录属于讨论记录，依法可以不予公开；已告知依据和救济途径。")
        yield self.on(self.date("2026-09-24"))
        self._act(
            "enter_result", case, result="upheld", document=f"云政复决〔{year}〕21号", decided_on=self.today,
            told_on=self.today, gist="讨论记录属于过程性信息，答复认定事实清楚、依据正确。",
        )  # fmt: skip
        received = self.back(6)
        yield self.on(later(received, 1))
        values = {
            "way": "suit", "organ": COURT, "file_number": f"（{received.year}）云行初37号", "received_on": received.isoformat(),
            "matter": "reply", "challenged": case.challenged, "standing": "respondent",
        }  # fmt: skip
        self._act("follow_suit", case, **values)
        suit = Appeal.objects.get(earlier=case.pk)
        yield self.after(1)
        held = workday(self.world.today + dt.timedelta(days=18))
        self._act(
            "add_hearing", suit, sort="court", held_on=held, place=f"{COURT}第二法庭", leader_present="on",
            present="分管负责人、法制岗位",
        )  # fmt: skip
        yield from self._defended(suit)

    def _defended(self, suit: Appeal) -> Life:
        """Counsel is asked how to defend it, answers, and is followed."""
        officer = self.world.officer(suit.unit)
        event = self.do(
            "appeal.ask_counsel", suit, officer, sort="dispute", title="会议记录不予公开的答辩要点", counsel=self.firm.pk,
            question="会议记录里已经议定的事项，能不能一并不予公开？答辩时应当提交哪些证据？",
            background="行政复议已经维持。会议记录既有讨论过程，也有议定事项，议定事项随后以通知形式公布。", workdays=3,
        )  # fmt: skip
        opinion = Opinion.objects.get(number=event.data["opinion"])
        lawyer = self.world.holder(self.firm.office, Role.LEGAL)
        yield self.after(1)
        self.do("counsel_opinion.accept", opinion, lawyer)
        yield self.after(1)
        self.do(
            "counsel_opinion.give", opinion, lawyer, verdict="feasible", parts=["defence"],
            opinion="讨论过程属于过程性信息，可以不予公开；议定事项已经以通知公布，答辩时说明公布的时间和文号，并提交公布页面的截图、会议记录的目录和答复的送达证明。",
        )  # fmt: skip
        yield self.after(1)
        self.do("counsel_opinion.settle", opinion, officer, adopted="whole")

    def _revoked(self) -> Life:
        """A careless “not there” is revoked: answered anew, a lesson for others, a case of the library."""
        received = self.date("2026-07-09")
        yield self.on(later(received, 1))
        request = self.request("nothing")
        if request is None:
            return
        year = received.year
        case = self._enter(
            request, received, file_number=f"云政复〔{year}〕16号", accepted_on=workday(received - dt.timedelta(days=2))
        )
        yield self.after(7)
        self._answer(case, "经检索业务系统，没有找到相关信息。")
        yield self.on(self.date("2026-08-27"))
        self._act(
            "enter_result", case, result="revoked", document=f"云政复决〔{year}〕16号", decided_on=self.today,
            told_on=self.today, gist="没有证明尽到检索义务，撤销答复，责令重新答复。", redo_workdays=15,
        )  # fmt: skip
        remade = self.fresh(case).remade
        self.timeline.add(self._anew(remade))
        yield self.after(8)
        lesson = Lesson.objects.get(appeal=case.pk)
        officer = self.world.officer(case.unit)
        self.do("appeal_lesson.write", lesson, officer, **LESSON, rectified_on=self.today)
        yield self.after(2)
        leader = self.world.holder(case.unit, Role.LEADER) or officer
        yield from self._circulated(lesson, leader, ["YX-ZJJ", "YX-JYJ"], answered=True)
        yield from self._library(case, officer)
        yield self.on(self.back(2))
        yield from self._circulated(lesson, leader, ["YX-CZJ", "YX-MZJ"], answered=False)

    def _anew(self, remade: Request) -> Life:
        """The reply that was ordered."""
        row: dict[str, Any] = {}
        yield from self.requests.steps(remade, ["search 4 found", "draft G-b 3", "review", "deliver post"], row)
        self.requests.cases["remade"] = remade.pk

    def _circulated(self, lesson: Lesson, leader: Any, codes: list[str], *, answered: bool) -> Life:
        units = [self.unit(code) for code in codes]
        title = "答复“信息不存在”要写明怎样检索"
        self.do("appeal_lesson.circulate", lesson, leader, units=[unit.pk for unit in units], title=title)
        if not answered:
            return
        yield self.after(2)
        for unit in units:
            caution = Caution.objects.get(lesson=lesson.pk, unit=unit)
            words = "抽查了今年答复“不存在”的申请，检索记录齐全；今后由法制岗位核对后签发。"
            self.do("appeal_warning.acknowledge", caution, self.world.officer(unit), self_check=words)

    def _library(self, case: Appeal, officer: Any) -> Life:
        """The case goes into the library, and the public may read it."""
        yield self.after(9)
        event = self.do("appeal.draft_precedent", case, officer, **NOT_THERE)
        precedent = Precedent.objects.get(number=event.data["precedent"])
        yield from self._reviewed(precedent, officer)
        yield self.after(1)
        self.do("precedent.make_public", precedent, self.person("gongkai"), checked="on")

    def _reviewed(self, precedent: Precedent, author: Any) -> Life:
        yield self.after(1)
        self.do("precedent.submit", precedent, author)
        yield self.after(1)
        unit = precedent.unit
        reader = self.world.holder(unit, Role.REVIEWER) or self.world.holder(unit, Role.LEADER)
        self.do("precedent.approve", precedent, reader, checked="on")

    def _pending(self) -> Life:
        """A suit that was heard and waits for its judgment."""
        received = self.date("2026-09-07")
        yield self.on(later(received, 1))
        request = self.request("elsewhere")
        if request is None:
            return
        case = self._enter(
            request, received, way="suit", organ=COURT, file_number=f"（{received.year}）云行初29号", procedure=""
        )
        yield self.after(8)
        self._answer(case, "所申请的信息由区财政局制作并保存，答复已告知其名称和联系方式。")
        held = self.date("2026-10-20")
        self._act(
            "add_hearing",
            case,
            sort="court",
            held_on=held,
            place=f"{COURT}第一法庭",
            leader_present="on",
            present="分管负责人、信息公开员",
        )
        yield self.on(later(held, 1))
        hearing = case.hearings.get()
        self._act(
            "record_hearing",
            case,
            hearing=hearing.pk,
            held_on=held,
            leader_present="on",
            present="分管负责人、信息公开员、法律顾问",
        )

    def _new(self) -> Life:
        """A reconsideration that came in this week: the written answer is due."""
        received = self.back(4)
        yield self.on(later(received, 1))
        request = self.request("extended")
        if request is not None and request.replied_on:
            self._enter(
                request,
                received,
                file_number=f"云政复〔{received.year}〕34号",
                accepted_on=workday(received - dt.timedelta(days=1)),
            )

    # --- the library --------------------------------------------------------------------------------------------------

    def _partly(self) -> Life:
        """A partial disclosure becomes a case of the library."""
        yield self.on(self.date("2026-07-21"))
        request = self.request("third")
        if request is None or not request.replied_on:
            return
        officer = self.world.officer(request.unit)
        event = self.do("request.draft_precedent", request, officer, **PARTLY)
        yield from self._reviewed(Precedent.objects.get(number=event.data["precedent"]), officer)

    def _sold(self) -> Life:
        """One that waits for its reviewer."""
        yield self.on(self.back(3))
        author = self.person("bangong-guanli")
        event = self.do("precedent.write", None, author, **SOLD)
        yield self.after(1)
        self.do("precedent.submit", Precedent.objects.get(pk=event.case_id or 0), author)

    # --- supervision and exchange -------------------------------------------------------------------------------------

    def _review(self) -> Life:
        """Requests about land and housing are looked through; one body has put right what was found, one has not yet."""
        yield self.on(self.back(16))
        office = self.person("gongkai")
        event = self.do(
            "special_review.launch", None, office, title="征地拆迁、物业管理类申请专项督查",
            areas=["征地拆迁", "物业管理", "土地规划"], since=self.world.moved("2026-01-01"), until=self.world.moved("2026-10-31"),
            focus="是否按时答复，是否写明依据和理由，检索记录是否随卷",
        )  # fmt: skip
        case = SpecialReview.objects.get(pk=event.case_id or 0)
        self.do("special_review.choose", case, office, pick="all", number=20)
        yield self.after(3)
        items = list(ReviewItem.objects.filter(review=case.pk).select_related("request").order_by("pk"))
        keys = {self.requests.cases.get(key) for key in ("nothing", "petition")}
        faulty = [item for item in items if item.request_id in keys]
        sound = [item for item in items if item not in faulty]
        self.do(
            "special_review.find",
            case,
            office,
            items=[item.pk for item in faulty],
            faulty="1",
            finding="检索记录没有随卷，答复理由写得过于简单。",
        )
        if sound:
            self.do("special_review.find", case, office, items=[item.pk for item in sound], faulty="0")
        yield self.after(2)
        self.do("special_review.demand", case, office, demand="补齐检索记录，逐件核对答复理由，写明整改情况。")
        yield self.after(5)
        task = Rectification.objects.filter(review=case.pk, unit=self.unit("YX-ZGJ")).first()
        if task is None:
            return
        self.do(
            "review_rectification.answer",
            task,
            self.world.officer(task.unit),
            answer="检索记录已补齐并随卷；以后答复由法制岗位核对理由。",
        )
        yield self.after(1)
        self.do("review_rectification.confirm", task, office)

    def _exchanges(self) -> Life:
        """An exchange that was held, and one that is planned."""
        office = self.person("gongkai")
        yield self.on(self.date("2026-06-11"))
        units: list[Unit] = [self.unit(code) for code in ("YX-ZGJ", "YX-ZJJ", "YX-WJZ")]
        event = self.do(
            "practice_exchange.plan", None, office, title="征地拆迁信息怎样答复", area="征地拆迁", held_on=self.today + dt.timedelta(days=7),
            place="区政府办公室三楼会议室", units=[unit.pk for unit in units], agenda="补偿安置方案、批准文件的公开范围；检索年代较早档案的办法。",
        )  # fmt: skip
        held = Exchange.objects.get(pk=event.case_id or 0)
        yield self.after(7)
        self.do(
            "practice_exchange.record", held, office, held_on=self.today, minutes="三个单位各讲了一件典型申请，比较了检索和区分处理的做法。",
            agreed="年代较早的征地档案，先查档案室，再查原承办科室；补偿标准一律提供，户主信息遮盖。",
        )  # fmt: skip
        yield self.on(self.back(5))
        self.do(
            "practice_exchange.plan", None, office, title="物业管理类申请的答复口径", area="物业管理",
            held_on=workday(self.world.today + dt.timedelta(days=6)), place="视频会议",
            units=[self.unit(code).pk for code in ("YX-ZJJ", "YX-ALJD", "YX-QPJD")],
            agenda="维修资金、加装电梯类申请答复时容易出现的问题。",
        )  # fmt: skip

    # --- counsel ------------------------------------------------------------------------------------------------------

    firm: Counsel

    def _counsel(self) -> Life:
        """Counsel is appointed for everybody, and a public lawyer for the office."""
        yield self.on(self.date("2026-01-07"))
        office = self.person("gongkai")
        justice, own = self.unit("YX-SFJ"), self.unit("YX-BGS")
        year = self.today.year
        self.firm = self._appoint(
            office, sort="firm", name="临江津渡律师事务所", office=justice.pk, expertise="行政复议、行政诉讼、政府信息公开",
            basis=f"云政办函〔{year}〕2号", until=f"{year + 1}-12-31",
        )  # fmt: skip
        self.own = self._appoint(
            office, sort="public_lawyer", name="区政府办公室公职律师岗", office=own.pk, expertise="规范性文件审核、决策公开",
            basis=f"云政办函〔{year}〕3号", until=f"{year}-12-31",
        )  # fmt: skip

    own: Counsel

    def _appoint(self, user: Any, **data: Any) -> Counsel:
        event = self.do(
            "counsel.appoint",
            None,
            user,
            government="on",
            shared="on",
            since=self.today,
            contact="0000-1234599",
            **data,
        )
        return Counsel.objects.get(pk=event.case_id or 0)

    def _rules(self) -> Life:
        """A rule of the office is read by counsel, and followed in part."""
        yield self.on(self.date("2026-09-01"))
        asker = self.person("bangong-guanli")
        opinion = self._ask(
            asker, sort="rules", title="审核《依申请公开办理规程》修改稿", counsel=self.own.pk,
            question="规程要求所有答复都经法律顾问审核，是否必要？",
        )  # fmt: skip
        lawyer = self.world.holder(self.own.office, Role.LEGAL)
        yield self.after(2)
        self.do(
            "counsel_opinion.give",
            opinion,
            lawyer,
            verdict="conditional",
            opinion="全部审核会拖长办理时间。建议只对不予公开、部分公开和不存在三类答复要求审核。",
            parts=["examining"],
        )
        yield self.after(2)
        self.do(
            "counsel_opinion.settle",
            opinion,
            asker,
            adopted="part",
            adopted_words="三类答复必须审核；征地拆迁类申请不论结论都审核，因为复议较多。",
        )

    def _asked(self) -> Life:
        """A hard request lies with counsel."""
        yield self.on(self.back(3))
        request = self.request("soon")
        if request is None:
            return
        opinion = self._ask(
            self.world.officer(request.unit), sort="request", title="轮候统计是否需要另行制作", counsel=self.firm.pk, matter=request.number,
            question="业务系统能够导出轮候户数，但没有现成的汇总表，应当提供还是答复需要加工？",
            background="导出一张表大约需要十分钟，不需要人工核对。",
        )  # fmt: skip
        yield self.after(1)
        self.do("counsel_opinion.accept", opinion, self.world.holder(self.firm.office, Role.LEGAL))

    def _ask(self, user: Any, **data: Any) -> Opinion:
        return Opinion.objects.get(pk=self.do("counsel_opinion.ask", None, user, **data).case_id or 0)
