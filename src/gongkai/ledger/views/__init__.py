"""The ledger's pages in the workbench, one module per concern."""
