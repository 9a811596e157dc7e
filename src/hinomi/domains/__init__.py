"""One folder for each field: observe, predict, respond, share."""
