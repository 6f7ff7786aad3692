"""Each function once: what it needs, a sample of its call, and the calls to DynamoDB that it makes.

`make events` writes the sample events from this, and the tests of what holds for many functions run over it. A new
function starts with a row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ASSISTANT_ID = "asst_01jd5xexamp1e0000000000000"  # no account has it
DELETED_ID = "asst_01jd5xexamp1e0000000000001"  # no account has deleted it
API_KEY_ID = f"key_{'0' * 64}"  # likewise
PHONE_NUMBER = "+14155550101"
PHONE_NUMBER_ID = "pn_14155550101"
CONNECTED_NUMBER_ID = "pn_14155550103"  # one that is imported through a connection
CONNECTION_ID = "conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"  # no account has it
CALL_ID = f"CA{'0' * 32}"  # no carrier told of it
PARTITION = "ACCOUNT#acct_01jd5xexamp1e0000000000000"
SLUG = "my-team"

READ = "BatchGetItem"
QUERY = "Query"
CREATE = "PutItem"
UPDATE = "UpdateItem"
TRANSACT = "TransactWriteItems"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`round_trips` are the calls to DynamoDB, in order, of a call that succeeds in the usual case."""

    name: str
    round_trips: tuple[str, ...] = ()

    @property
    def write(self) -> str | None:
        """The call to DynamoDB that takes effect."""
        return next((call for call in self.round_trips if call not in (READ, QUERY)), None)


@dataclass(frozen=True, kw_only=True)
class Function(Sample):
    """A function behind API Gateway. `path` holds the values of its path parameters, in their order."""

    needs_api_key: bool = True
    scope: str | None = None
    path: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    is_body_optional: bool = False

    @property
    def is_list(self) -> bool:
        """Whether it answers pages of what the table holds."""
        return self.name.startswith("list_") and self.round_trips[-1:] == (QUERY,)


@dataclass(frozen=True, kw_only=True)
class CarrierWebhook(Sample):
    """A function that a carrier calls. `path` holds the values of its path parameters, `form` is the body.

    The signature of its sample event is none; `Account.webhook` signs.
    """

    path: tuple[str, ...]
    form: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class AdminAction(Sample):
    """An action of AdminFunction, by the name of its sample event."""

    payload: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class StreamConsumer(Sample):
    """A function that gets records of the table's stream; its sample event has one, of this item.

    `is_of_pipe` says that a pipe passes the records on, as a list.
    """

    event_name: str
    item: Mapping[str, Mapping[str, object]]  # as DynamoDB has it
    is_of_pipe: bool = False


@dataclass(frozen=True, kw_only=True)
class CustomResource(Sample):
    """A function that CloudFormation asks about a resource of the stack with these properties."""

    properties: Mapping[str, str]


