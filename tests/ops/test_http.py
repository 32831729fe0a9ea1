"""What operators and their machines see over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse

from bridge.ops.http import operators_app
from bridge.wire.serve import serve


class Parts:
    """The parts of a bridge, with what is wrong with them, and its queues."""

    def __init__(self) -> None:
        self.wrong = {"telegram": "", "redis": ""}
        self.waiting = {"turns": 0}

    async def troubles(self) -> dict[str, str]:
        return self.wrong

    async def queues(self) -> dict[str, int]:
        return self.waiting


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
async def http(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve(operators_app(parts.troubles, parts.queues)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        yield client


async def values(http: httpx.AsyncClient) -> dict[tuple[str, str], float]:
    """Each sample of ours by its name and label."""
    text = (await http.get("/metrics")).text
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if family.name.startswith("coze_bridge")
    }


async def test_it_is_alive_whatever_is_wrong(http: httpx.AsyncClient, parts: Parts):
    parts.wrong["redis"] = "away"
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_it_is_ready_when_nothing_is_wrong(http: httpx.AsyncClient):
    answer = await http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "reasons": {}}


async def test_it_is_not_ready_while_a_part_is_in_trouble(http: httpx.AsyncClient, parts: Parts):
    parts.wrong["telegram"] = "cannot be reached: 网络"
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"ready": False, "reasons": {"telegram": "cannot be reached: 网络"}}
    parts.wrong["telegram"] = ""
    assert (await http.get("/readyz")).status_code == 200


async def test_metrics_tell_which_part_is_up_and_what_waits(http: httpx.AsyncClient, parts: Parts):
    parts.wrong["telegram"] = "away"
    parts.waiting["turns"] = 3
    seen = await values(http)
    assert seen["coze_bridge_up", "telegram"] == 0
    assert seen["coze_bridge_up", "redis"] == 1
    assert seen["coze_bridge_jobs", "turns"] == 3


async def test_metrics_change_with_what_they_tell_of(http: httpx.AsyncClient, parts: Parts):
    parts.wrong["telegram"], parts.waiting["turns"] = "away", 3
    await values(http)
    parts.wrong["telegram"], parts.waiting["turns"] = "", 0
    seen = await values(http)
    assert (seen["coze_bridge_up", "telegram"], seen["coze_bridge_jobs", "turns"]) == (1, 0)


async def test_metrics_come_as_prometheus_takes_them(http: httpx.AsyncClient):
    kind = (await http.get("/metrics")).headers["content-type"]
    assert kind.startswith("text/plain; version=")


async def test_what_platforms_call_is_there_and_what_is_below_it(parts: Parts):
    door = PlainTextResponse("a platform's own")
    app = operators_app(parts.troubles, parts.queues, {"/telegram/tg": door})
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as http:
        for path in ("/telegram/tg", "/telegram/tg/", "/telegram/tg/events"):
            assert (await http.post(path)).text == "a platform's own"
        for path in ("/telegram", "/telegram/tgs", "/telegram/other"):
            assert (await http.post(path)).status_code == 404


async def test_there_is_nothing_else(http: httpx.AsyncClient):
    assert (await http.get("/")).status_code == 404
    assert (await http.post("/readyz")).status_code == 405
