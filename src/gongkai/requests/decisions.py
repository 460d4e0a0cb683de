"""What the law says of results, read for one request: the five questions, what is on file, what keeps a reply back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, people_of
from gongkai.core.letters import day_words
from gongkai.core.models import Unit
from gongkai.core.roles import Role
from gongkai.law.requests import decisions as law
from gongkai.law.requests.decisions import Decision, Finding, ReplyFacts, Step, WithheldPart
from gongkai.law.requests.remedies import remedy_paragraph
from gongkai.requests import letter_texts, letters, materials
from gongkai.requests.letters import basis_of, short_of
from gongkai.requests.models import Category, Consultation, Fee, Material, Reply, ReplyStep, Request, Supplement

# What else may be said in a reply beside the statements of its decision.
FREE = ("facts", "next", "unreachable", "disclosed", "disclosed_reason", "public_interest", "no_harm")
WITHHELD_WORDS = "withheld"

# Sub-codes and rows that a reply may be made of: every decision but the rows that need to be told apart further.
CHOICES = tuple(code for code in law.DECISIONS if not law.sub_codes(code))


def reconsideration_first() -> frozenset[str]:
    """The rows for which this place wants reconsideration before a suit."""
    text = str(jurisdiction.value("requests.reconsideration_first"))
    return frozenset(part for part in text.split(",") if part)


def remedy_of(unit: Unit, code: str) -> str:
    """The remedy paragraph of a letter of this unit that tells a result.

    The online way stands in it always: how the letter goes out may still change after it is signed.
    """
    online = str(jurisdiction.value("requests.reconsideration_online")).strip()
    return remedy_paragraph(
        code,
        organ=letters.by_unit("requests.reconsideration_organs", unit, "requests.reconsideration_organ"),
        court=letters.by_unit("requests.courts", unit, "requests.court"),
        served_online=bool(online),
        online_address=online,
        reconsideration_first=reconsideration_first(),
    )


def withholds(code: str) -> bool:
    """Whether something is refused for its content: partial disclosure and the eight rows of refusal."""
    return code[:1] in ("P", "D")


# --- the five questions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """How far the questions were answered, and what of it the page shows."""

    step: Step
    answers: dict[str, str]

    @property
    def decision(self) -> Decision | None:
        """The result the answers lead to."""
        return self.step.decision


def walk(answers: Mapping[str, str]) -> Way:
    """Follow the answers; those that do not lie on the way are dropped. Raises ActError for an answer nobody offers."""
    try:
        step = law.walk(answers)
    except ValueError as error:
        raise ActError(str(error)) from None
    return Way(step, {question.key: answer.key for question, answer in step.path})


# --- what is on file --------------------------------------------------------------------------------------------------


def parts_of(reply: Reply) -> list[dict[str, str]]:
    """The parts held back in a partial disclosure."""
    return list(reply.statements.get(WITHHELD_WORDS) or [])


def withheld_words(parts: Iterable[Mapping[str, str]]) -> str:
    """The parts held back as the letter lists them, each with ground and reason."""
    lines = []
    for number, part in enumerate(parts, 1):
        ground = law.DECISIONS.get(part.get("ground", ""))
        basis = f"，依据{basis_of(ground.articles)}" if ground else ""
        name = ground.short if ground else ""
        reason = part.get("reason", "").rstrip("。；;. ")
        lines.append(f"{number}. {part.get('what', '')}：{name}{basis}，不予公开。理由：{reason}。")
    return "\n".join(lines)


def _third_party(case: Request) -> tuple[str, str]:
    """The state of third parties' opinions, and why one could not be reached."""
    rows = [one for one in case.consultations.all() if one.kind == Consultation.Kind.THIRD_PARTY]
    answers = {one.answer for one in rows}
    unreachable = "；".join(one.reasons or "无法联系" for one in rows if one.answer == Consultation.Answer.UNREACHABLE)
    asked = [one for one in rows if one.answer != Consultation.Answer.UNREACHABLE]
    if not asked:
        return "", unreachable
    if any(not one.answer and one.ended_on is None for one in asked):
        return "pending", unreachable
    if Consultation.Answer.OBJECTED in answers:
        return "objected", unreachable
    if all(one.answer == Consultation.Answer.AGREED for one in asked):
        return "agreed", unreachable
    return "silent", unreachable


