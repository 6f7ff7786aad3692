"""An API key: who calls, for which account, and what they may do."""

from datetime import datetime
from typing import Any, Literal

from assistants.models.ids import timestamp
from assistants.models.parsing import Resource

SHOWN_OF_TOKEN = len("tk_live_") + 26 + 4  # the environment, the account and the first four characters of the secret
Environment = Literal["live", "test"]

SCOPES = (
    "assistants:read",
    "assistants:write",
    "phone_numbers:read",
    "phone_numbers:write",
    "calls:route",
    "api_keys:read",
    "api_keys:write",
)


class ApiKey(Resource):
    """What is known of a key. Of the token itself only the SHA-256 is stored; the id is made of it."""

    id: str
    account_id: str
    account_slug: str
    name: str
    key_prefix: str
    environment: Environment
    scopes: list[str]
    is_active: bool = True
    created_at: str
    expires_at: datetime | None = None
    last_used_at: str | None = None  # to the hour
    rate_limit_per_hour: int | None = None  # None is unlimited
    rotated_at: str | None = None

    def is_live(self, now: datetime) -> bool:
        return self.is_active and (self.expires_at is None or self.expires_at > now)

    def renewed(self, token: str, token_sha256: str) -> "ApiKey":
        """A key like this one for another token."""
        fresh = {
            "id": f"key_{token_sha256}",
            "key_prefix": token[:SHOWN_OF_TOKEN],
            "created_at": timestamp(),
            "last_used_at": None,
        }
        return self.model_copy(update=fresh)

    def shown(self) -> dict[str, Any]:
        """The key as its owner sees it."""
        return self.model_dump(mode="json", exclude={"account_id", "account_slug", "rotated_at"})


def grants(scope: str, needed: str) -> bool:
    """Compares part by part: `*` grants all, `assistants:*` grants `assistants:read` but not `assistants_old:read`."""
    granted, wanted = scope.split(":"), needed.split(":")
    if granted[-1] == "*":
        return granted[:-1] == wanted[: len(granted) - 1]
    return granted == wanted
