"""No page outlives what it shows: transactions, races of threads, processes, and processes that are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import textwrap
import threading
import time

import pytest
from django.db import connection, transaction

from gongkai.commands.tests.conftest import Starter
from gongkai.core import listeners, pages
from gongkai.core.pages import outbox
from gongkai.core.pages.models import PageDrop
from gongkai.core.pages.store import Store
from gongkai.core.pages.tests import addresses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("gongkai.core.pages.tests.addresses")]


@pytest.fixture(autouse=True)
def _plain():
    addresses.shown["text"], addresses.lasts["until"] = "一", None
    addresses.while_rendering.clear()
    yield
    addresses.while_rendering.clear()


def elsewhere(step):
    """Run a step to its end in another thread."""
    thread = threading.Thread(target=step)
    thread.start()
    thread.join()


def commit_drop(*tags: str) -> None:
    try:
        with transaction.atomic():
            pages.drop(*tags)
    finally:
        connection.close()


def taken_back(*tags: str) -> None:
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        pages.drop(*tags)
        raise ZeroDivisionError


def test_dropped_at_once_and_kept_again_after_the_commit(reader, kept):
    reader.get("/page/")
    with transaction.atomic():
        pages.drop("document:1")
        assert kept.status().pages == 0
        reader.get("/page/")
        # What is rendered while the change is open shows the old state.
        assert kept.status().pages == 0
        assert PageDrop.objects.count() == 1
    reader.get("/page/")
    assert kept.status().pages == 1
    assert outbox.work_off() == 0
    assert (PageDrop.objects.count(), kept.status().pages) == (0, 1)


def test_other_tags_stay(reader, kept):
    reader.get("/page/")
    pages.drop("document:2", "list:units")
    assert kept.status().pages == 1
    pages.drop("list:documents")
    assert kept.status().pages == 0
    reader.get("/page/")
    pages.drop(pages.EVERY)
    assert kept.status().pages == 0


def test_taken_back(reader, kept, monkeypatch):
    reader.get("/page/")
    taken_back("document:1")
    assert PageDrop.objects.count() == 0
    reader.get("/page/")
    assert kept.status().pages == 0
    later = time.time() + 61
    monkeypatch.setattr("gongkai.core.pages.store.time.time", lambda: later)
    reader.get("/page/")
    assert kept.status().pages == 1


def test_many_drops_of_one_transaction_are_few_rows(kept):
    with transaction.atomic():
        for number in range(50):
            with transaction.atomic():
                pages.drop("list:documents", f"document:{number % 5}")
        assert PageDrop.objects.count() == 5


def test_an_inner_drop_taken_back_does_not_hide_the_outer(reader, kept):
    with transaction.atomic():
        taken_back("document:1")
        pages.drop("document:1")
        assert PageDrop.objects.count() == 1
    reader.get("/page/")
    # PostgreSQL gives no key twice: there the hold of what was taken back lapses by itself, within a minute.
    assert kept.status().pages == (1 if connection.vendor == "sqlite" else 0)


def test_rendering_that_began_before_the_drop_is_not_kept(reader, kept):
    addresses.while_rendering.append(lambda: elsewhere(lambda: commit_drop("document:1")))
    body = reader.get("/page/").body
    assert kept.status().pages == 0
    addresses.while_rendering.clear()
    assert reader.get("/page/").body != body
    assert kept.status().pages == 1


def test_rendering_beside_an_unrelated_drop_is_kept(reader, kept):
    addresses.while_rendering.append(lambda: elsewhere(lambda: commit_drop("document:2")))
    reader.get("/page/")
    assert kept.status().pages == 1


def test_readers_and_writers_at_once(reader, kept):
    """Whoever begins to read after a change was committed sees it, however many render at that moment."""
    true = {"number": 0}
    wrong: list[tuple[int, int]] = []
    stop = threading.Event()

    def read():
        while not stop.is_set():
            least = true["number"]
            epoch, started = kept.epoch(), time.time()
            path = kept.folder / "kept/page/page/index.html"
            try:
                seen = int(path.read_text())
            except (FileNotFoundError, ValueError):
                seen = true["number"]
                time.sleep(0.0005)
                kept.keep("kept/page/page/index.html", b"%d" % seen, ["d"], epoch=epoch, started=started)
            if seen < least:
                wrong.append((seen, least))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 120):
        with transaction.atomic():
            # The first hook stands for the commit: from here on everybody must see the new number.
            transaction.on_commit(lambda number=number: true.update(number=number))
            pages.drop("d")
            time.sleep(0.001)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


CHILD = """
import os, signal, sys, time
from django.db import connection, transaction
from gongkai.core import pages
from gongkai.core.pages import outbox, starting
from gongkai.core.pages.models import PageDrop
from gongkai.core.pages.store import Store, store

def table():
    with connection.schema_editor() as editor:
        editor.create_model(PageDrop)

def keep():
    kept = store()
    assert kept.keep("kept/page/page/index.html", b"<p>old</p>", ["document:1"], epoch=kept.epoch(), started=time.time())

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def child(tmp_path):
    """Runs steps in a process of its own with a database and a folder of its own; returns the exit status."""

    environment = {
        **os.environ,
        "GONGKAI_DATA_DIR": str(tmp_path),
        "GONGKAI_DATABASE_URL": f"sqlite:///{tmp_path / 'child.sqlite3'}",
        "GONGKAI_PAGES": "1",
        "GONGKAI_PAGES_DIR": str(tmp_path / "pages"),
        "DJANGO_SETTINGS_MODULE": "gongkai.config.settings_test",
        **{name: os.environ[name] for name in ("DJANGO_SETTINGS_MODULE",) if name in os.environ},
    }
    environment.pop("GONGKAI_TEST_DATABASE_URL", None)
    starter = Starter(environment)
    script = tmp_path / "child.py"

    def run(steps: str) -> int:
        script.write_text(CHILD + textwrap.dedent(steps), encoding="utf-8")
        done = starter.run(file=str(script))
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode

    yield run
    starter.end()


