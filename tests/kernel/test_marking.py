"""Markings: what they mean, what they combine to, who sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import (
    ANONYMOUS,
    OPEN,
    OPERATOR,
    Disclosure,
    Marking,
    Principal,
    Status,
    strictest,
)

markings = st.builds(
    Marking,
    st.just(Status.ACTUAL),
    st.sampled_from(Disclosure),
    st.lists(st.sampled_from(("town", "pref", "state")), max_size=3).map(tuple),
)
principals = st.builds(
    Principal,
    st.just("someone"),
    st.lists(st.sampled_from(("town", "pref", "state")), max_size=2).map(tuple),
    st.sampled_from(Disclosure),
)


def test_an_audience_is_a_set() -> None:
    assert Marking(audience=("b", "a", "b")) == Marking(audience=("a", "b"))
    assert str(Marking(Status.EXERCISE, Disclosure.AMBER_STRICT, ("b", "a"))) == (
        "exercise TLP:AMBER+STRICT [a, b]"
    )
    assert str(OPEN) == "actual TLP:CLEAR"


@pytest.mark.parametrize("disclosure", list(Disclosure), ids=lambda d: d.name)
def test_labels_are_those_of_tlp(disclosure: Disclosure) -> None:
    assert Disclosure.of(f"TLP:{disclosure.label}") is disclosure
    assert Disclosure.of(disclosure.label.lower()) is disclosure


def test_an_unknown_label_is_refused_with_the_known() -> None:
    with pytest.raises(InputError, match=r"AMBER\+STRICT"):
        Disclosure.of("WHITE")


@given(st.lists(markings, min_size=1, max_size=3), principals)
def test_whoever_sees_the_result_sees_every_input(
    given_markings: list[Marking], principal: Principal
) -> None:
    try:
        result = strictest(given_markings)
    except InputError:
        return
    if principal.may_see(result):
        assert all(principal.may_see(m) for m in given_markings)


def test_statuses_and_strangers_are_never_mixed() -> None:
    assert strictest([]) == OPEN
    with pytest.raises(InputError, match="actual, exercise"):
        strictest([OPEN, Marking(Status.EXERCISE)])
    with pytest.raises(InputError, match="in common"):
        strictest([Marking(audience=("a",)), Marking(audience=("b",))])


@pytest.mark.parametrize(
    ("principal", "marking", "seen"),
    [
        (ANONYMOUS, OPEN, True),
        (ANONYMOUS, Marking(Status.EXERCISE), True),
        (ANONYMOUS, Marking(disclosure=Disclosure.GREEN), False),
        (ANONYMOUS, Marking(audience=("town",)), False),
        (OPERATOR, Marking(disclosure=Disclosure.RED, audience=("town",)), True),
        (Principal("p", ("town",), Disclosure.AMBER), Marking(disclosure=Disclosure.GREEN), True),
        (Principal("p", ("town",), Disclosure.AMBER), Marking(disclosure=Disclosure.AMBER), False),
        (
            Principal("p", ("town",), Disclosure.AMBER),
            Marking(disclosure=Disclosure.AMBER, audience=("town",)),
            True,
        ),
        (
            Principal("p", ("pref",), Disclosure.RED),
            Marking(disclosure=Disclosure.AMBER, audience=("town",)),
            False,
        ),
        (
            Principal("p", (), Disclosure.RED),
            Marking(disclosure=Disclosure.RED, audience=("p",)),
            True,
        ),
        (Principal("p", ("*",), Disclosure.GREEN), Marking(disclosure=Disclosure.AMBER), False),
    ],
)
def test_policy(principal: Principal, marking: Marking, *, seen: bool) -> None:
    assert principal.may_see(marking) is seen


def test_writers_are_named_by_collection() -> None:
    writer = Principal("p", writes=("response.shelters",))
    assert writer.may_write("response.shelters")
    assert not writer.may_write("hazards.warnings")
    assert OPERATOR.may_write("anything")


def test_a_guest_of_a_drill_sees_of_the_actual_what_anyone_sees() -> None:
    guest = Principal("guest", ("exercise",), Disclosure.AMBER, only=Status.EXERCISE)
    assert guest.may_see(Marking(Status.EXERCISE, Disclosure.AMBER, ("exercise",)))
    assert guest.may_see(OPEN)
    assert not guest.may_see(Marking(Status.ACTUAL, Disclosure.GREEN))
    assert not guest.may_see(Marking(Status.ACTUAL, Disclosure.AMBER, ("exercise",)))
