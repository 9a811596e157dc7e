"""Observe: designated sites and shelters, and what municipalities say of those that are open."""
