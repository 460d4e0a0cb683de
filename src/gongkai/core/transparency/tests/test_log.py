"""Recording, ordering, signing: nothing lost, nothing twice, nothing signed that contradicts what was signed."""

from __future__ import annotations

import hashlib
import json
import stat

import pytest
from django.db import connection, transaction

from gongkai.core import audit, transparency
from gongkai.core.transparency import anchors, keys, queries, sequencer
from gongkai.core.transparency.models import LogCheckpoint, LogEntry, LogFile
from gongkai.core.transparency.tests.conftest import NOON
from gongkai.proof import merkle
from gongkai.proof.client import Log
from gongkai.proof.leaf import Leaf

pytestmark = pytest.mark.django_db
PDF = hashlib.sha256(b"a file").hexdigest()


def reader() -> Log:
    return Log(sequencer.store().read, keys.verifier())


def held() -> list[Leaf]:
    """Everything that the signed log holds, every hash checked."""
    log = reader()
    checkpoint, _ = log.checkpoint()
    return [Leaf.decode(entry) for _, entry in log.entries(checkpoint)]


def test_an_act_is_recorded_with_it_or_not_at_all(publish, bureau, sequence):
    def fails() -> None:
        with transaction.atomic():
            transparency.record(None, act="published", subject="YX-1", unit=bureau, at=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert not LogEntry.objects.exists()
    publish(content={"title": "通知", "body": "正文"}, files=[("某人的处罚.pdf", PDF)], address="/gongkai/1/")
    sequence()
    (leaf,) = held()
    assert (leaf.act, leaf.subject, leaf.unit, leaf.version) == ("published", "YX-2026-0001", "云溪区教育局", 1)
    assert [file.name for file in leaf.files] == ["附件1.pdf"]
    # Nothing but digests and public names: not the words, not the file's own name, not the address.
    raw = LogEntry.objects.get().leaf
    assert "正文" not in raw
    assert "某人" not in raw
    assert "/gongkai/" not in raw


@pytest.mark.django_db(transaction=True)
def test_recording_outside_an_act_is_refused(log):
    with pytest.raises(RuntimeError, match="transaction"):
        transparency.record_many([])


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "renamed"},
        {"subject": ""},
        {"subject": "x" * 201},
        {"files": [("a.pdf", "no digest")]},
        {"act": "withdrawn", "files": [("a.pdf", PDF)]},
        {"detail": "old"},
        {"at": None},
        {"unit": None},
    ],
)
def test_what_makes_no_sense_is_refused(publish, wrong):
    with pytest.raises(ValueError, match=r"."):
        publish(**wrong)
    assert not LogEntry.objects.exists()


def test_versions_count_on_by_themselves(publish):
    versions = [
        publish(act).version
        for act in ("published", "amended", "validity_changed", "withdrawn", "published", "withdrawn")
    ]
    assert versions == [1, 2, 2, 2, 3, 3]
    assert publish(subject="other", version=7).version == 7
    assert publish("amended", subject="other").version == 8


def test_very_many_files_are_told_in_several_leaves(publish, sequence):
    publish(files=[(f"{n}.pdf", hashlib.sha256(str(n).encode()).hexdigest()) for n in range(450)])
    sequence()
    assert [len(leaf.files) for leaf in held()] == [200, 200, 50]
    assert {leaf.version for leaf in held()} == {1}
    last = hashlib.sha256(b"449").hexdigest()
    assert queries.find(last)[0].standing.state == "current"
    assert queries.find(hashlib.sha256(b"0").hexdigest())[0].standing.state == "current"


def test_the_log_grows_and_every_checkpoint_stays_true(many, sequence):
    log, seen = reader(), []
    for number in (1, 3, 251, 1, 300, 2):
        many(number, f"r{len(seen)}")
        assert sequence() == number
        checkpoint, _ = log.checkpoint()
        assert LogEntry.objects.filter(position__isnull=False).count() == checkpoint.size
        for old in seen:
            log.prove_consistency(old, checkpoint)
        seen.append(checkpoint)
    assert [checkpoint.size for checkpoint in seen] == [1, 4, 255, 256, 556, 558]
    assert len(held()) == 558
    entry = LogEntry.objects.get(position=400)
    log.prove_inclusion(400, entry.leaf.encode(), seen[-1])
    assert queries.inclusion(entry).holds
    assert sequence() == 0
    assert LogCheckpoint.objects.count() == 6


def test_a_run_that_was_cut_off_is_finished_by_the_next(many, sequence, log, monkeypatch):
    many(300)
    sequence()
    many(300, "later")

    def cut(*arguments):
        raise KeyboardInterrupt

    # Killed after positions were given, before any tile was written.
    with monkeypatch.context() as patch:
        patch.setattr(sequencer.Store, "extend", cut)
        with pytest.raises(KeyboardInterrupt):
            sequence()
    # Killed after tiles were written, before the head was signed.
    with monkeypatch.context() as patch:
        patch.setattr(sequencer.keys.Signer, "sign", cut)
        with pytest.raises(KeyboardInterrupt):
            sequence()
    assert LogCheckpoint.objects.first().size == 300
    assert sequence() == 0
    assert len(held()) == 600
    # Killed after signing, before the checkpoint was shown.
    (log / "checkpoint").write_text(LogCheckpoint.objects.get(size=300).note, encoding="utf-8")
    sequence()
    assert reader().checkpoint()[0].size == 600