ASSISTANTS = [
    Function(
        name="create_assistant",
        scope="assistants:write",
        body={"accountSlug": SLUG, "name": "Q1 Outbound Setter", "templateId": "outbound-setter"},
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="list_assistants",
        scope="assistants:read",
        query={"limit": "20", "type": "outbound-setter"},
        round_trips=(READ, QUERY),
    ),
    Function(name="get_assistant", scope="assistants:read", path=(ASSISTANT_ID,), round_trips=(READ,)),
    Function(
        name="update_assistant",
        scope="assistants:write",
        path=(ASSISTANT_ID,),
        body={
            "accountSlug": SLUG,
            "system_prompt": "You are a helpful sales assistant for Acme Corp. "
            "Your goal is to qualify leads and book demos.",
            "voice_provider": "elevenlabs",
            "voice_id": "EXAVITQu4vr4xnSDxMaL",
            "recording_enabled": True,
        },
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="delete_assistant",
        scope="assistants:write",
        path=(ASSISTANT_ID,),
        query={"force": "true"},
        body={"accountSlug": SLUG},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="clone_assistant",
        scope="assistants:write",
        path=(ASSISTANT_ID,),
        body={"accountSlug": SLUG, "name": "Q2 Outbound Setter"},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="restore_assistant",
        scope="assistants:write",
        path=(DELETED_ID,),
        body={"accountSlug": SLUG},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="list_versions",
        scope="assistants:read",
        path=(ASSISTANT_ID,),
        query={"limit": "20"},
        round_trips=(READ, QUERY),
    ),
    Function(name="get_version", scope="assistants:read", path=(ASSISTANT_ID, "1"), round_trips=(READ,)),
    Function(
        name="restore_version",
        scope="assistants:write",
        path=(ASSISTANT_ID, "1"),
        body={"accountSlug": SLUG},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="render_assistant",
        scope="assistants:read",
        path=(ASSISTANT_ID,),
        body={"accountSlug": SLUG, "variables": {"contact": {"first_name": "Ada"}}},
        is_body_optional=True,
        round_trips=(READ,),
    ),
    Function(name="export_assistant", scope="assistants:read", path=(ASSISTANT_ID,), round_trips=(READ,)),
    Function(
        name="import_assistant",
        scope="assistants:write",
        body={
            "accountSlug": SLUG,
            "export": {
                "external_id": "sales/outbound",
                "templateId": "outbound-setter",
                "configuration": {"name": "Q1 Outbound Setter", "temperature": 0.4},
            },
        },
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="assign_phone_numbers",
        scope="assistants:write",
        path=(ASSISTANT_ID,),
        body={"accountSlug": SLUG, "phoneNumberIds": [PHONE_NUMBER_ID, "pn_14155550102"]},
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="list_assignable_numbers",
        scope="phone_numbers:read",
        path=(ASSISTANT_ID,),
        round_trips=(READ, QUERY),
    ),
    Function(name="list_templates", scope="assistants:read", round_trips=(READ,)),
    Function(name="get_template", scope="assistants:read", path=("outbound-setter",), round_trips=(READ,)),
    Function(name="list_providers", scope="assistants:read", query={"kind": "voice"}, round_trips=(READ,)),
]

PHONE_NUMBERS = [
    Function(
        name="import_phone_number",
        scope="phone_numbers:write",
        body={"accountSlug": SLUG, "phoneNumber": PHONE_NUMBER, "label": "Main line"},
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="list_phone_numbers",
        scope="phone_numbers:read",
        query={"limit": "100"},
        round_trips=(READ, QUERY),
    ),
    Function(name="get_phone_number", scope="phone_numbers:read", path=(PHONE_NUMBER_ID,), round_trips=(READ,)),
    Function(
        name="update_phone_number",
        scope="phone_numbers:write",
        path=(PHONE_NUMBER_ID,),
        body={"label": "Night line", "status": "suspended"},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="delete_phone_number",
        scope="phone_numbers:write",
        path=(PHONE_NUMBER_ID,),
        query={"force": "true"},
        body={"accountSlug": SLUG},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="sync_phone_number",
        scope="phone_numbers:write",
        path=(CONNECTED_NUMBER_ID,),
        body={"accountSlug": SLUG},
        is_body_optional=True,
        round_trips=(READ, READ, TRANSACT),
    ),
    Function(
        name="route_call",
        scope="calls:route",
        path=(PHONE_NUMBER,),
        query={"caller": "+14155550199"},
        round_trips=(READ, READ),
    ),
    Function(
        name="prepare_call",
        scope="calls:route",
        path=(PHONE_NUMBER,),
        body={"variables": {"contact": {"first_name": "Ada"}}},
        is_body_optional=True,
        round_trips=(READ, READ),
    ),
]

CALLS = [
    Function(name="list_calls", scope="calls:read", query={"limit": "20"}, round_trips=(READ, QUERY)),
    Function(name="get_usage_stats", scope="assistants:read", path=(ASSISTANT_ID,), round_trips=(READ, QUERY)),
]

