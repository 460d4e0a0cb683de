"""Keys of the test's own."""

from __future__ import annotations

import base64

import pytest

from gongkai.core.acts import acts
from gongkai.core.privacy import fingerprints, keys
from gongkai.core.privacy.tests import sample


def key(number: int) -> str:
    """The text of a key that is the same in every run."""
    return base64.urlsafe_b64encode(bytes([number]) * 32).decode()


@pytest.fixture
def use_keys(settings):
    """`use_keys(2, 1)`: key 2 seals, key 1 still opens."""

    def use(*numbers: int) -> None:
        settings.GONGKAI_PRIVACY_KEYS = [key(number) for number in numbers]

    use(1)
    return use


@pytest.fixture
def key_file(settings, tmp_path):
    """No key yet, and a data folder of its own to make one in."""
    settings.GONGKAI_PRIVACY_KEYS = []
    settings.GONGKAI_PRIVACY_KEY_FILE = ""
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "files"}},
    }
    return keys.path()


@pytest.fixture(autouse=True)
def _own_act(monkeypatch):
    act = sample.TakePerson()
    monkeypatch.setitem(acts, act.key, act)


@pytest.fixture(autouse=True)
def _no_secret_kept():
    fingerprints.forget()
    yield
    fingerprints.forget()
