"""What every test of the repository may use: duties that are written down, and a browser."""

from __future__ import annotations

pytest_plugins = ["tools.pytest_duties", "tools.pytest_browser"]
