"""Staff and public pages of appeals."""
