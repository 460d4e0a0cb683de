"""Acts of masking: marking, unmarking, undoing and making the file; and looking it through by somebody else.

What stands under a mark is never in an event: events say the page, how many, and the ground.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from gongkai.core import attachments, jurisdiction
from gongkai.core.acts import Act, ActError, Work, perform
from gongkai.core.forms import ActForm
from gongkai.core.models import Attachment, Event, User
from gongkai.core.roles import STAFF, owner
from gongkai.requests.acts.common import KIND, STAFF_OF_OWNER
from gongkai.requests.acts.reply import DRAFTING, REVIEWERS_OF_CASE, reply_of
from gongkai.requests.masking import finding, queries, sheets
from gongkai.requests.masking.models import Look, Mark, Mask, Page
from gongkai.requests.models import Material, Request

MOST_AT_ONCE = 500
MOST_MARKS = 5000
OPERATIONS = [
    ("prepare", "生成页面"),
    ("mark", "遮盖"),
    ("unmark", "取消遮盖"),
    ("undo", "撤销上一步"),
    ("make", "生成遮盖文件"),
]


def _masked_of(case: Any) -> list[Material]:
    """The materials of a case that are to be masked; read once for each state of the case."""
    key = (case.pk, case.event_count)
    known = case.__dict__.get("_masked_materials")
    if known is None or known[0] != key:
        known = (key, [one for one in case.materials.all() if one.treatment == Material.Treatment.MASKED])
        case.__dict__["_masked_materials"] = known
    found: list[Material] = known[1]
    return found


class _Result(forms.Field):
    """What was computed before the act began, so that nothing waits for it; never comes from a browser."""

    widget = forms.HiddenInput

    def __init__(self, kind: type) -> None:
        super().__init__(required=False)
        self.kind = kind

    def clean(self, value: Any) -> Any:
        return value if isinstance(value, self.kind) else None


class _Tokens(forms.Field):
    """Places on the pages, or numbers of marks."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[str]:
        found = [str(one) for one in (value if isinstance(value, list | tuple) else [value] if value else [])]
        if len(found) > MOST_AT_ONCE:
            raise forms.ValidationError(f"一次最多选{MOST_AT_ONCE}处。请分几次遮盖。")
        return list(dict.fromkeys(found))


class MaterialForm(ActForm):
    """Which material."""

    material = forms.ModelChoiceField(
        label="材料",
        queryset=Material.objects.none(),
        error_messages={"invalid_choice": "这份材料没有选“遮盖后提供”。请先在答复页面保存处理方式。"},
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["material"]
            field.queryset = Material.objects.select_related("original", "masked").filter(
                request=case.pk, treatment=Material.Treatment.MASKED
            )


def _percent(label: str) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, max_value=100, required=False)


class MaskForm(MaterialForm):
    """One change of a masking. Lengths of a drawn box are percent of the page."""

    operation = forms.ChoiceField(choices=OPERATIONS)
    way = forms.ChoiceField(choices=Mark.Way.choices, required=False)
    chosen = _Tokens(label="选中的文字", required=False)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)
    left, top = _percent("左边"), _percent("上边")
    width, height = _percent("宽"), _percent("高")
    what = forms.CharField(label="遮盖的内容（概括）", max_length=60, required=False)
    ground = forms.ChoiceField(label="依据", choices=queries.GROUNDS, required=False)
    reason = forms.CharField(label="理由", max_length=500, required=False)
    layout = _Result(sheets.Layout)
    made = _Result(sheets.Made)
    made_of = forms.CharField(max_length=64, required=False)


class MaskMaterial(Act):
    """遮盖材料: one step of covering parts of a material."""

    kind, name, label, icon = KIND, "mask_material", "遮盖材料", "eye-off"
    page = "requests-masking:of-case"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    form_class = MaskForm
    private = frozenset({"reason", "what", "chosen", "layout", "made"})
    hide_blocked = True
    order = 42
    hint = "把材料变成图片，盖住不公开的部分，生成不含原文的文件。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if _masked_of(case) else "没有要遮盖的材料。"

    def apply(self, work: Work) -> None:
        material: Material = work.data["material"]
        if work.data["operation"] == "prepare":
            _prepare(work, material)
            return
        mask = queries.mask_of(material)
        if mask is None:
            raise ActError("这份材料还没有生成页面。请先生成页面。")
        _STEPS[work.data["operation"]](work, material, mask)
        if work.user is not None and work.user.pk not in mask.authors:
            mask.authors = [*mask.authors, work.user.pk]
        mask.save()


