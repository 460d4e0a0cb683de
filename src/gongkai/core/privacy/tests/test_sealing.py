"""What is sealed opens only whole, in its place, and with its key."""

from __future__ import annotations

import io
import os
import stat

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection
from django.utils import timezone

from gongkai.core import attachments
from gongkai.core.models import Attachment
from gongkai.core.privacy import KeyFault, Tampered, fingerprint, fingerprints, inventory, keys, sealing
from gongkai.core.privacy.fields import SAID
from gongkai.core.privacy.models import Secret
from gongkai.core.privacy.tests.conftest import key

pytestmark = pytest.mark.usefixtures("use_keys")
NAME = "陆文澜"


def test_a_value_opens_in_its_place_only(use_keys):
    token = sealing.seal(NAME.encode(), "a.b")
    assert NAME.encode() not in token
    assert sealing.seal(NAME.encode(), "a.b") != token
    assert sealing.unseal(token, "a.b").decode() == NAME
    with pytest.raises(Tampered):
        sealing.unseal(token, "a.c")
    for place in (0, 9, len(token) - 1):
        changed = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        with pytest.raises((Tampered, KeyFault)):
            sealing.unseal(changed, "a.b")
    with pytest.raises(Tampered):
        sealing.unseal(token[:20], "a.b")
    use_keys(2)
    with pytest.raises(KeyFault, match="本机没有这个密钥"):
        sealing.unseal(token, "a.b")
    use_keys(2, 1)
    assert sealing.unseal(token, "a.b").decode() == NAME


@pytest.mark.parametrize("size", [0, 1, sealing.PIECE - 1, sealing.PIECE, sealing.PIECE + 1, 3 * sealing.PIECE])
def test_files_of_every_size(size):
    data = os.urandom(size)
    held = sealing.seal_file(data, "d" * 64)
    assert sealing.unseal_file(held, "d" * 64) == data
    assert size < 16 or data[:16] not in held
    with pytest.raises(Tampered):
        sealing.unseal_file(held, "e" * 64)
    with pytest.raises(Tampered):
        sealing.unseal_file(held + b"x", "d" * 64)


def test_pieces_cannot_be_dropped_or_moved():
    data = os.urandom(3 * sealing.PIECE)
    held = sealing.seal_file(data, "d")
    step = sealing.PIECE + sealing.TAG
    head, pieces = held[: sealing.HEAD], [held[sealing.HEAD + n * step :][:step] for n in range(3)]
    for wrong in (pieces[:2], pieces[1:], [pieces[1], pieces[0], pieces[2]], []):
        with pytest.raises(Tampered):
            sealing.unseal_file(head + b"".join(wrong), "d")
    cut = sealing.pieces_of(io.BytesIO(head + b"".join(pieces[:2])), "d")
    assert next(cut) == data[: sealing.PIECE], "what is given out was proven"
    with pytest.raises(Tampered):
        next(cut)


@pytest.mark.django_db
def test_a_column_is_sealed_in_the_database_and_opens_when_read():
    row = Attachment.objects.create(name="加密材料.pdf", digest="a" * 64, size=1, private_name=NAME)
    assert row.private_name == NAME
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_name FROM core_attachment WHERE id = %s", [row.pk])
        stored = bytes(cursor.fetchone()[0])
    assert NAME.encode() not in stored
    read = Attachment.objects.get(pk=row.pk)
    assert str(read.__dict__["private_name"]) == SAID, "not opened before it is asked for"
    read.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_name FROM core_attachment WHERE id = %s", [row.pk])
        assert bytes(cursor.fetchone()[0]) == stored, "what nobody opened goes back as it came"
    assert read.own_name == NAME
    read.private_name = "另一个名字"
    read.save()
    assert Attachment.objects.defer("private_name").get(pk=row.pk).private_name == "另一个名字"
    listed = Attachment.objects.values_list("private_name", flat=True).get(pk=row.pk)
    assert f"{listed} {listed!r}" == f"{SAID} {SAID}"
    assert listed.open() == "另一个名字"
    with pytest.raises(FieldError):
        Attachment.objects.filter(private_name="另一个名字")
    assert Attachment.objects.filter(private_name__isnull=True).count() == 0
    assert "另一个名字" not in serializers.serialize("json", Attachment.objects.all())


def test_what_migrations_give_to_old_rows_is_empty():
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

    from gongkai.core.privacy.fields import Sealed, SealedJSONField, SealedTextField

    for field, empty in (
        (SealedTextField(blank=True, context="a"), ""),
        (SealedJSONField(blank=True, context="b"), {}),
    ):
        given = field.get_prep_value(BaseDatabaseSchemaEditor._effective_default(field))
        assert Sealed(given, field).open() == empty


@pytest.mark.django_db
def test_a_value_copied_into_another_column_does_not_open():
    secret = Secret.objects.create(name="one", value=NAME)
    row = Attachment.objects.create(name="x", digest="a" * 64, size=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_attachment SET private_name = (SELECT value FROM privacy_secret WHERE id = %s) WHERE id = %s",
            [secret.pk, row.pk],
        )
    with pytest.raises(Tampered, match="不在原来的位置"):
        _ = Attachment.objects.get(pk=row.pk).private_name


