"""The reference page in a browser: `make test-docs`. CHROMIUM names the browser where it is not on the PATH."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Response as PageResponse, expect, sync_playwright
from werkzeug.wrappers import Request, Response

from local.openapi.document import DOCUMENT
from local.stack.server import Server
from tests.http.conftest import Deployment, local_stack

QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--no-sandbox", "--disable-gpu", "--disable-sync"]
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # no other host can be reached
SCREENS = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
OPERATIONS = [
    operation for methods in json.loads(DOCUMENT.read_text("utf-8"))["paths"].values() for operation in methods.values()
]


@dataclass
class Opened:
    """The page, what its console said and what it asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refusal: str = ""  # a status that the test asks for; the browser says a word of its own on each, sooner or later

    def operation(self, operation_id: str) -> Any:
        return self.page.locator(f".opblock[id$='-{operation_id}']")

    def send(self, operation_id: str) -> PageResponse:
        """Opens the operation, where it is not open, and sends what is in its form."""
        operation = self.operation(operation_id)
        if not operation.locator(".execute").is_visible():
            operation.locator(".opblock-summary-control").click()
        with self.page.expect_response(lambda response: response.request.resource_type == "fetch") as caught:
            operation.locator(".execute").click()
        return caught.value


@pytest.fixture(scope="module")
def stack() -> Iterator[Deployment]:
    with local_stack() as deployment:
        yield deployment


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "Install Chromium, or name it in CHROMIUM."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, ALONE])
        yield browser
        browser.close()


@pytest.fixture(params=SCREENS)
def opened(request: pytest.FixtureRequest, browser: Browser, stack: Deployment) -> Iterator[Opened]:
    """The page on a screen; at the end it must have kept silent and asked no other host."""
    screen: Any = SCREENS[request.param]
    context = browser.new_context(viewport=screen, is_mobile=request.param == "phone", has_touch=True)
    opened = Opened(context.new_page())
    opened.page.on("console", lambda message: opened.said.append(f"{message.type}: {message.text}"))
    opened.page.on("pageerror", lambda error: opened.said.append(f"error: {error}"))
    opened.page.on("request", lambda asked: opened.asked.append(asked.url))
    opened.page.goto(f"{stack.base_url}/docs")
    expect(opened.page.locator(".opblock")).to_have_count(len(OPERATIONS))
    yield opened
    context.close()
    hosts = {urlsplit(url).netloc for url in opened.asked if not url.startswith("data:")}
    assert hosts == {urlsplit(stack.base_url).netloc}
    assert [line for line in opened.said if not opened.refusal or opened.refusal not in line] == []


@pytest.fixture
def behind_a_path(browser: Browser, stack: Deployment) -> Iterator[Opened]:
    """The page of a stack that a custom domain shows at /voice."""
    with httpx.Client(base_url=stack.base_url, trust_env=False) as client:

        @Request.application
        def domain(request: Request) -> Response:
            if not request.full_path.startswith("/voice/"):
                return Response(status=404)
            headers = {
                name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers
            }
            path = request.full_path.removeprefix("/voice")
            got = client.request(request.method, path, content=request.get_data(), headers=headers)
            return Response(got.content, got.status_code, content_type=got.headers["content-type"])

        with Server(domain) as server, browser.new_context() as context:
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{server.port}/voice/docs")
            yield Opened(page)


def authorise(opened: Opened, token: str) -> None:
    opened.page.locator(".auth-wrapper .authorize").first.click()
    form = opened.page.locator(".modal-ux")
    form.locator("input").fill(token)
    form.locator("button[type=submit]").click()
    form.locator(".btn-done").click()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_it_shows_every_operation_with_its_summary(opened: Opened) -> None:
    for operation in OPERATIONS:
        shown = opened.operation(operation["operationId"])
        expect(shown.locator(".opblock-summary-description")).to_have_text(operation["summary"])
    assert fits(opened.page)


def test_a_token_is_entered_and_an_assistant_is_created_and_shown(opened: Opened, stack: Deployment) -> None:
    opened.refusal = "status of 401"
    assert opened.send("createAssistant").status == 401
    authorise(opened, stack.token)
    created = opened.send("createAssistant")
    assert created.status == 200
    answer = opened.operation("createAssistant").locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer).to_contain_text("Q1 Outbound Setter")
    assistant = created.json()["assistant"]["id"]

    opened.operation("getAssistant").locator(".opblock-summary-control").click()
    opened.operation("getAssistant").locator("tr[data-param-name=assistantId] input").fill(assistant)
    got = opened.send("getAssistant")
    assert (got.status, got.json()["assistant"]["id"]) == (200, assistant)
    expect(opened.operation("getAssistant").locator(".live-responses-table")).to_contain_text(assistant)
    assert fits(opened.page)


def test_a_request_keeps_the_path_that_a_custom_domain_has_before_api(behind_a_path: Opened, stack: Deployment) -> None:
    authorise(behind_a_path, stack.token)
    created = behind_a_path.send("createAssistant")
    assert urlsplit(created.url).path == "/voice/api/assistants"
    assert (created.status, created.json()["assistant"]["name"]) == (200, "Q1 Outbound Setter")


def test_the_token_is_forgotten_when_the_page_is_left(opened: Opened, stack: Deployment) -> None:
    opened.refusal = "status of 401"
    authorise(opened, stack.token)
    assert stack.token not in opened.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    opened.page.reload()
    expect(opened.page.locator(".opblock")).to_have_count(len(OPERATIONS))
    assert opened.send("testApiKey").status == 401


def test_the_fields_of_a_request_are_explained(opened: Opened) -> None:
    operation = opened.operation("updateAssistant")
    operation.locator(".opblock-summary-control").click()
    expect(operation).to_contain_text("Needs the scope assistants:write.")
    operation.locator(".opblock-section-request-body .tablinks", has_text="Schema").click()
    expect(operation.locator(".opblock-section-request-body")).to_contain_text("LLM sampling temperature")
    assert fits(opened.page)


def test_the_first_byte_comes_within_200_ms(stack: Deployment) -> None:
    with httpx.Client(base_url=stack.base_url, trust_env=False) as client:
        for path in ("/docs", "/docs/swagger-ui.js", "/docs/swagger-ui.css", "/api/openapi.json"):
            began = time.perf_counter()
            with client.stream("GET", path) as response:
                assert response.status_code == 200
                assert time.perf_counter() - began < 0.2
