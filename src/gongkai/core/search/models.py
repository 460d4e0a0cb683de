"""Tables of the search: the outbox, words that mean the same, known words by sound, counters, and texts for databases."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class SearchChange(models.Model):
    """A record that the index has to look at anew, or drop; written in the transaction of the act (outbox)."""

    source = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    removed = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "待更新的索引"
        verbose_name_plural = "待更新的索引"
        indexes = [
            models.Index(fields=["id"], name="search_change_waiting", condition=models.Q(done_at__isnull=True)),
            models.Index(fields=["done_at"], name="search_change_done"),
            models.Index(fields=["at"], name="search_change_removed", condition=models.Q(removed=True)),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.object_id}"


class SearchPosition(models.Model):
    """How far something that is read in order has been read."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "读取位置"
        verbose_name_plural = "读取位置"

    def __str__(self) -> str:
        return f"{self.name} {self.position}"


class Synonym(models.Model):
    """Words that mean the same (同义词、简称): who searches one finds the others too."""

    words = models.JSONField("词语", default=list)
    active = models.BooleanField("使用", default=True)
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "同义词"
        verbose_name_plural = "同义词"

    def __str__(self) -> str:
        return "、".join(self.words)


class SearchWord(models.Model):
    """A word of public titles with its sound, to mend slips of pinyin input."""

    word = models.CharField(max_length=20, unique=True)
    sound = models.CharField(max_length=120)
    initials = models.CharField(max_length=20)
    number = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "词音"
        verbose_name_plural = "词音"
        indexes = [
            models.Index(fields=["sound", "-number"], name="search_word_sound"),
            models.Index(fields=["initials", "-number"], name="search_word_initials"),
        ]

    def __str__(self) -> str:
        return self.word


class SearchCount(models.Model):
    """How often words were searched on a day, and how often nothing was found. No trace of who."""

    day = models.DateField()
    words = models.CharField(max_length=30)
    times = models.PositiveIntegerField(default=0)
    empty = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "搜索计数"
        verbose_name_plural = "搜索计数"
        constraints = [models.UniqueConstraint(fields=["day", "words"], name="search_count_unique")]

    def __str__(self) -> str:
        return f"{self.day} {self.words} {self.times}"


class SearchText(models.Model):
    """The index inside the database, where no index directory is wanted; empty otherwise.

    `text` is the folded text of everything, `grams` its pairs of characters (PostgreSQL has an index on them).
    """

    source = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    digest = models.BigIntegerField()
    title = models.TextField()
    title_text = models.TextField()
    numbers = models.TextField(blank=True)
    text = models.TextField()
    grams = models.TextField(blank=True)
    stored = models.JSONField(default=dict)
    unit = models.BigIntegerField(default=0)
    category = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=60, blank=True)
    validity = models.CharField(max_length=30, blank=True)
    year = models.IntegerField(default=0)
    day = models.IntegerField(default=0)
    public = models.BooleanField(default=False)
    everyone = models.BooleanField(default=False)
    shared = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = "索引文本"
        verbose_name_plural = "索引文本"
        constraints = [models.UniqueConstraint(fields=["source", "object_id"], name="search_text_unique")]
        indexes = [models.Index(fields=["-day", "-id"], name="search_text_day")]

    def __str__(self) -> str:
        return self.title
