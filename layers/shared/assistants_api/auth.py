"""Bearer tokens: their format, their hash, their scopes.

A token is `tk_live_` or `tk_test_`, the 26 characters of the account's ULID, 32 characters of secret and 6 of checksum.
It names its account, so that the API key can be read together with what the request is about, in one round trip.
The checksum spares the database typing errors and garbage; it is no security. Only the SHA-256 of a token is stored.
"""

import re
import secrets
import string
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from assistants_api.errors import AccountMismatch, MissingScope, Unauthenticated
from assistants_api.models.api_key import ApiKey, Environment, grants

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
TOKEN = re.compile(r"tk_(?:live|test)_([0-7][0-9a-hjkmnp-tv-z]{25})[0-9A-Za-z]{32}([0-9A-Za-z]{6})")


@dataclass(frozen=True, slots=True)
class Token:
    account_id: str
    sha256: str
    text: str = field(repr=False)


def mint(account_id: str, environment: Environment) -> str:
    """A new token for the account."""
    secret = "".join(secrets.choice(BASE62) for _ in range(32))
    body = f"tk_{environment}_{account_id.removeprefix('acct_')}{secret}"
    return body + checksum(body)


def checksum(body: str) -> str:
    """The CRC-32 of the text as 6 base62 characters."""
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return digits


def parse(authorization: str | None) -> Token:
    """The token of an `Authorization: Bearer <token>` header, raises Unauthenticated; asks no database."""
    if not authorization:
        raise Unauthenticated('Send your API key in the header "Authorization: Bearer <token>".')
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated('The Authorization header must have the form "Bearer <token>".')
    token = token.strip(" ")
    match = TOKEN.fullmatch(token)
    if not match or checksum(token[:-6]) != match[2]:
        raise Unauthenticated(
            "The token is malformed; copy the whole API key, tk_live_... or tk_test_..., as it was shown."
        )
    return Token(account_id=f"acct_{match[1]}", sha256=digest(token), text=token)


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


def require_scope(key: ApiKey, needed: str) -> None:
    """Raises MissingScope unless one of the key's scopes grants the one needed."""
    if not any(grants(scope, needed) for scope in key.scopes):
        raise MissingScope(f"The API key lacks the scope {needed}; it has {', '.join(key.scopes) or 'none'}.")


def require_account(key: ApiKey, slug: str) -> None:
    """Raises AccountMismatch unless the slug is that of the key's account."""
    if slug != key.account_slug:
        raise AccountMismatch(f"accountSlug is not the account of this API key, which is {key.account_slug}.")
