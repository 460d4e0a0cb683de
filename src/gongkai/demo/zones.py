"""The district's disclosure zones: one in the service hall, one in a street, one in the archive, and one still being prepared."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from gongkai.channels.zones.models import Outlet, Posting, Zone
from gongkai.channels.zones.posting import look_for_due
from gongkai.demo.requests import Requests
from gongkai.demo.timeline import Life, Timeline, later, workday
from gongkai.demo.words import _jpg
from gongkai.demo.world import World
from gongkai.publications.models import PublicDocument
from gongkai.requests.models import Request

HOURS = {
    "days": "workdays", "opens_at": "09:00", "closes_at": "17:00", "break_from": "12:00", "break_to": "13:30",
    "hours_remark": "",
}  # fmt: skip
WORDS = {
    "lookup": "查阅政策文件、公开目录，有电脑和打印机，复印10页以内不收费。",
    "intake": "带身份证。可以向区内任何一个机关申请，当场登记并出具回执。",
    "advice": "政策看不懂、不知道找哪个部门，先到这里问。",
    "gazette": "新一期政府公报免费取阅，取完可以登记，到了打电话告诉您。",
    "opinions": "对政务公开有什么意见和建议，写在意见卡上，15个工作日内答复。",
    "guidance": "不知道申请怎么写的，工作人员一对一指导。",
    "interpretation": "每月第二个周三上午讲一项新政策，可以当场提问。",
    "enrolment": "听证会、开放日等活动，在这里报名。",
    "obstacles": "办事遇到堵点，说给我们听，转有关部门办理。",
}
NOTES = {
    "lookup": ("查阅城市更新规划", "查阅公租房分配结果", "查阅义务教育招生范围", "查阅征地补偿标准"),
    "advice": ("问老楼加装电梯补贴", "问就业困难人员补贴", "问新生儿医保参保", "问个体工商户免税", "问高龄津贴"),
    "gazette": ("取阅最近一期公报",),
    "opinions": ("希望提前公布停水通知", "希望公开公交改线方案"),
    "guidance": ("指导填写申请表",),
    "interpretation": ("物业管理办法现场解读", "养老服务补贴现场解读"),
    "enrolment": ("报名政务开放日",),
    "obstacles": ("反映窗口排队时间长", "反映材料要跑两次"),
}
ZONES: tuple[dict[str, Any], ...] = (
    {
        "key": "hall", "unit": "YX-ZWZX", "user": "zhengwu", "from": "2026-03-02", "post": "政务公开窗口", "weekly": 4,
        "services": ("lookup", "intake", "advice", "gazette", "guidance", "obstacles"),
        "title": "云溪区政务公开专区", "place": "hall", "address": "云溪区安澜路1号裙楼一楼东侧", "telephone": "0000-1234545",
        "sign": "进门右手边，蓝底白字“政务公开专区”灯箱",
    },
    {
        "key": "street", "unit": "YX-ALJD", "user": "anlan", "from": "2026-04-13", "post": "便民服务中心2号窗口", "weekly": 3,
        "services": ("intake", "lookup", "gazette", "opinions", "interpretation", "enrolment", "obstacles"),
        "title": "安澜街道政务公开体验区", "place": "street", "address": "云溪区安澜路88号一楼", "telephone": "0000-1234550",
        "sign": "一楼大厅，墙上“政务公开体验区”字样",
    },
    {
        "key": "archive", "unit": "YX-DAG", "user": "dangan", "from": "2026-05-11", "post": "查阅服务岗", "weekly": 1,
        "services": ("lookup", "gazette"), "suspended": ("阅览室更换照明", 6),
        "title": "云溪区档案馆政府信息查阅点", "place": "archive", "address": "云溪区文汀街12号二楼阅览室",
        "telephone": "0000-1234547", "sign": "二楼阅览室门口“政府信息查阅点”铜牌",
    },
    {
        "key": "preparing", "unit": "YX-YQJD", "user": "yunqi", "from": "2026-05-14", "post": "便民服务中心1号窗口", "weekly": 0,
        "services": ("lookup", "opinions"), "preparing": True,
        "title": "云栖街道政务公开体验区", "place": "street", "address": "云溪区云栖路60号一楼", "telephone": "0000-1234551",
        "sign": "一楼服务台旁",
    },
)  # fmt: skip
TAKEN: tuple[dict[str, Any], ...] = (
    {
        "key": "zone-repairs", "zone": "hall", "unit": "YX-ZJJ", "day": "2026-03-24", "who": 1, "subject": "锦华苑小区物业维修资金使用情况",
        "content": "锦华苑小区2025年1月至12月物业专项维修资金的使用明细。", "area": "物业管理",
        "steps": ["register", "draft G-b 8", "review", "deliver pickup", "archive"],
    },
    {
        "key": "zone-care", "zone": "street", "unit": "YX-MZJ", "day": "2026-04-28", "who": 3, "subject": "2026年养老服务补贴发放标准",
        "content": "2026年云溪区养老服务补贴的发放标准和依据文件。", "area": "社会保障",
        "steps": ["register", "draft G-a 5", "review", "deliver post", "archive"],
    },
    {
        "key": "zone-canteen", "zone": "hall", "unit": "YX-JYJ", "day": "today-4", "who": 2, "subject": "2026年秋季学期学校食堂招标结果",
        "content": "云溪区公办学校2026年秋季学期食堂原料采购的招标结果。", "area": "教育", "steps": ["register"],
    },
)  # fmt: skip

OUTLETS: tuple[dict[str, Any], ...] = (
    {
        "user": "anlan", "title": "望江里社区公告栏", "form": "board", "area": "望江里社区居民",
        "address": "望江里社区服务站门口",
    },
    {
        "user": "zhengwu", "title": "政务服务大厅电子屏", "form": "screen", "area": "大厅办事群众",
        "address": "云溪区安澜路1号裙楼一楼大厅",
    },
    {
        "user": "dangan", "title": "档案馆公共查阅点", "form": "reading_point", "area": "到馆查阅的群众",
        "address": "云溪区文汀街12号二楼",
    },
)  # fmt: skip
# Who asks for it, what kind of thing it is, where it hangs, and how long before the end of the story until when (days).
POSTINGS = (
    ("YX-ZJJ", "renewal", "望江里社区公告栏", 60, -30),
    ("YX-JYJ", "school", "政务服务大厅电子屏", 120, 40),
    ("YX-MZJ", "care", "望江里社区公告栏", 45, 2),
    ("YX-WJW", "other", "档案馆公共查阅点", 3, -40),
)


class Zones(Requests):
    """The lives of the zones, and of the requests taken at them, which go on as all others do."""

    def __init__(self, world: World, timeline: Timeline) -> None:
        super().__init__(world, timeline)
        # A source of its own: the rest of the story stays the same whatever happens here.
        self.random = random.Random(50)  # noqa: S311  the story must be the same every time
        self.zones: dict[str, int] = {}

    def begin(self) -> None:
        """Put every zone and every request on the timeline."""
        for plan in ZONES:
            self.timeline.add(self._zone(plan))
        for row in TAKEN:
            written = row["day"] if row["day"].startswith("today") else self.world.moved(row["day"])
            if self._day(written) < self.world.today:
                self.timeline.add(self._life({**row, "day": written, "channel": "in_person"}))
        self.timeline.add(self._outlets())
        for posting in POSTINGS:
            self.timeline.add(self._posting(*posting))

    def _zone(self, plan: dict[str, Any]) -> Life:
        first = workday(dt.date.fromisoformat(self.world.moved(plan["from"])))
        user = self.world.people[plan["user"]]
        yield self.timeline.at(first, "09:20")
        data = {name: plan[name] for name in ("title", "place", "address", "telephone", "sign")} | HOURS
        event = self.timeline.do("zone.set_up", None, user, data | {"unit": self.world.units[plan["unit"]].pk})
        assert event.case is not None  # noqa: S101  an act that creates leaves a case
        zone = self._row(event.case.pk)
        self.zones[plan["key"]] = zone.pk
        for service in plan["services"]:
            offer = {"service": service, "post": plan["post"], "hours": "", "words": WORDS[service]}
            self.timeline.do("zone.offer", self._row(zone.pk), user, offer)
        if plan.get("preparing"):
            return
        yield self.timeline.at(later(first, 4), "09:00")
        self.timeline.do("zone.open", self._row(zone.pk), user)
        reason, workdays = plan.get("suspended", ("", 0))
        end = self._day(f"today-{workdays}") if reason else self.world.today
        day = later(timezone.localdate(self.timeline.now), 1)
        while day < end:
            for minute in range(plan["weekly"]):
                yield self.timeline.at(day, f"{10 + minute}:{self.random.randint(5, 55):02}")
                self._note(zone.pk, plan, user)
            day = later(day, self.random.choice([3, 4, 5]))
        if reason:
            yield self.timeline.at(end, "16:30")
            until = later(self.world.today, 5)
            self.timeline.do("zone.suspend", self._row(zone.pk), user, {"reason": reason, "until": until.isoformat()})

    def _note(self, zone: int, plan: dict[str, Any], user: Any) -> None:
        service = self.random.choice([one for one in plan["services"] if one != "intake"])
        people = {"gazette": self.random.randint(1, 9), "interpretation": self.random.randint(12, 40)}.get(service, 1)
        data = {
            "service": service,
            "people": people,
            "on": timezone.localdate(self.timeline.now).isoformat(),
            "words": self.random.choice(NOTES[service]),
        }
        self.timeline.do("zone.note", self._row(zone), user, data)

    def _outlets(self) -> Life:
        yield self.timeline.at(workday(dt.date.fromisoformat(self.world.moved("2026-05-12"))), "10:30")
        for row in OUTLETS:
            data = {name: row[name] for name in ("title", "form", "area", "address")}
            self.timeline.do("outlet.register", None, self.world.people[row["user"]], data)

    def _posting(self, code: str, item: str, where: str, began: int, left: int) -> Life:
        """Planned by a bureau, put up the same day; taken down when its day has come, but for what is due just now."""
        first = workday(self.world.today - dt.timedelta(days=began))
        yield self.timeline.at(first, "09:40")
        outlet = Outlet.objects.filter(title=where).select_related("unit").first()
        unit = self.world.units[code]
        source = PublicDocument.objects.filter(unit=unit).order_by("-published_at").first()
        if outlet is None or source is None:
            return
        until = self.world.today - dt.timedelta(days=left)
        data = {
            "document": source.publication.public_address,
            "item": item,
            "outlets": [outlet.pk],
            "from_day": first.isoformat(),
            "until_day": until.isoformat(),
        }
        case = self.timeline.do("posting.plan", None, self.world.officer(unit), data).case
        assert case is not None  # noqa: S101  an act that creates leaves a case
        if began < 5:
            return
        yield self.timeline.at(first, "15:10")
        keeper = self.world.officer(outlet.unit)
        photo = MultiValueDict({"files": [SimpleUploadedFile("张贴照片.jpg", _jpg(), "image/jpeg")]})
        self.timeline.do("posting.put_up", Posting.objects.get(pk=case.pk), keeper, files=photo)
        if until >= self.world.today:
            return
        yield self.timeline.at(until + dt.timedelta(days=1), "07:10")
        look_for_due(self.timeline.now)
        if left > 5:
            yield self.timeline.at(until + dt.timedelta(days=1), "10:20")
            self.timeline.do("posting.take_down", Posting.objects.get(pk=case.pk), keeper)

    def _open(self, row: dict[str, Any], day: dt.date) -> Request:
        """At the counter, for another body."""
        zone = self._row(self.zones[row["zone"]])
        user = self.world.officer(zone.unit)
        typed = self._typed(row) | {"zone": zone.pk, "arrived_on": day.isoformat(), "as_written": "on"}
        return self._fresh(self.timeline.do("zone.take", None, user, typed).case)

    def _row(self, pk: int) -> Zone:
        return Zone.objects.select_related("unit", "supervisor").get(pk=pk)
