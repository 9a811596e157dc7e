"""Applications: the web API and page, the command line. No logic lives here."""
