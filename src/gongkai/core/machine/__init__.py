"""What other systems need: tokens with scopes, and the registry of routers that rooms bring to the API."""
