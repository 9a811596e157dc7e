"""The trust chain: a log of all that was published and of all audit entries, and its proofs.

``trust.db`` beside the store holds the tree (:mod:`hinomi.standards.translog`), ``signing.json``
the keys that sign what is published and the tree's heads. One log a data folder.
"""
