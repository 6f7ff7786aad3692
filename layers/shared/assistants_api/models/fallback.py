"""What happens to a call that no assistant answers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from assistants_api.models.e164 import check_e164
from assistants_api.models.ids import E164
from assistants_api.models.parsing import Resource
from assistants_api.models.text import Language, one_visible_line
from assistants_api.models.variants import Fields, Variant, part

FallbackKind = Literal["say", "dial", "reject"]
Speech = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(one_visible_line)]
DialledNumber = Annotated[str, AfterValidator(check_e164), Field(json_schema_extra={"pattern": f"^{E164.pattern}$"})]


class Fallback(Resource):
    """What happens to a call that nobody answers."""

    kind: FallbackKind = Field(
        description="`say` speaks a text and ends the call, `dial` connects another number, `reject` is a busy signal.",
        examples=["say"],
    )
    text: str | None = part("To `say`: the text.", "Please call again later.")
    language: str | None = part("To `say`: the language of the text, a BCP-47 tag.", "en-US")
    number: str | None = part("To `dial`: the number in E.164 form.", "+14155550102")


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
    number: DialledNumber | None = part("To `dial`: the number in E.164 form.", "+14155550102")
