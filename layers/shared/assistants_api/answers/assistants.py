"""What endpoints answer that change an assistant."""

from assistants_api.answers import Answer
from assistants_api.models.assistant import Assistant
from assistants_api.models.deleted_assistant import RestoredAssistant
from assistants_api.models.warnings import warned


def show_assistant(assistant: Assistant) -> Answer:
    return Answer({"assistant": assistant, **warned(assistant)}, assistant.etag)


def show_restored_assistant(restored: RestoredAssistant) -> Answer:
    assistant, free = restored.assistant, restored.free_numbers()
    return Answer({"assistant": assistant, "free_phone_number_ids": free, **warned(assistant)}, assistant.etag)
