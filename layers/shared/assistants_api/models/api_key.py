"""An API key: who calls, for which account, and what they may do."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from assistants_api.models.ids import Timestamp, timestamp
from assistants_api.models.parsing import Resource

PREFIX_LENGTH = len("tk_live_") + 26 + 4  # of a token: environment, account, the first four characters of the secret
Environment = Literal["live", "test"]
OPERATOR = "operator"  # who makes and revokes keys without one

SCOPES = (
    "assistants:read",
    "assistants:write",
    "phone_numbers:read",
    "phone_numbers:write",
    "calls:route",
    "calls:read",
    "telephony:read",
    "telephony:write",
    "api_keys:read",
    "api_keys:write",
)
MAX_SCOPES = 20  # of a key
# No answer shows these.
PRIVATE_FIELDS = {"account_id", "rotated_at", "revoked_at", "usage_id", "old_counters"}


class ApiKey(Resource):
    """What is known of a key. Of the token itself only the SHA-256 is stored; the id is made of it."""

    untagged = frozenset({"last_used_at", "old_counters"})

    id: str = Field(
        description="Unique identifier for the API key.",
        examples=["key_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    account_id: str = Field(
        description="The account that the key is for.", examples=["acct_01jd5xexamp1e0000000000000"]
    )
    name: str = Field(
        description="A human-readable name for the key: 1 to 200 characters. Spaces around it are trimmed.",
        examples=["CI"],
    )
    key_prefix: str = Field(
        description="The start of the key, to tell it from others.", examples=["tk_live_01jd5xexamp1e0000000000000aB3d"]
    )
    environment: Environment = Field(
        description="What the key starts with: `tk_live_` or `tk_test_`. Both work alike.", examples=["live"]
    )
    scopes: list[str] = Field(
        description="What the key may do: `*` is everything, `assistants:*` all of one kind.",
        examples=[["assistants:read", "assistants:write"]],
        json_schema_extra={"maxItems": MAX_SCOPES},
    )
    is_active: bool = Field(True, description="Whether the key opens anything.", examples=[True])
    created_at: Timestamp = Field(
        description="ISO 8601 timestamp of when the key was created.", examples=["2024-01-15T10:00:00Z"]
    )
    expires_at: datetime | None = Field(
        None,
        description="ISO 8601 timestamp of when the key stops working; null is never.",
        examples=["2025-01-15T10:00:00Z"],
    )
    last_used_at: Timestamp | None = Field(
        None, description="ISO 8601 timestamp of the hour of its last use.", examples=["2024-01-15T10:00:00Z"]
    )
    rate_limit_per_hour: int | None = Field(
        None, description="Requests that the key may make in an hour; null is unlimited.", examples=[1000]
    )
    rotated_at: str | None = Field(
        None, description="ISO 8601 timestamp of when another key took its place.", examples=["2024-01-15T10:00:00Z"]
    )

    revoked_at: str | None = Field(
        None, description="ISO 8601 timestamp of when the operator revoked the key.", examples=["2024-01-15T10:00:00Z"]
    )
    usage_id: str | None = Field(
        None, description="The key whose count of requests this one continues, if it is not its own.", examples=[None]
    )

    old_counters: list[str] = Field(default_factory=list, exclude=True)  # attributes that an earlier release counted in

    @property
    def counts_as(self) -> str:
        """The id of the key whose count of requests this one continues: rotation keeps it."""
        return self.usage_id or self.id

    def is_usable(self, now: datetime) -> bool:
        return self.is_active and (self.expires_at is None or self.expires_at > now)

    def rotated(self, token: str, token_sha256: str) -> "ApiKey":
        """A key like this one for another token."""
        fresh = {
            "id": f"key_{token_sha256}",
            "key_prefix": token[:PREFIX_LENGTH],
            "created_at": timestamp(),
            "last_used_at": None,
            "usage_id": self.counts_as,
        }
        return self.model_copy(update=fresh)

    def to_public(self) -> dict[str, Any]:
        """The key as its owner sees it."""
        return self.model_dump(mode="json", exclude=PRIVATE_FIELDS)


@dataclass(frozen=True, slots=True)
class IssuedApiKey:
    """A new key with its token, which is shown once."""

    api_key: ApiKey
    full_key: str = field(repr=False)

    def to_public(self) -> dict[str, Any]:
        return self.api_key.to_public()


def grants(scope: str, needed: str) -> bool:
    """Compares part by part: `*` grants all, `assistants:*` grants `assistants:read` but not `assistants_old:read`."""
    granted, wanted = scope.split(":"), needed.split(":")
    if granted[-1] == "*":
        return granted[:-1] == wanted[: len(granted) - 1]
    return granted == wanted