def facts_of(case: Request, reply: Reply) -> ReplyFacts:
    """What is on file for a reply, as the law checks it."""
    said = reply.statements
    rounds = list(case.supplement_rounds.all())
    third_party, unreachable = _third_party(case)
    return ReplyFacts(
        statements={name: text for name, text in said.items() if isinstance(text, str)},
        supplement_asked=bool(rounds),
        supplement_received=any(one.state == Supplement.State.ANSWERED for one in rounds),
        supplement_lapsed=bool(rounds) and rounds[-1].state == Supplement.State.LAPSED,
        third_party=third_party,  # type: ignore[arg-type]
        opinion_answer=str(reply.answers.get("opinion") or ""),
        overridden=overridden(reply),
        undecided=bool(_undecided(case)),
        unreachable=unreachable or str(said.get("unreachable") or ""),
        reasons_asked=case.reasons_asked_on is not None,
        reasons_settled=case.reasons_given_on is not None or case.reasons_accepted is not None,
        fee_lapsed=any(one.state == Fee.State.LAPSED for one in case.fees.all()),
        earlier_reply=_earlier_number(reply),
        search_record=any(True for _ in case.searches.all()),
        withheld=tuple(
            WithheldPart(part.get("what", ""), part.get("ground", ""), part.get("reason", ""))
            for part in parts_of(reply)
        ),
        withdrawn=reply.answers.get("course") == "withdrawn",
        merged_into=case.merged_into.number if case.merged_into else "",
        remedy=remedy_of(case.unit, reply.decision),
    )


def _earlier_number(reply: Reply) -> str:
    earlier = reply.earlier
    if earlier is None:
        return ""
    answered = Reply.objects.filter(request=earlier.pk).select_related("letter").first()
    return answered.letter.number if answered and answered.letter else earlier.number


def earlier_words(earlier: Request) -> dict[str, str]:
    """Number and date of an earlier reply, as the statements of N2 want them."""
    answered = Reply.objects.filter(request=earlier.pk).select_related("letter").first()
    number = answered.letter.number if answered and answered.letter else earlier.number
    return {"earlier_number": number, "earlier_date": day_words(earlier.replied_on) if earlier.replied_on else ""}


def overridden(reply: Reply) -> bool:
    """Whether the assistant was told that public interest outweighs what a third party would lose."""
    return "major" in (reply.answers.get("interest"), reply.answers.get("third_party_choice"))


def _undecided(case: Request) -> list[Consultation]:
    """Third parties who said neither yes nor no: silent, or never reached."""
    given = (Consultation.Answer.AGREED, Consultation.Answer.OBJECTED)
    return [
        one
        for one in case.consultations.all()
        if one.kind == Consultation.Kind.THIRD_PARTY and one.answer not in given and one.ended_on is not None
    ]


def told_to_third_parties(case: Request, reply: Reply) -> list[Consultation]:
    """Third parties who get L8 (art. 32): who objected, and whoever received the question when public interest decides."""
    if reply.decision not in ("G-b", "P"):
        return []
    # In a partial disclosure what they objected to may be just what is held back.
    if any(part.get("ground") == "D4" for part in parts_of(reply)):
        return []
    rows = case.consultations.all()
    found = [
        one for one in rows if one.kind == Consultation.Kind.THIRD_PARTY and one.answer == Consultation.Answer.OBJECTED
    ]
    if overridden(reply):
        found += [one for one in _undecided(case) if one.answer != Consultation.Answer.UNREACHABLE]
    return found


