"""Observe: what JMA and river administrators send, as records."""
