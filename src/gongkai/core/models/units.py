"""Units 单位: bodies and divisions in a tree, their names through time, and groups that expand to members."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models


class UnitKind(models.TextChoices):
    """What a unit is (单位性质)."""

    GOVERNMENT = "government", "人民政府"
    OFFICE = "office", "政府办公室"
    DEPARTMENT = "department", "政府部门"
    PARTY = "party", "党委部门"
    STREET = "street", "街道办事处"
    TOWN = "town", "乡镇人民政府"
    PARK = "park", "园区管委会"
    INSTITUTION = "institution", "事业单位"
    ENTERPRISE = "enterprise", "国有企业"
    DIVISION = "division", "内设机构"
    OTHER = "other", "其他"


class Unit(models.Model):
    """A body or division. `path` lists the ids from the root, so that a subtree is one prefix."""

    code = models.SlugField("编码", max_length=40, unique=True)
    name = models.CharField("全称", max_length=120, db_index=True)
    short_name = models.CharField("简称", max_length=60, db_index=True)
    kind = models.CharField("性质", max_length=20, choices=UnitKind.choices, default=UnitKind.DEPARTMENT)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    path = models.CharField(max_length=255, db_index=True, editable=False, default="/")
    ordinal = models.PositiveIntegerField("排序", default=0)
    credit_code = models.CharField(
        "统一社会信用代码",
        max_length=18,
        blank=True,
        validators=[RegexValidator(r"^[0-9A-HJ-NPQRTUWXY]{18}$", "统一社会信用代码是18位。")],
    )
    telephone = models.CharField("电话", max_length=40, blank=True)
    address = models.CharField("地址", max_length=120, blank=True)
    active = models.BooleanField("在用", default=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", verbose_name="并入"
    )

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "单位"
        verbose_name_plural = "单位"

    def __str__(self) -> str:
        return self.short_name or self.name

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            old, self.path = self.path, path
            type(self).objects.filter(pk=self.pk).update(path=path)
            if old != "/":
                for descendant in type(self).objects.filter(path__startswith=old).exclude(pk=self.pk):
                    type(self).objects.filter(pk=descendant.pk).update(path=path + descendant.path[len(old) :])


class UnitAlias(models.Model):
    """Another name under which notices know a unit or a group."""

    class Source(models.TextChoices):
        MANUAL = "manual", "登记"
        FORMER = "former", "曾用名"
        LEARNED = "learned", "核对时记住"

    name = models.CharField("名称", max_length=120, db_index=True)
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="aliases", verbose_name="单位")
    group = models.ForeignKey(
        "UnitGroup", models.CASCADE, null=True, blank=True, related_name="aliases", verbose_name="单位组"
    )
    source = models.CharField("来源", max_length=10, choices=Source.choices, default=Source.MANUAL)
    valid_until = models.DateField("用到", null=True, blank=True)

    class Meta:
        verbose_name = "别名"
        verbose_name_plural = "别名"
        constraints = [
            models.UniqueConstraint(
                fields=["name", "unit"], name="unit_alias_unit", condition=models.Q(unit__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["name", "group"], name="unit_alias_group", condition=models.Q(group__isnull=False)
            ),
            models.CheckConstraint(
                condition=models.Q(unit__isnull=False, group__isnull=True)
                | models.Q(unit__isnull=True, group__isnull=False),
                name="unit_alias_one_target",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitGroup(models.Model):
    """A name such as 各街镇 that stands for many units: all of some kinds under a root, or a list."""

    name = models.CharField("名称", max_length=80, unique=True)
    root = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="范围")
    kinds = models.JSONField("单位性质", default=list, blank=True)
    included = models.ManyToManyField(Unit, blank=True, related_name="+", verbose_name="另加")
    excluded = models.ManyToManyField(Unit, blank=True, related_name="+", verbose_name="不含")
    ordinal = models.PositiveIntegerField("排序", default=0)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "单位组"
        verbose_name_plural = "单位组"

    def __str__(self) -> str:
        return self.name


class UnitHistory(models.Model):
    """What happened to a unit: renamed, merged, moved (单位沿革)."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="history")
    at = models.DateTimeField()
    what = models.CharField(max_length=20)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    document = models.CharField("依据", max_length=120, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "单位沿革"
        verbose_name_plural = "单位沿革"

    def __str__(self) -> str:
        return f"{self.what} {self.before} {self.after}"
