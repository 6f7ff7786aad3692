"""An assistant as a document: what can be kept elsewhere and imported again, here or into another deployment."""

from collections.abc import Mapping
from typing import Any

from pydantic import MISSING, Field

from assistants_api.errors import AnotherTemplate
from assistants_api.models.assistant import CONFIGURATION, MAX_NUMBERS, Assistant, TemplateId
from assistants_api.models.assistant_requests import Configuration
from assistants_api.models.creation import Creation
from assistants_api.models.e164 import E164Number
from assistants_api.models.ids import external_assistant_id, new_assistant_id, timestamp
from assistants_api.models.parsing import Integer, OptionalAccountBody
from assistants_api.models.text import Label, Name


class ImportedConfiguration(Configuration):
    name: Name


class ImportedAssistant(Creation):
    """An assistant without what belongs to a deployment: ids, account, version."""

    format: Integer = Field(1, ge=1, le=1, description="The format of this document.", examples=[1])
    external_id: Label | None = Field(
        None,
        description="A name of your own for it, which an import finds it by. It stays when its `name` changes.",
        examples=["sales/outbound"],
    )
    template_id: TemplateId | MISSING = Field(
        MISSING,
        alias="templateId",
        description="The template it was made from; a new one without it is `custom`.",
        examples=["outbound-setter"],
    )
    configuration: ImportedConfiguration = Field(
        description="What an import sets; a field that is left out stays, and in a new assistant is the template's."
    )
    phone_numbers: list[E164Number] | MISSING = Field(
        MISSING,
        max_length=MAX_NUMBERS,
        description="The numbers it holds where it was exported. An import leaves numbers where they are.",
        examples=[["+14155550101"]],
    )

    @property
    def type(self) -> TemplateId:
        """Of a new assistant."""
        return "custom" if self.template_id is MISSING else self.template_id

    def assistant_id(self, account_id: str) -> str | None:
        """The id that follows from `external_id`."""
        return external_assistant_id(account_id, self.external_id) if self.external_id else None

    def to_assistant(self, account_id: str, configuration: Mapping[str, Any]) -> Assistant:
        """A new assistant; `configuration` is its template's."""
        now = timestamp()
        return Assistant(
            id=self.assistant_id(account_id) or new_assistant_id(),
            account_id=account_id,
            type=self.type,
            external_id=self.external_id,
            created_at=now,
            updated_at=now,
            **{**configuration, **self.configuration.model_dump()},
        )

    def diff(self, stored: Assistant) -> dict[str, Any]:
        """The fields to write. Raises AnotherTemplate."""
        if self.template_id is not MISSING and stored.type != self.template_id:
            raise AnotherTemplate(stored.id, stored.type, self.template_id)
        sent = self.configuration.model_dump()
        return {name: value for name, value in sent.items() if value != getattr(stored, name)}


class AssistantImport(OptionalAccountBody, Creation):
    """The body of POST /api/assistants/import. The answer of an export is one."""

    export: ImportedAssistant
    success: bool | MISSING = Field(MISSING, description="Ignored: the answer of an export has it.", examples=[True])


def exported(assistant: Assistant) -> dict[str, Any]:
    named = {"external_id": assistant.external_id} if assistant.external_id else {}
    return {
        "format": 1,
        **named,
        "templateId": assistant.type,
        "configuration": assistant.model_dump(include=set(CONFIGURATION)),
        "phone_numbers": [f"+{number.removeprefix('pn_')}" for number in assistant.phone_number_ids],
    }
