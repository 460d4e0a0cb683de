"""Measures of the ledger: named figures over assignments and hearings."""
