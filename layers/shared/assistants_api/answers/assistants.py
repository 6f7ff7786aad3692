"""What endpoints answer that change an assistant."""

from assistants_api.answers import Answer
from assistants_api.models.assistant import Assistant
from assistants_api.models.warnings import warned


def show_assistant(assistant: Assistant) -> Answer:
    return Answer({"assistant": assistant, **warned(assistant)}, assistant.etag)
