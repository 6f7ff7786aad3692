"""What happens to a call that no assistant answers."""

from typing import Literal

from pydantic import Field

from assistants_api.models.parsing import Resource
from assistants_api.models.variants import part

FallbackKind = Literal["say", "dial", "reject"]


class Fallback(Resource):
    """What happens to a call that nobody answers."""

    kind: FallbackKind = Field(
        description="`say` speaks a text and ends the call, `dial` connects another number, `reject` is a busy signal.",
        examples=["say"],
    )
    text: str | None = part("To `say`: the text.", "Please call again later.")
    language: str | None = part("To `say`: the language of the text, a BCP-47 tag.", "en-US")
    number: str | None = part("To `dial`: the number in E.164 form.", "+14155550102")
