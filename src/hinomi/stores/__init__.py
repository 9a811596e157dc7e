"""Stores: memory (the reference) and SQLite (the town); one suite tests them all."""
