"""Records, collections, ports, filters, policy, provenance, errors: what every part agrees on.

The kernel imports the standard library and msgspec only, does no I/O and reads no clock.
"""
