"""Proof: append-only trees, tiles, signed notes and checkpoints, and the leaves of the log. Pure."""
