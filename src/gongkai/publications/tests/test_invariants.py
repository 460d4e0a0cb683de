"""Whatever people do in whatever order: what is public was approved, by others than its authors, and the log says so."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gongkai.core import transparency
from gongkai.core.acts import ActError, acts, available, perform
from gongkai.core.kinds import kinds
from gongkai.core.models import Membership
from gongkai.core.roles import Role
from gongkai.publications import content, outward
from gongkai.publications.acts.afterwards import validity_due
from gongkai.publications.acts.release import release_due
from gongkai.publications.forms import values_of
from gongkai.publications.models import Publication, PublicDocument, ReviewStep, Version, WithdrawalNote
from gongkai.publications.tests.helpers import draft

PEOPLE = ("officer", "second", "reviewer", "secrecy", "legal", "leader", "supervisor", "both")
NEVER_PUBLIC = {"filed", "withdrawn", "dropped"}


def typed(case: Publication, **more: Any) -> dict[str, Any]:
    shown = {name: value for name, value in values_of(case).items() if value not in (None, False)}
    return {**shown, **more}


class Life(RuleBasedStateMachine):
    """Two or three documents and everybody who may touch them."""

    office: SimpleNamespace

    @initialize()
    def begin(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = timezone.now()
        self.people = [getattr(self.office, name) for name in PEOPLE]
        self.cases: list[int] = []
        self.approved: dict[int, set[str]] = {}
        self.moments: dict[int, list[str]] = {}
        self.write("officer")
        self.write("both", normative="on", effective_on="2026-11-03", document_number="云教发〔2026〕9号")
        self.goes_all_the_way(0)

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def write(self, who: str, **more: Any) -> None:
        self.cases.append(draft(self.office, getattr(self.office, who), **more).pk)

    def case(self, number: int) -> Publication:
        return Publication.objects.get(pk=self.cases[number % len(self.cases)])

    def do(self, act: str, case: Publication, user: Any, data: dict[str, Any] | None = None) -> bool:
        before = case.content_digest
        try:
            perform(act, case, user, data or {}, now=self.now)
        except ActError as problem:
            assert str(problem)  # noqa: PT017
            return False
        self.now += dt.timedelta(minutes=7)
        if act == "publication.approve":
            self.approved.setdefault(case.pk, set()).add(before)
        return True

    # --- what people do ---

    @precondition(lambda self: len(self.cases) < 3)
    @rule(who=st.sampled_from(("officer", "second", "both")), attribute=st.sampled_from(("proactive", "on_request")))
    def writes(self, who: str, attribute: str) -> None:
        more = {"attribute": attribute, "reason": "过程性信息"} if attribute != "proactive" else {}
        self.write(who, document_number="", **more)

    @rule(number=st.integers(0, 2), data=st.data())
    def somebody_does_what_is_offered(self, number: int, data: Any) -> None:
        """Any act that the page offers to anybody, with some values."""
        case = self.case(number)
        offered = [
            (act, user)
            for user in self.people
            for act in available(case, user)
            if act.name not in ("add_files", "add_pictures", "remove_file")
        ]
        if offered:
            act, user = data.draw(st.sampled_from(offered))
            self.do(act.key, case, user, self.filled(act.name, case, data))

    @rule(number=st.integers(0, 2))
    def goes_all_the_way(self, number: int) -> None:
        """From where it stands to its release, if nothing stands against it."""
        for _ in range(7):
            self.goes_the_usual_way(number)

    @rule(number=st.integers(0, 2))
    def goes_the_usual_way(self, number: int) -> None:
        """The next step by whoever has to take it."""
        case = self.case(number)
        if case.state in ("draft", "returned"):
            self.do("publication.submit", case, self.office.officer, {"when": "now", "exception": "试"})
        elif case.state == "review":
            by = {"content": "reviewer", "secrecy": "secrecy", "legal": "legal", "approval": "leader"}
            name = "approve" if case.review_purpose == "approval" else "pass"
            for who in (by[case.review_purpose], "both"):
                if self.do(f"publication.{name}", case, getattr(self.office, who)):
                    break
        elif case.state == "approved":
            self.do("publication.release", case, self.office.officer)

    @rule(
        number=st.integers(0, 2),
        name=st.sampled_from(sorted(n for n in acts if n.startswith("publication."))),
        who=st.sampled_from(PEOPLE),
        data=st.data(),
    )
    def tries_anything(self, number: int, name: str, who: str, data: Any) -> None:
        """Any act at all, offered or not: refused in words, or fine."""
        if acts[name].creates or name.endswith(("add_files", "add_pictures", "file_checked")):
            return
        case = self.case(number)
        user = getattr(self.office, who)
        was_offered = acts[name] in available(case, user)
        done = self.do(name, case, user, self.filled(name.partition(".")[2], case, data))
        assert was_offered or not done, f"{who} did {name} in {case.state}"

    def filled(self, name: str, case: Publication, data: Any) -> dict[str, Any]:
        """Values for the act's form, often good ones."""

        def day(least: int, most: int) -> str:
            ahead = dt.timedelta(days=data.draw(st.integers(least, most)))
            return (timezone.localdate(self.now) + ahead).isoformat()

        later = self.now + dt.timedelta(hours=data.draw(st.integers(1, 60)))
        if name == "edit":
            more = data.draw(
                st.sampled_from(
                    (
                        {},
                        {"title": "改过的标题"},
                        {"body": "<p>改过的正文。</p>"},
                        {"attribute": "withheld", "ground": "X16b", "reason": "讨论稿"},
                        {"attribute": "proactive"},
                        {"expires_on": "2027-01-05"},
                        {"summary": "电话13812345678"},
                    )
                )
            )
            return typed(case, **more)
        return {
            "submit": {
                "when": data.draw(st.sampled_from(("now", "later", "timed"))),
                "release_at": f"{timezone.localtime(later):%Y-%m-%dT%H:%M}",
                "exception": "试",
            },
            "schedule": {"release_at": f"{timezone.localtime(later):%Y-%m-%dT%H:%M}"},
            "withdraw": {"reason": "内容有误。"},
            "amend": {"reason": "内容调整。"},
            "return": {"reason": "请改正。"},
            "drop": {"reason": "不再需要。"},
            "change_validity": {
                "validity": data.draw(st.sampled_from(("repealed", "amended", "valid"))),
                "day": day(-5, 40),
            },
            "extend_validity": {"until": day(1, 9000), "reason": "评估后延长。"},
            "review_attribute": {
                "attribute": data.draw(st.sampled_from(("proactive", "on_request"))),
                "reason": "复查。",
            },
            "relate": {
                "relation": "repeals",
                "target": data.draw(st.sampled_from(("云教发〔2026〕9号", "外面的文件"))),
                "outside": data.draw(st.sampled_from(("on", ""))),
            },
            "mask": {"hits": [hit.pk for hit in case.hits.filter(resolution="")]},
            "overrule": {"hits": [hit.pk for hit in case.hits.filter(resolution="")], "reason": "可以公开。"},
            "unrelate": {"link": getattr(case.relations_from.first(), "pk", "")},
        }.get(name, {"words": "好", "reason": "好"})

    @rule(hours=st.integers(1, 900))
    def time_passes(self, hours: int) -> None:
        """The system's own work; a second run at the same moment finds nothing to do."""
        self.now += dt.timedelta(hours=hours)
        release_due(self.now)
        assert release_due(self.now) == 0
        validity_due(self.now)
        assert validity_due(self.now) == 0
        today = timezone.localdate(self.now)
        for row in PublicDocument.objects.filter(pk__in=self.cases):
            assert row.validity == outward.validity_of(row, today)

    # --- what has to hold ---

    @invariant()
    def everything_fits(self) -> None:
        if not hasattr(self, "cases"):
            return
        rows = {row.pk: row for row in PublicDocument.objects.select_related("version")}
        for case in Publication.objects.filter(pk__in=self.cases).prefetch_related("versions", "clocks"):
            row = rows.get(case.pk)
            self.public_as_approved(case, row)
            self.decided_by_others(case)
            self.told_by_the_log(case, row)
            for clock in case.clocks.all():
                assert clock.due_at is None or clock.started_at is None or clock.due_at >= clock.started_at
                assert clock.stopped_at is None or clock.started_at is None or clock.stopped_at >= clock.started_at
            if not kinds[case.kind].states[case.state].open:
                assert not case.clocks.filter(state__in=["running", "paused", "waiting"]).exists(), case.state
        numbers = [n for n in Publication.objects.values_list("index_number", flat=True) if n]
        assert len(numbers) == len(set(numbers))

    def public_as_approved(self, case: Publication, row: PublicDocument | None) -> None:
        assert (row is not None) == (case.current_version_id is not None), case.state
        assert row is not None or case.state != "published"
        assert row is None or case.state not in NEVER_PUBLIC, case.state
        note = WithdrawalNote.objects.filter(publication=case.pk).first()
        assert (note is not None) == (row is None and case.version_count > 0)
        assert note is None or note.reason
        versions = sorted(version.number for version in case.versions.all())
        assert versions == list(range(1, case.version_count + 1))
        for version in case.versions.all():
            # A normative document's usual term is worked out at release and is no part of what was approved.
            assert case.normative or version.digest in self.approved.get(case.pk, set())
        if row is not None:
            assert row.version_id == case.current_version_id
            assert row.version.public
            assert row.title == row.version.title
            assert row.version.attribute == "proactive"
        else:
            assert not Version.objects.filter(publication=case.pk, public=True).exists()
        assert case.content_digest == content.digest(content.reviewed(case))

    def decided_by_others(self, case: Publication) -> None:
        now = ReviewStep.objects.filter(publication=case.pk, round=case.round).exclude(decision="")
        if case.state in ("review", "approved", "scheduled"):
            assert not set(now.exclude(decision="returned").values_list("by", flat=True)) & set(case.authors)
        if case.state == "review":
            assert case.review_purpose
            assert case.turn_unit_id

    def told_by_the_log(self, case: Publication, row: PublicDocument | None) -> None:
        told = [entry.decoded.act for entry in transparency.entries_of(outward.subject_of(case))]
        releases = [name for name in told if name in ("published", "amended")]
        assert len(releases) == case.version_count, told
        assert releases == ["published", *["amended"] * (len(releases) - 1)][: len(releases)]
        public = False
        for name in told:
            public = {"published": True, "amended": True, "withdrawn": False}.get(name, public)
        assert public == (row is not None), told


@pytest.mark.django_db
@pytest.mark.duty("001-14a", "001-14b", "001-14c")
def test_no_order_of_acts_makes_public_what_was_not_approved(office):
    from gongkai.core.tests.factories import UserFactory

    office.both = UserFactory(roles=[(Role.OFFICER, office.unit)], post="科长")
    for role in (Role.REVIEWER, Role.LEADER):
        Membership.objects.create(user=office.both, unit=office.unit, role=role)
    Life.office = office
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=6,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
