"""What the requests of the story say of themselves."""

from __future__ import annotations

import pytest

from gongkai.demo.requests import answers_to
from gongkai.law.requests import decisions as law


@pytest.mark.parametrize("code", [code for code in law.DECISIONS if not law.sub_codes(code) and code != "O3"])
def test_the_answers_lead_to_the_result(code):
    found = law.walk(answers_to(code)).decision
    assert found is not None
    assert found.code == code


def test_what_is_held_back_for_a_third_party_is_not_called_a_secret_of_the_state():
    assert answers_to("P")["ground"] == "third_party"
