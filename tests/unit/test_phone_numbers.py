import pytest
from hypothesis import given, strategies as st

from assistants_api.errors import (
    ApiError,
    InvalidRequest,
    PhoneNumberAssigned,
    PhoneNumberNotActive,
    PhoneNumberNotFound,
)
from assistants_api.models.assignment import AssignmentPlan, PhoneNumberAssignment, plan_assignment
from assistants_api.models.assistant import Assistant
from assistants_api.models.phone_number import PhoneNumber, Status, route

OURS, THEIRS, OTHERS = "asst_ours", "asst_theirs", "asst_others"
A, B, C, D = (f"pn_1415555010{digit}" for digit in range(1, 5))
MANY = [f"pn_1415555{number:04}" for number in range(600)]


def number(number_id: str, holder: str | None = None, status: Status = "active") -> PhoneNumber:
    return PhoneNumber(
        id=number_id,
        phone_number=number_id.replace("pn_", "+"),
        status=status,
        assistant_id=holder,
        created_at="2024-01-15T10:00:00Z",
    )


def plan(
    wanted: list[str], held: list[str] | None = None, known: list[PhoneNumber] | None = None, **more: object
) -> AssignmentPlan:
    """`missing` names numbers that do not exist."""
    missing = more.pop("missing", [])
    assert isinstance(missing, list)
    body = {"accountSlug": "my-team", "phoneNumberIds": wanted, **more}
    found = {each.id: each for each in known or []} | dict.fromkeys(missing)
    return plan_assignment(OURS, held or [], PhoneNumberAssignment.model_validate(body), found)


def refusal(kind: type[ApiError], wanted: list[str], **more: object) -> list[tuple[str, str]]:
    with pytest.raises(kind) as refused:
        plan(wanted, **more)  # type: ignore[arg-type]
    assert type(refused.value) is kind
    return [(detail["field"], detail["message"]) for detail in refused.value.details]


def test_new_numbers_are_claimed_in_the_order_sent_and_dropped_ones_released() -> None:
    assert plan([C, A], held=[A, B, D]) == AssignmentPlan(claims=[C], releases=[B, D])
    assert plan([C, B, A]).claims == [C, B, A]


def test_the_same_numbers_in_another_order_and_twice_need_nothing() -> None:
    assert plan([B, A, B], held=[A, B]) == AssignmentPlan([], [])


def test_an_empty_set_releases_all() -> None:
    assert plan([], held=[B, A]) == AssignmentPlan([], [A, B])


def test_a_number_of_which_nothing_was_read_is_taken_to_be_free() -> None:
    assert plan([A], known=[]).claims == [A]


def test_a_number_held_already_needs_no_proof() -> None:
    assert plan([A], held=[A], known=[number(A, THEIRS, "suspended")]) == AssignmentPlan([], [])


def test_a_number_said_to_be_ones_own_is_claimed_from_nobody() -> None:
    assert plan([A], known=[number(A, OURS)]).taken_from == {}


def test_reassign_names_whom_each_number_is_taken_from() -> None:
    known = [number(A, THEIRS), number(B), number(C, OTHERS), number(D, THEIRS)]
    moved = plan([A, B, C, D], known=known, reassign=True)
    assert moved.taken_from == {THEIRS: [A, D], OTHERS: [C]}
    assert moved.holders == {A: THEIRS, D: THEIRS, C: OTHERS}
    assert moved.claims == [A, B, C, D]


def test_all_numbers_of_one_kind_of_refusal_are_listed_where_they_first_stand() -> None:
    assert refusal(PhoneNumberNotFound, [D, A, B, A], missing=[A, B]) == [
        ("/phoneNumberIds/1", "does not exist in this account."),
        ("/phoneNumberIds/2", "does not exist in this account."),
    ]
    assert refusal(PhoneNumberAssigned, [A, B, C], known=[number(A, THEIRS), number(C, OTHERS)]) == [
        ("/phoneNumberIds/0", "is assigned to asst_theirs."),
        ("/phoneNumberIds/2", "is assigned to asst_others."),
    ]
    assert refusal(PhoneNumberNotActive, [A, B], known=[number(B, status="suspended")]) == [
        ("/phoneNumberIds/1", "is not active."),
    ]


def test_refusals_come_in_the_order_too_many_missing_not_active_assigned() -> None:
    known = [number(B, status="suspended"), number(C, THEIRS)]
    refusal(InvalidRequest, [C, B, A, *MANY], known=known, missing=[A])
    refusal(PhoneNumberNotFound, [C, B, A], known=known, missing=[A])
    refusal(PhoneNumberNotActive, [C, B], known=known)
    refusal(PhoneNumberAssigned, [C], known=known)


