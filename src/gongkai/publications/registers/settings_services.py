"""Settings of publishing: chains of review, wording lists, profiles of units; every change is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gongkai import screening
from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import NumberSeries, Unit, User
from gongkai.law import index_number
from gongkai.publications import screen
from gongkai.publications.models import ReviewChain, ReviewPurpose, UnitProfile, WordingRule
from gongkai.publications.registers.columns import Report, plain_book, read_sheet

WORDING_HEAD = ("写法", "类型", "应写为", "说明", "须改正才能发布", "启用")


def save_chain(user: User, chain: ReviewChain) -> ReviewChain:
    """Write a chain; the approval always stands at its end."""
    steps = [step for step in ReviewPurpose.values if step in chain.steps and step != ReviewPurpose.APPROVAL]
    chain.steps = [*steps, str(ReviewPurpose.APPROVAL)]
    with writing():
        new = chain.pk is None
        chain.save()
        words = "、".join(ReviewPurpose(step).label for step in chain.steps)
        audit.note("settings.chain", "新增审核流程" if new else "修改审核流程", user, summary=f"{chain}：{words}")
    return chain


def delete_chain(user: User, chain: ReviewChain) -> None:
    """Take a chain away; the next nearest one counts."""
    with writing():
        audit.note("settings.chain", "删除审核流程", user, summary=str(chain))
        chain.delete()


def save_profile(user: User, profile: UnitProfile) -> UnitProfile:
    """Write a unit's profile; numbers that were given stay."""
    with writing():
        profile.save()
        audit.note("settings.profile", "修改单位发布设置", user, summary=f"{profile.unit}：{profile.index_template}")
    return profile


def preview(profile: UnitProfile, year: int, month: int) -> str:
    """The next index number by a profile, without giving it. Raises ValueError with what is missing."""
    unit = profile.unit
    series = NumberSeries.objects.filter(prefix=f"index:{unit.pk}"[:20], year=year).first()
    values = {
        "code": unit.code,
        "orgcode9": profile.organisation_code,
        "uscc": unit.credit_code,
        "region6": profile.region_code,
        "class": profile.class_code,
    }
    serial = (series.last if series else 0) + 1
    return index_number.render(profile.index_template, serial=serial, year=year, month=month, **values)


# --- wording lists ----------------------------------------------------------------------------------------------------


def save_wording(user: User, rule: WordingRule) -> WordingRule:
    """Write a rule; it counts from the next screening on."""
    with writing():
        new = rule.pk is None
        rule.save()
        audit.note("settings.wording", "新增表述规则" if new else "修改表述规则", user, summary=rule.pattern)
    return rule


def wording_lines() -> list[tuple[Any, ...]]:
    """All rules as lines of the workbook."""
    return [
        (
            rule.pattern,
            rule.get_kind_display(),
            rule.replacement,
            rule.advice,
            "是" if rule.blocking else "否",
            "是" if rule.active else "否",
        )
        for rule in WordingRule.objects.order_by("kind", "pattern")
    ]


def wording_book() -> bytes:
    """All rules as a workbook in the layout of the import."""
    return plain_book("表述规则", WORDING_HEAD, wording_lines(), (30, 14, 30, 40, 16, 8))


def take_in_wordings(user: User, data: bytes, *, dry_run: bool = False) -> Report:
    """Take rules over from a workbook; nothing is changed when any row has an error. Raises ColumnError."""
    report = Report()
    rows = _wording_rows(read_sheet(data, WORDING_HEAD), report)
    if report.errors:
        return report
    known = {rule.pattern: rule for rule in WordingRule.objects.all()}
    with writing():
        for pattern, values in rows:
            rule = known.setdefault(pattern, WordingRule(pattern=pattern))
            if rule.pk is not None and all(getattr(rule, name) == value for name, value in values.items()):
                report.same += 1
                continue
            report.created += rule.pk is None
            report.changed += rule.pk is not None
            for name, value in values.items():
                setattr(rule, name, value)
            if not dry_run:
                rule.save()
        if not dry_run and (report.created or report.changed):
            summary = f"新增{report.created}条，修改{report.changed}条"
            audit.note("settings.wording", "导入表述规则", user, summary=summary)
    return report


def _wording_rows(lines: list[list[str]], report: Report) -> list[tuple[str, dict[str, Any]]]:
    """The lines as (pattern, values); faults go into the report."""
    kinds = {label: value for value, label in WordingRule.Kind.choices}
    rows = []
    for number, line in enumerate(lines, 2):
        if not any(line):
            continue
        pattern, kind, replacement, advice, blocking, active = line
        if not pattern:
            report.errors.append(f"第{number}行：没有填写法。")
        elif kind not in kinds:
            report.errors.append(f"第{number}行：类型“{kind}”不对，请填{'、'.join(kinds)}。")
        elif max(len(pattern), len(replacement)) > 120 or len(advice) > 200:
            report.errors.append(f"第{number}行：写法最多120字，说明最多200字。")
        values = {"kind": kinds.get(kind, ""), "replacement": replacement, "advice": advice}
        rows.append((pattern, {**values, "blocking": blocking == "是", "active": active != "否"}))
    return rows


@dataclass(frozen=True, slots=True)
class Tried:
    """What a text is found to contain."""

    label: str
    found: str
    explanation: str
    suggestion: str
    blocking: bool


def try_out(text: str) -> list[Tried]:
    """Screen a text as a publication would be; nothing of it is kept."""
    parts = [
        screening.Part(place=f"第{number}段", text=line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    found = screening.screen(parts, wordings=screen.wordings(), allow=screen.allowed())
    return [
        Tried(hit.label, hit.found, hit.explanation, hit.mask or "", hit.severity in ("block", "must"))
        for hit in found[:200]
    ]


def profile_of(unit: Unit) -> UnitProfile:
    """A unit's profile; one with the defaults, not saved yet, when it has none."""
    found = UnitProfile.objects.select_related("unit").filter(unit=unit.pk).first()
    return found or UnitProfile(unit=unit)
