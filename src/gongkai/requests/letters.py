"""The letters of a request, L1 to L15: which there are, who signs with which number, and how many are printed at once.

An act sends one by `issue(work, "L2", addressee=..., items=...)`. What every letter says (received on, number, content,
agency, contact) comes from the request; sentences that the law fixes stand in `letter_texts` and may be given anew.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from gongkai.core import attachments, jurisdiction
from gongkai.core import letters as core_letters
from gongkai.core.acts import ActError, Work
from gongkai.core.letters import LetterKind, day_words
from gongkai.core.models import Letter, Unit
from gongkai.law.requests import letters as law_letters
from gongkai.law.requests.decisions import DECISIONS, sub_codes
from gongkai.requests import letter_texts, settings
from gongkai.requests.models import Category, Request

GROUP = settings.GROUP
TRANSFER = "transfer"
SLIP = "L6"

# The program itself fills these into every letter.
_BUILT_IN = frozenset({"title", "number", "dated"})
_ALWAYS = {"you": "称呼（你、你单位）"}


@dataclass(frozen=True, slots=True)
class RequestLetter(LetterKind):
    """A letter of this room. `defaults` stand unless the act gives its own words; `mark` is its character in the number."""

    group: str = GROUP
    law_code: str = ""
    name: str = ""
    mark: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its name in lists: several replies share one title."""
        return self.name or self.title


def slug_of(code: str, decision: str = "") -> str:
    """The code of a kind of letter: `requests-l13-g-a`."""
    return "-".join(["requests", code.lower(), *([decision.lower()] if decision else [])])


def kind_of(code: str, decision: str = "") -> RequestLetter:
    """The kind of letter; L13 and L12 need the result they tell. Raises ActError for one that does not exist."""
    found = core_letters.letter_kinds.get(slug_of(code, decision))
    if not isinstance(found, RequestLetter):
        raise ActError(f"没有“{code} {decision}”这种文书。".replace(" ”", "”"))
    return found


def basis_of(articles: Iterable[str]) -> str:
    """Articles as a letter cites them: the name of the law once, then its articles."""
    words, last = [], ""
    for article in articles:
        name, mark, rest = article.partition("》")
        words.append(rest if name == last else article)
        last = name if mark else ""
    return "、".join(words)


def short_of(decision: str) -> str:
    """A result in a few words: 属于国家秘密, 部分公开; the code itself when nobody knows it."""
    found = DECISIONS.get(decision)
    return found.short.partition("（")[0] if found else decision


def _declare(code: str, body: str, *, decision: str = "", skip: frozenset[str] = frozenset()) -> None:
    law = law_letters.letter(code)
    elements = [item for item in law_letters.required_elements(code, decision) if item.key not in _BUILT_IN | skip]
    fields = {item.key: item.label for item in elements}
    result = DECISIONS.get(decision)
    defaults = {**letter_texts.COMMON_DEFAULTS, **letter_texts.DEFAULTS.get(code, {})}
    if result is not None:
        fields |= {item.key: item.label for item in result.statements}
        if result.needs_withheld_parts:
            fields["withheld"] = "不予公开的部分、依据和理由"
        defaults |= {"facts": letter_texts.ON_THE_WAY} if code == "L13" else {}
        defaults |= {"basis": basis_of(result.articles)} if result.articles else {}
        defaults |= letter_texts.DEFAULTS.get(f"{code}-{decision}", {}) | letter_texts.REPLY_DEFAULTS.get(decision, {})
    if code == SLIP:
        fields = {
            "agency": "机关名称",
            "letter_number": "征求意见书的文号",
            "information": "涉及的信息",
            "reason_place": "填写理由的地方",
            "signature_place": "签名或者盖章的地方",
        }
        required: tuple[str, ...] = ("agency", "letter_number", "information", "signature_place")
    else:
        required = tuple(item.key for item in elements) + (("withheld",) if "withheld" in fields else ())
    core_letters.declare(
        RequestLetter(
            code=slug_of(code, decision),
            title=law.title,
            prefix=f"L-{code}",
            fields={**fields, **_ALWAYS, "number": "文号", "date": "日期"},
            required=required,
            body=body,
            law_code=code,
            name=f"{law.title}（{short_of(decision)}）" if result else law.title,
            mark=law.mark,
            defaults=defaults,
        )
    )


