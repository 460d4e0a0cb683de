from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.core.search import numbers, text
from gongkai.core.search.understanding import understand


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("臨江市雲溪區", "临江市云溪区"),
        ("ＡＢＣ１２３", "abc123"),
        ("国发（２０１８）第43号", "国发〔2018〕43号"),
        ("国发 [2018] 43号", "国发〔2018〕43号"),
        ("政务　公开", "政务公开"),
        ("政 务\n公 开", "政务\n公开"),
        ("零\u200b宽", "零宽"),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert text.fold(written) == folded


def test_words_of_letters_are_not_cut() -> None:
    haystack = text.haystack(text.fold("2026年5月，PM2.5"))
    assert text.spell(text.atoms("2026年")) in haystack
    assert text.spell(text.atoms("26年")) not in haystack
    assert text.spell(text.atoms("年5月")) in haystack


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_that_is_searched(given_text: str) -> None:
    once = text.fold(given_text)
    assert text.haystack(text.fold(once)) == text.haystack(once)


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("2021年9号", ("", "2021", "9")),
        ("国发2018 43", ("国发", "2018", "43")),
        ("〔2018〕43号", ("", "2018", "43")),
        ("国发[2018]第43号", ("国发", "2018", "43")),
        ("阳府办函9号", ("阳府办函", "", "9")),
        ("2026年5月", None),
        ("加装电梯", None),
        ("2026", None),
    ],
)
def test_document_numbers_are_understood(typed: str, wish: tuple[str, str, str] | None) -> None:
    found = numbers.wish(text.fold(typed))
    assert (found and (found.code, found.year, found.serial)) == wish


@settings(deadline=None)  # the first one reads the dictionaries
@given(st.text(max_size=300))
def test_anything_is_understood(typed: str) -> None:
    understand(typed, {"低保": ("低保", "最低生活保障")})


def test_synonyms_stand_in_and_do_not_cut_words() -> None:
    table = {"低保": ("低保", "最低生活保障"), "公积金": ("公积金", "住房公积金")}
    assert understand("低保申请", table).expansions == ("最低生活保障",)
    assert understand("最低保障", table).expansions == ()
    assert understand("公积金提取", table).expansions == ()  # 住房公积金提取 holds 公积金提取
    assert understand("低保申请", table, exact=True).expansions == ()
    assert understand("“低保”", table).expansions == ()


def test_every_atom_begins_a_term_and_runs_stay_apart() -> None:
    terms = text.paired(text.runs("公开。2026年abc，开")).split()
    assert terms == ["公", "公开", "开", "开", "开", "2026", "2026年", "年abc", "abc"]
    assert all(any(re.fullmatch(text.beginning(atom), term) for term in terms) for atom in ("公", "开", "年", "2026"))
    assert not any(re.fullmatch(text.beginning("202"), term) for term in terms)


@given(st.text(alphabet="公开𠀀ab1。 ", max_size=40))
def test_pairs_are_those_of_each_run(typed: str) -> None:
    runs = [text.atoms(run) for run in text.runs(text.fold(typed))]
    wanted = {pair for run in runs for pair in text.pairs(run)}
    assert {term for term in text.paired(text.runs(text.fold(typed))).split() if len(text.atoms(term)) > 1} == wanted
