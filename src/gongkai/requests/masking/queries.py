"""What is read of masking: pages, marks, whether the made file still holds, what is held back, what keeps a reply back."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F, Q

from gongkai.core import jurisdiction
from gongkai.core.models import User
from gongkai.law.requests import decisions as law
from gongkai.requests.masking import finding
from gongkai.requests.masking.models import Look, Mark, Mask, Page
from gongkai.requests.models import Material, Request

# Personal data inside a material: in the letter it stands under the ground that the jurisdiction names.
PERSONAL = "PI"
GROUNDS = [(PERSONAL, "个人信息"), *((code, law.decision(code).short) for code in law.WITHHOLDING)]
_SHORT = {
    PERSONAL: "个人信息", "D1": "国家秘密", "D2": "法律法规禁止公开", "D3": "三安全一稳定", "D4": "第三方权益",
    "D5": "内部事务", "D6": "过程性信息", "D7": "执法案卷",
}  # fmt: skip


def ground_words(code: str) -> str:
    """A ground in a few words, as it stands on the box."""
    return _SHORT.get(code, code)


def mask_of(material: Material) -> Mask | None:
    """The masking of a material."""
    return Mask.objects.select_related("layout").filter(material=material).first()


def marks_of(mask: Mask) -> list[Mark]:
    """The marks that hold, by page."""
    return list(mask.marks.filter(removed_step=None).order_by("page", "pk"))


def lines_of(mask: Mask, pages: Iterable[int] | None = None) -> dict[int, Sequence[dict[str, Any]]]:
    """Page -> its lines."""
    rows = Page.objects.filter(mask=mask)
    if pages is not None:
        rows = rows.filter(number__in=set(pages))
    return {row.number: row.lines.get("lines", []) for row in rows}


def digest_of(mask: Mask, marks: Iterable[Mark]) -> str:
    """The digest of what a made file depends on: the layout, and every box with its ground."""
    places = sorted([box, mark.ground] for mark in marks for box in mark.boxes)
    text = json.dumps([mask.layout.digest, places], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def boxes_by_page(marks: Iterable[Mark]) -> dict[int, list[tuple[int, int, int, int, str]]]:
    """Page -> boxes with the words that are written on them."""
    found: dict[int, list[tuple[int, int, int, int, str]]] = defaultdict(list)
    for mark in marks:
        for page, left, top, right, bottom in mark.boxes:
            found[page].append((left, top, right, bottom, ground_words(mark.ground)))
    return dict(found)


def places_left(mask: Mask, marks: Iterable[Mark]) -> list[finding.Found]:
    """Where words that are covered somewhere stand uncovered somewhere else."""
    marks = list(marks)
    boxes = finding.by_page(box for mark in marks for box in mark.boxes)
    words = dict.fromkeys(mark.words for mark in marks if len(mark.words) <= 40)
    return finding.uncovered(lines_of(mask), words, boxes)


def pages_words(pages: Iterable[int]) -> str:
    """第1、3页."""
    return f"第{'、'.join(map(str, sorted(set(pages))))}页"


def looked_pages(mask: Mask, digest: str) -> dict[int, Look]:
    """The pages of a made file that somebody looked through."""
    return {look.page: look for look in Look.objects.select_related("user").filter(mask=mask, digest=digest)}


def is_author(mask: Mask, user: User) -> bool:
    """Whether a person marked, unmarked or made something here."""
    return user.pk in mask.authors


# --- what others of the room ask ----------------------------------------------------------------------------------------


def masks_of(case: Request) -> dict[int, Any]:
    """The maskings of a request with how far each was looked through; read once for each state of the case."""
    key = (case.pk, case.event_count)
    known = case.__dict__.get("_masks")
    if known is None or known[0] != key:
        seen = Count("looks", filter=Q(looks__digest=F("material__masked__digest")))
        rows = Mask.objects.filter(request=case.pk).annotate(page_count=F("material__pages"), seen=seen)
        known = (key, {row.material_id: row for row in rows})
        case.__dict__["_masks"] = known
    return known[1]


def hindrance(case: Request, material: Material) -> str:
    """What keeps a reply with this material back: it was not made here, or in review nobody else looked it through."""
    if material.treatment != Material.Treatment.MASKED or material.masked_id is None:
        return ""
    mask = masks_of(case).get(material.pk)
    if mask is None or not mask.made_marks:
        return f"材料“{material.title}”的遮盖文件没有经过生成和检验。请打开“遮盖、核对”重新生成。"
    if case.state == "review" and mask.seen < mask.page_count:
        return (
            f"材料“{material.title}”的遮盖还没有核对完（已看{mask.seen}页，共{mask.page_count}页）。"
            "请由没有参与遮盖的人逐页对照。"
        )
    return ""


def withheld_parts(case: Request) -> list[dict[str, str]]:
    """The masked parts as a partial disclosure lists them: pages and kind of content in general words, ground, reason."""
    masked = Material.objects.filter(request=case.pk, treatment=Material.Treatment.MASKED)
    marks = Mark.objects.filter(mask__material__in=masked, removed_step=None).select_related("mask__material")
    groups: dict[tuple[Any, ...], list[Mark]] = defaultdict(list)
    for mark in marks.order_by("mask__material__position", "mask__material_id", "page", "pk"):
        reason = mark.reason.strip() or mark.mask.material.reason.strip()
        groups[mark.mask.material.title, mark.ground, reason].append(mark)
    parts = []
    for (title, ground, reason), found in groups.items():
        whats = "、".join(dict.fromkeys(mark.what for mark in found))
        pages = pages_words(box[0] for mark in found for box in mark.boxes)
        parts.append({"what": f"“{title}”{pages}的{whats}", "ground": _lawful(ground), "reason": reason})
    return parts


def _lawful(ground: str) -> str:
    return str(jurisdiction.value("requests.mask_personal_ground")) if ground == PERSONAL else ground
