"""The bodies of requests that strangers can make."""

from starlette.requests import Request


class BodyTooLargeError(Exception):
    """A body has more bytes than are taken."""


async def read_body(request: Request, most: int) -> bytes:
    """The bytes of a request, which are at most `most`.

    Raises:
        BodyTooLargeError: there are more.
        ClientDisconnect: the rest does not come.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise BodyTooLargeError
    return bytes(body)
