"""Faults on purpose: real processes are killed, cut off, filled up while others write to them."""
