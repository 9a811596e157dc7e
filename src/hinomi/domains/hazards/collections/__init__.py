"""The hazards' collections, a module for each family."""
