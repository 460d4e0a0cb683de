"""Uploads that nobody sent."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from gongkai.core import attachments
from gongkai.core.models import Attachment
from gongkai.core.tests.factories import UserFactory


@pytest.mark.django_db
def test_uploads_of_forgotten_drafts_are_cleared_and_shared_files_stay(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}},
    }
    person = UserFactory()
    old, shared = attachments.keep(b"old"), attachments.keep(b"shared")
    for name, kept, owner in (("a.txt", old, person), ("b.txt", shared, person), ("c.txt", shared, None)):
        Attachment.objects.create(name=name, digest=kept.digest, size=3, content_type="text/plain", draft_of=owner)
    later = timezone.now() + dt.timedelta(days=31)
    assert attachments.forget_drafts(later) == 2
    assert list(Attachment.objects.values_list("name", flat=True)) == ["c.txt"]
    assert not attachments.path_of(old.digest).exists()
    assert attachments.path_of(shared.digest).exists()
