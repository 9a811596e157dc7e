"""Why somebody may see a record, or not: each rule, what it found, what follows."""

from __future__ import annotations

import msgspec

from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Disclosure, Marking, Principal
from hinomi.runtime.policy import BREAK_GLASS, Policy


class Step(msgspec.Struct, frozen=True):
    """One rule."""

    rule: str
    holds: bool
    text: Text


class Why(msgspec.Struct, frozen=True):
    """The decision, and the rules that led to it, in their order."""

    sees: bool
    steps: tuple[Step, ...]
    masked: tuple[str, ...] = ()
    """Personal fields that are covered."""


def why(policy: Policy, principal: Principal, marking: Marking, collection: str) -> Why:
    """Return why the principal sees a record of this marking, or does not."""
    steps = _steps(principal, marking)
    sees = all(step.holds for step in steps)
    personal = policy.personal.get(collection)
    if not sees or personal is None:
        return Why(sees, steps)
    knows = policy.needs(principal, personal)
    masked = () if knows else personal.fields
    text = Text(
        f"個人情報({', '.join(personal.fields)})は"
        + ("業務上必要なため表示します。" if knows else "必要な役割がないため伏せます。"),
        f"personal data ({', '.join(personal.fields)}) "
        + ("is shown: there is a need to know." if knows else "is masked: no need to know."),
    )
    return Why(sees, (*steps, Step("personal", knows, text)), masked)


_OPEN = Step(
    rule="open",
    holds=True,
    text=Text(
        "TLP:CLEARで、宛先の限定がありません。誰でも見られます。",
        "TLP:CLEAR without an audience: everyone sees it.",
    ),
)


def _steps(principal: Principal, marking: Marking) -> tuple[Step, ...]:
    """Return the rules of :meth:`Principal.may_see`, one by one."""
    if marking.disclosure is Disclosure.CLEAR and not marking.audience:
        return (_OPEN,)
    found = [_clearance(principal, marking)]
    if principal.only is not None:
        text = Text(
            f"訓練の参加者が見られるのは{principal.only.value}だけです。",
            f"a drill's guest sees {principal.only.value} statements only;"
            f" this is {marking.status.value}.",
        )
        found.append(Step("drill-guest", principal.only is marking.status, text))
    found.append(_audience(principal, marking))
    return tuple(found)


def _clearance(principal: Principal, marking: Marking) -> Step:
    glass = BREAK_GLASS in principal.roles
    have, wanted = principal.clearance.label, marking.disclosure.label
    text = Text(
        f"閲覧区分はTLP:{have}{'(緊急アクセス)' if glass else ''}、記録はTLP:{wanted}です。",
        f"the clearance is TLP:{have}{' (break-glass)' if glass else ''}; the record is"
        f" TLP:{wanted}.",
    )
    return Step("clearance", principal.clearance >= marking.disclosure, text)


def _audience(principal: Principal, marking: Marking) -> Step:
    if "*" in principal.organisations:
        text = Text("全機関として行動します。", "acts for every organisation.")
        return Step(rule="audience", holds=True, text=text)
    if not marking.audience:
        holds = marking.disclosure <= Disclosure.GREEN
        text = Text(
            "宛先の指定なし" + ("。" if holds else "(AMBER以上では運用者だけのもの)。"),
            "no audience is named" + ("." if holds else ": above GREEN the operator's alone."),
        )
        return Step("audience", holds, text)
    shared = sorted({*principal.organisations, principal.name} & set(marking.audience))
    listed, as_whom = ", ".join(marking.audience), ", ".join(shared)
    text = Text(
        f"宛先は{listed}。" + (f"{as_whom}として含まれます。" if shared else "含まれません。"),
        f"the audience is {listed}; " + (f"included as {as_whom}." if shared else "not included."),
    )
    return Step("audience", bool(shared), text)
