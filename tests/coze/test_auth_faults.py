"""When Coze gives no token, or there is no key to ask for one."""

import json
import logging
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bridge.core.errors import Denied, Fatal, Retryable, Unavailable
from bridge.coze.auth import read_key
from bridge.sandbox.coze import Fault, HttpError, NoResponse, Refuse
from tests.coze.rig import CHAT, Rig, connected, heard, question
from tests.coze.test_auth import CALLS, CREATE, TOKEN, granting, signer, signing
from tests.sandbox.coze_keys import keys


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with signing() as rig:
        yield rig


def refusing(code: object, status: int) -> HttpError:
    """OAuth has its own envelope for what it refuses."""
    told = {"error_code": code, "error": code, "error_message": "because of that"}
    return HttpError(status, json.dumps(told), "application/json")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("invalid_request", 400),
        ("invalid_client", 401),
        ("unsupported_grant_type", 400),
        ("access_deny", 403),
        ("access_denied", 403),
        ("expired_token", 400),
        ("of_the_future", 418),
        (4100, 200),
    ],
)
@pytest.mark.parametrize("path", CALLS)
async def test_a_refusal_is_told_to_the_operator_and_not_repeated(
    rig: Rig, code: object, status: int, path: str
) -> None:
    rig.coze.fail(TOKEN, refusing(code, status))
    with pytest.raises(Denied, match=f"{code}: because of that; check coze.oauth"):
        await CALLS[path](rig)
    assert [made.path for made in rig.coze.requests] == [TOKEN]


@pytest.mark.parametrize(
    "fault",
    [
        refusing("internal_error", 200),
        refusing("internal_error", 500),
        HttpError(429),
        refusing("slow_down", 429),
        HttpError(500),
        HttpError(502),
        HttpError(503, '{"code":5000,"msg":"away"}', "application/json"),
        Refuse(),
        NoResponse(),
    ],
    ids=repr,
)
async def test_where_coze_cannot_say_yes_or_no_the_same_may_be_tried_later(
    rig: Rig, fault: Fault
) -> None:
    rig.coze.fail(TOKEN, fault)
    with pytest.raises(Retryable) as error:
        await rig.client.call("POST", CREATE, json={"bot_id": rig.coze.bot_id})
    assert isinstance(error.value, Unavailable)  # nothing was asked yet, so nothing is uncertain
    assert [made.path for made in rig.coze.requests] == [TOKEN]
    rig.coze.fail(TOKEN, fault, times=2)
    assert await CALLS[CREATE](rig)  # which is repeated


@pytest.mark.parametrize("fault", [HttpError(502), NoResponse()], ids=repr)
async def test_a_question_waits_for_its_token_and_is_asked_once(rig: Rig, fault: Fault) -> None:
    rig.coze.fail(TOKEN, fault, times=2)
    events = await heard(rig.backend().ask(question()))
    assert len(events) > 2
    assert len(rig.made(CHAT)) == len(rig.coze.asked) == 1


async def test_where_nobody_listens_there_is_no_token() -> None:
    async with connected("http://127.0.0.1:9", "", sign=signer()) as client:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await client.call("POST", CREATE)


@pytest.mark.parametrize("body", ["", "<html>Sign in</html>", "[]", '"czs_"', "{}", "\x00"])
async def test_what_is_no_answer_brings_no_token(rig: Rig, body: str) -> None:
    rig.coze.fail(TOKEN, HttpError(200, body))
    with pytest.raises((Denied, Unavailable), match="gives no token"):
        await CALLS[CREATE](rig)


@pytest.mark.parametrize("token", [None, ""])
async def test_an_empty_token_is_none(rig: Rig, token: object) -> None:
    told = json.dumps({"access_token": token, "expires_in": 86_399})
    rig.coze.fail(TOKEN, HttpError(200, told, "application/json"))
    with pytest.raises((Denied, Unavailable), match="gives no token"):
        await CALLS[CREATE](rig)
    assert not rig.made(CREATE)


@pytest.mark.parametrize(
    ("owner", "changes"),
    [
        ("somebody else", {}),
        ("app", {"key_id": "of-another-key"}),
        ("app", {"app_id": "of-another-app"}),
    ],
)
async def test_a_key_that_coze_does_not_know_is_told(owner: str, changes: dict[str, str]) -> None:
    async with signing(owner, **changes) as rig:
        with pytest.raises(Denied, match="invalid_client: invalid jwt"):
            await heard(rig.backend().ask(question()))
        assert [made.path for made in rig.coze.requests] == [TOKEN]


async def test_an_app_that_its_owner_switched_off_is_told(rig: Rig) -> None:
    rig.coze.oauth.active = False
    with pytest.raises(Denied, match="deactivated by the owner"):
        await CALLS[CREATE](rig)


@pytest.mark.parametrize(
    "fault", [refusing("invalid_client", 401), HttpError(502), NoResponse(), None], ids=repr
)
async def test_no_token_and_no_key_is_in_any_error_or_log(
    rig: Rig, fault: Fault | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    if fault:
        rig.coze.fail(TOKEN, fault, times=99)
    else:  # a token that Coze does not take
        granting(rig, 86_399, times=99)
        rig.coze.token = "another"
    told = [caplog.text]
    for call in CALLS.values():
        with pytest.raises((Fatal, Retryable)) as error:
            await call(rig)
        told += [repr(error.value), *traceback.format_exception(error.value)]
    told += [str(vars(record)) for record in caplog.records]
    secrets = {made.headers["authorization"].removeprefix("Bearer ") for made in rig.coze.requests}
    secrets |= set(keys("app")[0].splitlines())
    assert len(secrets) > 10
    assert [secret for secret in secrets if secret in "\n".join(told)] == []


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(keys("app")[0])
    assert read_key(str(file)) == keys("app")[0]


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
LOCKED = BestAvailableEncryption(b"secret")
NO_KEYS = {
    "a word": b"secret",
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "half a key": keys("app")[0][:200].encode(),
    "the public key": keys("app")[1].encode(),
    "a key of another kind": CURVE.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ),
    "a locked key": RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, LOCKED),
}


@pytest.mark.parametrize("content", NO_KEYS)
def test_a_file_without_a_private_key_is_refused_when_it_is_read(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(NO_KEYS[content])
    with pytest.raises(Denied, match=r"coze\.oauth\.private_key_file: .*key\.pem") as denied:
        read_key(str(file))
    assert "secret" not in str(denied.value)
    assert "BEGIN" not in str(denied.value)


def test_a_key_that_is_not_there_is_told_with_its_place(tmp_path: Path) -> None:
    for place in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(Denied, match=r"coze\.oauth\.private_key_file: .*: "):
            read_key(str(place))
