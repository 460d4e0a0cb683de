"""The ledger's acts, one module per record. Importing the package registers them all."""

from gongkai.ledger.acts import (
    assignment,
    hearing,
    lookback,
    notice,
    plan,
    rectification,
    supervision,
    task,
)

__all__ = ["assignment", "hearing", "lookback", "notice", "plan", "rectification", "supervision", "task"]
