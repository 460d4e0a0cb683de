"""Acts on a request, by stage."""
