"""Answers calls with LiveKit Agents: asks who answers the number that was dialled, and lets that assistant speak.

ASSISTANTS_API_URL is where the API is, ASSISTANTS_API_KEY a key with the scope calls:route. README.md tells the rest.
"""

import asyncio
import logging
import os
from typing import Any
from urllib.parse import quote

import aiohttp
from livekit.agents import Agent, AgentServer, AgentSession, JobContext
from livekit.rtc import ParticipantKind

from plugins import Unserved, language_model, transcription, voice

PATIENCE = 10  # seconds, for the API to answer
logger = logging.getLogger("agent")
server = AgentServer()


@server.rtc_session(agent_name=os.environ.get("AGENT_NAME", "inbound-agent"))
async def answer(context: JobContext) -> None:
    await context.connect()
    caller = await context.wait_for_participant(kind=ParticipantKind.PARTICIPANT_KIND_SIP)
    try:
        async with asyncio.timeout(PATIENCE):
            assistant = await assistant_for(caller.attributes)
        session = session_of(assistant)
    except (Unserved, TimeoutError, ValueError, aiohttp.ClientError) as error:
        logger.error("A call was not answered: %s", str(error) or "The API took too long.")
        await context.delete_room()  # which hangs up
        return
    await session.start(Agent(instructions=assistant["system_prompt"]), room=context.room)
    if assistant["first_message"]:
        session.say(assistant["first_message"])


async def assistant_for(call: dict[str, str]) -> dict[str, Any]:
    """The assistant that answers, its prompts rendered. Takes the attributes that LiveKit gives the caller.

    Raises Unserved and aiohttp.ClientError.
    """
    number, caller = call["sip.trunkPhoneNumber"], call.get("sip.phoneNumber", "")
    url = f"{os.environ['ASSISTANTS_API_URL'].rstrip('/')}/api/routes/{quote(number, safe='')}"
    query = {"caller": caller, "call_id": call.get("sip.callID", "")}
    body = {"variables": {"contact": {"phone": caller}}}
    headers = {"Authorization": f"Bearer {os.environ['ASSISTANTS_API_KEY']}"}
    async with aiohttp.request("POST", url, params=query, json=body, headers=headers) as response:
        answer: dict[str, Any] = await response.json()
    if not response.ok:
        raise Unserved(f"POST /api/routes answered {response.status}: {answer.get('error', answer)}")
    if not answer["routed"]:
        raise Unserved(f"Nobody answers this number: {answer['reason']}.")
    return dict(answer["assistant"])


def session_of(assistant: dict[str, Any]) -> AgentSession[None]:
    """What hears, thinks and speaks; LiveKit adds when it is whose turn. Raises Unserved."""
    return AgentSession(stt=transcription(assistant), llm=language_model(assistant), tts=voice(assistant))
