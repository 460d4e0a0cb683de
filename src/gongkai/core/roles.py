"""Who may do what: roles that a person holds in a unit, and where a role has to be held for an act."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Role(models.TextChoices):
    """A role held in one unit (角色)."""

    OFFICE = "office", "政务公开主管"
    OFFICER = "officer", "信息公开员"
    HANDLER = "handler", "经办人"
    REVIEWER = "reviewer", "审核人"
    SECRECY = "secrecy", "保密审查员"
    LEGAL = "legal", "法律顾问"
    LEADER = "leader", "分管负责人"
    AUDITOR = "auditor", "监督检查员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全保密管理员"
    AUDIT_ADMIN = "audit_admin", "安全审计员"


# The three administrators are kept apart (三员分立): nobody holds two of them.
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

# Roles that do a unit's daily work, expected first.
STAFF = (Role.OFFICER, Role.HANDLER)


class Where(models.TextChoices):
    """The unit in which the role must be held, seen from the case."""

    OWNER = "owner", "承办单位"
    SUPERVISOR = "supervisor", "主管单位"
    LEAD = "lead", "牵头单位"
    ANYWHERE = "anywhere", "任一单位"


@dataclass(frozen=True, slots=True)
class Permit:
    """A role and the place where it must be held."""

    role: Role
    where: Where = Where.OWNER


def owner(*roles: Role) -> tuple[Permit, ...]:
    """Permits for roles in the unit that owns the case."""
    return tuple(Permit(role, Where.OWNER) for role in roles)


def supervisor(*roles: Role) -> tuple[Permit, ...]:
    """Permits for roles in the unit that supervises the case."""
    return tuple(Permit(role, Where.SUPERVISOR) for role in (roles or (Role.OFFICE,)))


def lead(*roles: Role) -> tuple[Permit, ...]:
    """Permits for roles in the unit that leads the duty."""
    return tuple(Permit(role, Where.LEAD) for role in roles)


def anywhere(*roles: Role) -> tuple[Permit, ...]:
    """Permits for roles held in any unit."""
    return tuple(Permit(role, Where.ANYWHERE) for role in roles)
