"""The story by the tools that FastMCP makes of the document, as an AI agent calls them."""

import asyncio
import re
from typing import Any

import httpx
from fastmcp import Client, FastMCP
from fastmcp.exceptions import ToolError
from script import BASE_URL, NUMBERS, TOKEN, refusals, say

ACCOUNT = {"accountSlug": "my-team"}
REFUSED = re.compile(r'HTTP error (\d+): .*"code": "(\w+)"', re.DOTALL)


def connect(token: str) -> Any:
    document = httpx.get(f"{BASE_URL}/api/openapi.json", trust_env=False).json()
    caller = httpx.AsyncClient(base_url=BASE_URL, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    return Client(FastMCP.from_openapi(openapi_spec=document, client=caller, name="assistants"))


async def ask(agent: Any, operation: str, **arguments: object) -> Any:
    return (await agent.call_tool(operation, arguments)).structured_content


async def refuse(agent: Any, asked: dict[str, Any], parameters: dict[str, list[str]]) -> str:
    operation = asked["operation"]
    named = {"cursor": "cursor", "if_match": "If-Match", "id": parameters[operation][0]}
    arguments = {named[name]: value for name, value in asked.items() if name in named}
    try:
        return f"200 {await ask(agent, operation, **arguments, **asked.get('body', {}))}"
    except ToolError as refused:
        found = REFUSED.search(str(refused))
        return " ".join(found.groups()) if found else str(refused)


async def tell(agent: Any, stranger: Any) -> None:
    tools = await agent.list_tools()
    assert [tool.name for tool in tools if not re.match("[A-Z][a-z]+s ", tool.description)] == []
    parameters = {tool.name: [*tool.input_schema.get("required", []), ""] for tool in tools}

    created = await ask(agent, "createAssistant", **ACCOUNT, name="Q1 Outbound Setter", templateId="outbound-setter")
    assistant = created["assistant"]
    say("create", assistant["type"], assistant["temperature"], assistant["outbound_enabled"])
    itself = {"assistantId": assistant["id"]}

    got = (await ask(agent, "getAssistant", **itself))["assistant"]
    say("get", got["name"], got["created_at"] == assistant["created_at"])

    voice = {"voice_id": "EXAVITQu4vr4xnSDxMaL", "recording_enabled": True}
    updated = (await ask(agent, "updateAssistant", **itself, **ACCOUNT, **voice))["assistant"]
    say("update", updated["voice_id"], updated["recording_enabled"])

    imported = [await ask(agent, "importPhoneNumber", **ACCOUNT, phoneNumber=number) for number in NUMBERS]
    ids = [answer["phone_number"]["id"] for answer in imported]
    say("assign", (await ask(agent, "assignPhoneNumbers", **itself, **ACCOUNT, phoneNumberIds=ids))["success"])

    route = await ask(agent, "routeCall", phoneNumber=NUMBERS[0])
    say("route", route["routed"], route["reason"])
    await ask(agent, "updateAssistant", **itself, **ACCOUNT, inbound_enabled=True)
    route = await ask(agent, "routeCall", phoneNumber=NUMBERS[0])
    say("route", route["routed"], route["reason"], route["assistant"]["name"])

    key = (await ask(agent, "testApiKey"))["api_key"]
    for asked in refusals(assistant["id"], ids[0], key["id"]):
        say("refuse", asked["operation"], await refuse(agent, asked, parameters))
    say("refuse testApiKey", await refuse(stranger, {"operation": "testApiKey"}, parameters))

    whole = (await ask(agent, "getAssistant", **itself))["assistant"]
    same = await ask(agent, "updateAssistant", **itself, **ACCOUNT, **whole)
    say("send back assistant", same["assistant"]["version"] == whole["version"])
    number = (await ask(agent, "getPhoneNumber", phoneNumberId=ids[0]))["phone_number"]
    kept = await ask(agent, "updatePhoneNumber", phoneNumberId=ids[0], **ACCOUNT, **number)
    say("send back phone number", kept["phone_number"]["assistant_id"] == assistant["id"])
    again = await ask(agent, "updateApiKey", apiKeyId=key["id"], **ACCOUNT, **key)
    say("send back API key", again["api_key"]["is_active"])


async def main() -> None:
    async with connect(TOKEN) as agent, connect("nobody") as stranger:
        await tell(agent, stranger)


asyncio.run(main())
