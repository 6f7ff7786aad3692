"""An account, and how an operator asks for one."""

from assistants_api.models.parsing import Body, Resource
from assistants_api.models.text import Name, Slug


class Account(Resource):
    id: str
    slug: str
    name: str
    created_at: str


class NewAccount(Body):
    """The payload of the operator's action create_account."""

    slug: Slug
    name: Name
