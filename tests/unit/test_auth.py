import hmac
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from assistants_api import auth
from assistants_api.auth import BASE62
from assistants_api.errors import MissingScope, Unauthenticated
from assistants_api.models.api_key import SCOPES, ApiKey, grants
from assistants_api.models.ids import new_ulid

ULID = "01jd5xexamp1e0000000000000"
TOKEN = auth.mint(f"acct_{ULID}", "live")


def is_refused(token: str) -> bool:
    try:
        auth.parse(f"Bearer {token}")
    except Unauthenticated:
        return True
    return False


def test_a_token_is_72_characters_that_name_environment_and_account() -> None:
    parts = re.fullmatch(r"(tk_live_)(.{26})([0-9A-Za-z]{32})([0-9A-Za-z]{6})", TOKEN)
    assert parts
    assert (len(TOKEN), parts[1], parts[2]) == (72, "tk_live_", ULID)
    assert parts[4] == auth.check(TOKEN[:-6], auth.deployment_secret())
    assert auth.mint(f"acct_{ULID}", "test").startswith("tk_test_")


def test_a_parsed_token_names_its_account_and_shows_itself_to_nobody() -> None:
    token = auth.parse(f"Bearer {TOKEN}")
    assert (token.account_id, token.text, token.sha256) == (f"acct_{ULID}", TOKEN, auth.digest(TOKEN))
    assert TOKEN not in repr(token)


def test_no_two_tokens_are_alike() -> None:
    assert len({auth.mint(f"acct_{ULID}", "live")[34:66] for _ in range(100)}) == 100


def test_the_check_is_an_hmac_sha256_in_six_base62_characters() -> None:
    mac = hmac.new(b"secret", b"body", "sha256").digest()
    expected = int.from_bytes(mac[:8]) % 62**6
    check = auth.check("body", "secret")
    assert len(check) == 6
    assert sum(BASE62.index(digit) * 62**place for place, digit in enumerate(check[::-1])) == expected


def test_a_token_of_another_deployment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_SECRET", "another deployment's")
    assert is_refused(TOKEN)


def test_a_token_issued_under_the_previous_secret_works_while_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREVIOUS_TOKEN_SECRET", auth.deployment_secret())
    monkeypatch.setenv("TOKEN_SECRET", "new")
    assert not is_refused(TOKEN)
    assert not is_refused(auth.mint(f"acct_{ULID}", "live"))
    monkeypatch.setenv("PREVIOUS_TOKEN_SECRET", "")
    assert is_refused(TOKEN)


def test_an_empty_previous_secret_accepts_no_token() -> None:
    body = TOKEN[:-6]
    assert is_refused(body + auth.check(body, ""))


@given(st.builds(new_ulid), st.sampled_from(["live", "test"]))
def test_every_minted_token_is_accepted(ulid: str, environment: str) -> None:
    token = auth.mint(f"acct_{ulid}", "live" if environment == "live" else "test")
    assert auth.parse(f"Bearer {token}").account_id == f"acct_{ulid}"


@given(st.integers(0, 71), st.sampled_from(BASE62 + "_- .é٣") | st.characters(exclude_categories=["Cs"]))
def test_a_token_with_any_one_character_changed_is_refused(position: int, character: str) -> None:
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]
    assert is_refused(changed) is (changed != TOKEN)


@given(st.integers(0, 70))
def test_a_token_with_two_neighbours_swapped_or_one_character_lost_is_refused(position: int) -> None:
    swapped = TOKEN[:position] + TOKEN[position + 1] + TOKEN[position] + TOKEN[position + 2 :]
    assert is_refused(swapped) is (swapped != TOKEN)
    assert is_refused(TOKEN[:position] + TOKEN[position + 1 :])


@given(st.text(max_size=200))
def test_any_other_header_is_refused_and_not_repeated(header: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        auth.parse(header)
    assert len(header) < 20 or header not in refusal.value.message


@pytest.mark.parametrize(
    ("scope", "needed", "granted"),
    [
        ("*", "assistants:read", True),
        ("*", "calls:route", True),
        ("assistants:*", "assistants:read", True),
        ("assistants:*", "assistants:write", True),
        ("assistants:*", "assistants_old:read", False),
        ("assistants:*", "calls:route", False),
        ("assistants:read", "assistants:read", True),
        ("assistants:read", "assistants:write", False),
        ("assistants:read", "assistants:read_all", False),
        ("assistants:read", "assistants", False),
        ("assistants", "assistants:read", False),
        ("assist*", "assistants:read", False),
        ("*:read", "assistants:read", False),
        ("", "assistants:read", False),
        ("Assistants:Read", "assistants:read", False),
    ],
)
def test_a_scope_grants_part_by_part(scope: str, needed: str, granted: bool) -> None:
    assert grants(scope, needed) is granted


@given(st.sampled_from(SCOPES), st.sampled_from(SCOPES))
def test_an_exact_scope_grants_itself_alone(scope: str, needed: str) -> None:
    assert grants(scope, needed) is (scope == needed)


def key(**changes: object) -> ApiKey:
    return ApiKey.model_validate(
        {
            "id": "key_" + "0" * 64,
            "account_id": f"acct_{ULID}",
            "name": "tests",
            "key_prefix": "tk_live_",
            "environment": "live",
            "scopes": ["calls:route"],
            "created_at": "2024-01-15T10:00:00Z",
            **changes,
        }
    )


def test_a_key_is_good_until_the_second_it_expires() -> None:
    expires = datetime(2024, 1, 15, 10, tzinfo=UTC)
    one = key(expires_at=expires)
    assert auth.verify(one, expires.replace(hour=9, minute=59, second=59)) is one
    with pytest.raises(Unauthenticated, match="expired"):
        auth.verify(one, expires)


def test_a_key_that_was_revoked_and_has_expired_is_called_revoked() -> None:
    with pytest.raises(Unauthenticated, match="revoked"):
        auth.verify(key(is_active=False, expires_at=datetime(2024, 1, 15, tzinfo=UTC)), datetime.now(UTC))


@pytest.mark.parametrize(("scopes", "named"), [([], "none"), (["calls:route", "phone_numbers:*"], "phone_numbers:*")])
def test_a_missing_scope_is_named_with_those_there_are(scopes: list[str], named: str) -> None:
    with pytest.raises(MissingScope, match=r"lacks the scope assistants:read") as refusal:
        auth.authorize(key(scopes=scopes), "assistants:read", "my-team")
    assert named in refusal.value.message
