"""What may be asked of API keys, by their owner over HTTP and by the operator."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import MISSING, AfterValidator, Field

from assistants_api.errors import GrantsTooMuch, MissingScope
from assistants_api.models.api_key import MAX_SCOPES, PREFIX_LENGTH, SCOPES, ApiKey, Environment, grants
from assistants_api.models.changes import Changes, Instant
from assistants_api.models.creation import Creation
from assistants_api.models.ids import timestamp
from assistants_api.models.pagination import Pagination
from assistants_api.models.parsing import Body, Integer, OptionalAccountBody
from assistants_api.models.text import Name, Slug

WEEK = 7 * 24 * 60 * 60


def _scope(text: str) -> str:
    if text not in SCOPES and not (text.endswith("*") and any(grants(text, scope) for scope in SCOPES)):
        raise ValueError(f"must be * or one of {', '.join(SCOPES)}, or a part of one with *, as assistants:*.")
    return text


KINDS = dict.fromkeys(scope.partition(":")[0] for scope in SCOPES)
Scope = Annotated[
    str,
    AfterValidator(_scope),
    Field(json_schema_extra={"enum": [*SCOPES, *(f"{kind}:*" for kind in KINDS), "*"]}),
]


class KeySettings(Creation):
    """What an API key is created with."""

    name: Name
    environment: Environment = "live"
    scopes: list[Scope] = Field(min_length=1, max_length=MAX_SCOPES)
    expires_in_days: Integer | None = Field(
        None, ge=1, le=3650, description="Days until the key stops working; null is never.", examples=[365]
    )
    rate_limit_per_hour: Integer | None = Field(1000, ge=1, le=1_000_000, description="Requests; null is unlimited.")

    def to_api_key(self, account_id: str, token: str, token_sha256: str) -> ApiKey:
        now = datetime.now(UTC).replace(microsecond=0)
        return ApiKey(
            id=f"key_{token_sha256}",
            account_id=account_id,
            name=self.name,
            key_prefix=token[:PREFIX_LENGTH],
            environment=self.environment,
            scopes=self.scopes,
            created_at=timestamp(now),
            expires_at=now + timedelta(days=self.expires_in_days) if self.expires_in_days else None,
            rate_limit_per_hour=self.rate_limit_per_hour,
        )


class NewApiKey(KeySettings, OptionalAccountBody):
    """The body of POST /api/api-keys. What it leaves out is never more than the caller's own key has."""

    def to_api_key_of(self, creator: ApiKey, token: str, token_sha256: str) -> ApiKey:
        """Raises MissingScope and GrantsTooMuch."""
        api_key = self.to_api_key(creator.account_id, token, token_sha256)
        inherited: dict[str, Any] = {}
        if "expires_in_days" not in self.model_fields_set:
            inherited["expires_at"] = creator.expires_at
        if "rate_limit_per_hour" not in self.model_fields_set and creator.rate_limit_per_hour is not None:
            limits = (api_key.rate_limit_per_hour, creator.rate_limit_per_hour)
            inherited["rate_limit_per_hour"] = min(limit for limit in limits if limit is not None)
        api_key = api_key.model_copy(update=inherited)
        check_grants(creator, api_key)
        return api_key


class ApiKeyChanges(OptionalAccountBody, Changes):
    """The body of PATCH /api/api-keys/{apiKeyId}."""

    read_only = frozenset(
        {"id", "key_prefix", "environment", "scopes", "created_at", "expires_at", "last_used_at", "rate_limit_per_hour"}
    )
    outdated = frozenset({"expires_at"})

    name: Name | MISSING = MISSING
    is_active: bool | MISSING = MISSING

    id: str | MISSING = MISSING
    key_prefix: str | MISSING = MISSING
    environment: str | MISSING = MISSING
    scopes: list[str] | MISSING = Field(MISSING, max_length=100)
    created_at: Instant | MISSING = MISSING
    expires_at: Instant | MISSING | None = MISSING
    # Not compared: it changes as the key is used.
    last_used_at: str | MISSING | None = Field(MISSING, exclude=True, max_length=100)
    rate_limit_per_hour: Integer | MISSING | None = MISSING


class ApiKeyRotation(OptionalAccountBody, Creation):
    """The body of POST /api/api-keys/{apiKeyId}/rotate."""

    grace_seconds: Integer = Field(
        600,
        ge=0,
        le=WEEK,
        description="Seconds for which the old key still works. It can't create or rotate keys meanwhile.",
    )


class ApiKeyQuery(Pagination):
    """The query parameters of GET /api/api-keys."""


class NewAccountApiKey(KeySettings):
    """The payload of the operator's action create_api_key."""

    slug: Slug


class RevokedApiKey(Body):
    """The payload of the operator's action revoke_api_key."""

    slug: Slug
    id: str


def check_grants(giver: ApiKey, given: ApiKey) -> None:
    """Raises MissingScope or GrantsTooMuch when the key that is given would have more than the one that gives it."""
    if giver.rotated_at:
        raise GrantsTooMuch("This API key was rotated; use the key that took its place.")
    for scope in given.scopes:
        if not any(grants(own, scope) for own in giver.scopes):
            raise MissingScope(f"The API key lacks the scope {scope}, so it can't give it to another key.")
    if giver.expires_at and (given.expires_at is None or given.expires_at > giver.expires_at):
        raise GrantsTooMuch(
            f"The API key expires at {timestamp(giver.expires_at)}, so it can't give a key that lasts longer. "
            "Leave expires_in_days out when you create one, or use a key that lasts longer."
        )
    limit, wanted = giver.rate_limit_per_hour, given.rate_limit_per_hour
    if limit is not None and (wanted is None or wanted > limit):
        raise GrantsTooMuch(
            f"The API key allows {limit:,} requests an hour, so it can't give a key that allows more. "
            f"Send a rate_limit_per_hour of at most {limit} when you create one, or use a key that allows more."
        )
