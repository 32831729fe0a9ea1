"""One Slack app in many workspaces: people install it, talk to it, and take it away again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from bridge.cli import operate
from bridge.config.schema import AllowSlack
from bridge.platforms.slack import workspaces as known
from bridge.sandbox.coze import Answer, Question, samples
from bridge.sandbox.slack import Upload, payloads
from bridge.store.client import connect
from bridge.store.embedded import EmbeddedStore
from tests.platforms.waiting import until
from tests.workspaces import Workspaces, workspaces
from tests.world import BOT, DIRECT, GENERAL


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_FRESH", 0.05)


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[Workspaces]:
    async with workspaces(tmp_path) as many:
        yield many


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    client = connect(EmbeddedStore(tmp_path).url)
    yield client
    await client.aclose()


async def everything(redis: Redis) -> str:
    """All keys and values of the store."""
    told = []
    async for key in redis.scan_iter("*"):
        told.append(str(key))
        match await redis.type(key):
            case "string":
                told.append(str(await redis.get(key)))
            case "hash":
                told.append(str(await redis.hgetall(key)))
            case "list":
                told.append(str(await redis.lrange(key, 0, -1)))
    return "\n".join(told)


async def test_two_workspaces_install_the_app_and_share_nothing_but_it(
    many: Workspaces, redis: Redis, caplog: pytest.LogCaptureFixture
):
    await many.start()
    for team in ("T0ONE", "T0TWO"):
        page = await many.install(team)
        assert (page.status_code, f"Installed in Team &lt;{team}&gt;" in page.text) == (200, True)
    threads = {team: many[team].say(f"{BOT} I am of {team}") for team in ("T0ONE", "T0TWO")}
    for team, thread in threads.items():
        assert f"I am of {team}" in await many.answer(team, thread)
        many[team].say("go on", thread_ts=thread)
        assert "go on" in await many.answer(team, thread, 2)
        direct = many[team].say("hello", channel=DIRECT)
        assert "hello" in await many.answer(team, direct, channel=DIRECT)
    asked = many.world.coze.asked
    assert len(asked) == 6
    users = {each.user_id for each in asked}
    assert len(users) == 2
    stored = await everything(redis)
    assert "T0ONE/C0GENERAL" in stored
    tokens = [*many.app.grants, many.app.client_secret]
    assert len(tokens) == 3
    assert not any(token in stored or token in caplog.text for token in tokens)
    calls = [call.method for each in many.app.workspaces.values() for call in each.calls]
    assert "auth.test" not in calls


async def test_a_restart_keeps_the_installations_and_a_new_key_lets_the_old_one_read(
    many: Workspaces,
):
    await many.start()
    await many.install("T0ONE", at="team/install")
    await many.world.stop()
    await many.start(encryption_key=f"{'B' * 43}=,{many.settings['encryption_key']}")
    thread = many["T0ONE"].say(f"{BOT} still there?")
    assert "still there?" in await many.answer("T0ONE", thread)
    await many.world.stop()
    await many.start(encryption_key=f"{'B' * 43}=")  # the old one is needed no more
    many["T0ONE"].say("and now?", thread_ts=thread)
    assert "and now?" in await many.answer("T0ONE", thread, 2)


async def test_with_another_key_the_bridge_says_what_to_do_and_a_new_installation_does(
    many: Workspaces, caplog: pytest.LogCaptureFixture
):
    await many.start()
    await many.install("T0ONE")
    await many.world.stop()
    await many.start(encryption_key="B" * 43 + "=")
    why = (await many.ready())["reasons"]["team"]
    assert why.startswith("the installation in T0ONE was encrypted with another key")
    assert "install the app there again" in why
    assert why in caplog.text
    assert (await many.install("T0ONE")).status_code == 200
    thread = many["T0ONE"].say(f"{BOT} hello")
    assert "hello" in await many.answer("T0ONE", thread)
    assert (await many.ready())["reasons"] == {}


async def test_a_workspace_that_takes_the_app_away_is_erased_and_the_other_goes_on(
    many: Workspaces, redis: Redis
):
    await many.start()
    threads = {}
    for team in ("T0ONE", "T0TWO"):
        await many.install(team)
        threads[team] = many[team].say(f"{BOT} hello")
        await many.answer(team, threads[team])
    many.app.uninstall("T0ONE")
    await many["T0ONE"].changes.until(lambda: len(many["T0ONE"].acked) == 4)
    many["T0ONE"].say("anybody?", thread_ts=threads["T0ONE"])
    await many["T0ONE"].changes.until(lambda: len(many["T0ONE"].acked) == 5)
    kept = [key async for key in redis.scan_iter("*") if "T0ONE/" in key]
    assert all(":spent:" in key for key in kept), kept
    assert list(await redis.hgetall("bridge:{0}:installations")) == ["team:T0TWO"]
    many["T0TWO"].say("go on", thread_ts=threads["T0TWO"])
    assert "go on" in await many.answer("T0TWO", threads["T0TWO"], 2)
    await many.install("T0ONE")  # and it may come back
    thread = many["T0ONE"].say(f"{BOT} again")
    assert "again" in await many.answer("T0ONE", thread)
    assert len(many.world.coze.asked) == 4


async def test_a_late_word_of_an_old_installation_does_not_end_the_new_one(many: Workspaces):
    await many.start()
    await many.install("T0ONE")
    slack = many["T0ONE"]
    slack.platform.courier.send(
        "events_api",
        {
            "type": "event_callback",
            "team_id": "T0ONE",
            "event": {"type": "app_uninstalled"},
            "event_id": "Ev1",
            "event_time": 1,
        },
    )
    await slack.changes.until(lambda: slack.acked)
    thread = slack.say(f"{BOT} hello")
    assert "hello" in await many.answer("T0ONE", thread)


async def test_a_token_that_slack_refuses_ends_one_workspace_with_one_line(
    many: Workspaces, caplog: pytest.LogCaptureFixture
):
    await many.start()
    for team in ("T0ONE", "T0TWO"):
        await many.install(team)
    many.app.close("T0ONE", "token_revoked")
    one, two = many["T0ONE"], many["T0TWO"]
    one.say(f"{BOT} hello")
    await one.changes.until(lambda: one.acked)
    thread = two.say(f"{BOT} hello")
    assert "hello" in await many.answer("T0TWO", thread)
    await until(lambda: "off in" in caplog.text)
    one.say(f"{BOT} hello?")
    await one.changes.until(lambda: len(one.acked) == 4)
    lines = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert [r.getMessage() for r in lines] == [
        "off in Team <T0ONE> (T0ONE): Slack: token_revoked; install the app there again"
    ]
    assert (await many.ready())["ready"]
    await many.install("T0ONE")
    thread = one.say(f"{BOT} back")
    assert "back" in await many.answer("T0ONE", thread)


async def test_a_workspace_that_is_not_on_the_list_is_refused_and_its_token_given_back(
    many: Workspaces, redis: Redis
):
    await many.start(allow=AllowSlack(workspaces=["T0TWO"]))
    page = await many.install("T0ONE")
    assert page.status_code == 403
    assert "not for Team &lt;T0ONE&gt;" in page.text
    assert "its id is T0ONE" in page.text
    assert [grant.state for grant in many.app.grants.values()] == ["token_revoked"]
    assert not await redis.exists("bridge:{0}:installations")
    assert (await many.install("T0TWO")).status_code == 200


async def test_what_goes_wrong_at_an_installation_is_told_in_plain_words(many: Workspaces):
    await many.start()
    many.app.denies = True
    page = await many.install("T0ONE")
    assert "You have not allowed it" in page.text
    page = await many.browser.get(str(page.url), headers={"Accept-Language": "zh-CN,zh"})
    assert "您没有授权" in page.text
    many.app.denies = False
    many.app.client_secret = "another"
    page = await many.install("T0ONE")
    assert (page.status_code, "not set up right" in page.text) == (500, True)
    assert many.app.grants == {}


async def test_the_way_back_from_slack_is_for_one_browser_once_and_for_ten_minutes(
    many: Workspaces, redis: Redis
):
    await many.start()
    away = await many.browser.get(f"{many.url}/slack/install")
    asked = await many.browser.get(away.headers["location"])
    back = asked.headers["location"]
    assert 500 < await redis.ttl((await redis.keys("*:installing:*"))[0]) <= 600
    async with httpx.AsyncClient() as other:
        page = await other.get(back)
        assert (page.status_code, "begun in another browser" in page.text) == (400, True)
        assert (await other.get(f"{many.url}/slack/team/oauth_redirect")).status_code == 400
    jar = dict(many.browser.cookies)
    assert (await many.browser.get(back)).status_code == 200
    many.browser.cookies.update(jar)
    assert (await many.browser.get(back)).status_code == 400  # it is used
    away = await many.browser.get(f"{many.url}/slack/install")
    asked = await many.browser.get(away.headers["location"])
    await redis.delete(*await redis.keys("*:installing:*"))  # ten minutes later
    page = await many.browser.get(asked.headers["location"])
    assert (page.status_code, "begin again" in page.text) == (400, True)
    assert len(many.app.grants) == 1


async def test_a_token_that_expires_is_renewed_before_and_then_used(
    many: Workspaces, monkeypatch: pytest.MonkeyPatch
):
    many.app.expires_in = 43_200
    await many.start()
    await many.install("T0ONE")
    [old] = many.app.grants
    thread = many["T0ONE"].say(f"{BOT} hello")
    await many.answer("T0ONE", thread)
    assert [*many.app.grants] == [old]
    monkeypatch.setattr(known, "_EARLY", 50_000.0)  # as it is ten hours later
    many["T0ONE"].say("more", thread_ts=thread)
    assert "more" in await many.answer("T0ONE", thread, 2)
    assert len(many.app.grants) == 2  # one replica does it, once
    many.app.grants[old].state = "token_expired"
    many["T0ONE"].say("and more", thread_ts=thread)
    assert "and more" in await many.answer("T0ONE", thread, 3)


async def test_by_socket_mode_one_connection_brings_what_is_said_in_all_workspaces(
    many: Workspaces, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SLACK_CLIENT_ID", many.app.client_id)  # slack-bolt must not mind it
    monkeypatch.setenv("SLACK_CLIENT_SECRET", many.app.client_secret)
    await many.start(mode="socket", app_token="xapp-sandbox", signing_secret="")
    for team in ("T0ONE", "T0TWO"):
        await many.install(team)
        thread = many[team].say(f"{BOT} I am of {team}")
        assert f"I am of {team}" in await many.answer(team, thread)
    assert (await many.ready())["ready"]


async def test_buttons_commands_and_files_find_their_workspace(many: Workspaces):
    await many.start()
    for team in ("T0ONE", "T0TWO"):
        await many.install(team)
    slack, upload = many["T0TWO"], Upload("report.pdf", samples.pdf("Hello"))
    thread = slack.say(f"{BOT} read this", files=[upload])
    await many.answer("T0TWO", thread)
    [answer] = [m for m in slack.messages(GENERAL, thread) if m.bot_id]
    slack.press(answer.ts, "🔄", channel=GENERAL)
    await many.answer("T0TWO", thread, 2)
    slack.command("help")
    [told] = await slack.changes.until(
        lambda: [m for m in slack.messages(GENERAL) if m.visible_to == "U0ANN"]
    )
    assert "/coze new" in told.plain()
    assert [len(asked.files) for asked in many.world.coze.asked] == [1, 1]


async def test_an_app_in_a_whole_organisation_answers_in_each_of_its_workspaces(tmp_path: Path):
    async with workspaces(tmp_path, enterprise="E0ACME", org_wide=True) as many:
        for team, each in many.app.workspaces.items():
            each.channel(f"C{team}", team.lower())
        await many.start()
        page = await many.install("E0ACME")
        assert "Installed in E0ACME" in page.text
        for team in many.app.workspaces:
            where = f"C{team}"
            thread = many[team].say(f"{BOT} I am of {team}", channel=where)
            assert f"I am of {team}" in await many.answer(team, thread, channel=where)
            [answer] = [m for m in many[team].messages(where, thread) if m.bot_id]
            many[team].press(answer.ts, "🔄", channel=where)
            await many.answer(team, thread, 2, channel=where)
        assert len(many.world.coze.asked) == 4
        many.app.uninstall("E0ACME")
        store = many.world.state_dir
        redis = connect(EmbeddedStore(store).url)
        await until(lambda: len(many["T0ONE"].acked) >= 5)
        assert not await redis.exists("bridge:{0}:installations")
        await redis.aclose()


async def test_in_a_channel_that_two_workspaces_share_only_the_one_that_is_mentioned_answers(
    tmp_path: Path,
):
    async with workspaces(tmp_path, other_bot="U0BOT2") as many:
        await many.start(allow_external=True)
        one, two = many["T0ONE"], many["T0TWO"]
        for each in (one, two):
            await many.install(each.platform.identity.team)
            bot = each.platform.identity.bot_user
            each.channel("C0SHARED", "shared", members=("U0ANN", bot), shared=True)
        one.say("<@U0BOT2> hello", channel="C0SHARED")  # the event comes by T0ONE
        [shown] = one.messages("C0SHARED")
        where, app = two.platform.workspace.channels["C0SHARED"], two.platform.identity
        where.store(shown)
        assert "hello" in await many.answer("T0TWO", shown.ts, channel="C0SHARED")
        acked = len(two.acked)
        for event in payloads.posted(shown, where, app):  # ... and two of them by T0TWO
            body = payloads.event_callback(event, where, app)
            two.platform.courier.send("events_api", body)
        await two.changes.until(lambda: len(two.acked) >= acked + 2)
        assert len(many.world.coze.asked) == 1
        assert not [m for m in one.messages("C0SHARED") if m.bot_id]


async def test_the_check_says_where_the_app_is_installed_and_whether_its_secret_is_right(
    many: Workspaces, capsys: pytest.CaptureFixture[str]
):
    await many.start()
    await many.install("T0ONE")
    assert many.world.config
    assert await operate._check(many.world.config)
    assert (
        "ok    channels.team: app 100.200 in 1 workspaces: Team <T0ONE>" in capsys.readouterr().out
    )
    many.app.client_secret = "another"
    assert not await operate._check(many.world.config)
    remedy = "FAIL  channels.team: Slack: bad_client_secret: check SLACK_CLIENT_SECRET"
    assert remedy in capsys.readouterr().out


async def test_an_answer_under_way_ends_quietly_where_the_app_is_taken_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    gate = asyncio.Event()

    def slowly(_question: Question) -> Answer:
        return Answer((("Well, ", "that is it."),), gate=gate, gate_at=1)

    async with workspaces(tmp_path, answer=slowly) as many:
        await many.start()
        await many.install("T0ONE")
        slack, coze = many["T0ONE"], many.world.coze
        for text in ("first", "second"):
            slack.say(f"{BOT} {text}", channel=GENERAL)
        await slack.changes.until(lambda: [m for m in slack.messages(GENERAL) if m.bot_id])
        many.app.uninstall("T0ONE")
        await until(lambda: "uninstalled from T0ONE" in caplog.text)
        gate.set()
        await until(lambda: any(call.path == "/v3/chat/cancel" for call in coze.requests))
        redis = connect(EmbeddedStore(tmp_path).url)
        while await redis.get("bridge:{0}:turns:pending") != "0":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert await redis.llen("bridge:{0}:turns:dead") == 0
        await redis.aclose()
    wrong = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert all("off in Team" in each for each in wrong), wrong


async def test_a_page_is_kept_and_framed_by_nobody(many: Workspaces):
    await many.start()
    page = await many.install("T0ONE")
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (await many.browser.post(f"{many.url}/slack/team/install")).status_code == 405
    assert (await many.browser.get(f"{many.url}/slack/team/else")).status_code == 404
