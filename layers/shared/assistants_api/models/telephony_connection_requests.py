"""What may be asked of telephony connections."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from pydantic import MISSING, AfterValidator, Field, StringConstraints

from assistants_api.errors import InvalidRequest
from assistants_api.models.changes import Changes, Instant
from assistants_api.models.creation import Creation
from assistants_api.models.fallback_requests import FallbackSettings
from assistants_api.models.ids import new_connection_id, timestamp
from assistants_api.models.parsing import AccountBody, Body, OptionalAccountBody
from assistants_api.models.telephony_connection import (
    MEDIA_SECRET,
    OF_MEDIA,
    OF_WEBHOOKS,
    OWN,
    SECRETS,
    SHARED_KEY,
    ConnectionProvider,
    ConnectionWrite,
    MediaKind,
    TelephonyConnection,
    attributes_of,
    shown_credentials,
)
from assistants_api.models.urls import ServerUrl, SipUri, StreamUrl
from assistants_api.models.variants import Fields, Variant, details, part, wrong_fields

MAX_SECRET = 500  # characters; two of them fit into the 4 KB that KMS encrypts
WRITE_ONLY: dict[str, Any] = {"writeOnly": True}


def _form(pattern: str, rule: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(rule)
        return text

    return check


def _public_key(text: str) -> str:
    try:
        is_key = len(b64decode(text, validate=True)) == 32
    except ValueError:
        is_key = False
    if not is_key:
        raise ValueError("must be the public key as Telnyx shows it: 44 characters of base64.")
    return text


AccountSid = Annotated[
    str,
    AfterValidator(
        _form("AC[0-9a-f]{32}", "must be the Account SID as Twilio shows it: AC and 32 hexadecimal digits.")
    ),
    Field(json_schema_extra={"pattern": "^AC[0-9a-f]{32}$"}),
]
PublicKey = Annotated[str, StringConstraints(max_length=100), AfterValidator(_public_key)]
AgentName = Annotated[
    str,
    AfterValidator(_form("[A-Za-z0-9._-]{1,100}", "must be 1 to 100 letters, digits, dots, hyphens and underscores.")),
]
Username = Annotated[
    str, AfterValidator(_form("[!-~]{1,100}", "must be 1 to 100 visible ASCII characters, such as trunk."))
]
CloudAgent = Annotated[
    str,
    AfterValidator(
        _form(
            "[A-Za-z0-9_-]{1,100}[.][A-Za-z0-9_-]{1,100}",
            "must be the names of the agent and the organization, such as sales.my-org.",
        )
    ),
]
# A field that holds a secret has repr=False, beside this type: no message quotes what is sent for it.
Secret = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_SECRET),
    AfterValidator(_form("[!-~]*", "must be visible ASCII without spaces; send it as the provider shows it.")),
    Field(json_schema_extra={"pattern": "^[!-~]*$"}),
]


class MediaSettings(Variant):
    """Where the media of a call should go."""

    decided_by = "kind"
    variants = {
        "stream": Fields(required=("url",)),
        "sip": Fields(required=("uri",), optional=("username", MEDIA_SECRET)),
        "pipecat-cloud": Fields(required=("agent",)),
    }

    kind: MediaKind = Field(description="Where the media goes.", examples=["stream"])
    url: StreamUrl | None = part("Of a `stream`: its address, `wss` and a public host.", "wss://bots.example.com/ws")
    uri: SipUri | None = part("Of a `sip` endpoint: its address, `sips` and a public host.", "sips:bot@sip.example.com")
    username: Username | None = part("Of a `sip` endpoint: the user name, if it wants one.", "bot")
    agent: CloudAgent | None = part("At `pipecat-cloud`: the names of the agent and the organization.", "sales.my-org")
    password: Secret | None = Field(
        None,
        description="Of a `sip` endpoint with a user name: the password. No answer shows it.",
        examples=["00000000"],
        repr=False,
        exclude_if=lambda it: it is None,
        json_schema_extra=WRITE_ONLY,
    )

    def check_password(self) -> None:
        """Raises InvalidRequest if a user name has no password, or the other way round."""
        for name, other in (("username", MEDIA_SECRET), (MEDIA_SECRET, "username")):
            if getattr(self, name) is not None and getattr(self, other) is None:
                message = f"is required with a {name}; send both, also when other media with a password are replaced."
                raise InvalidRequest.because(details([(other, message)], "/media/"))

    @property
    def secrets(self) -> dict[str, str]:
        return {MEDIA_SECRET: self.password} if self.password is not None else {}


class Credentials(Body):
    """What a connection authenticates with: each provider has its own of these. No answer shows the secrets."""

    account_sid: AccountSid | MISSING | None = Field(
        MISSING,
        alias="accountSid",
        description="Of `twilio`: the Account SID.",
        examples=["AC00000000000000000000000000000000"],
    )
    auth_token: Secret | MISSING = Field(
        MISSING,
        alias="authToken",
        description="Of `twilio`.",
        examples=["00000000000000000000000000000000"],
        repr=False,
        json_schema_extra=WRITE_ONLY,
    )
    shared_key: Secret | MISSING | None = Field(
        MISSING,
        alias=SHARED_KEY,
        description="Of `twilio`: the shared key of its webhook rules, if the account has such rules.",
        examples=["0000000000000000000000000000000000000000000000000000000000000000"],
        repr=False,
        json_schema_extra=WRITE_ONLY,
    )
    api_key: Secret | MISSING = Field(
        MISSING,
        alias="apiKey",
        description="Of `telnyx` and `livekit`.",
        examples=["APIxxxxxxxxxxxx"],
        repr=False,
        json_schema_extra=WRITE_ONLY,
    )
    api_secret: Secret | MISSING = Field(
        MISSING,
        alias="apiSecret",
        description="Of `livekit`.",
        examples=["00000000000000000000000000000000"],
        repr=False,
        json_schema_extra=WRITE_ONLY,
    )
    public_key: PublicKey | MISSING | None = Field(
        MISSING,
        alias="publicKey",
        description="Of `telnyx`: the public key with which its webhooks are verified.",
        examples=["e5Z2oKXxTT8r4AZ/S2cnNWJ5UBTfB8Iw3Uk1CWw9v0I="],
    )
    url: ServerUrl | MISSING | None = Field(
        MISSING, description="Of `livekit`: the server.", examples=["wss://my-project.livekit.cloud"]
    )
    agent_name: AgentName | MISSING | None = Field(
        MISSING, alias="agentName", description="Of `livekit`: the agent to dispatch.", examples=["inbound-agent"]
    )
    username: Username | MISSING | None = Field(
        MISSING, description="Of `sip`: the user name, if it wants one.", examples=["trunk"]
    )
    password: Secret | MISSING = Field(
        MISSING,
        description="Of `sip`, with a user name.",
        examples=["00000000"],
        repr=False,
        json_schema_extra=WRITE_ONLY,
    )

    def secrets(self) -> dict[str, str]:
        """Those sent, as requests spell them, without the shared key."""
        sent = {spelling: getattr(self, name) for spelling, name in FIELD_OF_SECRET.items() if spelling != SHARED_KEY}
        return {spelling: value for spelling, value in sent.items() if value is not MISSING}

    def webhook_secrets(self) -> dict[str, dict[str, str]]:
        """What to store of the shared key, if it was sent; null removes it."""
        if self.shared_key is MISSING:
            return {}
        return {OF_WEBHOOKS: {SHARED_KEY: self.shared_key} if self.shared_key else {}}


BY_PROVIDER: dict[str, Fields] = {
    "twilio": Fields(required=("account_sid", "auth_token"), optional=("shared_key",)),
    "telnyx": Fields(required=("api_key", "public_key")),
    "livekit": Fields(required=("url", "api_key", "api_secret"), optional=("agent_name",)),
    "sip": Fields(together=("username", "password")),
}
# The secrets are for what these name: they do not stay when it changes, or they could be had by naming another.
BOUND_TO = ("account_sid", "url", "username")
SPELLINGS = {name: field.alias or name for name, field in Credentials.model_fields.items()}
FIELD_OF_SECRET = {SPELLINGS[name]: name for name, field in Credentials.model_fields.items() if not field.repr}
UNSHOWN: Any = {"account_slug": True, "media": {MEDIA_SECRET}} | dict.fromkeys(FIELD_OF_SECRET.values(), True)


class NewTelephonyConnection(Credentials, Variant, AccountBody, Creation):
    """The body of POST /api/telephony-connections."""

    decided_by = "provider"
    variants = BY_PROVIDER

    provider: ConnectionProvider = Field(examples=["twilio"])
    media: MediaSettings | None = Field(None, repr=False)
    fallback: FallbackSettings = Field(default_factory=lambda: FallbackSettings(kind="reject"))

    def to_write(self, account_id: str) -> ConnectionWrite:
        """Raises InvalidRequest."""
        secrets = {OWN: self.secrets(), **self.webhook_secrets()}
        if self.media:
            self.media.check_password()
            secrets[OF_MEDIA] = self.media.secrets
        now = timestamp()
        shown = self.model_dump(exclude=UNSHOWN)
        stored = {attribute for attribute, group in secrets.items() if group}
        fresh: dict[str, Any] = {"id": new_connection_id(account_id), "created_at": now, "updated_at": now}
        fresh["credentials"] = shown_credentials(self.provider, stored)
        return ConnectionWrite(TelephonyConnection.model_validate(shown | fresh), secrets)


class TelephonyConnectionChanges(Credentials, OptionalAccountBody, Changes):
    """The body of PATCH /api/telephony-connections/{connectionId}. Null removes what is optional."""

    read_only = frozenset({"id", "provider", "credentials", "created_at", "updated_at"})
    outdated = frozenset({"updated_at", "credentials"})

    media: MediaSettings | MISSING | None = Field(MISSING, repr=False)
    fallback: FallbackSettings | MISSING = MISSING

    id: str | MISSING = MISSING
    provider: str | MISSING = MISSING
    credentials: list[str] | MISSING = Field(MISSING, max_length=10)
    created_at: Instant | MISSING = MISSING
    updated_at: Instant | MISSING = MISSING

    def shown(self) -> dict[str, Any]:
        return self.model_dump(exclude=UNSHOWN)

    def to_write(self, stored: TelephonyConnection) -> ConnectionWrite | None:
        """The connection after the changes; None when all of them are stored already. A secret is always a change.

        Raises ReadOnlyField, ChangedMeanwhile, and InvalidRequest for what does not go with the provider.
        """
        known = stored.model_dump(mode="json")
        fields = {name: value for name, value in self.diff(stored).items() if value != known[name]}
        after = known | fields
        secrets = self._own_secrets(stored, fields, after) | self._media_secrets(fields) | self.webhook_secrets()
        if not fields and not secrets:
            return None
        stays = attributes_of(stored.credentials) - secrets.keys() | {name for name, group in secrets.items() if group}
        after |= {"updated_at": timestamp(), "revision": stored.revision + 1}
        after["credentials"] = shown_credentials(stored.provider, stays)
        return ConnectionWrite(TelephonyConnection.model_validate(after), secrets)

    def _own_secrets(
        self, stored: TelephonyConnection, fields: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Mapping[str, str]]:
        sent, names = self.secrets(), SECRETS[stored.provider]
        had = names if OWN in attributes_of(stored.credentials) else ()
        dropped = bool(had and not sent and stored.provider == "sip" and after["username"] is None)
        given = {name for name in Credentials.model_fields if after.get(name) is not None}
        given |= {FIELD_OF_SECRET[name] for name in (*sent, *(() if dropped else had))}
        given |= {"shared_key"} if self.webhook_secrets() else set()
        _refuse(wrong_fields(NewTelephonyConnection, stored.provider, given))
        moved = [SPELLINGS[name] for name in BOUND_TO if name in fields]
        if dropped or not (sent or moved):
            return {OWN: {}} if dropped else {}
        why = f"is required with {' and '.join([*moved, *sent])}: the secrets of a connection are replaced together."
        _refuse((name, why) for name in names if name not in sent)
        return {OWN: sent}

    def _media_secrets(self, fields: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
        if isinstance(self.media, MediaSettings) and ("media" in fields or self.media.password is not None):
            self.media.check_password()
            return {OF_MEDIA: self.media.secrets}
        return {OF_MEDIA: {}} if "media" in fields else {}


def _refuse(faults: Iterable[tuple[str, str]]) -> None:
    if found := [*faults]:
        raise InvalidRequest.because(details(found))