CONNECTIONS = [
    Function(
        name="create_telephony_connection",
        scope="telephony:write",
        body={
            "accountSlug": SLUG,
            "provider": "twilio",
            "accountSid": f"AC{'0' * 32}",
            "authToken": "0" * 32,
            "media": {"kind": "stream", "url": "wss://bots.example.com/ws"},
            "fallback": {"kind": "say", "text": "Please call again later."},
        },
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="list_telephony_connections", scope="telephony:read", query={"limit": "20"}, round_trips=(READ, QUERY)
    ),
    Function(name="get_telephony_connection", scope="telephony:read", path=(CONNECTION_ID,), round_trips=(READ,)),
    Function(
        name="update_telephony_connection",
        scope="telephony:write",
        path=(CONNECTION_ID,),
        body={"fallback": {"kind": "dial", "number": "+14155550102"}},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="delete_telephony_connection",
        scope="telephony:write",
        path=(CONNECTION_ID,),
        query={"force": "true"},
        body={"accountSlug": SLUG},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="list_carrier_numbers",
        scope="telephony:read",
        path=(CONNECTION_ID,),
        query={"limit": "20"},
        round_trips=(READ, READ),
    ),
]

API_KEYS = [
    Function(
        name="create_api_key",
        scope="api_keys:write",
        body={"name": "Call router", "environment": "live", "scopes": ["calls:route"], "rate_limit_per_hour": None},
        round_trips=(READ, TRANSACT),
    ),
    Function(name="list_api_keys", scope="api_keys:read", round_trips=(READ, QUERY)),
    Function(
        name="update_api_key",
        scope="api_keys:write",
        path=(API_KEY_ID,),
        body={"name": "Old call router", "is_active": False},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="delete_api_key",
        scope="api_keys:write",
        path=(API_KEY_ID,),
        body={"accountSlug": SLUG},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(
        name="rotate_api_key",
        scope="api_keys:write",
        path=(API_KEY_ID,),
        body={"grace_seconds": 3600},
        is_body_optional=True,
        round_trips=(READ, TRANSACT),
    ),
    Function(name="test_api_key", round_trips=(READ,)),
]

PUBLIC = [
    Function(name="get_openapi", needs_api_key=False),
    Function(name="show_docs", needs_api_key=False, path=("docs.js",)),
    Function(name="check_health", needs_api_key=False),
    Function(name="reject_unknown_route", needs_api_key=False),
]

OF_CALL_TOKENS = [Function(name="get_call", needs_api_key=False, path=(CALL_ID,), round_trips=(READ,))]

ADMIN_ACTIONS = [
    AdminAction(
        name="admin_create_account",
        payload={"action": "create_account", "slug": SLUG, "name": "My Team"},
        round_trips=(TRANSACT,),
    ),
    AdminAction(
        name="admin_list_accounts", payload={"action": "list_accounts", "limit": 100}, round_trips=(QUERY, READ)
    ),
    AdminAction(name="admin_list_over_quota", payload={"action": "list_over_quota"}, round_trips=(QUERY, READ)),
    AdminAction(
        name="admin_show_account",
        payload={"action": "show_account", "slug": SLUG},
        round_trips=(READ, READ, QUERY),
    ),
    AdminAction(
        name="admin_suspend_account",
        payload={"action": "suspend_account", "slug": SLUG},
        round_trips=(READ, READ, UPDATE),
    ),
    AdminAction(
        name="admin_resume_account",
        payload={"action": "resume_account", "slug": SLUG},
        round_trips=(READ, READ, UPDATE),
    ),
    AdminAction(
        name="admin_rename_account",
        payload={"action": "rename_account", "slug": SLUG, "new_slug": "our-team", "name": "Our Team"},
        round_trips=(READ, READ, TRANSACT),
    ),
    AdminAction(
        name="admin_set_quotas",
        payload={"action": "set_quotas", "slug": SLUG, "max_assistants": 20_000, "max_api_keys": None},
        round_trips=(READ, READ, UPDATE),
    ),
    AdminAction(
        name="admin_export_account",
        payload={"action": "export_account", "slug": SLUG},
        round_trips=(READ, QUERY),
    ),
    AdminAction(
        name="admin_erase_account",
        payload={"action": "erase_account", "slug": SLUG},
        round_trips=(READ, READ, UPDATE),
    ),
    AdminAction(
        name="admin_transfer_phone_number",
        payload={
            "action": "transfer_phone_number",
            "slug": SLUG,
            "phone_number": PHONE_NUMBER,
            "to_slug": "other-team",
        },
        round_trips=(READ, READ, READ, READ, READ, TRANSACT),
    ),
    AdminAction(
        name="admin_free_phone_number",
        payload={"action": "free_phone_number", "slug": SLUG, "phone_number": PHONE_NUMBER},
        round_trips=(READ, READ, READ, TRANSACT),
    ),
    AdminAction(
        name="admin_create_api_key",
        payload={
            "action": "create_api_key",
            "slug": SLUG,
            "name": "Production",
            "environment": "live",
            "scopes": ["*"],
            "expires_in_days": None,
            "rate_limit_per_hour": 1000,
        },
        round_trips=(READ, READ, CREATE),
    ),
    AdminAction(
        name="admin_list_api_keys", payload={"action": "list_api_keys", "slug": SLUG}, round_trips=(READ, READ, QUERY)
    ),
    AdminAction(
        name="admin_revoke_api_key",
        payload={"action": "revoke_api_key", "slug": SLUG, "id": API_KEY_ID},
        round_trips=(READ, READ, UPDATE),
    ),
]

STREAM_CONSUMERS = [
    StreamConsumer(
        name="purge_versions",
        event_name="REMOVE",
        item={"PK": {"S": PARTITION}, "SK": {"S": f"DELETED#{DELETED_ID}"}, "ttl": {"N": "1707904800"}},
        round_trips=(QUERY, QUERY, TRANSACT),
    ),
    StreamConsumer(
        name="describe_change",
        event_name="INSERT",
        item={
            "PK": {"S": PARTITION},
            "SK": {"S": f"VERSION#{ASSISTANT_ID}#00000002"},
            "version": {"N": "2"},
            "changed_by_id": {"S": API_KEY_ID},
            "changed_fields": {"SS": ["system_prompt", "temperature"]},
        },
        is_of_pipe=True,
    ),
]

CUSTOM_RESOURCES = [
    CustomResource(
        name="check_release",
        properties={
            "TableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/assistants",
            "CredentialsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000",
            "LogLevel": "INFO",
        },
        round_trips=(READ,),
    ),
]

WEBHOOKS = [
    CarrierWebhook(
        name="answer_call",
        path=("twilio", CONNECTION_ID),
        form={
            "CallSid": CALL_ID,
            "AccountSid": f"AC{'0' * 32}",
            "From": "+14155550199",
            "To": PHONE_NUMBER,
            "CallStatus": "ringing",
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
        },
        round_trips=(READ, TRANSACT),
    ),
    CarrierWebhook(
        name="record_call_status",
        path=("twilio", CONNECTION_ID),
        form={"CallSid": CALL_ID, "CallStatus": "completed", "CallDuration": "123", "From": "+14155550199"},
        round_trips=(READ, TRANSACT),
    ),
]

ENDPOINTS = [*ASSISTANTS, *PHONE_NUMBERS, *CONNECTIONS, *CALLS, *API_KEYS]
WITH_SCOPE = [endpoint for endpoint in ENDPOINTS if endpoint.scope]
WITH_BODY = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]
FUNCTIONS = [*ENDPOINTS, *PUBLIC, *OF_CALL_TOKENS]
WITH_TABLE = [sample for sample in (*FUNCTIONS, *ADMIN_ACTIONS, *STREAM_CONSUMERS) if sample.round_trips]
