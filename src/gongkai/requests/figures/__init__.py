"""Figures of disclosure on request: the tables of the annual report and how fast replies are, live and proved."""
