"""How a public document is put on a page: its metadata in rows, its validity in a sentence, its text with addresses."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from gongkai.core.templatetags.gongkai import fullday
from gongkai.publications import body
from gongkai.publications.models import PublicDocument, Validity, Version, VersionFile
from gongkai.publications.public_queries import Page, Related

# A text with fewer headings, or shorter than this many characters of HTML, needs no table of contents.
HEADINGS = 4
LONG_TEXT = 3000
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


# --- metadata ---------------------------------------------------------------------------------------------------------


def facts(row: PublicDocument, version: Version) -> list[tuple[str, str]]:
    """The metadata block: labels as on government pages, only what the document has."""
    wanted = [
        ("索引号", version.index_number),
        ("主题分类", version.subject.replace("\\", " / ")),
        ("发文机关", version.issuer or row.unit.name),
        ("发文字号", version.document_number),
        ("成文日期", fullday(version.made_on)),
        ("发布日期", fullday(row.published_at)),
        ("施行日期", fullday(version.effective_on)),
        _end(row),
        ("体裁", kind_words(version)),
        ("公开属性", version.get_attribute_display()),
        ("有效性", row.get_validity_display()),
        ("发布机构", row.unit.name if version.issuer and version.issuer != row.unit.name else ""),
        ("信息来源", version.source),
        ("五公开环节", version.get_stage_display()),
        ("关键词", version.keywords),
    ]
    return [(label, value) for label, value in wanted if value]


def _end(row: PublicDocument) -> tuple[str, str]:
    if row.repealed_on:
        return "废止日期", fullday(row.repealed_on)
    return ("失效日期" if row.validity == Validity.LAPSED else "有效期至"), fullday(row.expires_on)


def kind_words(version: Version) -> str:
    """The kind of document, and what else it is."""
    extra = "行政规范性文件" if version.normative else "政策文件" if version.policy else ""
    return "，".join(word for word in (version.document_kind, extra) if word)


def in_pairs(rows: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Two labels and values to a line of the table."""
    return [rows[at : at + 2] for at in range(0, len(rows), 2)]


# --- validity ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """The validity banner: tone of the notice, first words, the rest, documents it names, and when it changes."""

    tone: str
    title: str
    words: str
    by: list[Related] = field(default_factory=list)
    by_words: str = ""
    repeals: list[Related] = field(default_factory=list)
    until: dt.date | None = None


def standing(page: Page, today: dt.date) -> Standing | None:
    """What the document is worth on a day, in words; None where it has no validity."""
    row = page.row
    repealed_by = page.links("repeals", backwards=True)
    amended_by = page.links("amends", backwards=True)
    if row.validity == Validity.REPEALED:
        day = fullday(row.repealed_on)
        return Standing(
            "late", f"已废止{'' if day else '。'}", f"，自{day}起不再执行。" if day else "", repealed_by, "废止它的文件"
        )
    if row.validity == Validity.LAPSED:
        words = f"，有效期至{fullday(row.expires_on)}，不再执行。" if row.expires_on else "，不再执行。"
        return Standing("late", "已失效", words, repealed_by, "替代它的文件")
    if row.validity == Validity.AMENDED:
        return Standing("soon", "已修改", f"，仍然有效。请同时看修改它的文件。{_term(row)}", amended_by, "修改它的文件")
    if row.validity != Validity.VALID:
        return None
    repeals = page.links("repeals", backwards=False)
    if row.effective_on and row.effective_on > today:
        return Standing(
            "info",
            "尚未施行",
            f"。自{fullday(row.effective_on)}起施行。{_term(row)}",
            repeals=repeals,
            until=row.effective_on,
        )
    start = f"自{fullday(row.effective_on)}起施行" if row.effective_on else ""
    words = "，".join(part for part in (start, _term(row).rstrip("。")) if part)
    soon = f"将于{fullday(row.repealed_on)}废止。" if row.repealed_on and row.repealed_on > today else ""
    return Standing(
        "ok",
        "现行有效",
        f"。{words}{'。' if words else ''}{soon}",
        repealed_by if soon else [],
        "废止它的文件",
        repeals,
    )


def _term(row: PublicDocument) -> str:
    return f"有效期至{fullday(row.expires_on)}。" if row.expires_on else ""


# --- text -------------------------------------------------------------------------------------------------------------

_HEADING = re.compile(r"<(/?)h([2-4])\b")
_TABLE = re.compile(r"<table\b")