def _attach(work: Work, material: Material, name: str, own_name: str, pdf: bytes) -> Attachment:
    kept = attachments.keep(pdf, sealed=True)
    found = Attachment(
        case_id=work.case.pk, name=name, private_name=own_name, sealed=True, digest=kept.digest, size=kept.size,
        content_type="application/pdf", uploaded_by=work.user,
    )  # fmt: skip
    found.save()
    work.attachments.append(found)
    return found


def _prepare(work: Work, material: Material) -> None:
    """Keep the pages of a material that was laid out."""
    layout: sheets.Layout | None = work.data["layout"]
    if layout is None:
        raise ActError("页面没有生成。请在遮盖页面点“生成页面”。")
    if Mask.objects.filter(material=material).exists():
        raise ActError("这份材料的页面已经生成。请刷新页面。")
    kept = (
        material.original
        if layout.own
        else _attach(work, material, "材料版面.pdf", f"{material.title}（版面）.pdf", layout.pdf)
    )
    mask = Mask.objects.create(request=work.case, material=material, layout=kept, notes=layout.notes)
    Page.objects.bulk_create(
        Page(
            request=work.case,
            mask=mask,
            number=number,
            width=sheet.width,
            height=sheet.height,
            characters=sum(len(line["text"]) for line in sheet.lines),
            lines={"lines": sheet.lines},
        )
        for number, sheet in enumerate(layout.sheets, 1)
    )
    material.pages = len(layout.sheets)
    material.save(update_fields=["pages"])
    work.summary = f"{material.title}：生成页面{len(layout.sheets)}页"


def _void(material: Material, mask: Mask) -> None:
    """Marks changed: the file that was made holds no more."""
    mask.made_marks, mask.made_at, mask.proof = "", None, {}
    if material.masked_id is not None:
        material.masked = None
        material.save(update_fields=["masked"])


def _mark(work: Work, material: Material, mask: Mask) -> None:
    data = work.data
    if not data["ground"]:
        raise ActError("请选明遮盖的依据。")
    drawn = data["way"] == Mark.Way.BOX
    places = [(_drawn_box(mask, data), "", "")] if drawn else _places(mask, data["chosen"])
    if not places:
        raise ActError("还没有选要遮盖的文字。请勾选后再遮盖。")
    marks = queries.marks_of(mask)
    known = {str(mark.boxes) for mark in marks}
    places = [place for place in places if str(place[0]) not in known]
    if not places:
        raise ActError("选中的地方都已经遮盖了。")
    if len(marks) + len(places) > MOST_MARKS:
        raise ActError(f"一份材料最多遮盖{MOST_MARKS}处。请把材料拆成几份，或者整份不提供。")
    mask.step += 1
    what = data["what"].strip()
    Mark.objects.bulk_create(
        Mark(
            request=work.case,
            mask=mask,
            page=boxes[0][0],
            boxes=boxes,
            way=data["way"] or Mark.Way.WORDS,
            what=what or told or _general(data["way"]),
            ground=data["ground"],
            reason=data["reason"].strip(),
            words=words,
            made_by=work.user,
            made_at=work.now,
            added_step=mask.step,
        )
        for boxes, words, told in places
    )
    _void(material, mask)
    pages = [box[0] for boxes, _, _ in places for box in boxes]
    work.record |= {"marks": len(places), "pages": sorted(set(pages))}
    work.summary = (
        f"{material.title}：{queries.pages_words(pages)}遮盖{len(places)}处，{queries.ground_words(data['ground'])}"
    )


def _general(way: str) -> str:
    return "图文内容" if way == Mark.Way.BOX else "文字内容"


