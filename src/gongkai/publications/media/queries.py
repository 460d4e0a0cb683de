"""What the pages of new media read."""

from __future__ import annotations

from typing import Any

from gongkai.core.models import Case, User
from gongkai.publications.acts import stepped
from gongkai.publications.media.models import MediaAccount, MediaPost

SHOWN = 20


def account_context(case: MediaAccount, user: User) -> dict[str, Any]:
    """An account and its newest posts."""
    posts = MediaPost.objects.filter(account=case.pk).exclude(state="dropped").order_by("-pk")
    return {"account": case, "posts": list(posts.defer("text")[:SHOWN])}


def post_context(case: MediaPost, user: User) -> dict[str, Any]:
    """A post: its words, what was found in them, its review, where it stands."""
    return {
        "post": case,
        "opens": set(
            Case.objects.visible_to(user)
            .filter(pk__in=(case.account_id, case.document_id))
            .values_list("pk", flat=True)
        ),
        "open_findings": case.open_findings,
        "settled_findings": [one for one in case.findings if one["resolution"]],
        "steps": stepped.shown(case),
        "fault": case.source_fault if case.is_open and case.state != "recheck" else "",
    }


def public_accounts() -> list[MediaAccount]:
    """The accounts on record, for readers."""
    rows = MediaAccount.objects.filter(state__in=("active", "silent")).select_related("unit")
    return list(rows.order_by("unit__ordinal", "unit", "platform")[:1000])
