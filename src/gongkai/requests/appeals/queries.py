"""What the pages of appeals read."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from gongkai.core import bundles, calendars, jurisdiction
from gongkai.core.models import Case, Record, User
from gongkai.core.privacy.showing import part
from gongkai.law.requests import remedies
from gongkai.law.workdays import UnknownYearError
from gongkai.requests.appeals import results
from gongkai.requests.appeals.models import (
    Appeal,
    Caution,
    Exchange,
    Hearing,
    Lesson,
    Precedent,
    Rectification,
    ReviewItem,
    Ruling,
    SpecialReview,
)

_HOME = {
    Precedent.KIND: ("典型案例", "precedents:index"),
    SpecialReview.KIND: ("专项督查和交流", "appeals:reviews"),
    Rectification.KIND: ("专项督查和交流", "appeals:reviews"),
    Exchange.KIND: ("专项督查和交流", "appeals:reviews"),
}


def _own(model: type[Record], *names: str) -> tuple[str, ...]:
    """Columns of a record to be gathered; its key's column is named by the link to the case."""
    return (str(model._meta.pk.attname), "id", "kind", *names)


def crumbs(case: Any) -> list[tuple[str, str]]:
    """Where the page of a case stands."""
    label, name = _HOME.get(case.kind, ("复议诉讼", "appeals:index"))
    return [(label, reverse(name)), (case.number, "")]


def readable(user: User, *cases: Case | None) -> set[int]:
    """Which of these cases the person may open; one query."""
    pks = [case.pk for case in cases if case is not None]
    return set(Case.objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()


def _suit_until(case: Appeal) -> Any:
    """The last day on which the applicant may sue after this reconsideration; None where it does not matter."""
    if case.suit or case.told_on is None or not case.result:
        return None
    try:
        return remedies.suit_after_reconsideration_last_day(case.told_on, calendars.current())
    except UnknownYearError:
        return None


def _appeal(case: Appeal, user: User) -> dict[str, Any]:
    # These stand on the models of appeals and are read when everything is loaded.
    from gongkai.requests.appeals import drafts
    from gongkai.requests.appeals.acts.entering import reconsideration_should_come_first
    from gongkai.requests.counsel.queries import asked

    lists = bundles.gather(
        {
            "hearings": bundles.rows(Hearing.objects.filter(appeal=case.pk)),
            "rulings": bundles.rows(Ruling.objects.filter(appeal=case.pk)),
            "followed": bundles.rows(
                Appeal.objects.filter(earlier=case.pk).exclude(state="void").order_by("pk"),
                *_own(Appeal, "number", "title", "state", "sort"),
            ),
            "lessons": bundles.rows(
                Lesson.objects.filter(appeal=case.pk), *_own(Lesson, "number", "title", "state", "causes")
            ),
            "precedents": bundles.rows(
                Precedent.objects.filter(appeal=case.pk).order_by("pk"), *_own(Precedent, "number", "title", "state")),
        }
    )  # fmt: skip
    group = results.group_of(case.result)
    return {
        "appeal": case,
        "missing": "、".join(case.missing()),
        "group_label": results.GROUP_LABELS.get(group, ""),
        "first_reconsider": reconsideration_should_come_first(case),
        "suit_until": _suit_until(case),
        "drafts": drafts.kinds_for(case) if case.state == "entered" and drafts.may_draft(case, user) else [],
        "personal": part(case, user),
        "open_to_user": readable(user, case.request, case.earlier, case.remade),
        **asked(case, user),
        **lists,
    }


def _lesson(case: Lesson, user: User) -> dict[str, Any]:
    lists = bundles.gather(
        {
            "cautions": bundles.rows(
                Caution.objects.filter(lesson=case.pk).order_by("pk"),
                *_own(Caution), "state", "self_check", "acknowledged_by", "acknowledged_at", "unit__id", "unit__name",
                "unit__short_name", limit=300,
            )
        }
    )  # fmt: skip
    done = sum(1 for caution in lists["cautions"] if caution.state == "acknowledged")
    return {"lesson": case, "done": done, "open_to_user": readable(user, case.appeal), **lists}


def _caution(case: Caution, user: User) -> dict[str, Any]:
    return {"caution": case, "lesson": case.lesson}


def _precedent(case: Precedent, user: User) -> dict[str, Any]:
    return {"precedent": case, "parts": parts_of(case), "open_to_user": readable(user, case.request, case.appeal)}


def parts_of(case: Precedent) -> list[tuple[str, str]]:
    """The parts of a case of the library that say something."""
    return [(label, getattr(case, name)) for name, label in Precedent.TEXTS if getattr(case, name).strip()]


def _review(case: SpecialReview, user: User) -> dict[str, Any]:
    lists = bundles.gather(
        {
            "items": bundles.rows(
                ReviewItem.objects.filter(review=case.pk).order_by("-faulty", "pk"),
                "id", "faulty", "finding", "request__id", "request__number", "request__title", "unit__id", "unit__name",
                "unit__short_name", limit=20,
            ),
            "rectifications": bundles.rows(
                Rectification.objects.filter(review=case.pk).order_by("pk"),
                *_own(Rectification), "state", "number", "answer", "answered_at", "unit__id", "unit__name", "unit__short_name",
                limit=200,
            ),
        }
    )  # fmt: skip
    return {
        "review": case,
        "faulty": ReviewItem.objects.filter(review=case.pk, faulty=True).count(),
        "items_url": reverse("appeals:items", args=[case.pk]),
        **lists,
    }


def _rectification(case: Rectification, user: User) -> dict[str, Any]:
    items = ReviewItem.objects.filter(rectification=case.pk).select_related("request").order_by("pk")
    return {"rectification": case, "items": list(items[:300])}


def _exchange(case: Exchange, user: User) -> dict[str, Any]:
    return {"exchange": case, "units": list(case.units.order_by("path"))}


CONTEXTS = {
    Appeal.KIND: _appeal,
    Lesson.KIND: _lesson,
    Caution.KIND: _caution,
    Precedent.KIND: _precedent,
    SpecialReview.KIND: _review,
    Rectification.KIND: _rectification,
    Exchange.KIND: _exchange,
}


def shown_publicly() -> bool:
    """Whether this place shows cases of the library to everybody."""
    return bool(jurisdiction.value("appeals.public_precedents"))


def this_year() -> int:
    """The calendar year here."""
    return timezone.localdate().year
