"""OAuth by a signed JWT: a token that is fetched, kept, renewed and replaced without a word."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bridge.config.schema import OAuth
from bridge.sandbox.coze import HttpError
from tests.sandbox.coze_keys import APP_ID, KEY_ID, app, keys
from tests.world import ANN, World

TOKEN = "/api/permission/oauth2/token"


def signing(world: World, file: Path, owner: str = "app") -> dict[str, Any]:
    """The configuration of a bridge that has a key and no token."""
    file.write_text(keys(owner)[0])
    assert world.config
    oauth = OAuth(app_id=APP_ID, key_id=KEY_ID, private_key_file=str(file))
    return {"coze": replace(world.config.coze, token="", oauth=oauth)}


def world_with_app(tmp_path: Path) -> World:
    return World(tmp_path, oauth=app())


async def test_a_key_is_enough_to_talk_to_coze(tmp_path):
    async with world_with_app(tmp_path) as world:
        await world.start(**signing(world, tmp_path / "key.pem"))
        world.telegram.say("hello")
        assert "hello" in await world.telegram_answer()
        assert len(world.coze.oauth.issued) == 1


async def test_however_many_ask_at_once_one_token_is_fetched(tmp_path):
    async with world_with_app(tmp_path) as world:
        await world.start(**signing(world, tmp_path / "key.pem"))
        for user in range(601, 609):
            world.telegram.say("hello", user=user, chat=user)
        await asyncio.gather(*(world.telegram_answer(chat=user) for user in range(601, 609)))
        assert len(world.coze.oauth.issued) == 1


@pytest.mark.parametrize("refusal", [(401, 4100), (200, 4101), (200, 700012006)])
async def test_a_token_that_coze_takes_no_more_is_replaced_and_the_question_asked_once(
    tmp_path, refusal
):
    async with world_with_app(tmp_path) as world:
        await world.start(**signing(world, tmp_path / "key.pem"))
        world.telegram.say("one")
        await world.telegram_answer(1)
        world.coze.denies_with = refusal
        world.coze.revoke_tokens()
        world.telegram.say("two")
        assert "“two”" in await world.telegram_answer(2)
        assert [asked.text for asked in world.coze.asked] == ["one", "two"]
        assert len(world.coze.oauth.issued) == 2


async def test_a_token_that_is_never_taken_is_told_and_not_tried_for_ever(tmp_path):
    async with world_with_app(tmp_path) as world:
        await world.start(**signing(world, tmp_path / "key.pem"))
        world.coze.oauth.lifetime = 0
        world.telegram.say("hello")
        assert "not set up correctly" in await world.telegram_answer()
        assert not world.coze.asked
        assert len(world.coze.oauth.issued) < 10


async def test_a_key_that_coze_does_not_know_is_told_without_showing_it(tmp_path, caplog):
    async with world_with_app(tmp_path) as world:
        await world.start(**signing(world, tmp_path / "key.pem", "somebody else"))
        world.telegram.say("hello")
        assert "not set up correctly" in await world.telegram_answer()
        told = " ".join(record.getMessage() + str(record.__dict__) for record in caplog.records)
        assert "check coze.oauth" in told
        assert "PRIVATE KEY" not in told


async def test_coze_may_be_away_when_a_token_is_due(tmp_path):
    async with world_with_app(tmp_path) as world:
        world.coze.fail(TOKEN, HttpError(502), times=2)
        await world.start(**signing(world, tmp_path / "key.pem"))
        world.telegram.say("hello")
        assert "hello" in await world.telegram_answer()
        assert len(world.telegram.messages(ANN)) == 2