def against_objection(case: Request, reply: Reply) -> bool:
    """Whether a third party's interest is set aside for the public interest, which has to be said (15, 32)."""
    if overridden(reply):
        return reply.decision in ("G-b", "P")
    return reply.answers.get("opinion") != "baseless" and bool(told_to_third_parties(case, reply))


def without_answer(case: Request, reply: Reply) -> bool:
    """Whether something is disclosed though a third party kept silent or was never reached, which needs its reason (32)."""
    if reply.decision not in ("G-b", "P") or any(part.get("ground") == "D4" for part in parts_of(reply)):
        return False
    alone = bool(_undecided(case)) or reply.answers.get("opinion") in ("silent", "unreachable")
    return alone and not against_objection(case, reply)


def _interest_words(case: Request, reply: Reply) -> str:
    """The sentence of the applicant's letter on the public interest; it does not tell who the third party is."""
    said = str(reply.statements.get(law.PUBLIC_INTEREST.key) or "").strip().rstrip("。")
    objected = _third_party(case)[0] == "objected"
    stands = "第三方不同意公开" if objected else _silence_words(case)
    return f"申请公开的信息涉及第三方，{stands}；本机关认为不公开会对公共利益造成重大影响，决定予以公开，理由：{said}" if said else ""  # fmt: skip


def _silence_words(case: Request) -> str:
    silent = any(one.answer != Consultation.Answer.UNREACHABLE for one in _undecided(case))
    return "已书面征求意见，第三方在规定期限内没有答复" if silent else "本机关无法联系第三方征求意见"


def _no_harm_words(case: Request, reply: Reply) -> str:
    """The sentence of the applicant's letter on why nobody is harmed; it does not tell who the third party is."""
    said = str(reply.statements.get(law.NO_HARM.key) or "").strip().rstrip("。")
    return f"申请公开的信息涉及第三方，{_silence_words(case)}；经审查，公开不会损害第三方的合法权益，决定予以公开，理由：{said}" if said else ""  # fmt: skip


# --- what keeps a reply back ------------------------------------------------------------------------------------------


def check(case: Request, reply: Reply) -> list[Finding]:
    """What keeps this reply from going to review; empty when it may go."""
    found = list(law.check_reply(reply.decision, facts_of(case, reply), reconsideration_first()))
    found += law.check_closing(case.category, Category.values)
    found += _materials(case, reply)
    found += _shared(case)
    said = reply.statements
    if told_to_third_parties(case, reply):
        for key, label in (("disclosed", "决定公开的内容"), ("disclosed_reason", "决定公开的理由")):
            if not str(said.get(key) or "").strip():
                message = f"不顾第三方的意见或者利益而决定公开的，要书面告知第三方。请写明“{label}”。"
                found.append(Finding("third_party", message, key))
    earlier = reply.earlier
    if reply.decision == "N2" and earlier is not None:
        if not case.identity_mark or earlier.identity_mark != case.identity_mark:
            found.append(Finding("earlier_reply", "关联的前次申请不是同一申请人提出的。请重新选择。", "earlier"))
        elif earlier.replied_on is None:
            found.append(Finding("earlier_reply", "关联的前次申请还没有答复，不能认定为重复申请。", "earlier"))
    return found


