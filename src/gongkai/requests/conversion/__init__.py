"""Turning what was given on request into proactive disclosure, and hearing what many ask for."""
