"""What the Bot API says when it refuses a call."""


class ApiError(Exception):
    """A refusal: `status` is the HTTP status and `description` the platform's words.

    `retry_after` counts whole seconds; `moved_to` is the new id of a chat. Status 0
    stands for a connection closed without an answer.
    """

    def __init__(
        self, status: int, description: str, retry_after: int | None = None, moved_to: int = 0
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after
        self.moved_to = moved_to


def bad_request(reason: str) -> ApiError:
    """The refusal of a call that is wrong in itself."""
    return ApiError(400, f"Bad Request: {reason}")


def flooded(seconds: int) -> ApiError:
    """The refusal of a call too many, to be repeated after so many whole seconds."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", seconds)


def hung_up() -> ApiError:
    """The end of a call that nobody hears the answer of."""
    return ApiError(0, "connection closed")
