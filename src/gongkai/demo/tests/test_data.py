"""The invented world holds together: references resolve, codes pass their check digits, files open."""

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from gongkai.demo.data import notice_district_2026

DATA = Path(str(resources.files("gongkai.demo") / "data"))
ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
KINDS = {
    "government", "office", "department", "party", "institution", "enterprise", "street", "town", "park", "division",
}  # fmt: skip
ROLES = {
    "office", "officer", "handler", "reviewer", "secrecy", "legal", "leader", "auditor",
    "system_admin", "security_admin", "audit_admin",
}  # fmt: skip


def load(name):
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def names_in(text):
    return [name.strip() for name in re.split("[、，]", text) if name.strip()]


@pytest.fixture(scope="module")
def units():
    return {unit["code"]: unit for unit in load("units")}


@pytest.fixture(scope="module")
def known_names(units):
    names = {alias["name"] for unit in units.values() for alias in unit["aliases"]}
    names |= {unit[key] for unit in units.values() for key in ("name", "short_name")}
    for group in load("groups"):
        names |= {group["name"], *group["aliases"]}
    return names


def test_units_form_a_tree_with_parents_first(units):
    assert len(units) == len(load("units"))
    seen = set()
    for unit in units.values():
        assert unit["kind"] in KINDS
        assert unit["parent"] is None or unit["parent"] in seen
        seen.add(unit["code"])


def test_counts_match_the_invented_district(units):
    district = [unit["kind"] for unit in units.values() if unit["parent"] == "YX"]
    assert district.count("department") == 31
    assert district.count("street") + district.count("town") == 11


def test_credit_codes_pass_their_check_digits_and_name_no_real_place(units):
    codes = [unit["credit_code"] for unit in units.values() if unit["credit_code"]]
    assert len(codes) == len(set(codes))
    for code in codes:
        assert re.fullmatch(r"[19][1239]9901\d{2}[0-9A-Y]{10}", code)
        weights = (3, 7, 9, 10, 5, 8, 4, 2)
        remainder = 11 - sum(ORGANISATION.index(c) * w for c, w in zip(code[8:16], weights, strict=True)) % 11
        assert code[16] == {10: "X", 11: "0"}.get(remainder, str(remainder))
        total = sum(CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
        assert code[17] == CREDIT[(31 - total % 31) % 31]


def test_names_are_unambiguous(units):
    owners = {}
    for unit in units.values():
        if unit["kind"] == "division":
            continue
        for name in {unit["name"], unit["short_name"], *(alias["name"] for alias in unit["aliases"])}:
            assert owners.setdefault(name, unit["code"]) == unit["code"], name


def test_groups_resolve(units):
    for group in load("groups"):
        assert set(group["members"]) <= set(units)
        assert group["rule"] is None or (group["rule"]["root"] in units and set(group["rule"]["kinds"]) <= KINDS)


def test_every_unit_has_an_officer_and_every_role_someone(units):
    people = load("people")["people"]
    assert len({person["username"] for person in people}) == len(people)
    assert {role for person in people for role in person["roles"]} == ROLES
    assert all(person["unit"] in units for person in people)
    officers = {person["unit"] for person in people if "officer" in person["roles"]}
    missing = {c for c, u in units.items() if u["parent"] == "YX" and u["kind"] != "government"} - officers
    assert not missing
    administrators = {"system_admin", "security_admin", "audit_admin"}
    assert all(len(administrators & set(person["roles"])) <= 1 for person in people)


def test_every_unit_named_in_the_district_notice_is_known(known_names):
    for row in notice_district_2026.rows():
        for cell in (row.lead, row.responsible, row.cooperating):
            for name in names_in(cell or ""):
                assert name in known_names, (row.number, name)


def test_district_notice_builds_a_word_file_with_38_rows(tmp_path):
    import docx

    path = notice_district_2026.build_docx(tmp_path / "notice.docx")
    document = docx.Document(str(path))
    numbers = [row.cells[0].text for row in document.tables[0].rows]
    assert [n for n in numbers if n.isdigit()] == [str(n) for n in range(1, 39)]
    # Heading numbers are made by Word; none is typed.
    assert not any(
        re.match("[一二三四五六（]", p.text) for p in document.paragraphs if p.style.name.startswith("Heading")
    )


def test_bracketed_units_of_the_other_notices_are_known(known_names):
    text = (DATA / "notice-district-2025.txt").read_text(encoding="utf-8")
    found = re.findall(r"(?:牵头单位|责任单位|配合单位)：([^；）]+)", text)
    assert len(re.findall(r"^\d+\.", text, re.M)) == 31
    for name in (name for cell in found for name in names_in(cell)):
        assert name in known_names, name


def test_city_notice_is_a_utf8_page_with_24_duties():
    text = (DATA / "notice-city-2026.html").read_bytes().decode("utf-8")
    assert len(re.findall(r"<p>（[一二三四五六七八九十]+）", text)) == 24


def test_texts_use_only_declared_slots():
    texts = load("texts")
    assert all(len(pool) >= 12 for pool in texts["progress"].values())
    assert set(texts["duty_progress"]) == {str(row.number) for row in notice_district_2026.rows()}
    used = set(re.findall(r"\{(\w+)\}", json.dumps(texts, ensure_ascii=False)))
    assert used <= set(texts["slots"])


def test_history_refers_to_what_exists(units):
    history = load("history")
    usernames = {person["username"] for person in load("people")["people"]}
    refs = {str(row.number) for row in notice_district_2026.rows()}
    assert len({entry["id"] for entry in history["plot"]}) == len(history["plot"]) >= 25
    for entry in history["plot"]:
        assert entry["unit"] in units
        assert entry["ref"] in refs
        for step in entry["steps"]:
            assert step["by"] in usernames
            assert step["when"]["from"] in history["anchors"]
            assert step.get("to", step["by"]) in usernames
    for part in ("hearings", "lookback", "own_plans"):
        assert all(entry["unit"] in units for entry in history[part])
    texts = load("texts")
    assert all(entry["hearing"] < len(texts["hearings"]) for entry in history["hearings"])
    assert all(entry["reason"] < len(texts["lookback_unfinished"]) for entry in history["lookback"])
    lights = {entry["light"] for entry in history["plot"]}
    assert {"normal", "due_soon", "overdue", "paused", "waiting", "done", "done_late", "cancelled"} <= lights


def test_every_plot_unit_really_carries_its_duty(units):
    carriers = {row.number: carriers_of(row, units) for row in notice_district_2026.rows()}
    for entry in load("history")["plot"]:
        assert entry["unit"] in carriers[int(entry["ref"])], entry["id"]


def carriers_of(row, units):
    """Codes of the units that lead, carry or help with a row; groups expanded as the demo's rules say."""
    by_name = {}
    for unit in units.values():
        for name in (unit["name"], unit["short_name"], *(alias["name"] for alias in unit["aliases"])):
            by_name[name] = {unit["code"]}
    for group in load("groups"):
        rule = group["rule"] or {"root": None, "kinds": []}
        members = {c for c, u in units.items() if u["parent"] == rule["root"] and u["kind"] in rule["kinds"]}
        for name in (group["name"], *group["aliases"]):
            by_name[name] = members | set(group["members"])
    cells = [names_in(cell or "") for cell in (row.lead, row.responsible, row.cooperating)]
    return set().union(*(by_name[name] for cell in cells for name in cell))
