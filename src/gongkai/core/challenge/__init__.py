"""Public forms without picture riddles: a proof of work done by the reader's device, and limits on how often.

challenge.issue("requests.apply")            -> context for core/parts/challenge.html, inside the form
challenge.check(request, "requests.apply")   -> "" or a sentence; last, when the form is valid
challenge.read(request, "requests.apply")    -> the same in two steps: what was solved, or a sentence;
challenge.use([solved])                      -> in the transaction of what it was solved for, "" or a sentence for each
challenge.limited(request, "requests.status", 20)   -> "" or a sentence, for what could be guessed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gongkai.core.challenge.limits import limited
    from gongkai.core.challenge.puzzles import Solved, check, issue, read, use

__all__ = ["Solved", "check", "issue", "limited", "read", "use"]


def __getattr__(name: str) -> Any:
    """Loaded when asked for: Django imports this package before its models may be."""
    if name == "limited":
        from gongkai.core.challenge.limits import limited

        return limited
    if name in __all__:
        from gongkai.core.challenge import puzzles

        return getattr(puzzles, name)
    raise AttributeError(name)
