"""All tables of core, one module per concern."""

from gongkai.core.models.attachments import Attachment
from gongkai.core.models.calendars import CalendarLayer, CalendarYearRecord
from gongkai.core.models.cases import (
    ActDraft,
    Case,
    CaseCount,
    CaseQuerySet,
    CaseRelation,
    CaseWatch,
    ClosedCount,
    NumberSeries,
    Record,
    SavedFilter,
    readable_case,
)
from gongkai.core.models.clocks import Clock, ClockExtension, ClockPause
from gongkai.core.models.events import AuditLink, Event, PendingSeal
from gongkai.core.models.letters import Letter, LetterTemplate
from gongkai.core.models.notifications import Delivery, Notification, Webhook
from gongkai.core.models.people import Membership, User
from gongkai.core.models.settings import JurisdictionSetting, PeriodicRun
from gongkai.core.models.units import Unit, UnitAlias, UnitGroup, UnitHistory

__all__ = [
    "ActDraft",
    "Attachment",
    "AuditLink",
    "CalendarLayer",
    "CalendarYearRecord",
    "Case",
    "CaseCount",
    "CaseQuerySet",
    "CaseRelation",
    "CaseWatch",
    "Clock",
    "ClockExtension",
    "ClockPause",
    "ClosedCount",
    "Delivery",
    "Event",
    "JurisdictionSetting",
    "Letter",
    "LetterTemplate",
    "Membership",
    "Notification",
    "NumberSeries",
    "PendingSeal",
    "PeriodicRun",
    "Record",
    "SavedFilter",
    "Unit",
    "UnitAlias",
    "UnitGroup",
    "UnitHistory",
    "User",
    "Webhook",
    "readable_case",
]
