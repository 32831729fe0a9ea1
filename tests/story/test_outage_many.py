"""An outage of an app in many workspaces: in each of them what was missed is answered."""

from pathlib import Path

from tests.workspaces import workspaces
from tests.world import BOT, DIRECT

TEAMS = ("T0ONE", "T0TWO")


async def test_what_was_missed_is_answered_where_it_was_said(tmp_path: Path):
    async with workspaces(tmp_path, redeliver_after=()) as many:
        await many.start()
        threads = {}
        for team in TEAMS:
            await many.install(team)
            threads[team] = many[team].say(f"{BOT} hello")
            await many.answer(team, threads[team])
        direct = many["T0TWO"].say("hello", channel=DIRECT)
        await many.answer("T0TWO", direct, channel=DIRECT)
        await many.world.stop()
        for team, thread in threads.items():
            many[team].say(f"and in {team}?", thread_ts=thread)
        fresh = many["T0TWO"].say("something else", channel=DIRECT)
        await many.start()
        for team, thread in threads.items():
            assert f"and in {team}?" in await many.answer(team, thread, 2)
        assert "something else" in await many.answer("T0TWO", fresh, channel=DIRECT)
        assert len(many.world.coze.asked) == 6
