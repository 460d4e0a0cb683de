"""Portal room of gongkai."""
