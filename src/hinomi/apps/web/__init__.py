"""The web application: OGC API, change feed, page."""
