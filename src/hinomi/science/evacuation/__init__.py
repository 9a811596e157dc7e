"""Evacuation: who leaves and when, where to, along which roads, and what they need (避難)."""
