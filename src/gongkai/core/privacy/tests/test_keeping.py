"""Keys are changed while data stays; personal data ends when its time is over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from gongkai.core import attachments, jurisdiction
from gongkai.core.models import ActDraft, Attachment, Case, Event, JurisdictionSetting, Letter
from gongkai.core.privacy import Tampered, fingerprint, inventory, keys, retention, rotation
from gongkai.core.privacy.models import Erasure, Secret
from gongkai.core.privacy.tests.test_acts import NAME, every_cell, files, take
from gongkai.workbench.tests.conftest import sign_in, world

__all__ = ["sign_in", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_file")]


def test_changing_keys_seals_everything_anew_and_goes_on_where_it_stopped(world, monkeypatch, key_file):
    take(world.open(), world, **files())
    sign = fingerprint("13800138000")
    old = keys.ring().current
    before = inventory.in_use()
    assert set(before) == {old.name}
    new = keys.add_new()
    monkeypatch.setattr(rotation, "BATCH", 1)

    def stop(words, number):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(stop)
    assert inventory.in_use()[new.name] >= 1
    assert inventory.in_use()[old.name] >= 1
    done = rotation.rotate()
    assert done["files"] == 3
    assert inventory.in_use() == {new.name: before[old.name]}
    assert rotation.rotate() == {"values": 0, "files": 0}
    # The old key may go, and nothing is lost.
    text = key_file.read_text(encoding="utf-8").replace(f"{old.text}\n", "")
    key_file.write_text(text, encoding="utf-8")
    assert [key.name for key in keys.ring().keys] == [new.name]
    assert Attachment.objects.get(name="加密材料.pdf").own_name == f"{NAME}身份证.pdf"
    assert Letter.objects.get().words["name"] == NAME
    for file in Attachment.objects.all():
        assert attachments.load(file.digest)
    assert fingerprint("13800138000") == sign


def test_a_changed_value_stops_the_change_of_keys(world):
    Secret.objects.create(name="one", value="x")
    Secret.objects.filter(name="one").update(value=_forged())
    keys.add_new()
    with pytest.raises(Tampered):
        rotation.rotate()


def _forged():
    from gongkai.core.privacy.fields import Sealed

    field = Secret._meta.get_field("value")
    token = field.get_prep_value("x")
    return Sealed(token[:-1] + bytes([token[-1] ^ 1]), field)


@pytest.fixture
def rule(monkeypatch):
    erased = []
    rule = retention.Rule(
        due=lambda cutoff: Case.objects.filter(kind="sample", closed_at__lt=cutoff),
        erase=lambda case: erased.append(case.pk),
    )
    monkeypatch.setitem(retention.rules, "sample", rule)
    return erased


def closed(world, years: int) -> Case:
    case = world.open()
    take(case, world, **files())
    at = timezone.now() - dt.timedelta(days=365 * years + 10)
    Case.objects.filter(pk=case.pk).update(state="done", closed_at=at, closed_month=f"{at:%Y-%m}")
    return case


def test_what_was_kept_long_enough_is_erased(world, rule, sign_in):
    old, young = closed(world, 10), closed(world, 9)
    ActDraft.objects.create(user=world.people["officer"], case=old, act="sample.finish", private={"name": [NAME]})
    assert retention.run(timezone.now()) == 1
    assert rule == [old.pk]
    assert not old.attachments.exclude(erased_at=None).filter(private_name__isnull=False).exists()
    letter, kept = old.letters.get(), young.letters.get()
    assert (letter.private_fields, letter.words) == (None, letter.fields)
    assert not attachments.path_of(letter.digest).exists()
    assert kept.words["name"] == NAME
    assert attachments.load(kept.digest)
    # The same scan came with the younger case: it stays for that one.
    scan = old.attachments.get(name="加密材料.pdf")
    assert scan.own_name == "加密材料.pdf"
    assert attachments.path_of(scan.digest).exists()
    assert not ActDraft.objects.filter(case=old).exists()
    record = Erasure.objects.get()
    assert (record.case_id, record.files, record.basis) == (old.pk, 3, "办结满10年")
    assert Event.objects.get(act="privacy.erase").summary.startswith(old.number)
    response = sign_in("officer").get(scan.get_absolute_url())
    assert response.status_code == 403
    assert "已按保存期限删除" in response.content.decode()
    # Once only; and the setting decides.
    assert retention.run(timezone.now()) == 0
    JurisdictionSetting.objects.create(key=retention.SETTING, value=9)
    from django.core.cache import cache

    cache.clear()
    assert jurisdiction.value(retention.SETTING) == 9
    assert retention.run(timezone.now()) == 1
    assert not attachments.path_of(scan.digest).exists()
    assert NAME.encode() not in every_cell()


def test_open_cases_stay_and_a_fault_is_told(world, rule, monkeypatch):
    opened = world.open()
    take(opened, world, **files())
    assert retention.run(timezone.now()) == 0
    broken, sound = closed(world, 11), closed(world, 10)

    def erase(case):
        if case.pk == broken.pk:
            raise RuntimeError("in the middle")

    monkeypatch.setitem(retention.rules, "sample", retention.Rule(retention.rules["sample"].due, erase))
    with pytest.raises(RuntimeError, match="1件"):
        retention.run(timezone.now())
    assert [record.case_id for record in Erasure.objects.all()] == [sound.pk]
    assert broken.letters.get().words["name"] == NAME


def test_the_day_of_the_cutoff():
    now = timezone.make_aware(dt.datetime(2028, 2, 29, 3, 0))
    assert retention.cutoff(now).date() == dt.date(2018, 2, 28)
