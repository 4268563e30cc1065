"""The body of a request, up to a bound: whoever sends more is not read to the end."""

from starlette.requests import Request


class TooLongError(Exception):
    """A body over its bound."""


async def read_body(request: Request, most: int) -> bytes:
    """The whole body. Raises TooLongError where it has more than ``most`` bytes, at once where its head says so."""
    if int(request.headers.get("content-length", 0)) > most:
        raise TooLongError
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise TooLongError
    return bytes(body)
