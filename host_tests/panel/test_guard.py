"""Who is let in: only the address of this start, by this computer's own name."""

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Scope

from massager_tools.errors import UsageError
from massager_tools.panel.guard import Guard
from massager_tools.panel.server import HOST, listen

PORT = 8123
OWN = f"127.0.0.1:{PORT}"

LETS_IN_ROWS = (
    ("own address", "/secret/", OWN, None, 200),
    ("own address by name", "/secret/nights", f"localhost:{PORT}", None, 200),
    ("own page's socket", "/secret/_ws", OWN, f"http://{OWN}", 200),
    ("no token", "/", OWN, None, 403),
    ("wrong token", "/guess/", OWN, None, 403),
    ("token with more behind it", "/secrets/", OWN, None, 403),
    ("token not in front", "/x/secret/", OWN, None, 403),
    ("empty path", "//secret/", OWN, None, 403),
    ("an opaque page", "/secret/_ws", OWN, "null", 403),
    ("rebound name", "/secret/", f"evil.example:{PORT}", None, 403),
    ("other port", "/secret/", "127.0.0.1:1", None, 403),
    ("foreign page", "/secret/_ws", OWN, "http://evil.example", 403),
)


def _guard() -> Guard:
    return Guard(PlainTextResponse("in"), "secret", PORT)


def test_lets_in(row: tuple[str, str, str, str | None, int]) -> None:
    _, path, host, origin, status = row

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(_guard()), base_url=f"http://{OWN}"
        ) as client:
            headers = {"host": host} | ({"origin": origin} if origin else {})
            return await client.get(path, headers=headers)

    assert asyncio.run(ask()).status_code == status


def test_a_ticket_opens_the_page_once_and_from_here_only() -> None:
    guard = _guard()
    ticket = guard.ticket()

    async def ask(host: str) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(guard), base_url=f"http://{OWN}"
        ) as client:
            return await client.get(ticket, headers={"host": host})

    assert asyncio.run(ask(f"evil.example:{PORT}")).status_code == 403
    first = asyncio.run(ask(OWN))
    assert (first.status_code, first.headers["location"]) == (303, "/secret/")
    assert asyncio.run(ask(OWN)).status_code == 403


def test_a_socket_without_token_is_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope: Scope = {"type": "websocket", "path": "/", "headers": [(b"host", OWN.encode())]}
    asyncio.run(_guard()(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_an_answer_names_no_other_site_and_leaks_no_address() -> None:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(_guard()), base_url=f"http://{OWN}"
        ) as client:
            return await client.get("/secret/")

    headers = asyncio.run(ask()).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


def test_a_taken_port_is_one_line() -> None:
    with listen(None) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"--port {port}: another program has it"):
            listen(port)
        assert taken.getsockname()[0] == HOST
