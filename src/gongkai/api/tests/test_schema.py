"""Whatever is sent to the interface: no error page, and answers as the description says, with and without a token."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from gongkai.api.application import api
from gongkai.config.wsgi import application
from gongkai.core.machine import tokens
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UserFactory
from gongkai.publications.tests.conftest import office  # noqa: F401  a fixture
from gongkai.publications.tests.helpers import draft, through

pytestmark = pytest.mark.django_db
BOUNDED = settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
CHECKS = (not_a_server_error, response_schema_conformance, status_code_conformance)


def described() -> Any:
    """The description as machines read it."""
    raw = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    loaded = schemathesis.openapi.from_dict(raw)
    loaded.app = application
    return loaded


OPERATIONS = [found.ok() for found in described().get_all_operations()]


@pytest.fixture(autouse=True)
def one_connection():
    """The server closes its connection after each request; the test's own one stays open."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def world(office):  # noqa: F811
    """A public document, a withheld one that waits for filing, a draft; and the bearers of tokens."""
    through(draft(office), office)
    through(draft(office, document_number="云教发〔2026〕9号", attribute="on_request", reason="过程性信息"), office)
    account = UserFactory(roles=[(Role.OFFICER, office.unit)], post="办公系统")
    stranger = UserFactory(post="无任职")
    return {
        "every scope": tokens.issue(None, "全部", account, sorted(tokens.scopes))[1],
        "no office": tokens.issue(None, "无任职", stranger, sorted(tokens.scopes))[1],
        "other scope": tokens.issue(None, "只备案", account, ["filing"])[1],
        "unknown": "gk_没有这个\x00",
        "none": "",
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_every_operation_answers_as_described(world, office, operation):  # noqa: F811
    known = {
        "number": [case.number for case in _cases()] + list(_filings()),
        "unit": [office.unit.code],
    }

    @BOUNDED
    @given(operation.as_strategy(), st.sampled_from(sorted(world)), st.data())
    def ask(case: Any, bearer: str, data: Any) -> None:
        for name in list(case.path_parameters or {}):
            if name in known and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        if isinstance(case.body, dict) and data.draw(st.booleans()):
            case.body.update(
                data.draw(
                    st.fixed_dictionaries(
                        {},
                        optional={
                            "unit": st.just(office.unit.code),
                            "attribute": st.sampled_from(["proactive", "on_request", "withheld"]),
                            "made_on": st.dates(dt.date(1, 1, 1)).map(dt.date.isoformat),
                            "expires_on": st.dates(dt.date(1, 1, 1)).map(dt.date.isoformat),
                            "source_key": st.sampled_from(["1", "\x00", "甲" * 120]),
                            "title": st.text(min_size=1, max_size=300),
                            "exception": st.just("试"),
                            "submit": st.booleans(),
                        },
                    )
                )
            )
        token = world[bearer].encode("utf-8").decode("latin-1")
        headers = {"Authorization": f"Bearer {token}"} if token and "\x00" not in token else {}
        try:
            case.call_and_validate(checks=CHECKS, headers=headers)
        except UnicodeEncodeError:
            return

    ask()


def _cases() -> Any:
    from gongkai.publications.models import Publication

    return Publication.objects.all()


def _filings() -> Any:
    from gongkai.publications.filing.models import Filing

    return Filing.objects.values_list("number", flat=True)
