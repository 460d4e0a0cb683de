"""A disclosure zone, the services it offers, the register kept at its desk, and the requests taken there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from gongkai.core.models import Record, Unit


class Place(models.TextChoices):
    """Where a zone is (场所)."""

    HALL = "hall", "政务服务大厅"
    STREET = "street", "镇街便民服务中心"
    LIBRARY = "library", "图书馆"
    ARCHIVE = "archive", "档案馆"
    VILLAGE = "village", "村（社区）"
    SCHOOL = "school", "学校"
    HOSPITAL = "hospital", "医院"
    OTHER = "other", "其他场所"


class Service(models.TextChoices):
    """What a zone may offer (服务)."""

    LOOKUP = "lookup", "政府信息查阅"
    INTAKE = "intake", "依申请公开受理"
    ADVICE = "advice", "政策咨询"
    GAZETTE = "gazette", "政府公报取阅"
    OPINIONS = "opinions", "政务公开意见收集"
    GUIDANCE = "guidance", "申请公开指导"
    INTERPRETATION = "interpretation", "政策现场解读"
    ENROLMENT = "enrolment", "公众参与活动报名"
    OBSTACLES = "obstacles", "办事堵点收集"
    PARTICIPATION = "participation", "公众参与事项咨询联系"


class Days(models.TextChoices):
    """On which days a zone is open."""

    WORKDAYS = "workdays", "工作日"
    NOT_MONDAY = "not_monday", "周二至周日"
    EVERY = "every", "每天"


def clock_words(moment: dt.time) -> str:
    """9:00, 13:30."""
    return f"{moment.hour}:{moment.minute:02}"


class Zone(Record):
    """A zone (政务公开专区、体验区、查阅点). Its unit is the body that runs it; `title` is its name."""

    KIND = "zone"
    # States in which readers find it.
    SHOWN = ("open", "suspended")

    place = models.CharField("场所", max_length=12, choices=Place.choices)
    address = models.CharField("地址", max_length=200)
    sign = models.CharField("标识", max_length=200)
    telephone = models.CharField("电话", max_length=40)
    days = models.CharField("开放日", max_length=12, choices=Days.choices, default=Days.WORKDAYS)
    opens_at = models.TimeField("开门")
    closes_at = models.TimeField("关门")
    break_from = models.TimeField("午休开始", null=True, blank=True)
    break_to = models.TimeField("午休结束", null=True, blank=True)
    hours_remark = models.CharField("开放时间说明", max_length=120, blank=True)
    opened_on = models.DateField("开放日期", null=True, blank=True)
    suspended_until = models.DateField("预计恢复", null=True, blank=True)
    suspended_reason = models.CharField("暂停原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "政务公开专区"
        verbose_name_plural = "政务公开专区"

    def __str__(self) -> str:
        return self.title

    @property
    def spans(self) -> list[tuple[dt.time, dt.time]]:
        """The stretches of a day on which it is open."""
        if self.break_from and self.break_to:
            return [(self.opens_at, self.break_from), (self.break_to, self.closes_at)]
        return [(self.opens_at, self.closes_at)]

    @property
    def hours(self) -> str:
        """工作日 9:00至12:00，13:30至17:00."""
        stretches = "，".join(f"{clock_words(first)}至{clock_words(last)}" for first, last in self.spans)
        return f"{self.get_days_display()} {stretches}"

    @property
    def public_url(self) -> str:
        """Its page for readers."""
        return reverse("zones-public:zone", args=[self.pk])

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("场所", self.get_place_display()), ("开放时间", self.hours)]


class ZoneService(models.Model):
    """A service that a zone offers: which post serves, when, and what people can expect. Written by acts of the zone."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="services")
    service = models.CharField("服务", max_length=16, choices=Service.choices)
    post = models.CharField("服务岗位", max_length=80)
    hours = models.CharField("服务时间", max_length=120, blank=True)
    words = models.CharField("怎么办", max_length=300, blank=True)

    class Meta:
        verbose_name = "专区服务"
        verbose_name_plural = "专区服务"
        constraints = [models.UniqueConstraint(fields=["zone", "service"], name="zone_service_unique")]

    def __str__(self) -> str:
        return f"{self.zone_id} {self.get_service_display()}"


