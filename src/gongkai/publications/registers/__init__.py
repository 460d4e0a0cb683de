"""The sub-room of registers: who must disclose, guides, catalogs and their clock, negative lists, campaigns, settings."""
