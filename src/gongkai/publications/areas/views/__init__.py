"""Staff pages of key areas."""