def text(version: Version, pictures: list[VersionFile]) -> SafeString:
    """The released text for a page: pictures with their addresses, headings without gaps, wide tables that scroll.

    The body was sanitised when it was saved; only addresses and wrappers of our own are put in.
    """
    html = version.body
    for file in pictures:
        html = html.replace(f"attachment:{file.digest}", file_address(file))
    html = _without_gaps(html)
    number = itertools.count(1)
    html = _TABLE.sub(
        lambda match: f'<div class="scroll-x" role="group" aria-label="表格{next(number)}" tabindex="0">{match[0]}',
        html,
    )
    return mark_safe(html.replace("</table>", "</table></div>"))  # noqa: S308  see above


def _without_gaps(html: str) -> str:
    """Headings one level below the one before at most: aids jump from heading to heading."""
    levels = {level: str(at) for at, level in enumerate(sorted({m[2] for m in _HEADING.finditer(html)}), start=2)}
    last, opened = 1, "2"

    def renamed(match: re.Match[str]) -> str:
        nonlocal last, opened
        if match[1]:
            return f"</h{opened}"
        level = min(int(levels[match[2]]), last + 1)
        last, opened = level, str(level)
        return f"<h{level}"

    return _HEADING.sub(renamed, html)


def contents(version: Version) -> list[Any]:
    """The table of contents of a long text; empty for a short one."""
    if len(version.body) < LONG_TEXT:
        return []
    entries = list(body.contents(version.body))
    return entries if len(entries) >= HEADINGS else []


def file_address(file: VersionFile) -> str:
    """Where a released file is read."""
    return reverse("information:file", args=[file.pk, file.name])


def points(summary: str) -> list[str]:
    """先看要点: the first sentences of the summary, three at most."""
    found = [part.strip() for part in re.findall(r"[^。！？；\n]+[。！？；]?", summary)]
    return [part for part in found if part][:3]


# --- for machines -----------------------------------------------------------------------------------------------------


def absolute(path: str) -> str:
    """The full public address of a path."""
    return f"{settings.GONGKAI_PUBLIC_ADDRESS}{path}"


def tags(page: Page) -> list[tuple[str, str]]:
    """The page tags of 《政府网站发展指引》: site, column and article."""
    row, version = page.row, page.version
    published = timezone.localtime(row.published_at)
    address = settings.GONGKAI_PUBLIC_ADDRESS
    wanted = [
        ("SiteName", settings.GONGKAI_SITE_NAME),
        ("SiteDomain", address.partition("://")[2]),
        ("ColumnName", row.column.title if row.column else "政府信息公开"),
        ("ColumnType", row.column.get_part_display() if row.column else ""),
        ("ArticleTitle", version.title),
        ("PubDate", f"{published:%Y-%m-%d %H:%M}"),
        ("ContentSource", version.source or version.issuer or row.unit.name),
        ("Keywords", version.keywords),
        ("Description", version.summary[:200]),
        ("Url", f"{address}{row.get_absolute_url()}"),
    ]
    return [(name, value) for name, value in wanted if value]


_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def structured(page: Page) -> SafeString:
    """The schema.org description as JSON for a data block of the page; nothing in it can end the block."""
    row, version = page.row, page.version
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Legislation" if version.normative else "Report",
        "name": version.title,
        "headline": version.title[:110],
        "url": absolute(row.get_absolute_url()),
        "identifier": [one for one in (version.document_number, version.index_number) if one],
        "datePublished": timezone.localtime(row.published_at).isoformat(timespec="seconds"),
        "dateModified": timezone.localtime(version.published_at).isoformat(timespec="seconds"),
        "dateCreated": version.made_on.isoformat() if version.made_on else None,
        "inLanguage": "zh-Hans",
        "isAccessibleForFree": True,
        "about": version.subject.replace("\\", " / ") or None,
        "keywords": version.keywords or None,
        "abstract": version.summary[:300] or None,
        "version": str(version.number),
        "publisher": {"@type": "GovernmentOrganization", "name": row.unit.name},
        "author": {"@type": "GovernmentOrganization", "name": version.issuer or row.unit.name},
    }
    if version.normative:
        data["legislationIdentifier"] = version.document_number or None
        data["legislationDate"] = data["dateCreated"]
        data["legislationLegalForce"] = _FORCE.get(row.validity)
    lines = json.dumps({k: v for k, v in data.items() if v}, ensure_ascii=False)
    return mark_safe(lines.translate(_UNSAFE))  # noqa: S308  signs that could end the block are written as numbers


_FORCE: dict[str, str] = {
    Validity.VALID: "https://schema.org/InForce",
    Validity.AMENDED: "https://schema.org/PartiallyInForce",
    Validity.LAPSED: "https://schema.org/NotInForce",
    Validity.REPEALED: "https://schema.org/NotInForce",
}
