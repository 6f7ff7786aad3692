"""A resource that a path parameter names, such as the assistant of `/api/assistants/{assistantId}`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from assistants_api.errors import NotFound
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.values import Item

Resource = TypeVar("Resource", covariant=True)


@dataclass(frozen=True)
class PathResource(Generic[Resource]):
    """`key` forms the DynamoDB key of the account's id and the parameters, and raises MalformedId.

    What has no `not_found` need not exist.
    """

    parameters: tuple[str, ...]
    key: Callable[..., PrimaryKey]
    from_item: Callable[[Item], Resource]
    not_found: Callable[..., NotFound] | None
