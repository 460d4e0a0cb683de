"""Acts on a body's catalog: opened, reviewed, released as a list. Its columns are edited by `registers.columns`."""

from __future__ import annotations

from typing import Any

from gongkai.core import own_units
from gongkai.core.acts import Act, Work
from gongkai.core.forms import ActForm, UnitField
from gongkai.core.models import User
from gongkai.core.roles import STAFF, anywhere
from gongkai.publications.registers.acts import reviewing
from gongkai.publications.registers.models import Catalog

KIND = Catalog.KIND


class OpenForm(ActForm):
    """Whose catalog."""

    unit = UnitField(label="单位", required=False, help_text="不选就是本单位。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        own_units.offer(self, user, STAFF)


class OpenCatalog(Act):
    """编制目录."""

    kind, name, label, icon = KIND, "open", "编制公开目录", "list-tree"
    creates = True
    permits = anywhere(*STAFF)
    form_class = OpenForm
    hint = "先按条例建立栏目，再按本单位情况增减。"

    def apply(self, work: Work) -> None:
        reviewing.open_one(work, Catalog, "政府信息公开目录", reviewing.own_unit(work))


class SubmitCatalog(reviewing.Submit):
    """送审."""

    kind = KIND
    hint = "送审的是现在的栏目。通过后作为一版目录公布。"


class ApproveCatalog(reviewing.Approve):
    """通过并公布."""

    kind = KIND


class ReturnCatalog(reviewing.Return):
    """退回."""

    kind = KIND


class ReviseCatalog(reviewing.Revise):
    """修订."""

    kind = KIND
    hint = "修改栏目后，送审公布新的一版。"
