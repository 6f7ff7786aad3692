"""An account, and what an operator may ask to be done to it and its API keys."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from assistants.models.api_key import SCOPES, ApiKey, Environment, grants
from assistants.models.ids import timestamp
from assistants.models.parsing import Body, Resource
from assistants.models.text import Name, Slug


class Account(Resource):
    id: str
    slug: str
    name: str
    created_at: str


def _scope(text: str) -> str:
    if text not in SCOPES and not (text.endswith("*") and any(grants(text, scope) for scope in SCOPES)):
        raise ValueError(f"must be * or one of {', '.join(SCOPES)}, or a part of one with *, as assistants:*.")
    return text


class NewAccount(Body):
    """The payload of the action create_account."""

    slug: Slug
    name: Name


class NewApiKey(Body):
    """The payload of the action create_api_key."""

    slug: Slug
    name: Name
    environment: Environment
    scopes: list[Annotated[str, AfterValidator(_scope)]] = Field(min_length=1, max_length=20)
    expires_in_days: int | None = Field(None, ge=1, le=3650)

    def of(self, account_id: str, token: str, token_sha256: str) -> ApiKey:
        now = datetime.now(UTC)
        return ApiKey(
            id=f"key_{token_sha256}",
            account_id=account_id,
            account_slug=self.slug,
            name=self.name,
            key_prefix=token[:SHOWN_OF_TOKEN],
            environment=self.environment,
            scopes=self.scopes,
            created_at=timestamp(now),
            expires_at=now + timedelta(days=self.expires_in_days) if self.expires_in_days else None,
        )


class AccountApiKeys(Body):
    """The payload of the action list_api_keys."""

    slug: Slug


class RevokedApiKey(Body):
    """The payload of the action revoke_api_key."""

    slug: Slug
    id: str


SHOWN_OF_TOKEN = len("tk_live_") + 26 + 4  # the environment, the account and the first four characters of the secret
