"""The JSON schemas of request and response bodies, and examples made from them."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from assistants_api.models.api_key_requests import ApiKeyChanges
from assistants_api.models.assistant import Assistant
from assistants_api.models.assistant_requests import AssistantChanges, AssistantClone, NewAssistant
from assistants_api.models.export import ImportedConfiguration
from assistants_api.models.parsing import AccountBody
from assistants_api.models.phone_number_requests import NewPhoneNumber, PhoneNumberChanges
from assistants_api.models.telephony_connection_requests import NewTelephonyConnection, TelephonyConnectionChanges

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"

# Examples of request bodies that can't be made from the first example of every field.
REQUEST_EXAMPLES: dict[type[BaseModel], Json] = {
    NewAssistant: {"accountSlug": "my-team", "name": "Q1 Outbound Setter", "templateId": "outbound-setter"},
    AssistantChanges: {
        "accountSlug": "my-team",
        "system_prompt": "You are a helpful sales assistant for Acme Corp. "
        "Your goal is to qualify leads and book demos.",
        "voice_provider": "elevenlabs",
        "voice_id": "EXAVITQu4vr4xnSDxMaL",
        "recording_enabled": True,
    },
    AssistantClone: {"accountSlug": "my-team", "name": "Q2 Outbound Setter"},
    NewPhoneNumber: {
        "accountSlug": "my-team",
        "phoneNumber": "+14155550101",
        "label": "Sales",
        "provider": "twilio",
    },  # without a connection, which the reader's account does not have
    PhoneNumberChanges: {"accountSlug": "my-team", "label": "Sales", "status": "active"},
    NewTelephonyConnection: {
        "accountSlug": "my-team",
        "provider": "twilio",
        "accountSid": "AC00000000000000000000000000000000",
        "authToken": "00000000000000000000000000000000",
        "media": {"kind": "stream", "url": "wss://bots.example.com/ws"},
        "fallback": {"kind": "say", "text": "Please call again later."},
    },
    TelephonyConnectionChanges: {
        "accountSlug": "my-team",
        "fallback": {"kind": "dial", "number": "+14155550102"},
    },
    ApiKeyChanges: {"accountSlug": "my-team", "name": "CI", "is_active": True},
}


class JsonSchema(GenerateJsonSchema):
    """Pydantic's schemas without titles, with short nullable types, with the fields that are always answered required
    and without a default, and without what generators of clients trip over: `const` of a boolean, `anyOf`."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        """With the bounds of a number named as JSON Schema has them, where a validator stands before the number too."""
        inner = super().generate_inner(schema)
        return {{"ge": "minimum", "le": "maximum"}.get(name, name): value for name, value in inner.items()}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without a default that says no more than that the field may be left out."""
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        inner = super().default_schema(schema)
        return {name: value for name, value in inner.items() if name != "default" or value not in (None, {}, [])}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and "enum" not in inner:
            return inner | {"type": [inner["type"], "null"]}
        return {"oneOf": [inner, {"type": "null"}]}

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        """Some languages take a number without a format for one of 32 bits, and would send another one back."""
        return super().float_schema(schema) | {"format": "double"}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        inner = super().literal_schema(schema)
        return {"type": "boolean"} if inner.get("type") == "boolean" else inner

    def field_is_required(self, field: Any, total: bool) -> bool:
        """A response has all fields except those that its model leaves out when empty."""
        if self.mode == "serialization":
            return "serialization_exclude_if" not in field
        return super().field_is_required(field, total)


def component_schemas(
    requests: Mapping[str, tuple[type[BaseModel], type[BaseModel]]], responses: Iterable[type[BaseModel]]
) -> Json:
    """The schemas of all bodies: those of requests, given with the body that answers them, by the names of their
    functions, the others by the names of their models. What a request answers describes its fields too."""
    bodies = [body for body, _ in requests.values()]
    schemas = _generate(bodies, responses)
    schemas |= {function: deepcopy(schemas[body.__name__]) for function, (body, _) in requests.items()}
    for name in {body.__name__ for body in bodies}:
        del schemas[name]
    _describe(schemas[ImportedConfiguration.__name__]["properties"], schemas[Assistant.__name__]["properties"])
    for schema in schemas.values():
        del schema["title"]
    account_fields = AccountBody.model_json_schema()["properties"]
    for function, (body, answer) in requests.items():
        fields = schemas[function]["properties"]
        for answered in schemas[answer.__name__]["properties"].values():
            if "$ref" in answered:
                _describe(fields, schemas[answered["$ref"].removeprefix(SCHEMAS)]["properties"])
        for name in getattr(body, "read_only", ()):
            fields[name]["readOnly"] = True
        _describe(fields, account_fields)
    return dict(sorted(schemas.items()))


def ref(model: type[BaseModel]) -> Json:
    return named(model.__name__)


def named(name: str) -> Json:
    return {"$ref": SCHEMAS + name}


def request_example(body: type[BaseModel], name: str, schemas: Json) -> Any:
    return REQUEST_EXAMPLES.get(body) or example(named(name), schemas)


def example(schema: Json, schemas: Json) -> Any:
    """An example made from those of the fields. It has an optional field only if the field has an example
    that is not empty."""
    match schema:
        case {"$ref": str(name)}:
            return example(schemas[name.removeprefix(SCHEMAS)], schemas)
        case {"examples": [first, *_]} | {"oneOf": [{"examples": [first, *_]}, *_]}:
            return first
        case {"oneOf": [first, *_]}:
            return example(first, schemas)
        case {"type": "array", "items": items}:
            return [example(items, schemas)]
        case {"properties": fields}:
            required = schema.get("required", ())
            shown = {name for name in fields if name in required or fields[name].get("examples", [[]])[0] != []}
            return {name: example(field, schemas) for name, field in fields.items() if name in shown}
    raise ValueError(f"No example can be made from {schema}.")


def _generate(requests: Iterable[type[BaseModel]], responses: Iterable[type[BaseModel]]) -> Json:
    models = [*((it, "validation") for it in requests), *((it, "serialization") for it in dict.fromkeys(responses))]
    generated = models_json_schema(models, ref_template=SCHEMAS + "{model}", schema_generator=JsonSchema)  # type: ignore[arg-type]
    schemas: Json = generated[1]["$defs"]
    return schemas


def _describe(fields: Json, described: Json) -> None:
    """Takes over descriptions, examples and formats that the fields lack."""
    for name, field in fields.items():
        for keyword in ("description", "examples", "format"):
            if keyword in described.get(name, ()):
                field.setdefault(keyword, described[name][keyword])
        if "format" in field:  # which bounds it already
            field.pop("maxLength", None)
