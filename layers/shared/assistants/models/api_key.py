"""An API key: who calls, for which account, and what they may do."""

from datetime import datetime
from typing import Any, Literal

from assistants.models.parsing import Resource

Environment = Literal["live", "test"]

SCOPES = ("assistants:read", "assistants:write", "phone_numbers:read", "phone_numbers:write", "calls:route")


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

    def shown(self) -> dict[str, Any]:
        """The key as its owner sees it."""
        return self.model_dump(mode="json", exclude={"account_id", "account_slug"})


def grants(scope: str, needed: str) -> bool:
    """Compares part by part: `*` grants all, `assistants:*` grants `assistants:read` but not `assistants_old:read`."""
    granted, wanted = scope.split(":"), needed.split(":")
    if granted[-1] == "*":
        return granted[:-1] == wanted[: len(granted) - 1]
    return granted == wanted
