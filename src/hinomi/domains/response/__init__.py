"""Response: sites, shelters and what people in a headquarters do."""
