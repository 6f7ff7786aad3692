"""What endpoints answer that change an assistant."""

from assistants_api.answers import Answer
from assistants_api.models import clock
from assistants_api.models.assistant import Assistant
from assistants_api.models.deleted_assistant import RestoredAssistant
from assistants_api.models.warnings import warned


def show_assistant(assistant: Assistant) -> Answer:
    return Answer({"assistant": assistant, **warned(assistant, clock.today())}, assistant.etag)


def show_restored_assistant(restored: RestoredAssistant) -> Answer:
    shown = show_assistant(restored.assistant)
    return Answer({**shown.content, "free_phone_number_ids": restored.free_numbers()}, shown.etag)
