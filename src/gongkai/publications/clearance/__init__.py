"""One voice before a sensitive release: what every unit concerned knows is pooled, and the words are settled (003-20b)."""