def test_lost_tiles_are_written_anew(many, sequence, log):
    many(300)
    sequence()
    before = {path: path.read_bytes() for path in log.rglob("*") if path.is_file()}
    for path in before:
        if path.name not in ("checkpoint", ".lock"):
            path.unlink()
    many(1, "next")
    sequence()
    assert len(held()) == 301
    assert all(path.read_bytes() == data for path, data in before.items() if path.name in ("000", "checkpoint.old"))


def test_an_altered_entry_stops_the_signing(many, sequence, log):
    many(5)
    sequence()
    row = LogEntry.objects.get(position=2)
    LogEntry.objects.filter(pk=row.pk).update(leaf=row.leaf.replace("M-2", "M-9"))
    # The tiles are gone too: whoever altered the database cannot have them made to fit.
    for path in log.rglob("tile/**/*"):
        if path.is_file():
            path.unlink()
    many(1, "next")
    with pytest.raises(sequencer.LogFault, match="改动"):
        sequence()
    assert LogCheckpoint.objects.first().size == 5


def test_an_older_database_is_not_signed(many, sequence):
    many(5)
    sequence()
    LogFile.objects.all().delete()
    LogCheckpoint.objects.all().delete()
    LogEntry.objects.filter(position__gte=3)._raw_delete("default")
    with pytest.raises(sequencer.LogFault, match="备份"):
        sequence()
    assert not LogCheckpoint.objects.exists()


def test_another_key_is_not_used(many, sequence, settings):
    many(2)
    sequence()
    keys.path().unlink()
    many(1, "next")
    with pytest.raises(sequencer.LogFault, match="密钥"):
        sequence()
    settings.GONGKAI_LOG_KEY = "/nowhere/key"
    with pytest.raises(keys.KeyFault, match="GONGKAI_LOG_KEY"):
        keys.signer()


def test_the_key_is_made_once_and_kept_secret(log):
    first = keys.signer()
    assert first.name == "gk.yunxi.example/tlog"
    assert keys.signer() == first
    assert stat.S_IMODE(keys.path().stat().st_mode) == 0o600
    keys.path().write_text("spoiled")
    with pytest.raises(keys.KeyFault, match="损坏"):
        keys.signer()


def test_two_sequencers_do_not_work_at_once(many, sequence):
    many(3)
    if connection.vendor == "sqlite":
        with sequencer.alone() as mine:
            assert mine
            assert sequence() == 0
            assert LogEntry.objects.filter(position__isnull=True).count() == 3
    assert sequence() == 3


def test_the_worker_puts_acts_in_order(publish):
    from gongkai.core import schedule

    publish()
    assert schedule.jobs["sequence-log"].run(NOON) == 1
    assert schedule.jobs["anchor-audit"].run(NOON) is False
    assert len(held()) == 1


def test_entries_are_never_changed_or_deleted(publish):
    entry = publish()
    with pytest.raises(RuntimeError):
        entry.save()
    with pytest.raises(RuntimeError):
        entry.delete()


def test_a_withdrawn_file_and_an_older_version_say_so(publish, sequence):
    new = hashlib.sha256(b"a newer file").hexdigest()
    publish(files=[("正文.pdf", PDF)], address="/gongkai/1/")
    assert queries.find(PDF)[0].standing.state == "current"
    publish("amended", files=[("正文.pdf", new)], address="/gongkai/1/")
    found = queries.find(PDF)[0]
    assert (found.standing.state, found.entry.version, found.last.version) == ("older", 1, 2)
    assert queries.find(new)[0].standing.state == "current"
    assert queries.find(new)[0].address == "/gongkai/1/"
    publish("withdrawn")
    assert queries.find(new)[0].standing.state == "withdrawn"
    assert queries.find(new)[0].address == ""
    assert queries.find(hashlib.sha256(b"unknown").hexdigest()) == []


def test_finding_takes_few_queries(publish, django_assert_num_queries):
    for n in range(12):
        publish(subject=f"S-{n}", files=[("正文.pdf", PDF)])
    with django_assert_num_queries(2):
        assert len(queries.find(PDF)) == 12


def test_a_rewritten_audit_chain_shows(bureau, sequence):
    audit.note("test.note", "记录", None, summary="一")
    audit.seal()
    assert anchors.anchor(NOON)
    assert not anchors.anchor(NOON)
    sequence()
    assert [leaf.act for leaf in held()] == ["audit_anchored"]
    assert "一" not in json.dumps([leaf.subject for leaf in held()], ensure_ascii=False)
    assert anchors.verify() == ""
    # Somebody with all rights on the database writes the event and the whole chain anew.
    from gongkai.core.models import AuditLink, Event

    event = Event.objects.get()
    event.summary = "二"
    digest = audit.digest(event)
    Event.objects.filter(pk=event.pk).update(summary="二", digest=digest)
    AuditLink.objects.update(digest=digest, chain=audit.chained(audit.START, digest))
    assert audit.verify().intact
    assert "第0号存证" in anchors.verify()


def test_roots_are_those_of_the_definition(many, sequence):
    many(7)
    sequence()
    hashes = [merkle.leaf_hash(leaf.encode()) for leaf in held()]
    pairs = [merkle.node_hash(hashes[i], hashes[i + 1]) for i in (0, 2, 4)]
    root = merkle.node_hash(merkle.node_hash(pairs[0], pairs[1]), merkle.node_hash(pairs[2], hashes[6]))
    assert LogCheckpoint.objects.get().root == root.hex()
