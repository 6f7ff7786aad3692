"""What requests say of calls that no assistant answers."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from assistants_api.models.e164 import E164Number
from assistants_api.models.fallback import FallbackKind
from assistants_api.models.text import Language, one_visible_line
from assistants_api.models.variants import Fields, Variant, part

Speech = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(one_visible_line)]


class FallbackSettings(Variant):
    """What should happen to a call that nobody answers."""

    decided_by = "kind"
    variants = {
        "say": Fields(required=("text",), optional=("language",)),
        "dial": Fields(required=("number",)),
        "reject": Fields(),
    }

    kind: FallbackKind = Field(description="What happens.", examples=["say"])
    text: Speech | None = part("To `say`: the text.", "Please call again later.")
    language: Language | None = part("To `say`: the language of the text, a BCP-47 tag.", "en-US")
    number: E164Number | None = part("To `dial`: the number in E.164 form.", "+14155550102")