def _declare_transfer() -> None:
    common = {item.key: item.label for item in law_letters.COMMON if item.key not in _BUILT_IN}
    fields = {**common, "body": "接收机关", "moved_on": "转送日期", "reason": "理由"}
    core_letters.declare(
        RequestLetter(
            code=slug_of(TRANSFER),
            title="政府信息公开申请转送告知书",
            prefix="L-transfer",
            fields={**fields, **_ALWAYS, "number": "文号", "date": "日期"},
            required=tuple(fields),
            body=letter_texts.BODIES[TRANSFER],
            law_code=TRANSFER,
            mark="转",
            defaults={**letter_texts.COMMON_DEFAULTS, **letter_texts.DEFAULTS[TRANSFER]},
        )
    )


def _declare_all() -> None:
    for code in law_letters.LETTERS:
        if code == "L12":
            for decision in ("O1", "O2"):
                _declare(code, letter_texts.closing_body(decision), decision=decision)
            _declare(code, letter_texts.closing_body("O3"), decision="O3", skip=frozenset({"notice", "lapsed_on"}))
        elif code == "L13":
            for decision, found in DECISIONS.items():
                if found.letter == "L13" and not sub_codes(decision):
                    _declare(code, letter_texts.reply_body(decision), decision=decision)
        else:
            _declare(code, letter_texts.BODIES[code])
    _declare_transfer()


_declare_all()


# --- numbers and what every letter says -------------------------------------------------------------------------------


def by_unit(key: str, unit: Unit, otherwise: str) -> str:
    """A setting of lines 单位编码=内容: what stands for this unit, or the word for everybody."""
    for line in str(jurisdiction.value(key)).replace("；", "\n").replace(";", "\n").splitlines():
        code, _, words = line.partition("=")
        if code.strip() == unit.code and words.strip():
            return words.strip()
    return str(jurisdiction.value(otherwise)).strip()


def prefix_of(unit: Unit) -> str:
    """The characters before 公 in the numbers of a unit's letters: 云, 云财."""
    return by_unit("requests.letter_prefixes", unit, "requests.letter_prefix")


def contact_of(unit: Unit) -> str:
    """Address and telephone of the unit, as letters give them."""
    parts = [f"地址：{unit.address}" if unit.address else "", f"电话：{unit.telephone}" if unit.telephone else ""]
    return "，".join(part for part in parts if part) or unit.name


def addressee_of(case: Request) -> str:
    """The applicant's name as in the application (personal data: goes into sealed letters only)."""
    return str(case.applicant.get("name") or case.applicant_label or "申请人")


def you_of(case: Request) -> str:
    """How the applicant is addressed."""
    return "你" if case.category == Category.NATURAL else "你单位"


def _common(case: Request, kind: RequestLetter, words: Mapping[str, str]) -> dict[str, str]:
    law = law_letters.LETTERS.get(kind.law_code)
    outside = law is not None and law.addressee != "applicant"
    received = case.received_on or timezone.localdate(case.arrived_at)
    given = {
        "received_on": day_words(received),
        "request_number": case.number,
        # Others learn which information it is, never the applicant's own words.
        "content": case.subject or words.get("information") or words.get("task", "") if outside else case.content,
        "agency": case.unit.name,
        "contact": contact_of(case.unit),
        "you": "你（单位）" if outside else you_of(case),
    }
    if kind.law_code == "L5":
        given["return_address"] = case.unit.address or case.unit.name
    return given


def words_for(case: Request, kind: RequestLetter, words: Mapping[str, Any]) -> dict[str, str]:
    """Everything that is filled into a letter but number and date, which come when it is sent."""
    said = {name: _plain(value) for name, value in words.items()}
    filled = {**kind.defaults, **_common(case, kind, said), **{name: text for name, text in said.items() if text}}
    # Sentences of the template end with a stop of their own.
    stops = frozenset(kind.fields) - {"remedy", "items", "provided", "given_parts", "withheld"}
    filled = {name: text.rstrip("。；;. ") if name in stops else text for name, text in filled.items()}
    return {
        name: "\a".join(line.strip() for line in text.splitlines() if line.strip()) for name, text in filled.items()
    }


