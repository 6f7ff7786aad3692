import hmac
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given, strategies as st

from assistants_api.errors import InvalidCursor
from assistants_api.models.pagination import Pagination
from assistants_api.models.parsing import parse_query
from assistants_api.models.phone_number_requests import PhoneNumberQuery

TOKEN, OTHER_TOKEN = "the caller's", "somebody else's"
LAST = "ASSISTANT#asst_01jd5xexamp1e0000000000000"


class Filtered(Pagination):
    active: bool | None = None


def is_refused(page: Pagination, token: str = TOKEN) -> bool:
    try:
        page.after(token)
    except InvalidCursor:
        return True
    return False


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.text())
def test_a_cursor_leads_back_to_the_item_it_was_made_of(sort_key: str, token: str) -> None:
    token = token.encode("utf-8", "replace").decode()
    cursor = Pagination().cursor_after(sort_key, token)
    assert parse_query(Pagination, {"cursor": cursor}).after(token) == sort_key


@given(st.from_regex(r"NUMBER#\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_cursor_goes_into_a_url_as_it_is(sort_key: str) -> None:
    assert set(Pagination().cursor_after(sort_key, TOKEN)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


CURSOR = Pagination().cursor_after(LAST, TOKEN)


@given(st.integers(0, len(CURSOR) - 1), st.characters(exclude_categories=["Cs"]))
def test_a_cursor_with_any_one_character_changed_is_refused(position: int, character: str) -> None:
    changed = CURSOR[:position] + character + CURSOR[position + 1 :]
    assert is_refused(Pagination(cursor=changed)) is (changed != CURSOR)


@given(st.integers(0, len(CURSOR)), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4))
def test_a_cursor_with_anything_put_in_or_cut_off_is_refused(position: int, text: str) -> None:
    assert is_refused(Pagination(cursor=CURSOR[:position] + text + CURSOR[position:]))
    assert is_refused(Pagination(cursor=CURSOR[:position])) is (position < len(CURSOR))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_a_made_up_cursor_is_refused(text: str) -> None:
    assert is_refused(Pagination(cursor=text))


def test_a_cursor_of_earlier_releases_which_held_an_id_is_refused() -> None:
    signed = f"{Pagination.__name__} {{}} asst_01jd5xexamp1e0000000000000"
    cursor = urlsafe_b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha256")[:16] + signed.split()[2].encode())
    assert is_refused(Pagination(cursor=cursor.decode().rstrip("=")))


def test_a_cursor_of_another_token_is_refused() -> None:
    assert is_refused(Pagination(cursor=CURSOR), OTHER_TOKEN)


def test_a_cursor_of_another_list_is_refused() -> None:
    assert is_refused(PhoneNumberQuery(cursor=CURSOR))


@given(st.sampled_from([None, True, False]), st.sampled_from([None, True, False]))
def test_a_cursor_of_other_filters_is_refused(then: bool | None, now: bool | None) -> None:
    cursor = Filtered(active=then).cursor_after(LAST, TOKEN)
    assert is_refused(Filtered(active=now, cursor=cursor)) is (then != now)


def test_the_limit_may_change_from_page_to_page() -> None:
    assert parse_query(Pagination, {"limit": "7", "cursor": CURSOR}).after(TOKEN) == LAST


@pytest.mark.parametrize("name", ["accountSlug", "account_slug"])
def test_the_account_may_be_named_from_page_to_page(name: str) -> None:
    assert parse_query(Pagination, {name: "my-team", "cursor": CURSOR}).after(TOKEN) == LAST
    named = parse_query(Pagination, {name: "my-team"}).cursor_after(LAST, TOKEN)
    assert parse_query(Pagination, {"cursor": named}).after(TOKEN) == LAST


def test_the_cursor_of_the_next_page_does_not_depend_on_the_one_of_this() -> None:
    assert Pagination(cursor="another").cursor_after(LAST, TOKEN) == CURSOR


def test_a_page_without_a_cursor_is_the_first() -> None:
    assert Pagination().after(TOKEN) is None


def test_only_a_page_with_more_behind_it_has_a_next_cursor() -> None:
    assert Pagination().envelope(["one", "two"], LAST, TOKEN) == {"count": 2, "limit": 20, "next_cursor": CURSOR}
    assert Pagination().envelope([], LAST, TOKEN) == {"count": 0, "limit": 20, "next_cursor": CURSOR}
    assert Pagination().envelope(["one", "two"], None, TOKEN)["next_cursor"] is None
    assert Pagination().envelope([], None, TOKEN) == {"count": 0, "limit": 20, "next_cursor": None}


@pytest.mark.parametrize(("sent", "limit"), [("1", 1), ("100", 100), ("007", 7)])
def test_a_limit_is_a_whole_number(sent: str, limit: int) -> None:
    assert parse_query(Pagination, {"limit": sent}).limit == limit
