import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from assistants_api import auth
from assistants_api.errors import Unauthenticated
from assistants_api.models.call import RoutedCall
from assistants_api.telephony import call_tokens

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CALL = RoutedCall(
    account_id="acct_01jd5xexamp1e0000000000000",
    connection_id="conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000",
    to_number="+14155550102",
    assistant_id="asst_01jd5xexamp1e0000000000000",
    assistant_version=7,
    call_id="CA" + "0" * 32,
    started_at=int(NOW.timestamp()),
)
TOKEN = call_tokens.mint(CALL, "secret")
ANY_CALL = st.builds(replace, st.just(CALL), call_id=st.text(max_size=128), assistant_version=st.integers(1, 10**8))


def is_refused(token: str, now: datetime = NOW, secrets: tuple[str, ...] = ("secret",)) -> bool:
    try:
        call_tokens.verify(token, now, secrets)
    except Unauthenticated:
        return True
    return False


@given(ANY_CALL)
def test_a_token_says_which_call_it_is_for(call: RoutedCall) -> None:
    assert call_tokens.verify(call_tokens.mint(call, "secret"), NOW, ["secret"]) == call


@given(ANY_CALL)
def test_a_token_may_stand_in_a_path(call: RoutedCall) -> None:
    assert re.fullmatch("[A-Za-z0-9_-]+", call_tokens.mint(call, "secret"))


def test_the_same_call_has_the_same_token() -> None:
    assert call_tokens.mint(CALL, "secret") == TOKEN
    others = [replace(CALL, **{name: getattr(CALL, name) * 2}) for name in RoutedCall.__dataclass_fields__]
    assert len({TOKEN, *(call_tokens.mint(other, "secret") for other in others)}) == 8


def test_a_token_is_good_for_60_seconds() -> None:
    assert not is_refused(TOKEN, NOW + timedelta(seconds=59))
    with pytest.raises(Unauthenticated, match="has expired; it is good for 60 seconds"):
        call_tokens.verify(TOKEN, NOW + timedelta(seconds=60), ["secret"])


def test_a_token_of_the_previous_secret_is_accepted_while_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    token = call_tokens.mint(CALL, auth.deployment_secret())
    monkeypatch.setenv("PREVIOUS_TOKEN_SECRET", auth.deployment_secret())
    monkeypatch.setenv("TOKEN_SECRET", "new")
    assert call_tokens.verify(token, NOW, auth.accepted_secrets()) == CALL
    monkeypatch.setenv("PREVIOUS_TOKEN_SECRET", "")
    assert is_refused(token, NOW, tuple(auth.accepted_secrets()))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("AZaz09_-=+/. é") | st.characters())
def test_a_token_with_any_one_character_changed_is_refused(position: int, character: str) -> None:
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]
    assert is_refused(changed) is (changed != TOKEN)


@pytest.mark.parametrize("token", ["", "A", "=", TOKEN + "=", TOKEN + "\n", TOKEN[:-1], TOKEN * 9, "A" * 10**6, "é"])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert is_refused(token)


def test_a_token_of_another_deployment_is_refused() -> None:
    assert is_refused(TOKEN, secrets=("another",))
    assert is_refused(TOKEN, secrets=())
