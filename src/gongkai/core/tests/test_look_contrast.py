"""The colours of the tokens, measured: every text on every ground it may stand on, every mark on its ground."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[1] / "static" / "gongkai" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")
LIGHTS = ("ok", "soon", "late", "paused", "wait", "done", "donelate")
GROUNDS = ("bg", "surface", "sunken", "hover", "selected")


def block(selector: str) -> dict[str, str]:
    """The custom properties of the first rule with this selector."""
    start = TOKENS.index(selector + " {")
    body = re.sub(r"/\*.*?\*/", "", TOKENS[start : TOKENS.index("}", start)], flags=re.S)
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


LIGHT = block(":root")
HIGH = block(':root[data-contrast="high"]')
ELDER = block(':root[data-mode="elder"]')
DARK = block(':root[data-theme="dark"]')
THEMES = {
    "light": LIGHT,
    "high": {**LIGHT, **HIGH},
    "elder": {**LIGHT, **ELDER},
    "high elder": {**LIGHT, **HIGH, **ELDER},
    "dark": {**LIGHT, **DARK},
}


def colour(theme: dict[str, str], name: str) -> tuple[float, float, float]:
    value = theme[name].strip()
    while value.startswith("var("):
        value = theme[value[6:-1]].strip()
    digits = value.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return tuple(int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))  # type: ignore[return-value]


def luminance(rgb: tuple[float, float, float]) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(theme: dict[str, str], front: str, ground: str) -> float:
    first, second = luminance(colour(theme, front)), luminance(colour(theme, ground))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def text_pairs() -> list[tuple[str, str]]:
    pairs = [(text, ground) for text in ("text", "text-2", "text-3", "link") for ground in GROUNDS]
    pairs += [
        ("link-visited", "surface"),
        ("link-visited", "bg"),
        ("danger", "surface"),
        ("danger", "bg"),
        ("action", "surface"),
    ]
    pairs += [("on-action", "action"), ("on-action", "action-hover"), ("on-brand", "brand"), ("on-brand", "brand-2")]
    pairs += [("on-brand-2", "brand"), ("on-brand-2", "brand-2"), ("focus-ink", "focus-halo")]
    for light in LIGHTS:
        pairs += [
            (f"{light}-text", ground) for ground in (f"{light}-soft", "surface", "bg", "hover", "selected", "sunken")
        ]
    for soft in ("ok-soft", "soon-soft", "late-soft", "done-soft", "action-soft"):
        pairs += [("text", soft), ("link", soft), ("text-3", soft)]
    pairs += [("text", f"span-{span}") for span in ("unit", "deadline", "target", "cite")]
    return pairs


def mark_pairs() -> list[tuple[str, str]]:
    pairs = [(light, ground) for light in LIGHTS for ground in (*GROUNDS, f"{light}-soft")]
    pairs += [("line-control", "surface"), ("action", "surface"), ("action", "bg"), ("danger", "surface")]
    pairs += [("chart-1", "surface"), ("chart-3", "surface"), ("chart-4", "surface"), ("chart-1", "track")]
    pairs += [(light, "track") for light in LIGHTS]
    pairs += [(f"span-{span}-line", "surface") for span in ("unit", "deadline", "target", "cite")]
    return pairs


@pytest.mark.parametrize("name", THEMES)
def test_every_text_has_four_and_a_half_to_one(name):
    theme = THEMES[name]
    low = {pair: round(contrast(theme, *pair), 2) for pair in text_pairs() if contrast(theme, *pair) < 4.5}
    assert not low


@pytest.mark.parametrize("name", THEMES)
def test_every_mark_has_three_to_one(name):
    theme = THEMES[name]
    low = {pair: round(contrast(theme, *pair), 2) for pair in mark_pairs() if contrast(theme, *pair) < 3}
    assert not low


def test_high_contrast_text_has_seven_to_one():
    theme = THEMES["high"]
    low = {pair: round(contrast(theme, *pair), 2) for pair in text_pairs() if contrast(theme, *pair) < 7}
    assert not low


def test_the_systems_wish_for_contrast_gives_the_same_values_as_the_choice():
    assert block(':root:not([data-contrast], [data-theme="dark"])') == HIGH


def test_components_write_roles_and_no_colours():
    for name in ("base", "components", "workbench", "portal"):
        text = re.sub(r"/\*.*?\*/", "", (CSS / f"{name}.css").read_text(encoding="utf-8"), flags=re.S)
        assert not re.findall(r":[^;{}]*#[0-9a-fA-F]{3,8}\b(?![^;]*\))", text), name
        assert "@import" not in text
        assert not re.findall(r"url\((?!#)", text), name


def test_every_token_that_is_used_is_defined():
    defined = set(re.findall(r"--([\w-]+):", TOKENS)) | {"logo-cut"}
    for path in CSS.glob("*.css"):
        used = set(re.findall(r"var\(--([\w-]+)", path.read_text(encoding="utf-8")))
        assert used <= defined, path.name


def test_no_rule_is_written_twice():
    for path in CSS.glob("*.css"):
        depth_zero = re.sub(
            r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}",
            "",
            re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S),
        )
        selectors = [" ".join(found.split()) for found in re.findall(r"([^{}]+)\{", depth_zero)]
        twice = {selector for selector in selectors if selectors.count(selector) > 1}
        assert not twice, path.name


def test_every_custom_property_that_a_style_sheet_uses_is_set_somewhere():
    sheets = {path: path.read_text(encoding="utf-8") for path in Path(__file__).parents[2].rglob("static/**/*.css")}
    assert len(sheets) > 8
    known = {name for text in sheets.values() for name in re.findall(r"(--[\w-]+)\s*:", text)}
    unknown = {
        (path.name, name)
        for path, text in sheets.items()
        for name in re.findall(r"var\((--[\w-]+)", text)
        if name not in known
    }
    assert unknown == set()
