"""Bearer tokens: their format, their hash, their scopes.

A token is `tk_live_` or `tk_test_`, the 26 characters of the account's ULID, 32 characters of secret and 6 of a check.
It names its account, so that the API key can be read together with the resource, in one round trip. Only the SHA-256 of
a token is stored, and that is the authentication.

The check is an HMAC under a secret of the deployment. So a token that this deployment did not issue is refused without
a call to the database, whoever made it up. Tokens issued under the previous secret keep working while that is set.
"""

import hmac
import os
import re
import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from assistants_api.errors import AccountMismatch, MissingScope, Unauthenticated
from assistants_api.models.api_key import ApiKey, Environment, grants

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
TOKEN = re.compile(r"tk_(?:live|test)_([0-7][0-9a-hjkmnp-tv-z]{25})[0-9A-Za-z]{38}")


@dataclass(frozen=True, slots=True)
class Token:
    account_id: str
    sha256: str
    text: str = field(repr=False)

    @property
    def key_id(self) -> str:
        """The id of the API key whose token this is."""
        return f"key_{self.sha256}"


def deployment_secret() -> str:
    return os.environ["TOKEN_SECRET"]


def accepted_secrets() -> list[str]:
    """The deployment's secret and, while it is set, the previous one."""
    return list(filter(None, [deployment_secret(), os.environ.get("PREVIOUS_TOKEN_SECRET")]))


def fingerprints(request: str) -> list[str]:
    """What tells a request from others, under each accepted secret."""
    return [_hmac(f"request {request}", secret).hex() for secret in accepted_secrets()]


def mint(account_id: str, environment: Environment) -> str:
    """A new token for the account, made with the environment variable TOKEN_SECRET."""
    return _token(account_id, environment, "".join(secrets.choice(BASE62) for _ in range(32)), deployment_secret())


def derive(account_id: str, environment: Environment, seed: str, deployment_secret: str) -> str:
    """The token for the account that follows from the seed, for whoever has the deployment's secret."""
    secret = _base62(_hmac(f"token {seed}", deployment_secret), 32)
    return _token(account_id, environment, secret, deployment_secret)


def _token(account_id: str, environment: Environment, secret: str, deployment_secret: str) -> str:
    body = f"tk_{environment}_{account_id.removeprefix('acct_')}{secret}"
    return body + check(body, deployment_secret)


def check(body: str, deployment_secret: str) -> str:
    """The HMAC-SHA256 of the token's body as 6 base62 characters, which is 35 bits of it."""
    return _base62(_hmac(body, deployment_secret)[:8], 6)


def _hmac(text: str, deployment_secret: str) -> bytes:
    return hmac.digest(deployment_secret.encode(), text.encode(), sha256)


def _base62(number: bytes, length: int) -> str:
    rest, digits = int.from_bytes(number), ""
    for _ in range(length):
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return digits


def is_issued_here(token: str) -> bool:
    """Whether the check is right under the deployment's secret, or under the previous one."""
    return any(hmac.compare_digest(check(token[:-6], secret), token[-6:]) for secret in accepted_secrets())


def parse(authorization: str | None) -> Token:
    """The token of an `Authorization: Bearer <token>` header, raises Unauthenticated; asks no database."""
    token = bearer(authorization, "API key")
    match = TOKEN.fullmatch(token)
    if not match or not is_issued_here(token):
        raise Unauthenticated(
            "The token is no API key of this deployment; copy the whole key, tk_live_... or tk_test_..."
        )
    return Token(account_id=f"acct_{match[1]}", sha256=digest(token), text=token)


def bearer(authorization: str | None, kind: str) -> str:
    """The text of the token; `kind` says what it should be. Raises Unauthenticated."""
    if not authorization:
        raise Unauthenticated(f'Send your {kind} in the header "Authorization: Bearer <token>".')
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated('The Authorization header must have the form "Bearer <token>".')
    return token.strip(" ")


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def verify(key: ApiKey | None, now: datetime) -> ApiKey:
    """The key when it may be used at this moment, raises Unauthenticated."""
    if key is None:
        raise Unauthenticated("The API key is unknown; use one of this deployment.")
    if not key.is_active:
        raise Unauthenticated("The API key was revoked; use another.")
    if key.expires_at is not None and key.expires_at <= now:
        raise Unauthenticated("The API key has expired; ask for a new one.")
    return key


def authorize(key: ApiKey, needed: str | None, account_slug: str, *slugs: str) -> None:
    """Raises MissingScope unless one of the key's scopes grants the one needed, if any, and AccountMismatch unless the
    slugs that the request names are that of the key's account."""
    if needed is not None and not any(grants(scope, needed) for scope in key.scopes):
        raise MissingScope(f"The API key lacks the scope {needed}; it has {', '.join(key.scopes) or 'none'}.")
    if any(slug != account_slug for slug in slugs):
        raise AccountMismatch(f"accountSlug is not the account of this API key, which is {account_slug}.")
