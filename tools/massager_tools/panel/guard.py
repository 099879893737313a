"""Admit only who has the token of this start, from this computer, by its own name."""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REFUSED = "This page opens only by the address that `massager panel` has printed.\n"

# everything from this computer; Vue compiles its templates, so it needs eval
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Guard:
    """Refuse each request without the token as the first part of its path.

    A foreign `Host` is refused as well: a name of somebody else's that resolves to this
    computer would make his page and this one the same site to the browser. So is a foreign
    `Origin`, of a page that tries to open the socket.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._home = f"/{token}/"
        self._tickets: set[str] = set()
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._origins = tuple(f"http://{host}" for host in self._hosts)
        self._policy = _POLICY.format(port=port)

    def ticket(self) -> str:
        """Return a path that leads to the page once.

        A browser is started with its address, and every user of the computer may read that.
        """
        ticket = f"/{secrets.token_urlsafe(16)}"
        self._tickets.add(ticket)
        return ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is allowed in, and refuse the rest."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif self._allows(scope):
            await self._app(scope, receive, self._with_headers(send))
        elif scope["type"] == "http" and self._takes_ticket(scope):
            await RedirectResponse(self._home, 303)(scope, receive, self._with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(_REFUSED, 403)(scope, receive, send)

    def _takes_ticket(self, scope: Scope) -> bool:
        path = str(scope["path"])
        if path not in self._tickets or not self._is_own(Headers(scope=scope)):
            return False
        self._tickets.discard(path)
        return True

    def _allows(self, scope: Scope) -> bool:
        first = str(scope["path"]).split("/")[1:2]
        has_token = secrets.compare_digest("".join(first).encode(), self._token)
        return has_token and self._is_own(Headers(scope=scope))

    def _is_own(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return headers.get("host") in self._hosts and (origin is None or origin in self._origins)

    def _with_headers(self, send: Send) -> Send:
        added = [
            (b"content-security-policy", self._policy.encode()),
            (b"referrer-policy", b"no-referrer"),  # the address holds the token
            (b"x-content-type-options", b"nosniff"),
        ]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *added]
            await send(message)

        return with_headers
