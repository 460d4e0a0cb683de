"""Staff pages of disclosure on request."""
