import pytest

from bridge.core.errors import Denied, Fatal, Gone, Retryable
from bridge.core.texts import CHINESE, ENGLISH
from bridge.coze.errors import (
    MEANINGS,
    NEVER,
    OFTEN,
    TWICE,
    ConversationGone,
    CozeBusy,
    CozeDenied,
    CozeError,
    CozeRefused,
    coze_error,
    unanswerable,
)

# What Coze's lists hold besides: calls that the bridge does not make (realtime, members), and
# refusals to cancel, which the client takes as success.
MET_BY_USERS = [
    *range(4000, 4017),
    *(4019, 4020, 4021, 4022, 4027, 4028, 4033),
    *(4100, 4101, 4102, 4105, 4200, 5000, 700012006, 788788103),
    *(4300, 4301, 4302, 4303, 4304, 4314, 4315, 6003, 6006, 6023, 6031, 6039),
    *(720701013, 720702004, 720702011, 720702085, 720702204),
    *(103000000, 103000001, 103000002, 103100001, 103100002, 103200002, 103200003),
]


@pytest.mark.parametrize("code", MET_BY_USERS)
def test_a_code_that_users_can_meet_has_a_meaning(code: int) -> None:
    assert code in MEANINGS


@pytest.mark.parametrize("code", MEANINGS)
def test_a_meaning_has_words_for_the_user_and_a_remedy_for_the_operator(code: int) -> None:
    error = coze_error(code, "oops")
    assert ENGLISH[error.say]
    assert CHINESE[error.say]
    assert MEANINGS[code].remedy
    assert MEANINGS[code].remedy in str(error)


@pytest.mark.parametrize("say", ["error.action", "error.broken_off", coze_error(1, "").say])
def test_other_failures_have_words_too(say: str) -> None:
    error = unanswerable("it ended", say)
    assert (error.say, error.message) == (say, "it ended")
    assert ENGLISH[error.say]
    assert CHINESE[error.say]
    assert coze_error(0, "oops").say == "error.unknown"


@pytest.mark.parametrize(
    ("code", "kind", "port", "retries"),
    [
        (4002, ConversationGone, Gone, NEVER),
        (103000002, ConversationGone, Gone, NEVER),
        (4100, CozeDenied, Denied, NEVER),
        (4101, CozeDenied, Denied, NEVER),
        (700012006, CozeDenied, Denied, NEVER),
        (103000001, CozeDenied, Denied, NEVER),
        (4009, CozeBusy, Retryable, OFTEN),
        (4013, CozeBusy, Retryable, OFTEN),
        (4016, CozeBusy, Retryable, OFTEN),
        (4020, CozeBusy, Retryable, OFTEN),
        (5000, CozeBusy, Retryable, TWICE),
        (4000, CozeRefused, Fatal, NEVER),
        (4001, CozeRefused, Fatal, NEVER),
        (4010, CozeRefused, Fatal, NEVER),
        (4028, CozeRefused, Fatal, NEVER),
        (4104, CozeRefused, Fatal, NEVER),
        (123456, CozeRefused, Fatal, NEVER),
        (0, CozeRefused, Fatal, NEVER),
    ],
)
@pytest.mark.parametrize("told_as", [int, str])
def test_a_code_decides_what_can_be_done(
    code: int,
    kind: type[CozeError],
    port: type[Exception],
    retries: int,
    told_as: type[int] | type[str],
) -> None:
    error = coze_error(told_as(code), "oops")
    assert type(error) is kind
    assert isinstance(error, port)
    assert (error.code, error.retries) == (code, retries)


@pytest.mark.parametrize("code", MEANINGS)
def test_only_what_may_be_asked_again_is_worth_a_retry(code: int) -> None:
    error = coze_error(code, "oops")
    assert isinstance(error, Retryable) == bool(error.retries)
    assert isinstance(error, Retryable) != isinstance(error, Fatal)


@pytest.mark.parametrize(
    ("status", "kind", "code", "sentence"),
    [
        (401, CozeDenied, 4100, "error.setup"),
        (403, CozeDenied, 4101, "error.setup"),
        (413, CozeRefused, 4302, "file.too_large"),
        (429, CozeBusy, 4013, "error.busy"),
        (500, CozeBusy, 5000, "error.unavailable"),
        (502, CozeBusy, 5000, "error.unavailable"),
        (503, CozeBusy, 5000, "error.unavailable"),
        (504, CozeBusy, 5000, "error.unavailable"),
        (400, CozeRefused, None, "error.unknown"),
        (404, CozeRefused, None, "error.unknown"),
        (200, CozeRefused, None, "error.unknown"),
    ],
)
@pytest.mark.parametrize("repeated", [False, True])
def test_the_status_speaks_where_the_body_names_no_code(
    status: int, kind: type[CozeError], code: int | None, sentence: str, repeated: bool
) -> None:
    error = coze_error(status if repeated else None, "oops", status=status)
    assert type(error) is kind
    assert error.say == sentence
    assert f"HTTP {status}" in str(error)
    if code:
        assert error.code == code


@pytest.mark.parametrize("status", [429, 500, 502])
def test_a_failing_gateway_is_worth_a_retry_whatever_the_body_says(status: int) -> None:
    assert isinstance(coze_error(123456, "oops", status=status), CozeBusy)


def test_a_code_of_the_body_outranks_the_status() -> None:
    assert isinstance(coze_error(4002, "oops", status=401), ConversationGone)
    assert isinstance(coze_error("700012006", "oops", status=400), CozeDenied)
    assert coze_error(4016, "oops", status=429).say == "error.still_answering"


@pytest.mark.parametrize("code", [None, "", "invalid_request", [], {}, "4.5", True, "9" * 5000])
def test_a_code_that_is_no_number_is_not_known(code: object) -> None:
    error = coze_error(code, "oops")
    assert isinstance(error, CozeRefused)
    assert error.say == "error.unknown"
    assert "oops" in str(error)


def test_an_operator_reads_code_words_log_id_status_and_remedy() -> None:
    told = str(coze_error(4100, "authentication is invalid", log_id="20261123AB", status=401))
    assert told.startswith("Coze 4100: authentication is invalid (HTTP 401, log id 20261123AB)")
    assert "COZE_API_TOKEN" in told
    assert "log id" not in str(coze_error(4009, "busy"))
