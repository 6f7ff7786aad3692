"""What the stack needs of template.yaml: functions, routes, environment variables and the table.

A value that only CloudFormation can know raises TemplateError; nothing is guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
DEFAULT_ROUTE = "$default"
# What CloudFormation resolves in AWS, as it is here: API keys that one local stack issues work in the next one.
LOCAL_VALUES = {
    "POWERTOOLS_SERVICE_NAME": "assistants",
    "TOKEN_SECRET": "the-secret-of-every-local-stack",
    "PREVIOUS_TOKEN_SECRET": "",
    "CREDENTIALS_KEY": "00000000-0000-4000-8000-000000000000",
}
# The properties that CreateTable takes under the same name and in the same form.
TABLE_PROPERTIES = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)


class TemplateError(Exception):
    """The template contains something that cannot run here; the message says what."""


@dataclass(frozen=True)
class Function:
    """`name` is the logical id, `handler` the handler's name in the file `app`; `timeout` is in seconds."""

    name: str
    app: Path
    handler: str
    memory: int
    timeout: int
    environment: dict[str, str]


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags: `!Ref X` becomes {"Ref": "X"}, `!Sub x` {"Fn::Sub": "x"}."""


def _intrinsic(loader: Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    raise TemplateError(f"!{tag} takes a string or a list.")


Loader.add_multi_constructor("!", _intrinsic)


def document(path: Path = TEMPLATE) -> dict[str, Any]:
    """What a template says, with each tag as Loader has it. It is parsed once: copy it to change it."""
    return _parsed(path.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.load(text, Loader)  # noqa: S506  it is a SafeLoader
    return parsed


class Template:
    """A template. `!Ref` of a parameter is its default, which conditions go by; of the table it is `table_name`."""

    def __init__(self, path: Path = TEMPLATE, table_name: str = "assistants") -> None:
        content = document(path)
        self._root = path.parent
        self._resources: dict[str, Any] = content["Resources"]
        self._conditions: dict[str, Any] = content.get("Conditions", {})
        self._globals: dict[str, Any] = content.get("Globals", {}).get("Function", {})
        self._values = {name: parameter.get("Default") for name, parameter in content.get("Parameters", {}).items()}
        self._values |= {name: table_name for name, _ in self._of_type("AWS::DynamoDB::Table")}
        self.functions = {name: self._function(name, it) for name, it in self._of_type("AWS::Serverless::Function")}
        self.routes = self._routes()
        self.layers = [self._root / it["ContentUri"] for _, it in self._of_type("AWS::Serverless::LayerVersion")]

    @property
    def environment(self) -> dict[str, str]:
        """The variables of all functions together, because here they share one process. Empty ones are left out."""
        merged: dict[str, str] = {}
        for function in self.functions.values():
            for variable, value in function.environment.items():
                if merged.setdefault(variable, value) != value:
                    raise TemplateError(
                        f"{variable} is {value!r} for {function.name} and {merged[variable]!r} for another function; "
                        "the local stack runs all functions in one process and needs one value."
                    )
        return {variable: value for variable, value in merged.items() if value}

    @property
    def table(self) -> dict[str, Any]:
        """The properties of the one table."""
        (table,) = (properties for _, properties in self._of_type("AWS::DynamoDB::Table"))
        return table

    def _of_type(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, resource in self._resources.items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})

    def _function(self, name: str, properties: dict[str, Any]) -> Function:
        merged = self._globals | properties
        module, handler = merged["Handler"].rsplit(".", 1)
        shared, own = (it.get("Environment", {}).get("Variables", {}) for it in (self._globals, properties))
        return Function(
            name=name,
            app=self._root / merged["CodeUri"] / f"{module}.py",
            handler=handler,
            memory=int(self._resolve(merged.get("MemorySize", 128))),
            timeout=int(self._resolve(merged.get("Timeout", 3))),
            environment={
                variable: LOCAL_VALUES[variable] if variable in LOCAL_VALUES else self._resolve(value)
                for variable, value in (shared | own).items()
            },
        )

    def _routes(self) -> dict[str, str]:
        """The function's logical id for each route key, such as `GET /path/{parameter}` or `$default`."""
        routes: dict[str, str] = {}
        for name, properties in self._of_type("AWS::Serverless::Function"):
            for event in properties.get("Events", {}).values():
                if event["Type"] != "HttpApi":
                    continue
                route = event.get("Properties", {})
                key = f"{route['Method'].upper()} {route['Path']}" if "Path" in route else DEFAULT_ROUTE
                if routes.setdefault(key, name) != name:
                    raise TemplateError(f"The route {key} belongs to both {routes[key]} and {name}.")
        return routes

    def _resolve(self, value: Any) -> str:
        if not isinstance(value, dict):
            return str(value)
        match value:
            case {"Ref": name} if self._values.get(name) is not None:
                return str(self._values[name])
            case {"Fn::If": [condition, then, otherwise]}:
                return self._resolve(then if self._holds(self._conditions[condition]) else otherwise)
        raise TemplateError(f"The local stack cannot know the value of {value}.")

    def _holds(self, condition: Any) -> bool:
        match condition:
            case {"Fn::Equals": [one, other]}:
                return self._resolve(one) == self._resolve(other)
            case {"Fn::Not": [negated]}:
                return not self._holds(negated)
        raise TemplateError(f"The local stack cannot know whether {condition} holds.")


def create_table(client: "DynamoDBClient", name: str, template: Path = TEMPLATE) -> None:
    """Creates the table of the template, with its time to live. Raises ResourceInUseException if it exists."""
    properties = Template(template).table
    arguments = {key: properties[key] for key in TABLE_PROPERTIES if key in properties}
    client.create_table(TableName=name, **arguments)
    client.get_waiter("table_exists").wait(TableName=name)
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
