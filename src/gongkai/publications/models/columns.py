"""Catalog columns 公开目录栏目 and what a unit fixes for its own publishing."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from gongkai.core.models import Unit
from gongkai.law import index_number


class CatalogColumn(models.Model):
    """A column of a body's catalog: its place in the tree, whose it is, on what basis, how often it must be renewed.

    `part` is one of the four parts of the fixed column 政府信息公开; `area` names a key area. A column without a unit
    is common to all bodies; a body's own page shows its own columns and the common ones.
    """

    class Part(models.TextChoices):
        GUIDE = "guide", "政府信息公开指南"
        RULES = "rules", "政府信息公开制度"
        STATUTORY = "statutory", "法定主动公开内容"
        ANNUAL = "annual", "政府信息公开年报"

    class Freshness(models.TextChoices):
        NEWS = "news", "动态、要闻"
        NOTICES = "notices", "通知公告、政策文件"
        STATISTICS = "statistics", "办事统计"
        YEARLY = "yearly", "人事、规划、年度数据"
        NONE = "", "不定期"

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="columns", verbose_name="所属单位"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级栏目"
    )
    code = models.SlugField("代码", max_length=40, unique=True)
    title = models.CharField("栏目名称", max_length=80)
    part = models.CharField("所属部分", max_length=10, choices=Part.choices, default=Part.STATUTORY)
    statutory_item = models.CharField("对应条例条款", max_length=20, blank=True)
    area = models.CharField("重点领域", max_length=40, blank=True)
    owner = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="owned_columns", verbose_name="责任单位"
    )
    basis = models.CharField("公开依据", max_length=200, blank=True)
    description = models.CharField("公开内容", max_length=400, blank=True)
    freshness = models.CharField("更新要求", max_length=12, choices=Freshness.choices, blank=True)
    update_days = models.PositiveIntegerField("更新周期（日）", null=True, blank=True)
    ordinal = models.PositiveIntegerField("排序", default=0)
    active = models.BooleanField("在用", default=True)
    updated_at = models.DateTimeField("最近更新", null=True, blank=True)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "目录栏目"
        verbose_name_plural = "目录栏目"
        indexes = [models.Index(fields=["unit", "part", "ordinal"], name="column_unit")]

    def __str__(self) -> str:
        return self.title


def check_index_template(value: str) -> None:
    """A template of index numbers, as a form field's validator."""
    try:
        index_number.check_template(value)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class UnitProfile(models.Model):
    """What a unit fixes for its publishing: the template of its index numbers and its codes (单位发布设置)."""

    unit = models.OneToOneField(Unit, models.CASCADE, primary_key=True, related_name="profile")
    index_template = models.CharField(
        "索引号模板", max_length=80, default=index_number.DEFAULT_TEMPLATE, validators=[check_index_template]
    )
    organisation_code = models.CharField("组织机构代码", max_length=10, blank=True)
    region_code = models.CharField("行政区划代码", max_length=6, blank=True)
    class_code = models.CharField("分类代码", max_length=10, blank=True)
    document_code = models.CharField("机关代字", max_length=30, blank=True, help_text="例如“云政办发”。")

    class Meta:
        verbose_name = "单位发布设置"
        verbose_name_plural = "单位发布设置"

    def __str__(self) -> str:
        return str(self.unit)
