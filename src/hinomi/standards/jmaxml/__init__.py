"""JMA's disaster-prevention XML (気象庁防災情報XML): bytes to typed structs.

:func:`~hinomi.standards.jmaxml.envelope.decode` reads the envelope; ``warnings``, ``floods``,
``seismology`` and the others decode the body that it leaves.
"""
