"""Steps that many tests of publishing take."""

from __future__ import annotations

from typing import Any

from gongkai.core.acts import perform
from gongkai.publications.models import Publication

BODY = "<p>各学校：</p><p>为做好义务教育学校招生工作，现就有关事项通知如下。</p><h3>一、招生范围</h3><p>按照户籍和居住地划片入学。</p>"


def values(**more: Any) -> dict[str, Any]:
    """What an officer types for a complete draft."""
    return {
        "title": "云溪区教育局关于做好义务教育学校招生工作的通知",
        "body": BODY,
        "document_number": "云教发〔2026〕8号",
        "document_kind": "通知",
        "subject": "科技、教育\\教育",
        "made_on": "2026-11-02",
        "attribute": "proactive",
        **more,
    }


def draft(office: Any, user: Any = None, **more: Any) -> Publication:
    """A draft by the officer."""
    event = perform("publication.write", None, user or office.officer, values(**more))
    return fresh(event.case)


def fresh(case: Any) -> Publication:
    """The record as it stands in the database."""
    return Publication.objects.get(pk=case.pk)


def act(name: str, case: Publication, user: Any, data: dict[str, Any] | None = None, **more: Any) -> Publication:
    """Do an act and read the record anew."""
    perform(f"publication.{name}", case, user, data or {}, **more)
    return fresh(case)


def review(case: Publication, office: Any, *, until: str = "") -> Publication:
    """Take the review through its steps; stop before the one named."""
    by = {"content": "reviewer", "secrecy": "secrecy", "privacy": "secrecy", "legal": "legal", "approval": "leader"}
    while case.state == "review" and case.review_purpose != until:
        name = "approve" if case.review_purpose == "approval" else "pass"
        case = act(name, case, getattr(office, by[case.review_purpose]))
    return case


def through(case: Publication, office: Any, **submit: Any) -> Publication:
    """From draft to public."""
    return review(act("submit", case, office.officer, submit), office)
