"""Vector tiles of any collection: kept in memory by what a reader sees, mended by the feed."""
