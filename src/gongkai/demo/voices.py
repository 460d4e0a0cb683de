"""One voice before a sensitive release, and what goes out on new media: invented accounts, documents and answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from gongkai.core.roles import Role
from gongkai.demo.publishing import Paper, Publishing, parse
from gongkai.demo.scenes import Scenes
from gongkai.demo.timeline import Life, Timeline, is_workday
from gongkai.demo.world import World, read
from gongkai.publications.clearance.models import Clearance, ClearanceShare
from gongkai.publications.media.models import MediaAccount, MediaPost
from gongkai.publications.media.periodic import look_for_silence
from gongkai.publications.models import Publication

OPINIONS = {
    Role.REVIEWER: "文字与原文一致，同意送审。",
    Role.SECRECY: "没有不能公开的内容。",
    Role.LEADER: "同意发布。",
}
FLU = (
    "流感疫苗开始接种了。60周岁以上老年人、中小学生和医务人员免费。老年人集中接种时间是10月中下旬的周二、周四、周六。"
    "发热的先缓一缓，打完在现场观察30分钟。可以网上预约，也可以请社区代约。"
)
DOCTOR = "签了家庭医生有什么好处？基础服务包免费；老年人、慢病患者每年一次免费体检；行动不便的，医生上门。"
CLINIC = "云溪人民医院新门诊楼主体封顶，比计划提前12天。建成后46个诊室，日接诊能力由1800人次提高到3500人次。"
CHECKUP = "今年的老年人免费体检还没做的抓紧啦。周六上午集中体检，提前一天预约。有疑问请打值班手机13812345678。"


class Voices(Scenes):
    """Clearances and posts."""

    seed = 139

    def __init__(self, world: World, timeline: Timeline, publishing: Publishing) -> None:
        super().__init__(world, timeline)
        self.publishing = publishing
        self.papers = {paper.key: paper for paper in parse(world.moved(read("documents-sensitive.txt")))}

    def begin(self) -> None:
        """Put it on the timeline."""
        for life in (self._settled(), self._open(), self._health(), self._housing(), self._education(), self._nights()):
            self.timeline.add(life)

    # --- one voice ----------------------------------------------------------------------------------------------------

    def _written(self, paper: Paper) -> Publication:
        return self.publishing.write(paper)

    def _consult(self, case: Publication, codes: list[str], question: str, **more: Any) -> Clearance:
        units = [self.unit(code).pk for code in codes]
        self.do("publication.consult", case, self.world.officer(case.unit), units=units, question=question, **more)
        return Clearance.objects.get(publication=case.pk, state="open")

    def _answer(self, clearance: Clearance, code: str, **data: Any) -> None:
        share = ClearanceShare.objects.get(clearance=clearance.pk, unit=self.unit(code))
        self.do("clearance-share.answer", share, self.world.officer(share.unit), **{"stance": "agrees", **data})

    def _settled(self) -> Life:
        """Two bodies are asked, one objects, the line is settled, the document goes out."""
        paper = self.papers["water-quality"]
        yield self.on(self.publishing.made_on(paper))
        case = self._written(paper)
        yield self.timeline.now + dt.timedelta(minutes=25)
        clearance = self._consult(case, ["YX-SWJ", "YX-JHJD"], "请核对涉及小区的个数、冲洗管网的时间和供水服务热线。")
        yield self.after(1)
        self._answer(clearance, "YX-SWJ", known_facts="涉及4个小区，冲洗在前天22时完成，更换阀门2处。")
        yield self.timeline.now + dt.timedelta(minutes=50)
        self._answer(
            clearance, "YX-JHJD", stance="objects", known_facts="居民群里反映的小区是5个，其中1个是单元内管道问题。",
            remark="建议写明“4个小区受管网影响，另有1个小区是楼内管道，已联系物业处理”。",
        )  # fmt: skip
        yield self.after(1)
        self.do(
            "clearance.settle", clearance, self.world.officer(case.unit),
            line="津晖街道4个小区因管网改造短时浑浊，已冲洗，水质检测合格；另有1个小区是楼内管道，物业正在处理。咨询请打供水服务热线。",
            handling="采纳津晖街道意见，对外统一说“4个小区加1个楼内管道”。",
        )  # fmt: skip
        yield self.timeline.now + dt.timedelta(minutes=20)
        yield from self.publishing.review(paper, self.publishing.fresh(case.pk))

    def _open(self) -> Life:
        """One body has answered, the other has until the next working day."""
        paper = self.papers["canteen-incident"]
        yield self.on(self.back(2))
        case = self._written(paper)
        yield self.timeline.now + dt.timedelta(minutes=25)
        clearance = self._consult(
            case, ["YX-SJG", "YX-WJW"], "请核对检测批次、封存数量和复检时间，各自掌握的投诉情况一并告知。"
        )
        yield self.after(1)
        self._answer(clearance, "YX-SJG", known_facts="封存蔬菜36千克，供应单位已暂停配送，复检结果预计三天内出来。")

    # --- new media ----------------------------------------------------------------------------------------------------

    def _register(self, username: str, **data: Any) -> MediaAccount:
        event = self.do("media-account.register", None, self.person(username), **data)
        return MediaAccount.objects.get(pk=event.case_id or 0)

    def _confirmed(self, account: MediaAccount) -> Life:
        yield self.after(1)
        self.do("media-account.confirm", account, self.person("gongkai"))

    def _drawn(self, account: MediaAccount, key: str, title: str, text: str) -> MediaPost | None:
        """A post drawn from a document of the data, if that is public."""
        pk = self.publishing.cases.get(key)
        source = Publication.objects.select_related("unit").filter(pk=pk, state="published").first() if pk else None
        if source is None:
            return None
        data = {"account": account.pk, "title": title, "text": text}
        self.do("publication.to_media", source, self.world.officer(account.unit), **data)
        return MediaPost.objects.latest("pk")

    def _own(self, account: MediaAccount, title: str, text: str) -> MediaPost:
        officer = self.world.officer(account.unit)
        self.do("media-post.write", None, officer, account=account.pk, title=title, text=text, origin="own")
        return MediaPost.objects.latest("pk")

    def _reviewed(self, post: MediaPost, *, until: Role | None = None) -> Life:
        """Sent up and passed from step to step, up to the step that waits."""
        self.do("media-post.submit", post, self.world.officer(post.unit))
        while (now := self.fresh(post)).state == "review":
            role = Role(now.turn_role)
            if role == until:
                return
            yield self.timeline.now + dt.timedelta(minutes=35)
            self.do(
                f"media-post.{'approve' if role == Role.LEADER else 'pass'}",
                post,
                self.holder(now, role),
                words=OPINIONS[role],
            )

    def _released(self, post: MediaPost, number: int) -> Life:
        yield from self._reviewed(post)
        yield self.timeline.now + dt.timedelta(minutes=15)
        address = f"https://media.example.cn/{post.account_id}/{number}"
        self.do("media-post.post", post, self.world.officer(post.unit), address=address)

    def _health(self) -> Life:
        """An account that is kept up: posts in every state."""
        yield self.on(self.date("2026-08-18"))
        account = self._register(
            "weijian", title="健康云溪", platform="wechat", address="健康云溪",
            subject="门诊、接种、体检安排和健康提示", post="信息公开员",
        )  # fmt: skip
        yield from self._confirmed(account)
        yield self.on(self.date("2026-10-12"))
        for number, (key, title, text) in enumerate(
            (("flu", "流感疫苗怎么打，一看就懂", FLU), ("clinic-news", "人民医院新门诊楼封顶", CLINIC)), 1
        ):
            post = self._drawn(account, key, title, text)
            if post is not None:
                yield from self._released(post, number)
            yield self.after(3)
        yield self.on(self.back(4))
        post = self._drawn(account, "doctor-guide", "签了家庭医生，有什么好处", DOCTOR)
        if post is not None:
            yield from self._released(post, 3)
            yield self.after(1)
            shown = DOCTOR.replace("每年一次", "每年两次")
            self.do("media-post.compare", post, self.world.holder(post.unit, Role.REVIEWER), shown=shown)
        yield self.on(self.back(2))
        yield from self._reviewed(
            self._own(
                account, "冬天早晚温差大，这几件事别忘了", "早晚添衣，出汗及时擦干；室内每天通风两次，每次半小时。"
            )
        )
        yield self.on(self.back(1))
        self._own(account, "老年人免费体检别错过", CHECKUP)
        yield self.timeline.now + dt.timedelta(minutes=9)
        waiting = self._own(account, "接种门诊周末也开", "安澜、云栖两个接种门诊周六上午开放，带好接种证。")
        yield from self._reviewed(waiting, until=Role.SECRECY)

    def _housing(self) -> Life:
        """An account that has fallen silent."""
        yield self.on(self.date("2026-05-13"))
        account = self._register(
            "zhujian", title="云溪住建", platform="weibo", address="云溪住建发布",
            subject="住房、市政工程和停车信息", post="信息公开员",
        )  # fmt: skip
        yield from self._confirmed(account)
        yield self.on(self.date("2026-09-09"))
        post = self._drawn(
            account,
            "elevator-guide",
            "一图看懂加装电梯补贴",
            "老楼加装电梯能补多少、怎么领？先由业主表决，再报街道初审，验收后发放补贴。详见区政府网站。",
        )
        if post is not None:
            yield from self._released(post, 1)

    def _education(self) -> Life:
        """An account that waits to be put on record."""
        yield self.on(self.back(2))
        self._register(
            "jiaoyu", title="云溪教育", platform="video", address="云溪教育视频号",
            subject="招生政策、校园安全和家庭教育", post="宣传岗",
        )  # fmt: skip

    def _nights(self) -> Life:
        """What looks for silent accounts every morning."""
        day = self.date("2026-06-01")
        while True:
            day += dt.timedelta(days=1)
            yield timezone.make_aware(dt.datetime.combine(day, dt.time(7, 40)))
            if is_workday(day):
                look_for_silence(self.timeline.now)
