"""The files found for a request: where they came from, what goes out, and where parts of them are masked."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import NoReverseMatch, reverse

from gongkai.core.models import Attachment
from gongkai.requests.models import Material, Request

# Views on which parts of a material are masked; the first one that is mounted is used.
MASK_VIEWS = ["requests:mask", "requests-masking:mask"]

# What stands against sending a reply on with a material, in words; empty when nothing does. Filled in `apps.ready()`.
checks: list[Callable[[Request, Material], str]] = []
# The parts that are held back inside the materials, each with `what`, `ground` and `reason`.
part_lists: list[Callable[[Request], list[dict[str, str]]]] = []


def hindrances(case: Request, material: Material) -> list[str]:
    """Everything that stands against sending a reply on with a material."""
    return [words for words in (check(case, material) for check in checks) if words]


def withheld_parts(case: Request) -> list[dict[str, str]]:
    """What is held back inside the materials, to begin the list of a partial disclosure with."""
    return [part for parts in part_lists for part in parts(case)]


def mask_address(material: Material) -> str:
    """The page on which parts of a material are masked; empty where there is none."""
    for name in MASK_VIEWS:
        try:
            return reverse(name, args=[material.pk])
        except NoReverseMatch:
            continue
    return ""


def outgoing(material: Material) -> Attachment | None:
    """The file that goes out for a material: the whole, the masked copy, or none."""
    if material.treatment == Material.Treatment.GIVEN:
        return material.original
    if material.treatment == Material.Treatment.MASKED:
        return material.masked
    return None


def title_of(case: Request, name: str, number: int) -> str:
    """What a material is called: its file's name without the ending, unless that names the applicant or somebody asked."""
    stem = name.rpartition(".")[0] or name
    people = [str(value) for value in case.applicant.values()]
    people += [str(value) for one in case.consultations.all() for value in (one.party or {}).values()]
    if any(len(value) > 1 and value in stem for value in people):
        return f"材料{number}"
    return stem[:200]
