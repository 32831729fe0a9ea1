"""What the file may ask for already, but the bridge cannot do yet."""

from collections.abc import Iterator

from bridge.config.schema import Config

Fault = tuple[str, str, str, str]


def not_yet(config: Config) -> Iterator[Fault]:
    """A fault for each value that would otherwise be ignored."""
    store = config.store
    if store.redis_url.startswith("redis+"):
        expected = "redis://, rediss:// or unix://: Sentinel and Cluster do not work yet"
        yield "store.redis_url", "another kind of address", expected, "use a single Redis"
    if store.shards != 1:
        yield "store.shards", str(store.shards), "1: shards do not work yet", "remove it"
    if store.replicas_to_wait:
        found = str(store.replicas_to_wait)
        yield "store.replicas_to_wait", found, "0: waiting does not work yet", "remove it"
