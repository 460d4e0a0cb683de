"""Kill a process in the middle of publishing and withdrawing, again and again, and prove that everything agrees.

    python benchmarks/bench_kill_publish.py [--times 100]

Each round a child process writes, reviews, publishes, amends and withdraws documents as fast as it can, brings the
search index up to date, puts the log in order, while a thread of it reads the public pages so that they are kept; it is
killed with SIGKILL after a random moment. Then the state of every document is compared with what the public row, the
lists' counters, the withdrawal note, the kept page, the search index and the transparency log say; and
`gongkai serve` starts on it and answers.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bench_kill import serves
from setup import fresh_database, prepare, small_world, table

HOST = "127.0.0.1:8000"
ROLES = {"secrecy": "secrecy", "leader": "leader"}
BY = {"secrecy": "secrecy", "approval": "leader"}
MOST_DOCUMENTS = 20


def people() -> None:
    """Those who review, beside the officer of the small world; a short chain, so that much is released."""
    from gongkai.core.models import Membership, Unit, User
    from gongkai.publications.models import ReviewChain

    bureau = Unit.objects.get(code="jyj")
    for username, role in ROLES.items():
        user = User.objects.create(username=username)
        Membership.objects.create(user=user, unit=bureau, role=role, main=True)
    ReviewChain.objects.create(steps=list(BY))


def warm() -> None:
    """Load what every child needs: templates, word lists, screening; a child is killed in acts, not while it loads."""
    from gongkai import screening
    from gongkai.core.search import text
    from gongkai.core.transparency import keys

    list(text.words(["政务公开"]))
    screening.screen_text("政务公开")
    keys.signer()
    Reader().get("/information/")


class Reader:
    """Asks as a reader does, through the kept pages."""

    def __init__(self) -> None:
        from django.core.handlers.wsgi import WSGIHandler

        from gongkai.core.pages.front import Front

        self.application = Front(WSGIHandler())

    def get(self, path: str) -> tuple[int, str]:
        """Status and page."""
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "HTTP_HOST": HOST, "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
        }  # fmt: skip
        seen: list[int] = []
        parts = self.application(environ, lambda status, headers, *_: seen.append(int(status[:3])))
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return seen[0], body.decode("utf-8", "replace")


def words_of(pk: int, number: int) -> str:
    """What stands in a version and in no other one."""
    return f"第{pk}件第{number}次公开的内容"


def step(chance: random.Random, users: dict[str, Any]) -> None:
    """One act on one document, or a new document."""
    from gongkai.core.acts import perform
    from gongkai.publications.models import Publication

    cases = list(Publication.objects.order_by("pk"))
    if len(cases) < MOST_DOCUMENTS and (not cases or chance.random() < 0.2):
        text = {
            "title": f"通知{len(cases) + 1}",
            "body": "<p>草稿</p>",
            "attribute": "proactive",
            "made_on": "2026-11-02",
        }
        perform("publication.write", None, users["officer"], {**text, "document_kind": "通知"})
        return
    case = chance.choice(cases)
    if case.state == "draft":
        wanted = words_of(case.pk, case.version_count + 1)
        if wanted not in case.body:
            data = {"title": case.title, "body": f"<p>{wanted}</p>", "attribute": "proactive", "made_on": "2026-11-02",
                    "document_kind": "通知"}  # fmt: skip
            perform("publication.edit", case, users["officer"], data)
        else:
            perform("publication.submit", case, users["officer"], {})
    elif case.state == "review":
        act = "approve" if case.review_purpose == "approval" else "pass"
        perform(f"publication.{act}", case, users[BY[case.review_purpose]], {})
    elif case.state == "published" and chance.random() < 0.5:
        perform("publication.withdraw", case, users["officer"], {"reason": "内容有误"})
    elif case.state in ("published", "withdrawn"):
        perform("publication.amend", case, users["officer"], {"reason": "更正"})


def everybody() -> dict[str, Any]:
    """The people of the small world who publish."""
    from gongkai.core.models import User

    return {name: User.objects.get(username=name) for name in ("officer", *ROLES)}


def begin() -> None:
    """Some documents are public before the first kill."""
    from gongkai.publications.models import Publication

    chance, users = random.Random(1), everybody()
    while Publication.objects.filter(current_version__isnull=False).count() < 8:
        step(chance, users)


def work(seed: int, ready: int) -> None:
    """Publish, withdraw, index, put in order and read until killed; says when the first act is done."""
    from gongkai.core.acts import ActError
    from gongkai.core.search import work as search
    from gongkai.core.transparency import sequencer
    from gongkai.publications.models import Publication

    chance, users = random.Random(seed), everybody()
    known = list(Publication.objects.values_list("pk", flat=True))

    def reading() -> None:
        reader = Reader()
        while True:
            paths = [f"/information/{pk}/" for pk in known[-8:]] + ["/information/", "/"]
            reader.get(chance.choice(paths))
            time.sleep(0.02)

    threading.Thread(target=reading, daemon=True).start()
    while True:
        try:
            step(chance, users)
        except ActError as refused:
            raise SystemExit(f"an act was refused: {refused}") from refused
        os.write(ready, b".")
        doing = chance.random()
        if doing < 0.2:
            search.drain()
        elif doing < 0.4:
            sequencer.sequence()


def kill_rounds(times: int, seed: int = 20260118) -> int:
    """Let a child work and kill it with SIGKILL after a random moment; returns how many ended before they were killed."""
    chance = random.Random(seed)
    ended = 0
    for number in range(times):
        hear, say = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(hear)
            try:
                work(number, say)
            finally:
                os._exit(1)
        os.close(say)
        os.read(hear, 1)
        time.sleep(chance.uniform(0, 2))
        ended += os.waitpid(child, os.WNOHANG)[0] != 0
        os.close(hear)
        try:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
    return ended


def check() -> dict[str, int]:
    """Where the database, the kept pages, the index or the log say something else than the state of a document."""
    from django.db import connection

    from gongkai.core import audit, counters
    from gongkai.core.search import work as search
    from gongkai.core.transparency import checking, entries_of, sequencer
    from gongkai.publications import counts
    from gongkai.publications.models import Publication, PublicDocument, WithdrawalNote

    stuck = 0
    try:
        while search.drain():
            pass
    except ValueError as fault:
        print(f"the search index does not go on: {fault}")
        stuck = 1
    sequencer.sequence()
    rows = {row.pk: row for row in PublicDocument.objects.select_related("version")}
    notes = set(WithdrawalNote.objects.values_list("pk", flat=True))
    faults = dict.fromkeys(("public row", "withdrawal note", "version", "page", "kept page", "log entries"), 0)
    reader = Reader()
    for case in Publication.objects.order_by("pk"):
        public = case.current_version_id is not None
        row = rows.get(case.pk)
        last = case.versions.order_by("-number").first()
        faults["public row"] += public != (row is not None) or (case.state == "published" and not public)
        faults["withdrawal note"] += (case.pk in notes) != (not public and case.version_count > 0)
        faults["version"] += (last.number if last else 0) != case.version_count or bool(row and row.version != last)
        for name in ("page", "kept page"):
            status, page = reader.get(f"/information/{case.pk}/")
            if public:
                right = status == 200 and words_of(case.pk, case.version_count) in page
            else:
                right = status == (410 if case.version_count else 404) and "次公开的内容" not in page
            faults[name] += not right
        told = [entry.act for entry in entries_of(f"document/{case.pk}")]
        shown = [act for act in told if act in ("published", "amended")]
        now = bool(told) and told[-1] != "withdrawn"
        faults["log entries"] += len(shown) != case.version_count or now != public
    faults["lists and their counters"] = len(counts.verify())
    faults["search index does not go on"] = stuck
    faults["search index"] = search.compare().number + search.waiting()
    faults["log and its files"] = len(checking.check().faults)
    faults["counters"] = len(counters.verify())
    faults["audit chain"] = int(not audit.verify().intact)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            faults["database damaged"] = int(cursor.fetchone()[0] != "ok")
    return faults


def main() -> int:
    """Kill, check, report; the exit status is 1 if anything disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--without-server", action="store_true", help="do not start the server afterwards")
    options = parser.parse_args()
    with fresh_database(options.database) as url:
        return run(options.times, url, serve=not options.without_server)


