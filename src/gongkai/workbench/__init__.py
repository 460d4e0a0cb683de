"""Workbench room of gongkai."""
