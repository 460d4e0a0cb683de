"""Results of a request: rows, questions, what a reply must carry; remedies, letters, likeness."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.law.annual_tables import APPLICANT_COLUMNS
from gongkai.law.clock import derive, midnight
from gongkai.law.numbering import is_document_number
from gongkai.law.requests.decisions import (
    DECISIONS,
    DEFAULT_RECONSIDERATION_FIRST,
    ENTRY,
    LEAVES,
    PROPER,
    QUESTIONS,
    STAGES,
    ReplyFacts,
    WithheldPart,
    check_closing,
    check_reply,
    decision,
    leaf_of,
    letter_of,
    reconsideration_comes_first,
    sub_codes,
    walk,
)
from gongkai.law.requests.letters import COMMON, LETTERS, letter_number, missing_elements, required_elements
from gongkai.law.requests.likeness import fold, several_matters, similarity
from gongkai.law.requests.remedies import (
    RULES,
    reconsideration_last_day,
    remedy_paragraph,
    suit_after_reconsideration_last_day,
    suit_last_day,
)
from gongkai.law.workdays import default_calendar

CALENDAR = default_calendar()
ORGAN, COURT = "云溪区人民政府", "云溪区人民法院"


# --- rows ---------------------------------------------------------------------------------------------------------------


def test_the_21_rows_in_order():
    assert " ".join(LEAVES) == "G P D1 D2 D3 D4 D5 D6 D7 D8 U1 U2 U3 N1 N2 N3 N4 N5 O1 O2 O3"
    assert {code for code in DECISIONS if code not in LEAVES} == {"G-a", "G-b", "U1-a", "U1-b"}
    assert [DECISIONS[code].row for code in LEAVES] == [code.lower() for code in LEAVES]
    assert sub_codes("U1") == ("U1-a", "U1-b")
    assert leaf_of("G-a") == "G"
    assert leaf_of("N2") == "N2"
    with pytest.raises(ValueError, match="没有"):
        decision("D9")


def test_labels():
    assert DECISIONS["G-b"].label == "（一）予以公开"
    assert DECISIONS["P"].label == "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
    assert DECISIONS["D3"].label == "3.危及“三安全一稳定”"
    assert DECISIONS["O2"].group == "（六）其他处理"
    assert DECISIONS["D6"].short == "属于四类过程性信息"
    assert DECISIONS["P"].short.startswith("部分公开")


def test_reconsideration_comes_first_where_something_is_withheld():
    first = [code for code in DECISIONS if reconsideration_comes_first(code)]
    assert first == ["P", "D1", "D2", "D3", "D4", "D5", "D6", "D7"]
    assert reconsideration_comes_first("D8", DEFAULT_RECONSIDERATION_FIRST | {"D8"})
    assert reconsideration_comes_first("U1-a", frozenset({"U1"}))
    assert not reconsideration_comes_first("P", frozenset())


# --- the five questions -------------------------------------------------------------------------------------------------


def all_walks():
    """Every way through the questions: the answers and where they end."""
    open_walks = [{}]
    while open_walks:
        answers = open_walks.pop()
        step = walk(answers)
        if step.question is None or step.question.key == PROPER:
            yield answers, step
            continue
        for answer in step.question.answers:
            if answer.to != ENTRY:
                open_walks.append({**answers, step.question.key: answer.key})


def test_every_result_can_be_reached_and_nothing_else():
    reached, letters, used = set(), set(), set()
    for answers, step in all_walks():
        used |= set(answers)
        assert [question.stage for question, _ in step.path] == sorted(question.stage for question, _ in step.path)
        if step.letter:
            letters.add(step.letter)
        else:
            reached.add(step.decision.code)
            done = walk({**answers, PROPER: "proper"})
            assert done.is_done
            assert done.decision == step.decision
            assert walk({**answers, PROPER: "improper"}).question.key == ENTRY
    assert {leaf_of(code) for code in reached} == set(LEAVES)
    assert {"G-a", "G-b", "U1-a", "U1-b"} <= reached
    assert "G" not in reached
    assert "U1" not in reached
    assert letters == {"L2", "L3", "L5", "L9"}
    assert used == set(QUESTIONS) - {PROPER}
    assert {question.stage for question in QUESTIONS.values()} == set(STAGES)


def test_every_target_exists():
    for question in QUESTIONS.values():
        assert len({answer.key for answer in question.answers}) == len(question.answers)
        for answer in question.answers:
            assert answer.to in QUESTIONS or answer.to in DECISIONS or answer.to in LETTERS or question.key == PROPER


ON = {"course": "on", "clear": "clear", "kind": "request", "amount": "normal", "duty": "ours", "held": "found"}
GIVEN = {**ON, "published": "no", "joint": "no"}
WALKS = [
    ({"course": "unpaid"}, "O2"),
    ({"course": "withdrawn"}, "O3"),
    ({"course": "on", "clear": "lapsed"}, "O1"),
    ({"course": "on", "clear": "still_unclear"}, "U3"),
    ({**ON, "kind": "inquiry"}, "D8"),
    ({**ON, "amount": "unreasonable"}, "N4"),
    ({**ON, "duty": "others"}, "U1-b"),
    ({**ON, "held": "none"}, "U1-a"),
    ({**ON, "held": "make"}, "U2"),
    ({**ON, "published": "yes"}, "G-a"),
    ({**GIVEN, "ground": "none"}, "G-b"),
    ({**GIVEN, "ground": "secret", "separable_D1": "no"}, "D1"),
    ({**GIVEN, "ground": "secret", "separable_D1": "yes"}, "P"),
    ({**GIVEN, "ground": "third_party", "opinion": "agrees"}, "G-b"),
    ({**GIVEN, "ground": "third_party", "opinion": "objects", "interest": "major"}, "G-b"),
    ({**GIVEN, "ground": "third_party", "opinion": "objects", "interest": "minor", "separable_D4": "no"}, "D4"),
    # Silence is not consent: the agency decides.
    (
        {**GIVEN, "ground": "third_party", "opinion": "silent", "third_party_choice": "withhold", "separable_D4": "no"},
        "D4",
    ),
    (
        {**GIVEN, "ground": "third_party", "opinion": "silent", "third_party_choice": "major"},
        "G-b",
    ),
    ({**GIVEN, "ground": "process", "discretion_D6": "ordered"}, "G-b"),
    ({**GIVEN, "ground": "process", "discretion_D6": "withhold", "separable_D6": "no"}, "D6"),
    ({**GIVEN, "ground": "internal", "discretion_D5": "give"}, "G-b"),
]


@pytest.mark.parametrize(("answers", "code"), WALKS)
def test_walks(answers, code):
    step = walk(answers)
    assert step.question.key == PROPER
    assert step.decision.code == code
    assert not step.is_done


def test_letters_that_go_first():
    assert walk({"course": "on", "clear": "unclear"}).letter == "L2"
    assert walk({**ON, "amount": "ask"}).letter == "L3"
    assert walk({**GIVEN, "joint": "ask"}).letter == "L9"
    assert walk({**GIVEN, "ground": "third_party", "opinion": "ask"}).letter == "L5"


def test_a_changed_answer_needs_no_cleaning_up():
    answers = {**GIVEN, "ground": "secret", "separable_D1": "no"}
    assert walk({**answers, "kind": "petition"}).decision.code == "N1"
    with pytest.raises(ValueError, match="重新选择"):
        walk({"course": "maybe"})


# --- is the reply complete? ---------------------------------------------------------------------------------------------

FACTS = {
    "D4": {"third_party": "objected"},
    "P": {"withheld": (WithheldPart("附件二", "D6", "属于讨论记录"),)},
    "U1-a": {"search_record": True},
    "U3": {"supplement_asked": True, "supplement_received": True},
    "N2": {"earlier_reply": "云公复〔2026〕3号"},
    "N4": {"reasons_asked": True, "reasons_settled": True},
    "O1": {"supplement_asked": True, "supplement_lapsed": True},
    "O2": {"fee_lapsed": True},
    "O3": {"withdrawn": True},
}


def facts(code, **more):
    said = {item.key: "已写明" for item in DECISIONS[code].statements}
    return ReplyFacts(**({"statements": said} | FACTS.get(code, {}) | more))


FINAL = [code for code in DECISIONS if not sub_codes(code)]


@pytest.mark.parametrize("code", FINAL)
def test_a_complete_reply_may_go_out(code):
    remedy = remedy_paragraph(code, organ=ORGAN, court=COURT)
    assert check_reply(code, facts(code, remedy=remedy)) == []


@pytest.mark.parametrize("code", FINAL)
def test_every_statement_is_asked_for(code):
    found = check_reply(code, facts(code, statements={}, **({"withdrawn": True} if code == "O3" else {})))
    wanted = {item.key for item in DECISIONS[code].statements if item.required}
    assert {item.field for item in found} == wanted
    assert wanted


BLOCKED = [
    ("G", {}, "sub_code"),
    ("U1", {}, "sub_code"),
    ("D1", {"other_codes": ("D2",)}, "one_result"),
    ("P", {"other_codes": ("P", "D6")}, "one_result"),
    ("P", {"withheld": ()}, "withheld"),
    ("P", {"withheld": (WithheldPart("附件二", "D6", " "),)}, "withheld"),
    ("P", {"withheld": (WithheldPart("", "D6", "讨论记录"),)}, "withheld"),
    ("P", {"withheld": (WithheldPart("附件二", "U2", "讨论记录"),)}, "withheld"),
    ("P", {"withheld": (WithheldPart("附件二", "D4", "商业秘密"),)}, "third_party"),
    ("D4", {"third_party": ""}, "third_party"),
    ("D4", {"third_party": "pending"}, "third_party"),
    ("D4", {"third_party": "agreed"}, "third_party"),
    ("U1-a", {"search_record": False}, "search_record"),
    ("N2", {"earlier_reply": ""}, "earlier_reply"),
    ("U3", {"supplement_received": False}, "procedure"),
    ("O1", {"supplement_lapsed": False}, "procedure"),
    ("O1", {"supplement_received": True}, "procedure"),
    ("O2", {"fee_lapsed": False}, "procedure"),
    ("N4", {"reasons_asked": False}, "procedure"),
    ("N4", {"reasons_settled": False}, "procedure"),
    ("D1", {"remedy": ""}, "remedy"),
    ("D1", {"remedy": "可以在60日内申请行政复议，或者在6个月内提起行政诉讼。"}, "remedy"),
    ("N1", {"remedy": "应当先申请行政复议。"}, "remedy"),
]


@pytest.mark.parametrize(("code", "more", "rule"), BLOCKED)
def test_what_blocks_a_reply(code, more, rule):
    found = check_reply(code, facts(code, **more))
    assert {item.rule for item in found} == {rule}
    for item in found:
        assert item.level == "error"
        assert item.message.endswith("。")


def test_a_third_party_that_cannot_be_reached_needs_a_reason():
    assert check_reply("D4", facts("D4", third_party="", unreachable="登记地址查无此人，电话停机")) == []
    assert check_reply("D4", facts("D4", third_party="silent")) == []


def test_an_office_may_word_the_remedy_in_its_own_way():
    words = "对本答复不服的，应当自收到之日起60日内先依法向云溪区人民政府申请行政复议。"
    assert check_reply("D2", facts("D2", remedy=words)) == []


def test_the_jurisdiction_decides_about_d8():
    direct = remedy_paragraph("D8", organ=ORGAN, court=COURT)
    assert check_reply("D8", facts("D8", remedy=direct)) == []
    first = DEFAULT_RECONSIDERATION_FIRST | {"D8"}
    assert [item.rule for item in check_reply("D8", facts("D8", remedy=direct), first)] == ["remedy"]
    other = remedy_paragraph("D8", organ=ORGAN, court=COURT, reconsideration_first=first)
    assert check_reply("D8", facts("D8", remedy=other), first) == []


def test_the_kind_of_applicant_is_known_before_closing():
    assert check_closing("natural", APPLICANT_COLUMNS) == []
    assert [item.field for item in check_closing("", APPLICANT_COLUMNS)] == ["applicant_type"]
    assert check_closing("total", APPLICANT_COLUMNS)


def test_letters_of_results():
    assert letter_of("D1", ReplyFacts()) == "L13"
    assert letter_of("O1", ReplyFacts()) == "L12"
    assert letter_of("O3", ReplyFacts(withdrawn=True)) == "L15"
    assert letter_of("O3", ReplyFacts(merged_into="SQ-2026-0001")) == "L12"


# --- remedies -----------------------------------------------------------------------------------------------------------


def test_the_remedy_of_a_refusal():
    assert remedy_paragraph("D6", organ=ORGAN, court=COURT) == (
        "如对本答复不服，应当先申请行政复议：可以自收到本答复之日起60日内向云溪区人民政府申请行政复议；"
        "对行政复议决定不服的，可以自收到行政复议决定书之日起15日内向云溪区人民法院提起行政诉讼。"
    )
    assert "不予公开的部分不服" in remedy_paragraph("P", organ=ORGAN, court=COURT)


@pytest.mark.parametrize("code", [code for code in DECISIONS if not reconsideration_comes_first(code)])
def test_the_remedy_of_everything_else(code):
    text = remedy_paragraph(code, organ=ORGAN, court=COURT)
    assert "60日内" in text
    assert "6个月内" in text
    assert "先申请行政复议" not in text
    assert ("本告知" in text) == code.startswith("O")


def test_served_online_names_the_online_way():
    text = remedy_paragraph("G-b", organ=ORGAN, court=COURT, served_online=True, online_address="掌上复议平台")
    assert text.endswith("行政复议也可以在网上申请：掌上复议平台。")
    with pytest.raises(ValueError, match="网上"):
        remedy_paragraph("G-b", organ=ORGAN, court=COURT, served_online=True)
    with pytest.raises(ValueError, match="法院"):
        remedy_paragraph("G-b", organ=ORGAN, court="")


PERIODS = [
    (reconsideration_last_day, "reconsideration", "2024-08-03", "2024-10-08"),
    (reconsideration_last_day, "reconsideration", "2025-08-07", "2025-10-09"),
    (reconsideration_last_day, "reconsideration", "2025-12-03", "2026-02-02"),
    (reconsideration_last_day, "reconsideration", "2025-12-17", "2026-02-24"),
    (reconsideration_last_day, "reconsideration", "2026-07-28", "2026-09-28"),
    (suit_last_day, "suit", "2024-08-29", "2025-02-28"),
    (suit_last_day, "suit", "2025-08-31", "2026-02-28"),
    (suit_last_day, "suit", "2025-11-01", "2026-05-06"),
    (suit_after_reconsideration_last_day, "suit_after_reconsideration", "2025-09-22", "2025-10-09"),
    (suit_after_reconsideration_last_day, "suit_after_reconsideration", "2026-02-03", "2026-02-24"),
]


@pytest.mark.parametrize(("function", "rule", "received", "last"), PERIODS)
def test_last_days(function, rule, received, last):
    start = date.fromisoformat(received)
    assert function(start, CALENDAR) == date.fromisoformat(last)
    assert derive(RULES[rule], midnight(start), CALENDAR).due_on == date.fromisoformat(last)


# --- letters ------------------------------------------------------------------------------------------------------------


def test_the_register_of_letters():
    assert list(LETTERS) == [f"L{number}" for number in range(1, 16)]
    assert [code for code, item in LETTERS.items() if item.remedy] == ["L8", "L12", "L13"]
    for code in LETTERS:
        keys = [item.key for item in required_elements(code)]
        assert len(keys) == len(set(keys))
    assert len(required_elements("L2")) == len(COMMON) + 5


def test_a_reply_asks_for_what_its_decision_must_say():
    keys = {item.key for item in required_elements("L13", "D4")}
    assert {"remedy", "opinion", "weighing", "agency"} <= keys
    assert "responsible" not in {item.key for item in required_elements("L13", "U1-b")}
    full = {item.key: "已写" for item in required_elements("L12", "O1")}
    assert missing_elements("L12", full, "O1") == []
    assert [item.key for item in missing_elements("L12", {**full, "lapsed_on": " "}, "O1")] == ["lapsed_on"]


def test_numbers():
    assert letter_number("云", "L13", 2026, 12) == "云公复〔2026〕12号"
    assert letter_number("云教", "L2", 2026, 1) == "云教公补〔2026〕1号"
    for code in LETTERS:
        if code != "L6":
            assert is_document_number(letter_number("云", code, 2026, 7))
    with pytest.raises(ValueError, match="对方"):
        letter_number("云", "L6", 2026, 1)
    with pytest.raises(ValueError, match="从1"):
        letter_number("云", "L13", 2026, 0)
    with pytest.raises(ValueError, match="文书"):
        letter_number("云", "L99", 2026, 1)


# --- likeness -----------------------------------------------------------------------------------------------------------

REQUEST = "申请公开云溪区滨河路片区旧城改造项目的征收补偿方案及评估报告。"
ALIKE = [
    "请依法公开云溪区滨河路片区旧城改造项目征收补偿方案和评估报告",
    "本人申请公开：云溪区滨河路片区旧城改造项目的征收补偿方案、评估报告，谢谢！",
]
UNLIKE = ["申请公开2026年全区义务教育阶段学校招生划片范围。", "申请公开区市场监管局对某食品店的处罚决定书。"]


def test_likeness():
    assert similarity(REQUEST, REQUEST) == 1
    for text in ALIKE:
        assert similarity(REQUEST, text) > 0.8, text
    for text in UNLIKE:
        assert similarity(REQUEST, text) < 0.2, text
    assert similarity("２０２６年 预算ＡＢＣ", "2026年预算abc") == 1
    assert similarity("", REQUEST) == 0
    assert similarity("水", "水") == 1
    assert fold("申请公开") == "申请公开"


@settings(max_examples=60)
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_measure(a, b):
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, b) == similarity(b, a)
    assert several_matters(a) == [] or len(several_matters(a)) > 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("申请公开：1.滨河路征收补偿方案；2.评估报告；3.补偿款发放明细。", 3),
        ("申请公开：\n一、滨河路征收补偿方案\n二、评估报告", 2),
        ("（1）征收补偿方案（2）评估报告", 2),
        ("申请公开：1.2025年招生划片范围 2.2026年招生划片范围", 2),
        ("依条例第三十六条第（一）项、第（二）项答复的依据", 0),
        ("申请公开：①征收补偿方案；②评估报告。", 2),
        ("申请公开《滨河路征收补偿方案》和《房屋评估报告》", 2),
        ("申请公开《滨河路征收补偿方案》、《房屋评估报告》以及《征收决定》。", 3),
        ("申请公开滨河路的征收补偿方案；申请公开2025年学校招生划片范围。", 2),
        (REQUEST, 0),
        ("申请公开《滨河路征收补偿方案》", 0),
        ("根据《政府信息公开条例》，申请公开《滨河路征收补偿方案》", 0),
        ("依照《土地管理法》第四十七条，申请公开《滨河路征收补偿方案》", 0),
        ("申请公开2025年3.5亿元专项资金的分配方案。", 0),
        ("申请公开云政发〔2026〕1号、预算公开", 0),
        ("", 0),
    ],
)
def test_several_matters(text, expected):
    assert len(several_matters(text)) == expected


def test_matters_are_told_in_their_own_words():
    assert several_matters("申请公开：1.征收补偿方案；2.评估报告。") == ["征收补偿方案", "评估报告"]
    assert several_matters("申请公开《征收补偿方案》和《评估报告》") == ["《征收补偿方案》", "《评估报告》"]


DISCLOSING = [
    # code, facts, rules that are broken
    ("G-b", {"third_party": "objected", "opinion_answer": "objects", "overridden": True}, ["public_interest"]),
    ("G-b", {"third_party": "objected"}, ["public_interest"]),
    ("G-b", {"third_party": "objected", "opinion_answer": "baseless"}, []),
    ("G-b", {"third_party": "agreed", "opinion_answer": "agrees"}, []),
    ("G-b", {"third_party": "silent", "opinion_answer": "silent"}, ["no_harm"]),
    ("G-b", {"third_party": "silent"}, ["no_harm"]),
    ("G-b", {"third_party": "silent", "opinion_answer": "silent", "overridden": True}, ["public_interest"]),
    # One objected without good reasons, another one kept silent.
    ("G-b", {"third_party": "objected", "opinion_answer": "baseless", "undecided": True}, ["no_harm"]),
    ("G-b", {"third_party": "pending", "opinion_answer": "objects", "overridden": True}, ["third_party", "public_interest"]),
    ("G-b", {"third_party": "pending"}, ["third_party"]),
    ("G-b", {"third_party": "", "opinion_answer": "objects", "overridden": True}, ["third_party", "public_interest"]),
    ("G-b", {"third_party": "silent", "opinion_answer": "agrees"}, ["third_party", "no_harm"]),
    ("G-b", {"third_party": "", "opinion_answer": "unreachable"}, ["third_party"]),
    ("G-b", {"third_party": "", "opinion_answer": "unreachable", "unreachable": "查无此址"}, ["no_harm"]),
    ("G-b", {}, []),
    ("P", {"third_party": "objected"}, ["public_interest"]),
    ("P", {"third_party": "objected", "withheld": (WithheldPart("单价", "D4", "商业秘密"),)}, []),
    ("D4", {"third_party": "objected", "opinion_answer": "objects"}, []),
    ("G-a", {"third_party": "objected"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("code", "more", "rules"), DISCLOSING)
def test_disclosing_without_consent_says_why(code, more, rules):
    """Arts. 15, 32: silence is no consent; against an objection the public interest is named."""
    assert [finding.rule for finding in check_reply(code, facts(code, **more))] == rules
    said = {item.key: "已写明" for item in DECISIONS[code].statements}
    said |= {"public_interest": "关系公共安全", "no_harm": "只涉及工程数量，不涉及价格和工艺"}
    found = check_reply(code, facts(code, statements=said, **more))
    assert [finding.rule for finding in found] == [rule for rule in rules if rule == "third_party"]
