"""`gongkai permissions`: who may do what, as a page."""

from __future__ import annotations

import argparse

from gongkai.commands.terminal import start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose."""


def run(options: argparse.Namespace) -> int:
    """Print the matrix of acts and roles."""
    start_django()
    from gongkai.core import permissions

    print(permissions.markdown(), end="")
    return 0
