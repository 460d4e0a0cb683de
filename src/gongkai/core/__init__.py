"""Core room of gongkai."""
