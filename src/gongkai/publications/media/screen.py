"""Screening of a post, with the same rules as documents."""

from __future__ import annotations

import hashlib
from typing import Any

from gongkai import screening
from gongkai.publications import content, trade
from gongkai.publications import screen as rules
from gongkai.publications.media.models import MediaPost
from gongkai.publications.models import WordingRule


def refresh(post: MediaPost) -> int:
    """Look through title and text; what a reviewer settled stays settled. Returns how many findings are open."""
    parts = [screening.Part(place="标题", text=post.title), screening.Part(place="文字", text=post.text)]
    strict = frozenset(WordingRule.objects.filter(active=True, blocking=True).values_list("pattern", flat=True))
    settled = {one["key"]: one for one in post.findings if one["resolution"]}
    found: dict[str, dict[str, Any]] = {}
    hits = screening.screen(parts, wordings=rules.wordings(), allow=rules.allowed())
    for hit in [*hits, *trade.found(parts)]:
        key = hashlib.sha256(f"{hit.kind}\n{hit.found}".encode()).hexdigest()[:16]
        found[key] = settled.get(key) or {
            "key": key,
            "label": rules.OWN_LABELS.get(hit.kind, hit.label),
            "place": hit.place,
            "found": hit.found[:300],
            "excerpt": hit.excerpt[:400],
            "explanation": hit.explanation[:400],
            "suggestion": (hit.mask or "")[:300],
            "blocking": hit.severity in ("block", "must") or hit.found in strict,
            "secrecy": hit.kind.startswith("secrecy"),
            "resolution": "",
            "reason": "",
            "by_label": "",
        }
    post.findings = list(found.values())
    return len(post.open_findings)


def digest(post: MediaPost) -> str:
    """What an approval is given for: every word, the source, the files and the account."""
    return content.digest(
        {
            "account": post.account_id,
            "title": post.title,
            "text": post.text,
            "origin": post.origin,
            "document": [post.document_id, post.document_version],
            "source": post.source,
            "files": post.files,
        }
    )


def plain(text: str) -> str:
    """A text without spaces and line ends, for comparison with what a platform shows."""
    return "".join(text.split())