def test_killed_between_commit_and_drop_leaves_no_page(child, tmp_path):
    page = tmp_path / "pages/kept/page/page/index.html"
    child("table(); starting.prepare(); keep()")
    assert page.exists()
    killed = child("""
        outbox.Carried.__call__ = die
        with transaction.atomic():
            pages.drop("document:1")
    """)
    assert killed == -signal.SIGKILL
    # Nobody has started again yet, and nginx may be serving the folder.
    assert not page.exists()
    # Another process cannot keep what it read before the commit.
    child("""
        kept = store()
        assert not kept.keep("kept/page/page/index.html", b"old", ["document:1"], epoch=kept.epoch(), started=time.time())
        assert PageDrop.objects.count() == 1
        starting.prepare()
        assert PageDrop.objects.count() == 0
        keep()
    """)


def test_drop_lost_by_the_disk_is_made_up_before_the_first_page(child, tmp_path):
    page = tmp_path / "pages/kept/page/page/index.html"
    child("table(); starting.prepare(); keep()")
    child("""
        Store.hold = lambda *_: None
        outbox.Carried.__call__ = die
        with transaction.atomic():
            pages.drop("document:1")
    """)
    assert page.exists()
    child("""
        from gongkai.core.pages.front import Front
        Front(None)
        assert PageDrop.objects.count() == 0
    """)
    assert not page.exists()


def test_drop_lost_by_one_process_is_made_up_by_the_worker_of_another(child, tmp_path):
    child("table(); starting.prepare(); keep()")
    child("""
        Store.hold = lambda *_: None
        outbox.Carried.__call__ = die
        with transaction.atomic():
            pages.drop("document:1")
    """)
    child("""
        from django.utils import timezone
        from gongkai.core.pages.periodic import tidy
        tidy(timezone.now())
        assert PageDrop.objects.count() == 0
    """)
    assert not (tmp_path / "pages/kept/page/page/index.html").exists()


def test_dropped_by_another_process(reader, kept, child):
    first = reader.get("/page/").body
    assert reader.get("/page/").body == first
    child("""
        table()
        pages.drop("document:1")
    """)
    assert reader.get("/page/").body != first


def test_killed_while_keeping_leaves_nothing_unknown(child, tmp_path):
    child("table(); starting.prepare()")
    child("""
        from pathlib import Path
        old, done = Path.replace, []
        def replace(self, target):
            old(self, target)
            done.append(target)
            if len(done) == 2:
                die()
        Path.replace = replace
        keep()
    """)
    folder = tmp_path / "pages/kept/page/page"
    assert {path.name for path in folder.iterdir()} == {"index.html.br", "index.html.gz"}
    child("""pages.drop("document:1")""")
    assert not folder.exists()


def test_other_code_or_another_boot_empties_the_folder(child, tmp_path):
    page = tmp_path / "pages/kept/page/page/index.html"
    child("table(); starting.prepare(); keep(); starting.prepare()")
    assert page.exists()
    child("starting.fingerprint = lambda: 'another'; starting.prepare()")
    assert not page.exists()


def test_switched_off_empties_the_folder(child, tmp_path):
    page = tmp_path / "pages/kept/page/page/index.html"
    child("table(); starting.prepare(); keep()")
    child("from django.conf import settings; settings.GONGKAI_PAGES = False; starting.prepare(); pages.drop('x')")
    assert not page.exists()


def test_followed_kinds_are_dropped_by_every_act(kept, monkeypatch):
    from gongkai.core.acts import perform
    from gongkai.core.tests import sample
    from gongkai.core.tests.factories import UnitFactory

    dropped: list[str] = []
    monkeypatch.setattr(outbox, "drop", lambda *tags: dropped.extend(tags))
    pages.follow("sample", lambda case: [f"sample:{case.pk}"])
    try:
        unit = UnitFactory()
        dropped.clear()
        case = perform(sample.OpenSample, None, None, {"title": "一", "unit": unit.pk, "workdays": 5}).case
        assert dropped == [f"sample:{case.pk}", pages.HOME, pages.SITEMAP]
        dropped.clear()
        perform(sample.Begin, case, None, {"words": "办理"})
        assert f"sample:{case.pk}" in dropped
        dropped.clear()
        pages.drop_for_case(case)
        assert dropped == [f"sample:{case.pk}", pages.HOME, pages.SITEMAP]
    finally:
        listeners.forget("sample", pages._after_act)
        pages._tags_of.pop("sample")


def test_name_of_a_unit_changes_every_page(reader, kept):
    from gongkai.core.tests.factories import UnitFactory

    unit = UnitFactory()
    reader.get("/page/")
    unit.short_name = "新名"
    unit.save()
    assert kept.status().pages == 0


def test_store_of_two_objects_on_one_folder(kept):
    other = Store(kept.folder, kept.ceiling)
    assert kept.keep("kept/page/index.html", b"a", ["x"], epoch=kept.epoch(), started=time.time())
    epoch = other.epoch()
    assert other.drop(["x"]) == 1
    assert not kept.keep("kept/page/index.html", b"a", ["x"], epoch=epoch, started=time.time())
    assert kept.keep("kept/page/index.html", b"a", ["x"], epoch=kept.epoch(), started=time.time())
