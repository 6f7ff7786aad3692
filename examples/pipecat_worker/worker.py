"""Answers calls with Pipecat: takes the stream that a carrier opens, asks which assistant speaks, and lets it speak.

ASSISTANTS_API_URL is where the API is, HOST and PORT are where the worker listens. README.md tells the rest.
"""

import asyncio
import os
import sys
from typing import Any
from urllib.parse import quote

import aiohttp
import uvicorn
from fastapi import FastAPI, WebSocket, status
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import TTSSpeakFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

from services import NoKeys, Unserved, local_voice, services

TELEPHONE = 8_000  # Hz, what carriers send and take
PATIENCE = 10  # seconds, for the carrier to tell of the call and the API to tell of the assistant
app = FastAPI()


@app.websocket("/ws/{token}")
async def answer(websocket: WebSocket, token: str) -> None:
    await websocket.accept()
    try:
        async with asyncio.timeout(PATIENCE):
            carrier, call = await parse_telephony_websocket(websocket)
            if carrier != "twilio" or "call_id" not in call.body:
                raise Unserved("The stream is none that the markup of the API opens at Twilio.")
            assistant = await assistant_of(call.body["call_id"], token)
        await talk(websocket, call.stream_id, assistant)
    except (Unserved, TimeoutError, ValueError, aiohttp.ClientError) as error:
        logger.error(f"A call was not answered: {str(error) or 'The carrier or the API took too long.'}")
        await websocket.close(status.WS_1008_POLICY_VIOLATION)


async def assistant_of(call_id: str, token: str) -> dict[str, Any]:
    """The assistant that answers this call, its prompts rendered. Raises Unserved and aiohttp.ClientError."""
    path = f"/api/calls/{quote(call_id, safe='')}"
    url = os.environ["ASSISTANTS_API_URL"].rstrip("/") + path
    async with aiohttp.request("GET", url, headers={"Authorization": f"Bearer {token}"}) as response:
        answer: dict[str, Any] = await response.json()
    if not response.ok:
        raise Unserved(f"GET {path} answered {response.status}: {answer.get('error', answer)}")
    return dict(answer["assistant"])


async def talk(websocket: WebSocket, stream: str, assistant: dict[str, Any]) -> None:
    """Speaks until somebody hangs up. Raises Unserved."""
    # Without the carrier's credentials here: it hangs up by itself when the stream closes.
    serializer = TwilioFrameSerializer(stream, params=TwilioFrameSerializer.InputParams(auto_hang_up=False))
    transport = FastAPIWebsocketTransport(
        websocket, FastAPIWebsocketParams(audio_in_enabled=True, audio_out_enabled=True, serializer=serializer)
    )
    rates = PipelineParams(audio_in_sample_rate=TELEPHONE, audio_out_sample_rate=TELEPHONE)
    worker = PipelineWorker(pipeline(transport, assistant), params=rates)

    @transport.event_handler("on_client_disconnected")
    async def hung_up(*_: object) -> None:
        await worker.cancel()

    if assistant["first_message"]:
        await worker.queue_frame(TTSSpeakFrame(assistant["first_message"]))
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def pipeline(transport: FastAPIWebsocketTransport, assistant: dict[str, Any]) -> Pipeline:
    """From what the caller says to what the assistant says. Raises Unserved."""
    try:
        transcription, language_model, voice = services(assistant)
    except NoKeys as error:
        logger.warning(f"A local voice says the first message, and nothing after it: {error}")
        return Pipeline([transport.input(), local_voice(assistant), transport.output()])
    turns = LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
    user, own = LLMContextAggregatorPair(LLMContext(), user_params=turns)
    return Pipeline([transport.input(), transcription, user, language_model, voice, transport.output(), own])


if __name__ == "__main__":
    if not os.environ.get("ASSISTANTS_API_URL"):
        sys.exit("Set ASSISTANTS_API_URL to where the API is, such as http://127.0.0.1:3000.")
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "7860"))
    uvicorn.run(app, host=host, port=port, log_level="warning")  # an access log would show tokens