def _plain(value: Any) -> str:
    if isinstance(value, dt.date):
        return day_words(value)
    # Bell signs paragraphs in a template; nobody types them.
    return str(value if value is not None else "").replace("\a", "").strip()


# --- sending ----------------------------------------------------------------------------------------------------------


def issue(
    work: Work,
    code: str,
    *,
    decision: str = "",
    addressee: str | None = None,
    case: Request | None = None,
    **words: Any,
) -> Letter:
    """Number, fill in, seal and keep a letter of a request; it belongs to the event of the act and is saved already.

    Args:
        work: the act at work.
        code: L1 to L15, or `transfer`.
        decision: the result it tells, for L13 and L12.
        addressee: to whom; the applicant unless given.
        case: the request, when it is not the act's own.
        words: elements of the letter by the names of `law.requests.letters`; dates may be given as dates.

    L5 brings its answer slip (L6) along. Raises ActError that names every element that is missing.
    """
    kind = kind_of(code, decision)
    case = case or work.case
    letter = _issue(work, kind, case, {"addressee": addressee or addressee_of(case), **words})
    if code == "L5":
        slip = {"letter_number": letter.number, "information": words.get("information", "")}
        _issue(work, replace(kind_of(SLIP), mark=""), case, slip, number=f"{letter.number}附")
    return letter


def _issue(work: Work, kind: RequestLetter, case: Request, words: Mapping[str, Any], number: str = "") -> Letter:
    filled = words_for(case, kind, words)
    code = f"{prefix_of(case.unit)}公{kind.mark}"
    numbered = replace(
        kind,
        prefix=code if not number else "L-slip",
        number_format=(lambda year, serial: number) if number else (lambda year, serial: f"{code}〔{year}〕{serial}号"),
    )
    letter = core_letters.issue(numbered, work, filled, sealed=True)
    letter.case = case
    # Rows of the room point to it before the act's event is written.
    letter.save()
    return letter


def preview(case: Request, code: str, words: Mapping[str, Any], *, decision: str = "", day: dt.date) -> bytes:
    """The Word file as it would be sent, with the place of the number left open. Raises ActError for what is missing."""
    kind = kind_of(code, decision)
    filled = words_for(case, kind, {"addressee": addressee_of(case), **words})
    number = f"{prefix_of(case.unit)}公{kind.mark}〔{day.year}〕　　号"
    return core_letters.render(kind, {**filled, "number": number, "date": day_words(day)})


def paragraphs(data: bytes) -> list[tuple[str, str]]:
    """The paragraphs of a Word letter as (kind, text): title, center, right, flush or body."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    align: dict[Any, str] = {WD_ALIGN_PARAGRAPH.CENTER: "center", WD_ALIGN_PARAGRAPH.RIGHT: "right"}
    lines = []
    for place, line in enumerate(Document(io.BytesIO(data)).paragraphs):
        kind = "title" if place == 0 else align.get(line.alignment, "body")
        if kind == "body" and line.text.rstrip().endswith("："):
            kind = "flush"
        lines.append((kind, line.text))
    return lines


def pdf_of(letter: Letter) -> bytes:
    """One letter as PDF. Raises ActError when the server cannot make PDF."""
    return core_letters.docx_to_pdf(attachments.load(letter.digest), letter.title)


def print_many(letters: Iterable[Letter]) -> bytes:
    """Several letters as one PDF in the given order, each beginning on a new sheet when printed on both sides.

    Raises ActError when there is none, or PDF cannot be made here.
    """
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for letter in letters:
        if len(writer.pages) % 2:
            writer.add_blank_page()
        for page in PdfReader(io.BytesIO(pdf_of(letter))).pages:
            writer.add_page(page)
    if not writer.pages:
        raise ActError("没有选中文书。请先勾选要打印的文书。")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
