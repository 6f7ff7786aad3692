"""What an operator may ask of accounts: the payloads of the actions of AdminFunction."""

from typing import Annotated, Any, Self

from pydantic import MISSING, AfterValidator, Field, model_validator

from assistants_api.models.e164 import E164Number
from assistants_api.models.ids import ULID_ID
from assistants_api.models.parsing import Body, Integer
from assistants_api.models.text import Name, Slug

MAX_MAXIMUM = 100_000_000


def _account_id(text: str) -> str:
    if not (text.startswith("acct_") and ULID_ID.fullmatch(text)):
        raise ValueError("must be the next_cursor of the page before; leave it out to start again.")
    return text


class NewAccount(Body):
    """The payload of create_account."""

    slug: Slug
    name: Name


class NamedAccount(Body):
    """The payload of an action on one account."""

    slug: Slug


class AccountChanges(NamedAccount):
    """The payload of an action that changes what is sent beside the slug."""

    def sent(self) -> dict[str, Any]:
        return self.model_dump(exclude={"slug"})

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.sent():
            raise ValueError(f"Send at least one of {', '.join(it for it in type(self).model_fields if it != 'slug')}.")
        return self


class AccountNames(AccountChanges):
    """The payload of rename_account."""

    new_slug: Slug | MISSING = MISSING
    name: Name | MISSING = MISSING


Maximum = Annotated[Integer | MISSING | None, Field(ge=0, le=MAX_MAXIMUM)]


class AccountQuotas(AccountChanges):
    """The payload of set_quotas: null is the deployment's maximum, and what is left out stays."""

    max_api_keys: Maximum = MISSING
    max_assistants: Maximum = MISSING
    max_phone_numbers: Maximum = MISSING
    max_telephony_connections: Maximum = MISSING


class NumberOfAccount(NamedAccount):
    """The payload of free_phone_number."""

    phone_number: E164Number


class NumberTransfer(NumberOfAccount):
    """The payload of transfer_phone_number."""

    to_slug: Slug

    @model_validator(mode="after")
    def _names_two_accounts(self) -> Self:
        if self.to_slug == self.slug:
            raise ValueError("slug and to_slug are the same; send the account that gets the number as to_slug.")
        return self


class AccountListQuery(Body):
    """The payload of list_accounts and list_over_quota."""

    limit: Integer = Field(100, ge=1, le=100)
    cursor: Annotated[str, AfterValidator(_account_id)] | MISSING = MISSING


class AccountExport(NamedAccount):
    """The payload of export_account."""

    cursor: str | MISSING = Field(MISSING, min_length=1, max_length=1_024)
