"""Legal counsel for disclosure: who they are, what they were asked, what they advised."""
