"""What is public at this moment: one narrow row for each document, and a note for each that was withdrawn."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from gongkai.core.models import Unit
from gongkai.publications.models.columns import CatalogColumn
from gongkai.publications.models.information import Publication, Validity, Version


class PublicDocument(models.Model):
    """A document that the public can read now. Public pages ask this table and no other one.

    Release writes the row and withdrawal deletes it, so that a list can never show what is not public. Only what
    lists, facets and sorting need stands here; the text stands in the version.
    """

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="public")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    column = models.ForeignKey(CatalogColumn, models.PROTECT, null=True, blank=True, related_name="documents")
    title = models.CharField(max_length=300)
    document_number = models.CharField(max_length=80, blank=True)
    index_number = models.CharField(max_length=60, blank=True)
    issuer = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=60, blank=True)
    document_kind = models.CharField(max_length=20, blank=True)
    year = models.PositiveSmallIntegerField("成文年份")
    made_on = models.DateField(null=True, blank=True)
    published_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    validity = models.CharField(max_length=10, choices=Validity.choices, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    repealed_on = models.DateField(null=True, blank=True)
    normative = models.BooleanField(default=False)
    policy = models.BooleanField(default=False)
    stage = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name = "公开的信息"
        verbose_name_plural = "公开的信息"
        indexes = [
            models.Index(fields=["-published_at", "-publication"], name="public_newest"),
            models.Index(fields=["unit", "-published_at", "-publication"], name="public_unit"),
            models.Index(fields=["column", "-published_at", "-publication"], name="public_column"),
            models.Index(fields=["subject", "-published_at", "-publication"], name="public_subject"),
            models.Index(fields=["document_kind", "-published_at", "-publication"], name="public_kind"),
            models.Index(fields=["year", "-published_at", "-publication"], name="public_year"),
            models.Index(fields=["validity", "-published_at", "-publication"], name="public_validity"),
            models.Index(
                fields=["unit", "validity", "-published_at"],
                name="public_normative",
                condition=models.Q(normative=True),
            ),
            # The daily work on validity asks for the few rows whose day has come.
            models.Index(
                fields=["validity", "expires_on"],
                name="public_expires_on",
                condition=models.Q(expires_on__isnull=False),
            ),
            models.Index(
                fields=["validity", "repealed_on"],
                name="public_repealed_on",
                condition=models.Q(repealed_on__isnull=False),
            ),
            models.Index(
                fields=["stage", "-published_at", "-publication"],
                name="public_stage",
                condition=~models.Q(stage=""),
            ),
            models.Index(fields=["unit", "stage"], name="public_unit_stage", condition=~models.Q(stage="")),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("information:document", args=[self.pk])


class WithdrawalNote(models.Model):
    """What stands where a withdrawn document stood: its title, when and why it was withdrawn; nothing of its text."""

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="withdrawal")
    title = models.CharField("标题", max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    published_at = models.DateTimeField("原发布时间")
    withdrawn_at = models.DateTimeField("撤回时间")
    reason = models.CharField("撤回原因", max_length=300)
    successor = models.ForeignKey(Publication, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-withdrawn_at"]
        verbose_name = "撤回说明"
        verbose_name_plural = "撤回说明"

    def __str__(self) -> str:
        return self.title