@pytest.mark.django_db
def test_fingerprints_find_the_same_number_again(use_keys):
    one = fingerprint("11010519491231002x", "identity")
    assert len(one) == 64
    assert one == fingerprint("１１０１０５ 19491231-002X", "identity")
    assert one != fingerprint("11010519491231002X", "phone")
    assert fingerprint("13800138000") == fingerprint("+86 138-0013-8000") == fingerprint("008613800138000")
    assert fingerprint("") == fingerprint(" ") == ""
    # The secret itself lies sealed, and a change of keys leaves the fingerprints as they were.
    use_keys(2, 1)
    fingerprints.forget()
    assert fingerprint("11010519491231002X", "identity") == one
    Secret.objects.all().delete()
    assert fingerprint("11010519491231002X", "identity") != one


@pytest.mark.django_db(transaction=True)
def test_the_secret_of_fingerprints_is_kept_only_when_it_is_in_the_database():
    from django.db import transaction

    with transaction.atomic():
        fingerprint("13800138000")
        transaction.set_rollback(True)
    assert fingerprints._secret is None
    fingerprint("13800138000")
    assert fingerprints._secret is not None


@pytest.mark.django_db
def test_the_key_file_is_made_once_and_closed_to_others(key_file):
    assert not key_file.exists()
    token = sealing.seal(b"x", "a.b")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert sealing.unseal(token, "a.b") == b"x"
    first = keys.ring().current
    second = keys.add_new()
    assert keys.ring().current == second
    assert sealing.unseal(token, "a.b") == b"x", "the older key still opens"
    assert [k.name for k in keys.ring().keys] == [second.name, first.name]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


@pytest.mark.django_db
def test_of_two_that_begin_at_once_the_second_takes_the_key_of_the_first(key_file, monkeypatch):
    def sealed_by_the_other():
        keys.add_new()
        return True

    monkeypatch.setattr("gongkai.core.privacy.inventory.anything_sealed", sealed_by_the_other)
    token = sealing.seal(b"x", "a.b")
    assert sealing.unseal(token, "a.b") == b"x"
    assert len(keys.ring().keys) == 1


@pytest.mark.django_db
def test_a_lost_key_file_is_not_replaced_by_a_new_key(key_file):
    Secret.objects.create(name="one", value=NAME)
    key_file.unlink()
    with pytest.raises(KeyFault, match="不见了"):
        sealing.seal(b"x", "a.b")
    assert not key_file.exists()
    with pytest.raises(KeyFault, match="不见了"):
        _ = Secret.objects.get().value


@pytest.mark.django_db
def test_a_lost_key_file_is_noticed_by_sealed_files_too(key_file):
    attachments.keep(b"secret", sealed=True)
    key_file.unlink()
    with pytest.raises(KeyFault):
        attachments.keep(b"another", sealed=True)


def test_bad_keys_are_told_in_words(settings, tmp_path):
    settings.GONGKAI_PRIVACY_KEYS = ["short"]
    with pytest.raises(KeyFault, match="GONGKAI_PRIVACY_KEYS"):
        keys.ring()
    settings.GONGKAI_PRIVACY_KEYS = []
    settings.GONGKAI_PRIVACY_KEY_FILE = str(tmp_path / "none")
    with pytest.raises(KeyFault, match="GONGKAI_PRIVACY_KEY_FILE"):
        keys.ring()
    (tmp_path / "none").write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(KeyFault, match="空的"):
        keys.ring()
    (tmp_path / "none").write_text(f"# two\n{key(3)}\n{key(4)}\n", encoding="utf-8")
    assert len(keys.ring().keys) == 2


@pytest.mark.django_db
def test_sealed_files_keep_their_address_and_load_plainly(key_file):
    data = b"%PDF-1.7 " + os.urandom(200_000)
    kept = attachments.keep(data, sealed=True)
    place = attachments.path_of(kept.digest)
    raw = place.read_bytes()
    assert sealing.is_sealed(raw)
    assert data[100:140] not in raw
    assert attachments.load(kept.digest) == data
    assert b"".join(attachments.stream(kept.digest)) == data
    assert attachments.keep(data) == kept
    assert place.read_bytes() == raw, "what is sealed stays sealed"
    place.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(Tampered):
        attachments.load(kept.digest)
    plain = attachments.keep(b"plain first")
    attachments.keep(b"plain first", sealed=True)
    assert attachments.is_sealed(plain.digest)
    assert attachments.load(plain.digest) == b"plain first"
    odd = attachments.keep(sealing.MAGIC + b"a text that begins like a sealed file")
    assert attachments.load(odd.digest).endswith(b"sealed file")


@pytest.mark.django_db
def test_the_inventory_counts_by_key(key_file):
    Secret.objects.create(name="one", value=NAME)
    attachments.keep(b"secret", sealed=True)
    assert inventory.in_use() == {keys.ring().current.name: 2}
    assert len(list(inventory.samples())) == 2
    assert timezone.now()