def _materials(case: Request, reply: Reply) -> Iterable[Finding]:
    rows = list(case.materials.all())
    treated = {one.treatment for one in rows}
    kinds = Material.Treatment
    for one in rows:
        if one.treatment == kinds.OPEN and reply.decision in ("G-b", "P"):
            yield Finding(
                "materials", f"材料“{one.title}”还没有决定怎样处理。请选提供、遮盖后提供或者不提供。", "materials"
            )
        if one.treatment == kinds.MASKED and one.masked_id is None:
            yield Finding("materials", f"材料“{one.title}”要遮盖后提供，但还没有做好遮盖。", "materials")
        for words in materials.hindrances(case, one):
            yield Finding("materials", words, "materials")
        if one.treatment == kinds.WITHHELD and not (one.ground and one.reason.strip()):
            yield Finding("materials", f"材料“{one.title}”不提供，要写明依据和理由。", "materials")
    partly = treated & {kinds.MASKED, kinds.WITHHELD}
    if reply.decision == "G-b" and partly:
        yield Finding("materials", "有材料遮盖或者不提供，这是部分公开，不是全部公开。请重新判断答复类型。", "code")
    if reply.decision[:1] not in ("G", "P") and treated & {kinds.GIVEN, kinds.MASKED}:
        yield Finding("materials", "这种答复不提供材料，但有材料选了提供。请改正处理方式。", "materials")


def _shared(case: Request) -> Iterable[Finding]:
    """Opinions of bodies that made the information too (art. 34) are waited for until they came or their time is over."""
    for one in case.consultations.all():
        waiting = one.pauses and not one.answer and one.ended_on is None
        if one.kind == Consultation.Kind.CO_MAKER and waiting:
            message = f"{one.party_label}的意见还没有收到，答复期限也没有到。请等意见收到或者期满再答复。"
            yield Finding("co_maker", message, "third_party")


# --- the letter of a reply --------------------------------------------------------------------------------------------


def letter_code(case: Request, reply: Reply) -> str:
    """Which letter tells the result: L13, L12 or L15."""
    return law.letter_of(reply.decision, facts_of(case, reply))


def letter_words(case: Request, reply: Reply) -> dict[str, Any]:
    """What fills the letter of a reply."""
    found = law.decision(reply.decision)
    said = reply.statements
    words: dict[str, Any] = {item.key: said.get(item.key, "") for item in found.statements}
    words |= {key: said.get(key, "") for key in ("facts", "next")}
    if not words["facts"]:
        words["facts"] = history_words(case)
    decided = _interest_words(case, reply) if against_objection(case, reply) else ""
    if without_answer(case, reply):
        decided = _no_harm_words(case, reply)
    if decided:
        words["facts"] = f"{str(words['facts']).rstrip('。')}。{decided}"
    if found.needs_withheld_parts:
        words[WITHHELD_WORDS] = withheld_words(parts_of(reply))
    if reply.decision in ("O1", "O2"):
        words |= _lapsed_words(case, reply.decision)
    if reply.decision == "O3":
        words["withdrawn_on"] = said.get("withdrawn_on", "")
    return words | {"remedy": remedy_of(case.unit, reply.decision)}


def _lapsed_words(case: Request, code: str) -> dict[str, Any]:
    if code == "O1":
        rows: list[Any] = [one for one in case.supplement_rounds.all() if one.state == Supplement.State.LAPSED]
        what, sent = "补正告知书", "asked_on"
    else:
        rows = [one for one in case.fees.all() if one.state == Fee.State.LAPSED]
        what, sent = "收费通知书", "noticed_on"
    if not rows:
        return {"notice": "", "lapsed_on": ""}
    last = rows[-1]
    number = f"（{last.letter.number}）" if last.letter else ""
    served = f"，{day_words(last.received_on)}送达" if last.received_on else ""
    notice = f"本机关于{day_words(getattr(last, sent))}发出{what}{number}{served}"
    return {"notice": notice, "lapsed_on": day_words(last.due_on) if last.due_on else ""}