def run(times: int, database: str, *, serve: bool = True) -> int:
    """The whole proof on one database; 1 if anything disagrees."""
    os.environ["GONGKAI_PUBLIC_ADDRESS"] = f"http://{HOST}"
    folder = prepare(database)
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import connection, connections

    get_wsgi_application()
    call_command("collectstatic", verbosity=0, interactive=False)
    small_world()
    people()
    begin()
    warm()
    connections.close_all()
    started = time.monotonic()
    ended = kill_rounds(times)
    seconds = time.monotonic() - started
    faults = check() | {"children that ended by themselves": ended}
    from gongkai.core.models import Event
    from gongkai.publications.models import Publication, Version

    acts = {name: Event.objects.filter(act=f"publication.{name}").count() for name in ("approve", "amend", "withdraw")}
    print(
        f"{connection.vendor}: killed {times} times in {seconds:.0f} s; {Publication.objects.count()} documents,"
        f" {Version.objects.count()} versions released, {acts['amend']} amendments begun,"
        f" {acts['withdraw']} withdrawals, {Event.objects.count()} events"
    )
    connections.close_all()
    answer = serves(folder, database) if serve else ""
    rows: list[list[object]] = [[name, found] for name, found in faults.items()]
    if serve:
        rows.append(["server does not start again", answer or 0])
    print(table(["what disagrees", "found"], rows))
    return int(any(faults.values()) or bool(answer))


if __name__ == "__main__":
    sys.exit(main())
