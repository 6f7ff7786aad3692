"""Which version answers a caller, and what may be sent to pin a number."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, strategies as st

from assistants_api.errors import InvalidRequest
from assistants_api.models.parsing import parse_object, parse_query
from assistants_api.models.phone_number_requests import PhoneNumberChanges
from assistants_api.models.pin import PinnedVersion, RouteQuery, choose_version, place
from tests.unit.test_e164 import CLEAR

NUMBER = "pn_14155550101"
CALLERS = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50
)
WEIGHTS = st.integers(1, 99)


def pair(second: int) -> list[PinnedVersion]:
    return [PinnedVersion(version=7, weight=100 - second), PinnedVersion(version=8, weight=second)]


@given(CALLERS, WEIGHTS)
def test_a_caller_gets_the_same_version_every_time(caller: str, weight: int) -> None:
    assert choose_version(pair(weight), NUMBER, caller) == choose_version(pair(weight), NUMBER, caller)


@given(CALLERS, WEIGHTS, WEIGHTS)
def test_a_greater_weight_of_the_second_version_moves_callers_to_it_alone(caller: str, one: int, other: int) -> None:
    less, more = sorted((one, other))
    if choose_version(pair(less), NUMBER, caller) == 8:
        assert choose_version(pair(more), NUMBER, caller) == 8


@given(CALLERS, st.sampled_from([NUMBER, "pn_442071838750"]))
def test_a_single_version_answers_everybody(caller: str, number_id: str) -> None:
    assert choose_version([PinnedVersion(version=7, weight=100)], number_id, caller) == 7


@pytest.mark.parametrize("weight", [1, 10, 50, 99])
def test_the_share_of_a_version_is_near_its_weight(weight: int) -> None:
    chosen = Counter(choose_version(pair(weight), NUMBER, f"+1415{caller:07}") for caller in range(20_000))
    assert chosen[8] / 200 == pytest.approx(weight, abs=1.2)


def test_another_number_divides_the_callers_otherwise() -> None:
    callers = [f"+1415{caller:07}" for caller in range(1_000)]
    early = {caller for caller in callers if place(NUMBER, caller) < 10}
    assert 0 < len(early & {caller for caller in callers if place("pn_14155550102", caller) < 10}) < len(early) / 2


@pytest.mark.parametrize(("second", "chosen"), [(10, 7), (90, 8), (50, 7)])
def test_without_a_caller_the_greater_weight_answers_and_of_equal_ones_the_first(second: int, chosen: int) -> None:
    assert choose_version(pair(second), NUMBER, None) == chosen


def test_the_place_of_a_caller_is_as_documented() -> None:
    """The example of docs/api.md."""
    assert place("pn_14155550101", "+14155550199") == 68


@pytest.mark.parametrize("text", [*CLEAR, " 14155550101", " 1 (415) 555-0101"])
def test_a_number_decides_in_the_same_way_however_a_carrier_writes_it(text: str) -> None:
    """A + that is not encoded arrives as a space."""
    assert parse_query(RouteQuery, {"caller": text}).decides == "+14155550101"


@pytest.mark.parametrize(
    ("sent", "decides"),
    [
        ({}, None),
        ({"call_id": " CA1 "}, " CA1 "),
        ({"caller": "anonymous", "call_id": "CA1"}, "anonymous"),
        ({"caller": " sip:ada@example.com "}, "sip:ada@example.com"),
        ({"caller": "", "call_id": "CA1"}, "CA1"),
        ({"caller": " ", "call_id": "CA1"}, "CA1"),
        ({"caller": "☾" * 5_000}, "☾" * 5_000),
    ],
)
def test_whatever_is_known_of_a_call_decides_and_the_caller_before_its_id(
    sent: dict[str, str], decides: str | None
) -> None:
    assert parse_query(RouteQuery, sent).decides == decides


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (None, None),
        ([], None),
        ([{"version": 7}], [(7, 100)]),
        ([{"version": 7.0, "weight": 100.0}], [(7, 100)]),
        ([{"version": 7, "weight": None}], [(7, 100)]),
        ([{"version": 8, "weight": 10}, {"version": 7, "weight": 90}], [(7, 90), (8, 10)]),
        ([{"version": 1, "weight": 1}, {"version": 99_999_999, "weight": 99}], [(1, 1), (99_999_999, 99)]),
    ],
)
def test_versions_are_kept_in_one_form(sent: object, stored: list[tuple[int, int]] | None) -> None:
    pins = parse_object(PhoneNumberChanges, {"versions": sent}).model_dump()["versions"]
    assert pins == (None if stored is None else [{"version": it[0], "weight": it[1]} for it in stored])


TWICE = "has the version 7 twice; send it once, without a weight."
SUM = "must have weights that add up to 100, such as 90 and 10."


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        (7, "", "must be an array, not a number."),
        ({"version": 7}, "", "must be an array, not an object."),
        ([7], "/0", "must be an object, not a number."),
        ([{}], "/0/version", "is required, such as 1."),
        ([{"weight": 100}], "/0/version", "is required, such as 1."),
        ([{"version": None}], "/0/version", "is required, and must be an integer, not null, such as 1."),
        ([{"version": "7"}], "/0/version", "must be an integer, not the text '7'."),
        ([{"version": True}], "/0/version", "must be an integer, not a boolean."),
        ([{"version": 0}], "/0/version", "must be at least 1."),
        ([{"version": 100_000_000}], "/0/version", "must be at most 99,999,999."),
        ([{"version": 7, "weight": 0}], "/0/weight", "must be at least 1."),
        ([{"version": 7, "weight": 101}], "/0/weight", "must be at most 100."),
        ([{"version": 7, "weight": 0.5}], "/0/weight", "must be an integer, not the number 0.5."),
        ([{"version": 7, "wieght": 10}], "/0/wieght", "is not known here; did you mean weight."),
        ([{"version": 7, "label": "x"}], "/0/label", "is not known here; the fields are version, weight."),
        ([{"version": 7, "weight": 99}], "", "has one version, which needs no weight: it answers all callers."),
        ([{"version": 7}, {"version": 8}], "", SUM),
        ([{"version": 7, "weight": 100}, {"version": 8}], "", SUM),
        ([{"version": 7, "weight": 50}, {"version": 8, "weight": 49}], "", SUM),
        ([{"version": 7, "weight": 50}, {"version": 7, "weight": 50}], "", TWICE),
        ([{"version": 7}] * 3, "", "has 3 entries; at most 2 are allowed."),
    ],
)  # fmt: skip
def test_what_is_no_pin_is_refused_with_what_would_be(sent: Any, field: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_object(PhoneNumberChanges, {"versions": sent})
    assert refused.value.details == [{"field": f"/versions{field}", "message": message}]