def _places(mask: Mask, tokens: list[str]) -> list[tuple[list[list[int]], str, str]]:
    """Boxes, words and kind of content of the places that were chosen; `token|kind` where a search knew what it found."""
    try:
        chosen = {token: (finding.spans_of(token.partition("|")[0]), token.partition("|")[2]) for token in tokens}
        pages = queries.lines_of(mask, (span[0] for spans, _ in chosen.values() for span in spans))
        return [
            (finding.boxes_of(pages, spans), finding.words_of(pages, spans), what if what in finding.WHATS else "")
            for spans, what in chosen.values()
        ]
    except ValueError:
        raise ActError("选中的文字和页面对不上。请刷新页面后重新选择。") from None


def _drawn_box(mask: Mask, data: dict[str, Any]) -> list[list[int]]:
    """The box that was drawn, kept inside its page."""
    page = mask.pages.filter(number=data["page"] or 0).only("width", "height").first()
    edges = [data[name] for name in ("left", "top", "width", "height")]
    if page is None or any(edge is None for edge in edges):
        raise ActError("请先在页面上画框，或者填写框的位置和大小。")
    left, top, width, height = edges
    right, bottom = min(100.0, left + width), min(100.0, top + height)
    box = [
        round(left * page.width / 100),
        round(top * page.height / 100),
        round(right * page.width / 100),
        round(bottom * page.height / 100),
    ]
    if box[2] - box[0] < 20 or box[3] - box[1] < 20:
        raise ActError("框太小了，盖不住内容。请画大一些。")
    return [[data["page"], *box]]


def _unmark(work: Work, material: Material, mask: Mask) -> None:
    numbers = [int(text) for text in work.data["chosen"] if text.isascii() and text.isdigit() and len(text) < 18]
    found = mask.marks.filter(pk__in=numbers, removed_step=None)
    pages = [mark.page for mark in found]
    if not pages:
        raise ActError("还没有选要取消的遮盖，或者已经取消了。请刷新页面。")
    mask.step += 1
    found.update(removed_step=mask.step)
    _void(material, mask)
    work.summary = f"{material.title}：{queries.pages_words(pages)}取消遮盖{len(pages)}处"


def _undo(work: Work, material: Material, mask: Mask) -> None:
    if mask.step == 0:
        raise ActError("没有可以撤销的操作。")
    added = mask.marks.filter(added_step=mask.step)
    restored = mask.marks.filter(removed_step=mask.step).update(removed_step=None)
    gone = added.count()
    added.delete()
    mask.step -= 1
    _void(material, mask)
    work.summary = f"{material.title}：撤销上一步，" + (f"去掉{gone}处遮盖" if gone else f"恢复{restored}处遮盖")


def _make(work: Work, material: Material, mask: Mask) -> None:
    made: sheets.Made | None = work.data["made"]
    if made is None:
        raise ActError("文件没有生成。请在遮盖页面点“生成遮盖文件”。")
    digest = queries.digest_of(mask, queries.marks_of(mask))
    if digest != work.data["made_of"]:
        raise ActError("生成文件时有人改动了遮盖。请核对后重新生成。")
    if mask.made_marks == digest and material.masked_id is not None:
        raise ActError("遮盖没有改动，文件已经生成，不用再生成。")
    material.masked = _attach(work, material, "遮盖后的材料.pdf", f"{material.title}（遮盖后）.pdf", made.pdf)
    material.save(update_fields=["masked"])
    mask.made_marks, mask.made_at, mask.proof = digest, work.now, made.proof
    work.record |= {"file": material.masked.digest, "marks_digest": digest, "proof": made.proof}
    work.summary = f"{material.title}：生成遮盖文件，{made.proof['pages']}页，遮盖{made.proof['boxes']}处，检验通过"


_STEPS: dict[str, Callable[[Work, Material, Mask], None]] = {
    "mark": _mark, "unmark": _unmark, "undo": _undo, "make": _make,
}  # fmt: skip


class CheckForm(MaterialForm):
    """Which pages were looked through."""

    pages = _Tokens(label="页")
    digest = forms.CharField(max_length=64)


