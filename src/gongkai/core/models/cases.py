"""Cases 事项: one matter with an owner, a state and clocks. Each mechanism's record is a case."""

from __future__ import annotations

import datetime as dt
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import get_script_prefix, reverse

from gongkai.core.models.units import Unit
from gongkai.core.privacy.fields import SealedJSONField
from gongkai.core.roles import Role
from gongkai.law import clock as law_clock

# Sorts cases without a due time after all others, so that one index serves the list.
NO_DUE = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class Light(models.TextChoices):
    """The state of a case's time limits, worst first (状态标识)."""

    LATE = "late", "已超期"
    SOON = "soon", "临近到期"
    PAUSED = "paused", "暂停计时"
    WAIT = "wait", "等待启动"
    OK = "ok", "进展正常"
    DONELATE = "donelate", "逾期办结"
    DONE = "done", "已办结"


class CaseQuerySet(models.QuerySet):
    """Queries that every room may use."""

    def open(self) -> CaseQuerySet:
        """Cases that are not closed."""
        return self.filter(closed_at__isnull=True)

    def visible_to(self, user) -> CaseQuerySet:
        """Cases that a person may read; the one place where this is decided.

        Supervising offices and auditors read the cases they supervise and those of units below them;
        everybody else reads the cases that their units own, lead or are asked to act on.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        own, overseen = set(), []
        for membership in user.memberships_now:
            if membership.role in (Role.OFFICE, Role.AUDITOR):
                root = membership.unit.parent or membership.unit
                overseen.append(root.path)
                own.add(membership.unit_id)
            elif membership.role not in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
                own.add(membership.unit_id)
        condition = (
            models.Q(unit__in=own) | models.Q(lead__in=own) | models.Q(turn_unit__in=own)
            if own
            else models.Q(pk__in=[])
        )
        for path in overseen:
            condition |= models.Q(unit__in=Unit.objects.filter(path__startswith=path).values("pk"))
        return self.filter(condition)


def readable_case(user, name: str = "case_id") -> models.Subquery:
    """The id of the case that a row names in its column `name`, null where the person may not read that case.

    A list of other rows annotates itself with this and links only to what opens for its reader.
    """
    return models.Subquery(Case.objects.visible_to(user).filter(pk=models.OuterRef(name)).values("pk")[:1])


class Case(models.Model):
    """One matter (事项). Written only by `gongkai.core.acts.perform`."""

    number = models.CharField("编号", max_length=40, unique=True)
    # Where a jurisdiction names the series of a kind itself: set before the case is opened, not kept.
    number_prefix = ""
    kind = models.CharField("类型", max_length=20)
    title = models.CharField("名称", max_length=300)
    state = models.CharField("状态", max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="cases", verbose_name="承办单位")
    supervisor = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主管单位"
    )
    lead = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="led_cases", verbose_name="牵头单位"
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="handled_cases",
        verbose_name="经办人",
    )
    series = models.CharField("所属", max_length=40, blank=True)
    section = models.CharField("部分", max_length=20, blank=True)

    turn_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="等谁办理"
    )
    turn_role = models.CharField("等哪个角色", max_length=20, blank=True)
    ask = models.CharField("要办什么", max_length=60, blank=True)

    light = models.CharField("标识", max_length=10, choices=Light.choices, default=Light.OK)
    light_until = models.DateTimeField("标识到何时会变", null=True, blank=True)
    late_at = models.DateTimeField("何时算超期", null=True, blank=True)
    clock = models.ForeignKey(
        "core.Clock", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="最近的时限"
    )
    due_at = models.DateTimeField("到期", null=True, blank=True)
    due_order = models.DateTimeField(default=NO_DUE)
    provisional = models.BooleanField("日历暂定", default=False)

    opened_at = models.DateTimeField("开始")
    closed_at = models.DateTimeField("办结", null=True, blank=True)
    closed_month = models.CharField(max_length=7, blank=True)
    on_time = models.BooleanField("按时", null=True, blank=True)
    outcome = models.CharField("结果", max_length=40, blank=True)
    event_count = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "事项"
        verbose_name_plural = "事项"
        indexes = [
            models.Index(
                # What follows the id lets figures be counted from the index alone.
                fields=["turn_unit", "due_order", "id", "turn_role", "light", "handler", "closed_at", "unit", "kind"],
                name="case_turn",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["handler", "due_order", "id"], name="case_handler", condition=models.Q(closed_at__isnull=True)
            ),
            models.Index(fields=["unit", "due_order", "id"], name="case_unit"),
            # Open cases are few beside all that was ever closed: lists of open ones never walk the closed.
            models.Index(
                fields=["unit", "due_order", "id", "kind", "light", "turn_unit", "turn_role", "handler", "closed_at"],
                name="case_unit_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["series", "due_order", "id"],
                name="case_series_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            # One section of a series in order; the last three let the lights of a series be read from the index alone.
            models.Index(
                fields=["series", "section", "due_order", "id", "light", "light_until", "late_at"],
                name="case_section_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["kind", "state", "unit", "series"],
                name="case_kind_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["series", "light_until"],
                name="case_series_light",
                condition=models.Q(light_until__isnull=False),
            ),
            models.Index(
                fields=["unit", "closed_month", "due_order", "id"],
                name="case_unit_closed",
                condition=models.Q(closed_at__isnull=False),
            ),
            models.Index(
                fields=["series", "closed_month", "due_order", "id"],
                name="case_series_closed",
                condition=models.Q(closed_at__isnull=False),
            ),
            models.Index(fields=["lead", "due_order", "id"], name="case_lead", condition=models.Q(lead__isnull=False)),
            models.Index(fields=["series", "section", "unit"], name="case_series"),
            models.Index(fields=["kind", "due_order", "id"], name="case_kind"),
            models.Index(
                fields=["kind", "due_order", "id"],
                name="case_kind_due_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            # Lists of closed ones begin with the latest: they never walk what is open.
            models.Index(
                fields=["kind", "due_order", "id"],
                name="case_kind_closed",
                condition=models.Q(closed_at__isnull=False),
            ),
            models.Index(
                fields=["light_until"], name="case_light_until", condition=models.Q(light_until__isnull=False)
            ),
            models.Index(fields=["due_order", "id"], name="case_due", condition=models.Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Not closed yet."""
        return self.closed_at is None

    @property
    def specification(self):
        """The kind of this case: states, labels, number prefix."""
        from gongkai.core.kinds import kinds

        return kinds[self.kind]

    @property
    def state_label(self) -> str:
        """The state in words."""
        return self.specification.states[self.state].label

    @property
    def state_light(self) -> str:
        """The light beside the state's word, the same in every list and on the case's page.

        A state that declares a light is shown in it; a clock of an open case may make it worse, never better, and what
        was closed late stays so. All other states are shown in the light of the clocks.
        """
        own = self.specification.states[self.state].light
        if not own or (not self.is_open and self.light == Light.DONELATE):
            return str(self.light)
        if self.is_open and self.clock_id:
            return min(own, str(self.light), key=law_clock.LIGHTS.index)
        return own

    @property
    def concrete(self) -> Case:
        """The room's own record of this case."""
        model = self.specification.model
        if isinstance(self, model):
            return self
        return model.objects.get(pk=self.pk)

    def questions(self) -> dict[str, models.QuerySet]:
        """What the acts of this kind ask about the case beyond its columns: name -> rows to be counted."""
        return {}

    @cached_property
    def known(self) -> dict[str, int]:
        """The answers to `questions`, asked in one query and kept until the case is read anew.

        An act reads them on the locked case before it changes anything; a page gives them with its own figures.
        """
        from gongkai.core import figures

        asked = self.questions()
        found = figures.collect(asked, exact=frozenset(asked))
        return {name: found[name] for name in asked}

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("known", None)
        super().refresh_from_db(*args, **kwargs)

    def get_absolute_url(self) -> str:
        before, after = _case_address(get_script_prefix())
        return f"{before}{self.pk}{after}"


