"""Acts of masking."""
