"""Documents of an existing site taken over: from a spreadsheet with its files, or from saved pages."""
