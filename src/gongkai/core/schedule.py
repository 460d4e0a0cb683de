"""Periodic work: a table of jobs, each run by one worker at a time, late runs made up once."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from gongkai.core.models import PeriodicRun

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of periodic work; `at` is a local time of day for daily jobs."""

    name: str
    run: Callable[[dt.datetime], object]
    every: dt.timedelta
    at: dt.time | None = None

    def next_after(self, now: dt.datetime) -> dt.datetime:
        """When it runs next."""
        if self.at is None:
            return now + self.every
        local = timezone.localtime(now)
        moment = timezone.make_aware(dt.datetime.combine(local.date(), self.at))
        return moment if moment > now else moment + dt.timedelta(days=1)


jobs: dict[str, Job] = {}


def every(name: str, *, seconds: int = 0, minutes: int = 0, daily_at: dt.time | None = None):
    """Register a function `f(now)` as periodic work."""

    def decorate(function: Callable[[dt.datetime], object]):
        step = dt.timedelta(days=1) if daily_at else dt.timedelta(seconds=seconds, minutes=minutes)
        jobs[name] = Job(name, function, step, daily_at)
        return function

    return decorate


def run_due(now: dt.datetime | None = None) -> list[str]:
    """Run every job that is due; returns their names. A failing job is logged and does not stop the others."""
    now = now or timezone.now()
    known = {run.name: run for run in PeriodicRun.objects.all()}
    done = []
    for job in jobs.values():
        run = known.get(job.name)
        if run is None:
            PeriodicRun.objects.bulk_create([PeriodicRun(name=job.name, next_at=now)], ignore_conflicts=True)
        elif run.next_at > now:
            continue
        # Moving the time forward is the claim: only one worker changes the row.
        claim = PeriodicRun.objects.filter(name=job.name, next_at__lte=now).update(
            next_at=job.next_after(now), last_at=now
        )
        if claim:
            _run(job, now)
            done.append(job.name)
    return done


def _run(job: Job, now: dt.datetime) -> None:
    started = time.monotonic()
    error = ""
    try:
        job.run(now)
    except Exception as problem:
        log.exception("periodic work %s failed", job.name)
        error = f"{type(problem).__name__}: {problem}"[:300]
    PeriodicRun.objects.filter(name=job.name).update(seconds=time.monotonic() - started, error=error)


def overdue(now: dt.datetime | None = None) -> list[PeriodicRun]:
    """Jobs that should have run more than ten minutes ago: the worker stands still."""
    now = now or timezone.now()
    return list(PeriodicRun.objects.filter(Q(next_at__lt=now - dt.timedelta(minutes=10))))
