"""A resource that a path parameter names, such as the assistant of `/api/assistants/{assistantId}`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from assistants_api.errors import NotFound
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.values import Item

Resource = TypeVar("Resource", covariant=True)


@dataclass(frozen=True)
class PathResource(Generic[Resource]):
    """`key` forms the DynamoDB key of the account's id and the parameter, and raises MalformedId."""

    parameter: str
    key: Callable[[str, str], PrimaryKey]
    from_item: Callable[[Item], Resource]
    not_found: Callable[[str], NotFound]

    def key_in(self, account_id: str, path: Mapping[str, str]) -> PrimaryKey:
        """Raises MalformedId."""
        return self.key(account_id, path[self.parameter])

    def resource(self, item: Item | None, path: Mapping[str, str]) -> Resource:
        """The resource of the item that is stored under the key. Raises NotFound when none is."""
        if item is None:
            raise self.not_found(path[self.parameter])
        return self.from_item(item)
