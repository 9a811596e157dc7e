"""``testflg`` and ``openflg`` as markings, and back.

| openflg | marking | back |
|---|---|---|
| 一般公開可能 | TLP:CLEAR | CLEAR, no audience |
| 災害対応機関のみ公開可能 | TLP:AMBER for ``disaster-responders`` | that, and TLP:GREEN |
| ＩＳＵＴ－ＳＩＴＥのみ公開可能 | TLP:AMBER for ``isut-site`` | that |

Whatever else is marked (RED, AMBER+STRICT, another audience, none) has no flag and goes into no
package.
"""

from __future__ import annotations

from hinomi.kernel.marking import Disclosure, Marking, Status

STATUSES = {"通常": Status.ACTUAL, "訓練": Status.EXERCISE, "試験": Status.TEST}
PUBLIC = "一般公開可能"
RESPONDERS_ONLY = "災害対応機関のみ公開可能"
ISUT_ONLY = "ＩＳＵＴ－ＳＩＴＥのみ公開可能"
RESPONDERS, ISUT = "disaster-responders", "isut-site"
"""The organisations that stand for the standard's two closed circles."""

_OPEN: dict[str, tuple[Disclosure, tuple[str, ...]]] = {
    PUBLIC: (Disclosure.CLEAR, ()),
    RESPONDERS_ONLY: (Disclosure.AMBER, (RESPONDERS,)),
    ISUT_ONLY: (Disclosure.AMBER, (ISUT,)),
}
_FLAGS = {shown: flag for flag, shown in _OPEN.items()} | {
    (Disclosure.GREEN, ()): RESPONDERS_ONLY,
    (Disclosure.GREEN, (RESPONDERS,)): RESPONDERS_ONLY,
    (Disclosure.GREEN, (ISUT,)): ISUT_ONLY,
}
WIDTH = (PUBLIC, RESPONDERS_ONLY, ISUT_ONLY)
"""From the widest circle to the narrowest: ISUT's members are responders."""
_SHUT = (Disclosure.AMBER, ())
"""What cannot be read is the operator's alone."""


def marking_of(testflg: object, openflg: object) -> Marking | None:
    """Return the marking, or None where the status cannot be told: then nothing may be shown.

    Example:
        >>> str(marking_of("訓練", "災害対応機関のみ公開可能")), marking_of("", "一般公開可能")
        ('exercise TLP:AMBER [disaster-responders]', None)
    """
    status = STATUSES.get(testflg) if isinstance(testflg, str) else None
    if status is None:
        return None
    disclosure, audience = _OPEN.get(openflg, _SHUT) if isinstance(openflg, str) else _SHUT
    return Marking(status, disclosure, audience)


def flags_of(marking: Marking) -> tuple[str, str] | None:
    """Return (testflg, openflg), or None for what no package may hold.

    Example:
        >>> flags_of(Marking(Status.TEST)), flags_of(Marking(Status.ACTUAL, Disclosure.RED))
        (('試験', '一般公開可能'), None)
    """
    flag = _FLAGS.get((marking.disclosure, marking.audience))
    if flag is None:
        return None
    word = next(word for word, status in STATUSES.items() if status is marking.status)
    return word, flag


def narrowest(flags: list[str]) -> str:
    """Return the flag of a package that holds things of all these."""
    return max(flags, key=WIDTH.index, default=PUBLIC)
