"""Ledger room of gongkai."""
