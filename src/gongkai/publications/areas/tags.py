"""What kept pages of key areas are tagged with."""

from __future__ import annotations

from gongkai.publications.areas.models import Dataset

INDEX = "areas"


def area(code: str) -> str:
    """The list of a template."""
    return f"area:{code}"


def dataset(pk: int) -> str:
    """Every page that shows rows of the dataset."""
    return f"dataset:{pk}"


def project(code: str) -> str:
    """The page of a project."""
    return f"project:{code}"


PROJECTS = "projects"


def of(held: Dataset) -> list[str]:
    """All pages that may show something of the dataset but single projects."""
    return [INDEX, area(held.code), dataset(held.pk), f"unit:{held.unit_id}"]
