"""Views of the workbench, one module per concern."""
