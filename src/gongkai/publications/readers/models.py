"""Records of the readers' side: what lists walk and count, who gets mail, topics."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from gongkai.core.models import Record, Unit
from gongkai.publications.models import CatalogColumn

# The five things by which lists are narrowed down, in the order of the counters' keys.
FACETS = ("unit", "subject", "kind", "year", "validity")


class ListEntry(models.Model):
    """A public document as lists walk it: nothing but what narrows a list down, and the order.

    Derived from `PublicDocument` and written in the same transaction. Each index begins with one facet, keeps the order
    of the list and holds all other facets, so that any combination is found in the index alone. `subject` is the main
    class. `policy` (policy and normative documents) and `normative` are 0 for what is in force, 1 for what lapsed or
    was repealed, and empty for other documents.
    """

    document = models.BigIntegerField(primary_key=True)
    published_at = models.DateTimeField()
    unit = models.BigIntegerField()
    column = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    year = models.PositiveSmallIntegerField()
    validity = models.CharField(max_length=10, blank=True)
    policy = models.PositiveSmallIntegerField(null=True)
    normative = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = "列表条目"
        verbose_name_plural = "列表条目"
        indexes = [
            models.Index(fields=["-published_at", "-document", *FACETS], name="entry_newest"),
            *(
                models.Index(
                    fields=[name, "-published_at", "-document", *(other for other in FACETS if other != name)],
                    name=f"entry_{name}",
                )
                for name in FACETS
            ),
            *(
                models.Index(
                    fields=[name, "-published_at", "-document", *FACETS],
                    name=f"entry_{name}",
                    condition=models.Q(**{f"{name}__isnull": False}),
                )
                for name in ("column", "policy", "normative")
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)


class FacetCount(models.Model):
    """How many public documents there are of a combination: `scope|unit|subject|kind|year|validity`, * for any.

    `facet` is set where exactly one thing is given (`all|unit`): those rows name the values that a facet has. It is
    null elsewhere, so that the few rows that have it stand in an index of their own.
    """

    key = models.CharField(max_length=180, primary_key=True)
    facet = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    number = models.IntegerField(default=0)

    class Meta:
        verbose_name = "列表计数"
        verbose_name_plural = "列表计数"
        indexes = [
            models.Index(fields=["facet", "key"], name="facet_count_facet", condition=models.Q(facet__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.number}"


class Subscription(models.Model):
    """A mail address that wants to hear of new documents. Confirmed by a letter to that address, ended by one click.

    Addresses stand here and nowhere else: never in a log, an event or an export.
    """

    class What(models.TextChoices):
        ALL = "all", "全部信息"
        POLICIES = "policies", "政策文件"
        UNIT = "unit", "一个单位"
        COLUMN = "column", "一个栏目"
        KEYWORD = "keyword", "关键词"
        SEARCH = "search", "搜索词"

    address = models.EmailField("邮箱", max_length=200)
    what = models.CharField("订阅内容", max_length=10, choices=What.choices)
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="单位")
    column = models.ForeignKey(
        CatalogColumn, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="栏目"
    )
    keyword = models.CharField("关键词", max_length=100, blank=True)
    secret = models.CharField(max_length=43, unique=True)
    created_at = models.DateTimeField("登记时间")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    told_until = models.DateTimeField("已告知到", null=True, blank=True)

    class Meta:
        verbose_name = "邮件订阅"
        verbose_name_plural = "邮件订阅"
        indexes = [
            models.Index(fields=["address", "created_at"], name="subscription_address"),
            models.Index(
                fields=["told_until"], name="subscription_due", condition=models.Q(confirmed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.pk}"

    @property
    def words(self) -> str:
        """What is subscribed to, in words."""
        named = {"unit": str(self.unit or ""), "column": str(self.column or ""), "keyword": f"“{self.keyword}”"}
        named["search"] = f"搜索“{self.keyword}”"
        return named.get(self.what) or self.get_what_display()


class Topic(Record):
    """专题: a page that editors put together of words and chosen documents, approved by somebody else.

    `sections` is the working copy: a list of {title, text, documents}, in order. What the public sees is `released`,
    a copy taken at the approval; documents are looked up when the page is shown, so that one that was withdrawn is
    not there any more.
    """

    KIND = "topic"

    slug = models.SlugField("网址中的名称", max_length=40, unique=True)
    summary = models.TextField("导语", max_length=600, blank=True)
    sections = models.JSONField("栏目", default=list, blank=True)
    authors = models.JSONField("编辑过的人", default=list, blank=True)
    released = models.JSONField("公开的内容", null=True, blank=True)
    released_at = models.DateTimeField("公开时间", null=True, blank=True)
    approved_by = models.CharField("批准人岗位", max_length=120, blank=True)

    class Meta:
        verbose_name = "专题"
        verbose_name_plural = "专题"
        indexes = [
            models.Index(fields=["-released_at"], name="topic_released", condition=models.Q(released_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        """Whether readers see it now."""
        return self.released is not None

    @property
    def public_address(self) -> str:
        """Where readers see it."""
        return reverse("information:topic", args=[self.slug])

    def facts(self) -> list[tuple[str, Any]]:
        """Beside the case's own facts, under its title."""
        return [("网址", self.public_address), ("批准", self.approved_by)]
