"""Kill a process while it takes requests in and answers them: every receipt that was shown has its case, and only one.

    python benchmarks/bench_kill_requests.py [--times 100] [--replies 100]

Each round a child process sends the public form as fast as it can, in several threads, so that requests are opened together:
half of them as a form, half as a draft with a challenge, which is the last step on the web. What a reader saw (number and
query code) is written down and flushed only after the call came back, the key of the form or draft before it is sent. The child is killed with SIGKILL after a random moment; then every form that got no answer is sent once
more with the same key, as a browser does.

Then children answer requests: draft, review, signature, delivery. What was cut off is as if it had never begun: the next
child goes on where the case stands, and in the end every case is delivered with one reply under a number of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bench_kill import check, serves
from setup import fresh_database, prepare, table

THREADS = 4
REGISTERED = {"area": "城乡规划", "identity": "complete"}


def form(place: Any, key: str) -> dict[str, Any]:
    """A complete form with its key."""
    from gongkai.requests.tests import helpers

    return helpers.application(place, key=key, content=f"清平路改造工程2025年的检测报告，第{key[-6:]}份。")


def work(place: Any, seed: int, sent: Path, seen: Path) -> None:
    """Send forms in several threads until killed."""
    threads = [
        threading.Thread(target=send_on, args=[place, f"{seed:06d}{line}", sent, seen]) for line in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send_on(place: Any, line: str, sent: Path, seen: Path) -> None:
    """Send one form after the other."""
    number = 0
    while True:
        number += 1
        key = f"kill-{line}-{number:010d}"
        if int(line) % 2:
            key = drafted(place, key)
        note(sent, key)
        case, _ = send(place, key)
        note(seen, f"{key} {case.number} {case.code}")


def drafted(place: Any, key: str) -> str:
    """A draft as the steps before the last one leave it; its key."""
    from gongkai.requests.pages import drafts

    draft = drafts.begin({})
    typed = form(place, key)
    typed.pop("key")
    drafts.save(draft, **typed, anyway=True)
    return draft.key


def send(place: Any, key: str) -> tuple[Any, bool]:
    """Send the form or the draft with this key; the request, and whether it had come through before."""
    from django.utils import timezone

    from gongkai.core.challenge import limits, puzzles
    from gongkai.requests.acts.submission import sent_before, submit
    from gongkai.requests.pages import sending, wizard

    if key.startswith("kill-"):
        found = submit(form(place, key))
        return found.case, found.repeated
    repeated = sent_before(key) is not None
    now = timezone.now()
    mark = uuid.uuid4().hex
    solved = puzzles.Solved(mark, now, limits.Try(mark, now), 1, now)
    return sending.send(sending.Sending(key, solved, wizard.filled, wizard.filled_with_files)), repeated


def note(path: Path, line: str) -> None:
    """One line, on the disk when this returns."""
    with path.open("a", encoding="ascii") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def kill_rounds(place: Any, times: int, sent: Path, seen: Path, seed: int = 20260601) -> int:
    """Let a child send, kill it, send what got no answer once more; returns how many of these had come through already."""
    from django.db import connections

    chance = random.Random(seed)
    already = 0
    for round_number in range(times):
        connections.close_all()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                work(place, round_number, sent, seen)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0.05, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for key in unanswered(sent, seen):
            case, repeated = send(place, key)
            already += repeated
            note(seen, f"{key} {case.number} {case.code}")
    return already


def unanswered(sent: Path, seen: Path) -> list[str]:
    """The keys of forms that were sent and whose receipt nobody saw."""
    shown = {line.split()[0] for line in seen.read_text(encoding="ascii").splitlines()} if seen.exists() else set()
    keys = sent.read_text(encoding="ascii").split() if sent.exists() else []
    return [key for key in keys if key not in shown]


def answer(place: Any, pk: int) -> bool:
    """Take a request one act further towards the delivered reply; False when it is delivered."""
    from django.utils import timezone

    from gongkai.core.acts import perform
    from gongkai.requests.models import Request
    from gongkai.requests.tests import reply_helpers

    case = Request.objects.get(pk=pk)
    if not case.is_open:
        return False
    people = {"reviewer": place.reviewer, "secrecy": place.secrecy, "legal": place.legal, "leader": place.leader}
    if case.state == "received":
        perform("request.register", case, place.officer, REGISTERED | {"handler": place.handler.pk})
    elif case.state == "handling" and not hasattr(case, "reply"):
        perform("request.draft_reply", case, place.handler, reply_helpers.sentences("N1"))
    elif case.state == "handling":
        perform("request.submit_reply", case, place.handler, {"proper": "on"})
    elif case.state == "review":
        name = "sign_reply" if case.turn_role == "leader" else "pass_reply"
        perform(f"request.{name}", case, people[case.turn_role], {"words": ""})
    else:
        perform("request.deliver", case, place.handler, {"way": "online", "sent_on": f"{timezone.localdate()}"})
    return True


def answer_all(place: Any, wanted: list[int]) -> None:
    """Answer these requests one after the other."""
    for pk in wanted:
        while answer(place, pk):
            pass


def reply_rounds(place: Any, times: int, seed: int = 20260602) -> list[int]:
    """Kill children that answer requests, then answer the rest; returns the requests."""
    from django.db import connections

    from gongkai.requests.acts.submission import submit

    chance = random.Random(seed)
    wanted = [submit(form(place, f"reply-{number:018d}")).case.pk for number in range(max(3, times // 2))]
    for _ in range(times):
        connections.close_all()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                answer_all(place, wanted)
                status = 0
            finally:
                os._exit(status)
        time.sleep(chance.uniform(0.05, 0.6))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    answer_all(place, wanted)
    return wanted


def reply_faults(wanted: list[int]) -> dict[str, int]:
    """What half a reply would have left behind."""
    from collections import Counter

    from gongkai.core.models import Event, Letter
    from gongkai.requests.figures import counting
    from gongkai.requests.models import Reply, Request

    numbers = list(Letter.objects.exclude(number="").values_list("number", flat=True))
    delivered = Counter(Event.objects.filter(act="request.deliver").values_list("case_id", flat=True))
    return {
        "letters with the same number": len(numbers) - len(set(numbers)),
        "requests not delivered": Request.objects.filter(pk__in=wanted, closed_at__isnull=True).count(),
        "requests delivered twice": sum(number > 1 for number in delivered.values()),
        "requests without exactly one reply": len(wanted) - Reply.objects.filter(request__in=wanted).count(),
        "replies without their letter": Reply.objects.filter(request__in=wanted, letter__isnull=True).count(),
        "counters of the annual report wrong": len(counting.verify()),
    }


def faults_of(sent: Path, seen: Path) -> dict[str, int]:
    """What would have been lost or doubled."""
    from django.db.models import Count

    from gongkai.requests import codes
    from gongkai.requests.models import Draft, Request, Submission

    shown = [line.split() for line in seen.read_text(encoding="ascii").splitlines()]
    numbers = sorted(int(case.number.rsplit("-", 1)[1]) for case in Request.objects.only("number"))
    return {
        "receipts without their case": sum(codes.find(number, code) is None for _, number, code in shown),
        "one form, two numbers": len({tuple(line) for line in shown}) - len({key for key, _, _ in shown}),
        "cases without their form": Request.objects.count() - Submission.objects.count(),
        "more cases than forms": max(0, Request.objects.count() - len(set(sent.read_text(encoding="ascii").split()))),
        "drafts left beside their request": Draft.objects.filter(key__in={key for key, _, _ in shown}).count(),
        "gaps in the numbers": len(numbers) and numbers[-1] - len(numbers),
        "requests without a reply clock": Request.objects.exclude(clocks__code="reply").count(),
        "requests without exactly one first event": Request.objects.annotate(n=Count("events")).exclude(n=1).count(),
        **check(),
    }


def main() -> int:
    """Kill, send again, check, report; the exit status is 1 if anything was lost, doubled or left half done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--replies", type=int, default=100)
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--without-server", action="store_true", help="do not start the server afterwards")
    options = parser.parse_args()
    with fresh_database(options.database) as url:
        return run(options.times, options.replies, url, serve=not options.without_server)


def run(times: int, replies: int, database: str, *, serve: bool = True) -> int:
    """The whole proof on one database; 1 if anything was lost."""
    folder = prepare(database)
    from django.db import connection, connections

    from gongkai.requests.models import Request
    from gongkai.requests.tests import helpers

    place = helpers.district()
    sent, seen = folder / "sent", folder / "seen"
    started = time.monotonic()
    already = kill_rounds(place, times, sent, seen)
    seconds = time.monotonic() - started
    faults = faults_of(sent, seen)
    print(
        f"{connection.vendor}: killed {times} times in {seconds:.0f} s; {Request.objects.count()} requests,"
        f" {already} of the forms sent again had come through"
    )
    started = time.monotonic()
    wanted = reply_rounds(place, replies)
    faults |= reply_faults(wanted) | check()
    print(f"killed {replies} times in {time.monotonic() - started:.0f} s while {len(wanted)} requests were answered")
    connections.close_all()
    said = serves(folder, database) if serve else ""
    rows: list[list[object]] = [[name, found] for name, found in faults.items()]
    if serve:
        rows.append(["server does not start again", said or 0])
    print(table(["fault", "found"], rows))
    return int(any(faults.values()) or bool(said))


if __name__ == "__main__":
    sys.exit(main())
