"""Photos from the field: the telephone's page, the queue of the headquarters, the pictures."""
