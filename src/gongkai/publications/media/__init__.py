"""政务新媒体: accounts on other platforms, and what is released there: reviewed before, safe after, never silent (002-19c)."""
