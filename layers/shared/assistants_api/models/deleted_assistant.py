"""An assistant that was deleted and can be restored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field

from assistants_api.models.assistant import Assistant
from assistants_api.models.ids import Timestamp, timestamp
from assistants_api.models.version import Actor

RESTORABLE_SECONDS = 30 * 24 * 3600


class DeletedAssistant(Assistant):
    """The assistant as it was when it was deleted, with the phone numbers that it held."""

    deleted_at: Timestamp = Field(
        description="ISO 8601 timestamp of when the assistant was deleted.", examples=["2024-01-15T10:00:00Z"]
    )
    restorable_until: Timestamp = Field(
        description="ISO 8601 timestamp of when it is gone for good.", examples=["2024-02-14T10:00:00Z"]
    )
    deleted_by: Actor = Field(description="The API key that deleted it.")

    def is_restorable(self, now: datetime) -> bool:
        return now < datetime.fromisoformat(self.restorable_until)

    def restored(self) -> Assistant:
        """The assistant with its configuration and version, without numbers and with another ETag than it had."""
        fields = self.model_dump(include=set(Assistant.model_fields))
        changed = {"phone_number_ids": [], "assignments": self.assignments + 1, "updated_at": timestamp()}
        return Assistant.model_validate(fields | changed)


@dataclass(frozen=True, slots=True)
class RestoredAssistant:
    """An assistant that is there again. `free_numbers` waits for what tells which of its numbers are free now."""

    assistant: Assistant
    free_numbers: Callable[[], list[str]]

    def to_public(self) -> dict[str, Any]:
        return self.assistant.to_public()