class ServiceNote(models.Model):
    """A line of the register at the desk (服务登记): what was asked for and by how many, nothing about who."""

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="notes")
    service = models.CharField("服务", max_length=16, choices=Service.choices)
    on = models.DateField("日期")
    month = models.CharField("月份", max_length=7)
    people = models.PositiveIntegerField("人数")
    words = models.CharField("简要内容", max_length=200, blank=True)
    noted_by = models.CharField("登记岗位", max_length=120, blank=True)
    noted_at = models.DateTimeField("登记时间")
    # A line that was wrong stays, and counts no more.
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_reason = models.CharField("作废原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "服务登记"
        verbose_name_plural = "服务登记"
        indexes = [
            models.Index(fields=["zone", "-on", "-id"], name="zone_note_day"),
            models.Index(fields=["zone", "month", "service"], name="zone_note_month"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_service_display()} {self.people}"


class ServiceMonth(models.Model):
    """How many lines of the register, and for how many people, by zone, service and month; moved by the acts."""

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="months")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    service = models.CharField(max_length=16, choices=Service.choices)
    month = models.CharField(max_length=7)
    notes = models.IntegerField(default=0)
    people = models.IntegerField(default=0)

    class Meta:
        verbose_name = "服务月计数"
        verbose_name_plural = "服务月计数"
        constraints = [models.UniqueConstraint(fields=["zone", "service", "month"], name="zone_month_unique")]
        indexes = [models.Index(fields=["month", "service"], name="zone_month_service")]

    def __str__(self) -> str:
        return f"{self.zone_id} {self.service} {self.month} {self.notes}"


class ZoneRequest(models.Model):
    """A request for disclosure that was taken at a zone, for whichever body. It carries nothing of who asked."""

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="taken")
    request = models.OneToOneField("requests.Request", models.PROTECT, related_name="taken_at_zone")
    note = models.OneToOneField(ServiceNote, models.PROTECT, related_name="taken")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField("受理时间")

    class Meta:
        verbose_name = "专区受理的申请"
        verbose_name_plural = "专区受理的申请"

    def __str__(self) -> str:
        return f"{self.zone_id} {self.request_id}"


class OutletForm(models.TextChoices):
    """What an outlet is (载体)."""

    READING_POINT = "reading_point", "公共查阅点"
    BOARD = "board", "公告栏"
    SCREEN = "screen", "电子信息屏"


class Item(models.TextChoices):
    """What is shown to a particular area or group (公开事项)."""

    LAND = "land", "土地征收"
    RENEWAL = "renewal", "旧区改造"
    SCHOOL = "school", "义务入学"
    MEDICAL = "medical", "就诊就医"
    CARE = "care", "养老服务"
    OTHER = "other", "其他事项"


class Outlet(Record):
    """A reading point, board or screen where things are shown to an area or a group (定点公开的载体). `title` is its name."""

    KIND = "outlet"

    form = models.CharField("载体", max_length=14, choices=OutletForm.choices)
    area = models.CharField("面向区域或者人群", max_length=120)
    address = models.CharField("位置", max_length=200)
    zone = models.ForeignKey(
        Zone, models.PROTECT, null=True, blank=True, related_name="outlets", verbose_name="所在专区"
    )

    class Meta:
        verbose_name = "定点公开载体"
        verbose_name_plural = "定点公开载体"

    def __str__(self) -> str:
        return f"{self.title}（{self.get_form_display()}）"

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("载体", self.get_form_display()), ("面向", self.area)]


class Posting(Record):
    """A public document shown at an outlet from a day to a day (定点公开). Its unit is the outlet's; who asked for it leads."""

    KIND = "posting"

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="postings", verbose_name="载体")
    document = models.ForeignKey(
        "publications.Publication", models.PROTECT, related_name="postings", verbose_name="公开的信息"
    )
    version = models.PositiveIntegerField("版本")
    item = models.CharField("公开事项", max_length=10, choices=Item.choices)
    from_day = models.DateField("张贴日期")
    until_day = models.DateField("撤下日期")
    put_up_at = models.DateTimeField("张贴时间", null=True, blank=True)
    taken_down_at = models.DateTimeField("撤下时间", null=True, blank=True)
    due_reason = models.CharField("为什么该撤下", max_length=100, blank=True)

    class Meta:
        verbose_name = "定点公开"
        verbose_name_plural = "定点公开"
        indexes = [models.Index(fields=["until_day"], name="zone_posting_until")]

    def __str__(self) -> str:
        return self.title

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts."""
        return [("公开事项", self.get_item_display()), ("载体", str(self.outlet))]
