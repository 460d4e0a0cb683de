"""The last step of the form: the challenge is used up, the request comes in, its mail is queued, the draft goes; all or nothing.

Whatever is sent at the same moment shares one transaction and its statements (`core.together`); who sends notices nothing
of it. Files take a while, so a form with files goes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gongkai.core import challenge
from gongkai.core.acts import ActError, Filled
from gongkai.core.locks import writing
from gongkai.core.together import Together
from gongkai.requests.acts import submission
from gongkai.requests.acts.submission import AlreadySubmitted
from gongkai.requests.models import Draft, Request
from gongkai.requests.pages import drafts, mails


class NotTaken(Exception):
    """The challenge does not hold; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A checked form, the challenge solved for it, and the draft it was filled in."""

    form: Filled
    solved: challenge.Solved
    draft: Draft


def send(sending: Sending, with_files: Callable[[], Filled] | None = None) -> Request:
    """Send a form; one that was sent before gives its request again.

    Args:
        sending: what is sent.
        with_files: gives the same form with its files, if it has any. They are read only for who has used a challenge up.

    Raises:
        NotTaken: the challenge does not hold.
        ActError: a rule stands against it, or the files are not taken; the challenge is used up.
    """
    found: Request | str
    try:
        if with_files is None:
            found = _together(sending)
        else:
            found = challenge.use([sending.solved])[0] or _send_files(replace(sending, form=with_files()))
    except AlreadySubmitted:
        found = ""
    except ActError:
        challenge.use([sending.solved])
        raise
    if isinstance(found, Request):
        return found
    # Of a double click the second one comes with the same key, and with a challenge that is used up.
    before = submission.sent_before(sending.form)
    if before is None:
        raise NotTaken(found)
    challenge.use([sending.solved])
    drafts.forget(sending.draft)
    return before


def _send(sendings: Sequence[Sending]) -> list[Request | str]:
    """The requests, or sentences in place of those whose challenge does not hold."""
    with writing():
        found: list[Request | str] = list(challenge.use([one.solved for one in sendings]))
        taken = [at for at, fault in enumerate(found) if not fault]
        for at, case in zip(taken, _open([sendings[at] for at in taken]) if taken else (), strict=True):
            found[at] = case
    return found


def _send_files(sending: Sending) -> Request:
    with writing():
        return _open([sending])[0]


def _open(sendings: Sequence[Sending]) -> list[Request]:
    drafts.forget_all([one.draft.pk for one in sendings])
    cases = submission.send([one.form for one in sendings])
    mails.received(cases)
    return cases


_together = Together(_send)
