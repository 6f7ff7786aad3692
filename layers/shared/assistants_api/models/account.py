"""An account, and how an operator asks for one."""

from typing import Literal

from assistants_api.models.parsing import Body, Resource
from assistants_api.models.text import Name, Slug

Countable = Literal["api_keys", "assistants", "phone_numbers", "telephony_connections"]


class Account(Resource):
    """The counts are how many of each the account has: about, since they are counted beside the writes."""

    id: str
    slug: str
    name: str
    created_at: str
    api_keys: int = 0
    assistants: int = 0
    phone_numbers: int = 0
    telephony_connections: int = 0


class NewAccount(Body):
    """The payload of the operator's action create_account."""

    slug: Slug
    name: Name