def test_a_suspended_number_of_another_is_not_active_even_with_reassign() -> None:
    refusal(PhoneNumberNotActive, [A], known=[number(A, THEIRS, "suspended")], reassign=True)


def held_by(holders: int, wanted: list[str]) -> list[PhoneNumber]:
    return [number(each, f"asst_{index % holders}") for index, each in enumerate(wanted)]


def actions(batch: AssignmentPlan) -> int:
    """Of the transaction: the assistant is one, and so is each that loses numbers."""
    return 1 + batch.changes + len(batch.taken_from)


@pytest.mark.parametrize(
    ("releases", "claims", "batches"),
    [(0, 0, []), (0, 99, [99]), (99, 0, [99]), (49, 50, [99]), (50, 50, [99, 1]), (0, 500, [99] * 5 + [5])],
)
def test_99_changes_are_one_batch_and_more_are_several(releases: int, claims: int, batches: list[int]) -> None:
    made = plan(MANY[releases : releases + claims], held=MANY[:releases])
    assert [batch.changes for batch in made.batches(99)] == batches


@pytest.mark.parametrize(
    ("claims", "holders", "batches"),
    [(98, 1, [98]), (99, 1, [98, 1]), (50, 49, [50]), (50, 50, [49, 1]), (100, 2, [97, 3]), (99, 99, [49, 49, 1])],
)
def test_an_assistant_that_loses_numbers_is_one_more_change_of_each_batch(
    claims: int, holders: int, batches: list[int]
) -> None:
    made = plan(MANY[:claims], known=held_by(holders, MANY[:claims]), reassign=True)
    assert [batch.changes for batch in made.batches(99)] == batches


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 100), st.integers(1, 60))
def test_the_batches_make_the_changes_of_the_plan_each_once_and_releases_first(
    held: int, kept: int, taken: int, holders: int
) -> None:
    wanted = MANY[min(held, kept) : min(held, kept) + 500]
    known = held_by(holders, wanted[-taken:] if taken else [])
    whole = plan(wanted, held=MANY[:held], known=known, reassign=True)
    batches = list(whole.batches(99))
    assert all(1 < actions(batch) <= 100 for batch in batches)
    assert sorted(claim for batch in batches for claim in batch.claims) == sorted(whole.claims)
    assert [release for batch in batches for release in batch.releases] == whole.releases
    assert dict(pair for batch in batches for pair in batch.holders.items()) == whole.holders
    counted, most = held, 0
    for batch in batches:
        counted += len(batch.claims) - len(batch.releases)
        most = max(most, counted)
    assert most <= 500
    assert counted == len(wanted)


def test_without_reassign_the_holders_are_named_rather_than_counted() -> None:
    refusal(PhoneNumberAssigned, MANY[:99], known=[number(MANY[0], THEIRS)])


def test_an_assistant_holds_500_numbers_and_no_501() -> None:
    assert plan(MANY[:500], held=MANY[:450]).claims == MANY[450:500]
    with pytest.raises(InvalidRequest, match="at most 500 phone numbers, not 501"):
        plan(MANY[:501], held=MANY[:450])


NUMBERS = st.lists(st.sampled_from([A, B, C, D]), max_size=6)


@given(held=NUMBERS, wanted=NUMBERS)
def test_a_plan_leads_from_the_numbers_held_to_those_wanted(held: list[str], wanted: list[str]) -> None:
    made = plan(wanted, held=sorted(set(held)))
    assert (set(held) - set(made.releases)) | set(made.claims) == set(wanted)
    assert not set(made.claims) & set(held)
    assert set(made.releases) <= set(held)
    assert len(made.claims) == len(set(made.claims))


def assistant(inbound_enabled: bool, outbound_enabled: bool = False) -> Assistant:
    enabled = {"inbound_enabled": inbound_enabled, "outbound_enabled": outbound_enabled}
    return Assistant.model_construct(**enabled)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "holder", "reason"),
    [
        ("active", assistant(inbound_enabled=True), "routed"),
        ("active", assistant(inbound_enabled=True, outbound_enabled=True), "routed"),
        ("active", assistant(inbound_enabled=False, outbound_enabled=True), "inbound_disabled"),
        ("active", None, "unassigned"),
        ("suspended", assistant(inbound_enabled=True), "number_not_active"),
        ("suspended", assistant(inbound_enabled=False), "number_not_active"),
        ("suspended", None, "number_not_active"),
    ],
)
def test_a_call_is_routed_or_the_first_reason_against_it_is_given(
    status: Status, holder: Assistant | None, reason: str
) -> None:
    assert route(number(A, status=status), holder) == reason
