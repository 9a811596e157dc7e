"""Photos from the field: the door they come in by, the covering, the erasing of originals."""