def suggested(case: Request, code: str) -> dict[str, Any]:
    """Sentences that the rows on file already give for a result, to begin with."""
    words: dict[str, Any] = {}
    if code == "P":
        words[WITHHELD_WORDS] = materials.withheld_parts(case)
    if code in ("O1", "O2"):
        words["facts"] = letter_texts.DEFAULTS[f"L12-{code}"]["facts"]
    if code == "U1-a":
        words["search"] = "；".join(
            f"{day_words(one.searched_on)}由{one.searcher}在{one.place}以{one.method}检索，{one.result.rstrip('。')}"
            for one in case.searches.all()
        )
    if code == "D4":
        words["opinion"] = {
            "objected": "已书面征求第三方意见，第三方不同意公开，理由合理",
            "silent": "已书面征求第三方意见，第三方在规定期限内没有答复",
        }.get(_third_party(case)[0], "")
    if code == "U3":
        answered = [one for one in case.supplement_rounds.all() if one.answered_on]
        words["supplemented"] = "；".join(
            f"{letters.you_of(case)}于{day_words(one.answered_on)}补正：{one.answer.rstrip('。')}" for one in answered
        )
    if code == "N4" and case.reasons_given_on:
        words["reasons_given"] = getattr(case, "reasons_words", "") or ""
    if code in ("G-b", "P"):
        names = {"G-b": "provided", "P": "given_parts"}
        given = [one for one in case.materials.all() if one.treatment in ("given", "masked")]
        words[names[code]] = "\n".join(
            f"{number}. {one.title}" + (f"，{one.pages}页" if one.pages else "") for number, one in enumerate(given, 1)
        )
    return {name: text for name, text in words.items() if text}


def history_words(case: Request) -> str:
    """What happened on the way, in the sentence a reply begins with: supplements, opinions, an extension."""
    parts = []
    for one in case.supplement_rounds.all():
        if one.answered_on:
            parts.append(f"本机关于{day_words(one.asked_on)}告知补正，于{day_words(one.answered_on)}收到补正")
    opinions = [one for one in case.consultations.all() if one.pauses]
    if any(one.kind == Consultation.Kind.THIRD_PARTY for one in opinions):
        parts.append("办理中依法征求了第三方意见，征求意见所需时间不计算在答复期限内")
    if any(one.kind == Consultation.Kind.CO_MAKER for one in opinions):
        parts.append("办理中依法征求了共同制作机关的意见，征求意见所需时间不计算在答复期限内")
    return "；".join(parts) or letter_texts.ON_THE_WAY


# --- review -----------------------------------------------------------------------------------------------------------


def digest_of(case: Request, reply: Reply) -> str:
    """The digest of everything that is approved: the result, its words, the letter's words, and the files as they go out."""
    content = {
        "decision": reply.decision,
        "statements": reply.statements,
        "earlier": reply.earlier_id,
        "letter": {name: str(text) for name, text in letter_words(case, reply).items()},
        "materials": [
            [
                one.title,
                one.original.digest,
                one.masked.digest if one.masked else "",
                one.treatment,
                one.ground,
                one.reason,
            ]
            for one in case.materials.select_related("original", "masked")
        ],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chain_for(reply: Reply) -> list[Role]:
    """The roles that review a reply, in order; the last one signs."""
    roles = [Role(part.strip()) for part in str(jurisdiction.value("requests.review_chain")).split(",") if part.strip()]
    if withholds(reply.decision) and jurisdiction.value("requests.legal_when_withholding") and Role.LEGAL not in roles:
        roles.insert(len(roles) - 1, Role.LEGAL)
    return roles


def place_of(case: Request, reply: Reply, role: Role) -> Unit:
    """Where a step is taken: in the body itself, else in the office above it. ActError when nobody can take it."""
    for unit in (case.unit, case.supervisor):
        if unit is not None and people_of(unit, role).exclude(pk__in=reply.authors).exists():
            return unit
    raise ActError(
        f"“{ReplyStep(role=role).ask}”这一步没有人能办：本单位和主管单位都没有其他{role.label}。"
        "请安全保密管理员给人员加上角色，或者调整审核环节。"
    )


__all__ = [
    "CHOICES", "Finding", "Way", "against_objection", "chain_for", "check", "digest_of", "facts_of", "letter_code", "letter_words",
    "place_of", "remedy_of", "short_of", "suggested", "told_to_third_parties", "walk", "withholds", "without_answer",
]  # fmt: skip