class CheckMasking(Act):
    """核对遮盖: somebody who masked nothing here compares the made file with the original, page by page."""

    kind, name, label, icon = KIND, "check_masking", "核对遮盖", "scan-eye"
    page = "requests-masking:check-of-case"
    from_states = DRAFTING | {"review"}
    permits = (*REVIEWERS_OF_CASE, *owner(*STAFF))
    form_class = CheckForm
    hide_blocked = True
    order = 12
    hint = "对照原件逐页看：该盖的都盖了，不该盖的没有盖。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if any(one.masked_id for one in _masked_of(case)) else "还没有生成遮盖文件。"

    def apply(self, work: Work) -> None:
        material: Material = work.data["material"]
        mask = queries.mask_of(material)
        if mask is None or material.masked is None:
            raise ActError("这份材料还没有生成遮盖文件。")
        if material.masked.digest != work.data["digest"]:
            raise ActError("遮盖文件已经重新生成。请刷新页面，核对新的文件。")
        _second_person(work, mask)
        numbers = {int(text) for text in work.data["pages"] if text.isascii() and text.isdigit() and len(text) < 6}
        known = set(mask.pages.filter(number__in=numbers).values_list("number", flat=True))
        if not known:
            raise ActError("没有这一页。请刷新页面。")
        seen = set(queries.looked_pages(mask, material.masked.digest))
        Look.objects.bulk_create(
            Look(request=work.case, mask=mask, page=number, digest=material.masked.digest, user=work.user, at=work.now)
            for number in sorted(known - seen)
        )
        total = mask.pages.count()
        work.record |= {"file": material.masked.digest, "pages": sorted(known)}
        work.summary = f"{material.title}：{queries.pages_words(known)}看过，已看{len(seen | known)}页，共{total}页"


def _second_person(work: Work, mask: Mask) -> None:
    user = work.user
    if user is None:
        raise ActError("核对遮盖要由人来做。")
    if queries.is_author(mask, user):
        raise ActError("这份材料的遮盖有你做的，要由其他人核对。")
    reply = reply_of(work.case)
    if reply is not None and user.pk in reply.authors:
        raise ActError("答复是你起草的，遮盖要由其他人核对。")


# --- what takes long is done before the act -----------------------------------------------------------------------------


def prepare(case: Request, material: Material, user: User, tell: sheets.Tell | None = None) -> Event:
    """Lay a material out and keep its pages. Raises ActError."""
    if Mask.objects.filter(material=material).exists():
        raise ActError("这份材料的页面已经生成。请刷新页面。")
    try:
        data = attachments.load(material.original.digest)
        layout = sheets.lay_out(material.original.own_name, data, jurisdiction.value("requests.mask_pages"), tell)
    except sheets.SheetsError as problem:
        raise ActError(str(problem)) from None
    except (FileNotFoundError, ValueError):
        raise ActError("原件不在存储里，或者已经损坏。请联系系统管理员。") from None
    return perform(MaskMaterial, case, user, {"material": material.pk, "operation": "prepare", "layout": layout})


def make(case: Request, material: Material, user: User, tell: sheets.Tell | None = None) -> Event:
    """Make the masked file from the marks as they stand, prove and keep it. Raises ActError."""
    mask = queries.mask_of(material)
    marks = queries.marks_of(mask) if mask is not None else []
    if mask is None or not marks:
        raise ActError("还没有遮盖任何内容。不用遮盖的，请把处理方式改为“提供”。")
    try:
        made = sheets.make(
            attachments.load(mask.layout.digest),
            queries.boxes_by_page(marks),
            mask.pages.count(),
            jurisdiction.value("requests.mask_dots"),
            tell,
        )
    except sheets.SheetsError as problem:
        raise ActError(str(problem)) from None
    except (FileNotFoundError, ValueError):
        raise ActError("原件不在存储里，或者已经损坏。请联系系统管理员。") from None
    made.proof["left"] = sorted({place.page for place in queries.places_left(mask, marks)})
    data = {"material": material.pk, "operation": "make", "made": made, "made_of": queries.digest_of(mask, marks)}
    return perform(MaskMaterial, case, user, data)
