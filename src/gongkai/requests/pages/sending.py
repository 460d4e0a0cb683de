"""The last step of the form: the draft is read and checked, the challenge used up, the request comes in, its mail is queued,
the draft goes; all or nothing.

Whatever is sent at the same moment shares one transaction and its statements (`core.together`); who sends notices nothing
of it. Files take a while, so a form with files goes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gongkai.core import challenge
from gongkai.core.acts import ActError, Filled, InvalidData
from gongkai.core.locks import writing
from gongkai.core.together import Together
from gongkai.requests.acts import submission
from gongkai.requests.acts.submission import AlreadySubmitted
from gongkai.requests.models import Draft, Request
from gongkai.requests.pages import drafts, mails


class NotTaken(Exception):
    """The challenge does not hold; the message is a sentence for the reader."""


class NoDraft(Exception):
    """There is no draft, or it lasts no longer."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What the browser brings with its last step: the key of its draft, and the challenge it solved.

    `fill` makes a checked form of the draft, `with_files` one with its files; both raise InvalidData.
    """

    key: str
    solved: challenge.Solved
    fill: Callable[[Draft], Filled]
    with_files: Callable[[Draft], Filled]


def send(sending: Sending) -> Request:
    """Send what a draft holds; one that was sent before gives its request again.

    Raises:
        NoDraft: there is nothing to send.
        InvalidData: the form has errors; the challenge is still good.
        NotTaken: the challenge does not hold.
        ActError: a rule stands against it, or the files are not taken; the challenge is used up.
    """
    try:
        found = _together(sending)
        if isinstance(found, Draft):
            found = _send_files(sending, found)
    except AlreadySubmitted:
        found = NotTaken()
    except InvalidData:
        raise
    except ActError:
        challenge.use([sending.solved])
        raise
    if isinstance(found, Request):
        return found
    if isinstance(found, InvalidData):
        raise found
    # Of a double click the second one finds the draft gone, or its challenge used up.
    before = submission.sent_before(sending.key)
    if before is None:
        raise found
    challenge.use([sending.solved])
    return before


_Found = Request | Draft | NoDraft | NotTaken | InvalidData


def _send(sendings: Sequence[Sending]) -> list[_Found]:
    """The requests; what stands against it in place of the others, and drafts with files, which go by themselves."""
    with writing():
        held = drafts.read_all([one.key for one in sendings])
        read = [_read(one, held.get(one.key)) for one in sendings]
        ready = [at for at, form in enumerate(read) if isinstance(form, Filled)]
        for at, fault in zip(ready, challenge.use([sendings[at].solved for at in ready]), strict=True):
            if fault:
                read[at] = NotTaken(fault)
        forms = {at: form for at, form in enumerate(read) if isinstance(form, Filled)}
        cases = dict(zip(forms, _open([held[sendings[at].key] for at in forms], list(forms.values())), strict=True))
        return [cases[at] if isinstance(form, Filled) else form for at, form in enumerate(read)]


def _read(sending: Sending, draft: Draft | None) -> Filled | Draft | NoDraft | NotTaken | InvalidData:
    if draft is None:
        return NoDraft()
    if draft.with_files:
        return draft
    try:
        return sending.fill(draft)
    except InvalidData as faults:
        # It is for this one alone to mend; the others go on.
        return faults


def _send_files(sending: Sending, draft: Draft) -> Request | NotTaken:
    """Files are read only for who has used a challenge up."""
    sending.fill(draft)
    fault = challenge.use([sending.solved])[0]
    if fault:
        return NotTaken(fault)
    form = sending.with_files(draft)
    with writing():
        return _open([draft], [form])[0]


def _open(held: Sequence[Draft], forms: Sequence[Filled]) -> list[Request]:
    if not forms:
        return []
    drafts.forget_all([draft.pk for draft in held])
    cases = submission.send(forms)
    mails.received(cases)
    return cases


_together = Together(_send)
