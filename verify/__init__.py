"""Models against others' numbers: ``make verify`` prints one table and fails where one falls short.

A topic is a module with ``ROWS``, a tuple of functions that each give rows. A function reads what
it needs by itself; where reference data (``../shared/data``) is absent it gives none and says so.
"""