@lru_cache(maxsize=8)
def _case_address(script_prefix: str) -> tuple[str, str]:
    """What stands before and after the id in a case's address; lists write fifty of them."""
    before, _, after = reverse("workbench:case", args=[0]).rpartition("0")
    return before, after


class Record(Case):
    """What a room's record derives from: a case with fields of its own (multi-table inheritance).

    The link back is named after room and model, so that a record may have a field named like another record. A new one
    is written without `save()` (`acts.open_together`): a record that fills something in does so before it is opened.
    """

    case_ptr = models.OneToOneField(
        Case, models.CASCADE, parent_link=True, primary_key=True, related_name="%(app_label)s_%(class)s"
    )

    class Meta:
        abstract = True


class CaseRelation(models.Model):
    """A link between two cases, told from both ends (相关事项)."""

    class Kind(models.TextChoices):
        EVIDENCE = "evidence", "佐证"
        FOLLOWS = "follows", "落实"
        SUPERVISES = "supervises", "督办"
        RELATED = "related", "相关"

    source = models.ForeignKey(Case, models.CASCADE, related_name="relations_out")
    target = models.ForeignKey(Case, models.CASCADE, related_name="relations_in")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.RELATED)

    class Meta:
        verbose_name = "相关事项"
        verbose_name_plural = "相关事项"
        constraints = [models.UniqueConstraint(fields=["source", "target", "kind"], name="relation_unique")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class CaseWatch(models.Model):
    """A person follows a case (关注)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    case = models.ForeignKey(Case, models.CASCADE, related_name="watches")

    class Meta:
        verbose_name = "关注"
        verbose_name_plural = "关注"
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="watch_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.case_id}"


class CaseCount(models.Model):
    """How many cases stand in each light, by kind, unit, series and section; kept by the acts."""

    kind = models.CharField(max_length=20)
    series = models.CharField(max_length=40, blank=True)
    section = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    light = models.CharField(max_length=10, choices=Light.choices)
    number = models.IntegerField(default=0)

    class Meta:
        verbose_name = "事项计数"
        verbose_name_plural = "事项计数"
        constraints = [
            models.UniqueConstraint(fields=["kind", "series", "section", "unit", "light"], name="case_count_unique")
        ]
        indexes = [
            models.Index(fields=["unit", "light", "number"], name="case_count_unit"),
            models.Index(fields=["kind", "light", "series", "number"], name="case_count_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.series} {self.section} {self.unit_id} {self.light} {self.number}"


class ClosedCount(models.Model):
    """How many cases were closed in a month, on time or not; kept by the acts."""

    kind = models.CharField(max_length=20)
    series = models.CharField(max_length=40, blank=True)
    section = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = models.CharField(max_length=7)
    on_time = models.BooleanField()
    number = models.IntegerField(default=0)

    class Meta:
        verbose_name = "办结计数"
        verbose_name_plural = "办结计数"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "series", "section", "unit", "month", "on_time"], name="closed_count_unique"
            )
        ]
        indexes = [
            models.Index(fields=["unit", "month"], name="closed_count_month"),
            models.Index(fields=["kind", "month", "series", "on_time", "number"], name="closed_count_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.unit_id} {self.month} {self.number}"


class NumberSeries(models.Model):
    """The last number given in a series of a year."""

    prefix = models.CharField(max_length=20)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "编号"
        verbose_name_plural = "编号"
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="number_series_unique")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last}"


class ActDraft(models.Model):
    """What somebody typed into an act's form and has not sent yet (草稿)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="drafts")
    act = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    # What was typed into the act's private fields.
    private = SealedJSONField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "草稿"
        verbose_name_plural = "草稿"
        constraints = [
            models.UniqueConstraint(fields=["user", "case", "act"], name="draft_unique"),
            models.UniqueConstraint(
                fields=["user", "act"], name="draft_new_unique", condition=models.Q(case__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.case_id}"


class SavedFilter(models.Model):
    """A list with its conditions, kept under a name (收藏的筛选)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=40)
    name = models.CharField("名称", max_length=30)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["id"]
        verbose_name = "收藏的筛选"
        verbose_name_plural = "收藏的筛选"
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_filter_unique")]

    def __str__(self) -> str:
        return self.name
