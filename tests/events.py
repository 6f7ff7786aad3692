"""`make events`: writes the sample events in events/ from tests/catalogue.py and template.yaml."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from assistants_api import auth
from local.stack.template import DEFAULT_ROUTE, LOCAL_VALUES, Template
from tests.catalogue import (
    ADMIN_ACTIONS,
    CUSTOM_RESOURCES,
    FUNCTIONS,
    STREAM_CONSUMERS,
    WEBHOOKS,
    CarrierWebhook,
    CustomResource,
    Function,
    StreamConsumer,
)

FOLDER = Path(__file__).parent.parent / "events"
UNCHECKED = "tk_test_01jd5xexamp1e0000000000000exampleexampleexampleexample0000"  # of no account
TOKEN = UNCHECKED + auth.check(UNCHECKED, LOCAL_VALUES["TOKEN_SECRET"])
SENDER = {
    "host": "api.example.com",
    "user-agent": "curl/8.5.0",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
}
PARAMETER = re.compile(r"\{(\w+)\}")


def route_of(function: Function | CarrierWebhook) -> str:
    """The one of its routes, HEAD aside, that has as many parameters as its sample has."""
    template = Template()
    routes = [
        route
        for route, name in template.routes.items()
        if template.functions[name].app.parent.name == function.name and not route.startswith("HEAD ")
    ]
    (route,) = (route for route in routes if len(PARAMETER.findall(route)) == len(function.path))
    return route


def http_event(function: Function) -> dict[str, Any]:
    """What API Gateway passes on (payload format 2.0)."""
    body = None if function.body is None else json.dumps(function.body)
    return _event(function, headers(function), function.query, {"body": body, "isBase64Encoded": False})


def webhook_event(webhook: CarrierWebhook) -> dict[str, Any]:
    """API Gateway passes a form on as base64."""
    body = b64encode(urlencode(webhook.form).encode()).decode()
    sent = SENDER | {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "of another call"}
    return _event(webhook, sent, {}, {"body": body, "isBase64Encoded": True})


def _event(
    function: Function | CarrierWebhook, headers: Mapping[str, str], query: Mapping[str, str], body: Mapping[str, Any]
) -> dict[str, Any]:
    route = route_of(function)
    method, _, pattern = ("GET /api/nowhere" if route == DEFAULT_ROUTE else route).partition(" ")
    parameters = dict(zip(PARAMETER.findall(pattern), function.path, strict=True))
    path = PARAMETER.sub(lambda parameter: parameters[parameter[1]], pattern)
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": urlencode(query),
        "headers": headers,
        "queryStringParameters": query,
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "15/Jan/2024:10:00:00 +0000",
            "timeEpoch": 1705312800000,
        },
        **body,
    }
    return {name: value for name, value in event.items() if value not in ({}, None)}


def headers(function: Function) -> dict[str, str]:
    return {
        "accept": "*/*",
        **(
            {"authorization": f"Bearer {TOKEN}"} if function.needs_api_key else {"accept-encoding": "gzip, deflate, br"}
        ),
        **SENDER,
        **({} if function.body is None else {"content-type": "application/json"}),
    }


def stream_event(consumer: StreamConsumer) -> Any:
    """What Lambda or a pipe passes on of the table's stream; what is removed, TTL removed."""
    removed = consumer.event_name == "REMOVE"
    service = {"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}} if removed else {}
    record = {
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": consumer.event_name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        **service,
        "dynamodb": {
            "ApproximateCreationDateTime": 1707904800,
            "Keys": {name: consumer.item[name] for name in ("PK", "SK")},
            "OldImage" if removed else "NewImage": consumer.item,
            "SequenceNumber": "111",
            "SizeBytes": 160,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/assistants/stream/2024-01-15T10:00:00.000",
    }
    return [record] if consumer.is_of_pipe else {"Records": [record]}


def custom_resource_event(resource: CustomResource) -> dict[str, Any]:
    """What CloudFormation asks, but for the URL that it wants the answer at."""
    return {
        "RequestType": "Create",
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/assistants-api/example",
        "RequestId": "c4ca4238-a0b9-2382-0dcc-509a6f75849b",
        "LogicalResourceId": "CheckedRelease",
        "ResourceType": "Custom::CheckedRelease",
        "ResourceProperties": {"ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:CheckRelease"}
        | dict(resource.properties),
    }


def render() -> dict[str, str]:
    """The text of each file, by its name."""
    events = {function.name: http_event(function) for function in FUNCTIONS}
    events |= {webhook.name: webhook_event(webhook) for webhook in WEBHOOKS}
    events |= {action.name: dict(action.payload) for action in ADMIN_ACTIONS}
    events |= {consumer.name: stream_event(consumer) for consumer in STREAM_CONSUMERS}
    events |= {resource.name: custom_resource_event(resource) for resource in CUSTOM_RESOURCES}
    return {f"{name}.json": f"{json.dumps(event, indent=2)}\n" for name, event in events.items()}


if __name__ == "__main__":
    files = render()
    for file in FOLDER.glob("*.json"):
        file.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text)
