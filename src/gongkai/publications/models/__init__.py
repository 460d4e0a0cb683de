"""The records of publishing: information and its versions, review, screening, catalog columns, what is public now."""

from gongkai.publications.models.columns import CatalogColumn, UnitProfile
from gongkai.publications.models.files import PublicationFile, VersionFile
from gongkai.publications.models.information import Attribute, DocumentRelation, Publication, Stage, Validity, Version
from gongkai.publications.models.public import PublicDocument, WithdrawalNote
from gongkai.publications.models.review import (
    PURPOSE_ROLES,
    ListedRecords,
    ReviewChain,
    ReviewPurpose,
    ReviewStep,
    ScreeningHit,
    WordingRule,
)

__all__ = [
    "PURPOSE_ROLES",
    "Attribute",
    "CatalogColumn",
    "DocumentRelation",
    "ListedRecords",
    "PublicDocument",
    "Publication",
    "PublicationFile",
    "ReviewChain",
    "ReviewPurpose",
    "ReviewStep",
    "ScreeningHit",
    "Stage",
    "UnitProfile",
    "Validity",
    "Version",
    "VersionFile",
    "WithdrawalNote",
    "WordingRule",
]
