"""A telephony connection: how calls reach a carrier or a media server, and what happens if nobody answers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from assistants_api.models.fallback import Fallback
from assistants_api.models.ids import Timestamp
from assistants_api.models.parsing import Resource
from assistants_api.models.variants import part

ConnectionProvider = Literal["twilio", "telnyx", "livekit", "sip"]
MediaKind = Literal["stream", "sip", "pipecat-cloud"]

# The secrets of each provider, as requests spell them. They are stored together, and replaced together.
SECRETS: Mapping[ConnectionProvider, tuple[str, ...]] = {
    "twilio": ("authToken",),
    "telnyx": ("apiKey",),
    "livekit": ("apiKey", "apiSecret"),
    "sip": ("password",),
}
MEDIA_SECRET = "password"  # noqa: S105  its name
SHOWN_MEDIA_SECRET = f"media.{MEDIA_SECRET}"
SHARED_KEY = "sharedKey"  # of Twilio's webhook rules, which may come and go by itself

# Where each group of secrets is stored, encrypted.
OWN, OF_MEDIA, OF_WEBHOOKS = "credentials", "media_credentials", "webhook_credentials"
SHOWN = {SHOWN_MEDIA_SECRET: OF_MEDIA, SHARED_KEY: OF_WEBHOOKS}


class Media(Resource):
    """Where the media of a call goes."""

    kind: MediaKind = Field(
        description="`stream` is a WebSocket, `sip` a SIP endpoint, `pipecat-cloud` an agent at Pipecat Cloud.",
        examples=["stream"],
    )
    url: str | None = part("Of a `stream`: its address.", "wss://bots.example.com/ws")
    uri: str | None = part("Of a `sip` endpoint: its address.", "sips:bot@sip.example.com")
    username: str | None = part("Of a `sip` endpoint: the user name, if it wants one.", "bot")
    agent: str | None = part("At `pipecat-cloud`: the names of the agent and the organization.", "sales.my-org")


class TelephonyConnection(Resource):
    """A connection as it is answered, without its secrets."""

    id: str = Field(
        description="Unique identifier for the connection.",
        examples=["conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"],
    )
    provider: ConnectionProvider = Field(description="Who carries the calls.", examples=["twilio"])
    account_sid: str | None = Field(
        None, description="Of `twilio`: the Account SID.", examples=["AC00000000000000000000000000000000"]
    )
    public_key: str | None = Field(
        None,
        description="Of `telnyx`: the public key with which its webhooks are verified.",
        examples=["e5Z2oKXxTT8r4AZ/S2cnNWJ5UBTfB8Iw3Uk1CWw9v0I="],
    )
    url: str | None = Field(None, description="Of `livekit`: the server.", examples=["wss://my-project.livekit.cloud"])
    agent_name: str | None = Field(None, description="Of `livekit`: the agent to dispatch.", examples=["inbound-agent"])
    username: str | None = Field(None, description="Of `sip`: the user name, if it wants one.", examples=["trunk"])
    credentials: list[str] = Field(
        description="The names of the secrets that are stored. No answer shows the secrets themselves.",
        examples=[["authToken"]],
        json_schema_extra={"maxItems": 3},
    )
    media: Media | None = Field(None, description="Where the media of a call goes; null for nowhere.")
    fallback: Fallback = Field(description="What happens to a call that nobody answers.")
    created_at: Timestamp = Field(
        description="ISO 8601 timestamp of when the connection was created.", examples=["2024-01-15T10:00:00Z"]
    )
    updated_at: Timestamp = Field(
        description="ISO 8601 timestamp of the last change.", examples=["2024-01-15T10:00:00Z"]
    )
    revision: int = Field(1, exclude=True)  # counts the changes, those of secrets too
    imports: int = Field(0, exclude=True)  # counts the imports of numbers through it

    @property
    def etag(self) -> str:
        return str(self.revision)


@dataclass(frozen=True)
class ConnectionWrite:
    """A connection as it should be stored.

    `secrets` are those to encrypt, by the attribute that they are stored in; one with none is removed.
    """

    connection: TelephonyConnection
    secrets: Mapping[str, Mapping[str, str]] = field(repr=False)


def shown_credentials(provider: ConnectionProvider, stored: Collection[str]) -> list[str]:
    """The names of the secrets that are stored in these attributes."""
    own = SECRETS.get(provider, ()) if OWN in stored else ()
    return [*own, *(name for name, attribute in SHOWN.items() if attribute in stored)]


def attributes_of(credentials: Collection[str]) -> set[str]:
    """The attributes that the secrets of these names are stored in."""
    return {SHOWN.get(name, OWN) for name in credentials}
