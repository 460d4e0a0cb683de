"""Reconsideration and litigation about disclosure, what was learned from it, and cases of interest."""
