import re
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from assistants_api.errors import MalformedId
from assistants_api.models import ids
from assistants_api.storage import keys

ACCOUNT = "acct_01jd5xexamp1e0000000000000"
LAST_MILLISECOND = 2**48 - 1


def ulid_at(millisecond: int) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: millisecond * 1_000_000)
        return ids.new_ulid()


def test_a_ulid_matches_its_pattern_and_no_two_are_alike() -> None:
    ulids = {ids.new_ulid() for _ in range(1_000)}
    assert len(ulids) == 1_000
    assert all(re.fullmatch(ids.ULID, ulid) for ulid in ulids)


@given(st.integers(0, LAST_MILLISECOND), st.integers(0, LAST_MILLISECOND))
def test_ulids_sort_by_time(one: int, other: int) -> None:
    assert one == other or (ulid_at(one) < ulid_at(other)) is (one < other)


def test_the_time_of_a_ulid_is_where_the_specification_has_it() -> None:
    assert ulid_at(1_469_918_176_385).startswith("01aryz6s41")  # the example of github.com/ulid/spec
    assert ulid_at(0).startswith("0" * 10)
    assert ulid_at(LAST_MILLISECOND).startswith("7zzzzzzzzz")


@pytest.mark.parametrize("confusing", "ilouILOU")
def test_a_ulid_has_no_letter_that_looks_like_another(confusing: str) -> None:
    with pytest.raises(MalformedId):
        keys.assistant(ACCOUNT, f"asst_{'0' * 25}{confusing}")


def test_a_timestamp_is_utc_to_the_second_with_z() -> None:
    moment = datetime(2024, 1, 15, 10, 0, 0, 999_999, tzinfo=UTC)
    assert ids.timestamp(moment) == "2024-01-15T10:00:00Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", ids.timestamp())


def test_a_timestamp_without_a_moment_is_now() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= datetime.fromisoformat(ids.timestamp()) <= datetime.now(UTC)


def test_a_moment_of_another_time_zone_becomes_utc() -> None:
    moment = datetime(2024, 1, 15, 12, tzinfo=timezone(timedelta(hours=2)))
    assert ids.timestamp(moment) == "2024-01-15T10:00:00Z"


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_phone_number_and_its_id_name_each_other(number: str) -> None:
    assert ids.phone_number_id(number) == number.replace("+", "pn_")
    assert keys.phone_number(ACCOUNT, ids.phone_number_id(number)) == keys.called_number(ACCOUNT, number)


@pytest.mark.parametrize(
    "malformed", ["pn_", "pn_0123456789", "pn_123456", "pn_1234567890123456", "pn_+14155550101", "PN_14155550101"]
)
def test_a_malformed_phone_number_id_is_refused(malformed: str) -> None:
    with pytest.raises(MalformedId, match="pn_14155550101"):
        keys.phone_number(ACCOUNT, malformed)


@pytest.mark.parametrize("malformed", ["", "key_", "key_" + "0" * 63, "key_" + "0" * 65, "key_" + "A" * 64])
def test_a_malformed_api_key_id_is_refused(malformed: str) -> None:
    with pytest.raises(MalformedId, match="64 hexadecimal"):
        keys.api_key(ACCOUNT, malformed)
