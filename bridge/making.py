"""From settings to what they stand for: clients, bots, adapters, policies, menus."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from bridge.config import Bot as BotSettings
from bridge.config import Channel, Config, Slack, Telegram
from bridge.config.schema import Workflow as WorkflowSettings
from bridge.core.commands import COMMANDS, Entry, Menu
from bridge.core.ports import Adapter, Installations, Parameter, Places
from bridge.core.routing import Policy, Rule
from bridge.coze.asks import ChatAsks, ChatflowAsks
from bridge.coze.auth import SignedToken, read_key
from bridge.coze.backends import ChatBackend
from bridge.coze.client import CozeClient
from bridge.coze.services import CozeServices
from bridge.coze.tools import Tool, Tools
from bridge.coze.workflows import CozeWorkflow
from bridge.flow.bot import Bot
from bridge.flow.errand import Command
from bridge.flow.marks import Marks
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.backfill import Nowhere
from bridge.platforms.slack.many import ManySlackAdapter
from bridge.platforms.slack.rates import Rates
from bridge.platforms.slack.within import Within
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.store.open import Store


@asynccontextmanager
async def coze_client(config: Config) -> AsyncGenerator[CozeClient, None]:
    """A client for the account of the configuration.

    Raises:
        Denied: the key for signed tokens cannot be read.
    """
    coze, oauth, sign = config.coze, config.coze.oauth, None
    if oauth:
        key = read_key(oauth.private_key_file)
        sign = lambda http: SignedToken(  # noqa: E731 - it is its use that needs a name
            http, app_id=oauth.app_id, key_id=oauth.key_id, private_key=key
        )
    client = CozeClient(
        coze.api_base,
        coze.token,
        connect_timeout=coze.connect_timeout,
        idle_timeout=coze.idle_timeout,
        sign=sign,
    )
    try:
        yield client
    finally:
        await client.aclose()


def make_tools(config: Config) -> Tools:
    """The functions that bots may call here."""
    tools = config.tools.items()
    return Tools({name: Tool(t.url, t.timeout, t.headers) for name, t in tools})


def make_backend(client: CozeClient, bot: BotSettings, tools: Tools | None = None) -> ChatBackend:
    """The Coze bot, or chatflow, that a configured one stands for."""
    if bot.mode == "chatflow":
        flow = ChatflowAsks(bot.workflow_id, bot_id=bot.bot_id, app_id=bot.app_id)
        return ChatBackend(client, bot.bot_id, asks=flow, tools=tools)
    asks = ChatAsks(bot.bot_id, stream=bot.mode == "stream")
    return ChatBackend(client, bot.bot_id, asks=asks, tools=tools)


def make_workflow(
    client: CozeClient, bot: BotSettings, settings: WorkflowSettings
) -> CozeWorkflow:
    """A workflow of a bot, or of its app."""
    declared = (
        Parameter(name, p.type, p.required, p.description, p.default)
        for name, p in settings.parameters.items()
    )
    of = {"app_id": bot.app_id} if bot.app_id else {"bot_id": bot.bot_id}
    return CozeWorkflow(
        client, settings.workflow_id, of=of, mode=settings.mode, parameters=tuple(declared)
    )


def make_bots(config: Config, client: CozeClient, tools: Tools) -> dict[str, Bot]:
    """Every bot of the configuration."""
    return {
        name: Bot(
            name,
            make_backend(client, bot, tools),
            CozeServices(client, bot.bot_id, voice_id=bot.voice_id),
            variables=bot.variables,
            turn_timeout=config.coze.turn_timeout,
            show_reasoning=bot.show_reasoning,
            rateable=bot.feedback,
            voice_replies=bot.voice_replies,
            user_variables=bot.user_variables,
        )
        for name, bot in config.bots.items()
    }


def make_commands(config: Config, client: CozeClient) -> dict[str, Command]:
    """Every workflow of the configuration, by the command that runs it."""
    return {
        command: Command(command, make_workflow(client, bot, flow), flow.parameter, name)
        for name, bot in config.bots.items()
        for command, flow in bot.workflows.items()
    }


def make_menu(config: Config) -> Menu:
    """The commands that can be typed, without those that bots define at Coze."""
    names = list(COMMANDS)
    if len(config.bots) > 1:
        names.append("bot")
    if any(bot.user_variables != "off" for bot in config.bots.values()):
        names.append("vars")
    extra = {
        command: Entry(command, flow.description)
        for bot in config.bots.values()
        for command, flow in bot.workflows.items()
    }
    for route in config.routes:
        if route.command and route.command not in extra:
            extra[route.command] = Entry(route.command, f"→ {route.bot}")
    return Menu(tuple(names), tuple(extra.values()))


def door(platform: str, channel: str) -> str:
    """The path at which a platform calls us."""
    return f"/{platform}/{channel}"


def make_installations(store: Store, name: str, channel: Channel) -> Installations | None:
    """The workspaces of a channel that has many."""
    if isinstance(channel, Telegram) or not channel.client_id:
        return None
    return store.installations(name, channel.encryption_key)


def make_adapter(
    name: str,
    channel: Channel,
    menu: Menu | None = None,
    public_url: str = "",
    *,
    places: Places | None = None,
    installations: Installations | None = None,
) -> Adapter:
    """The adapter of one channel. Needs a running loop."""
    pace, menu = channel.limits.edit_every, menu or Menu()
    url = public_url.rstrip("/") + door(channel.platform, name)
    if isinstance(channel, Telegram):
        return TelegramAdapter(
            name,
            channel.token,
            api_base=channel.api_base,
            edit_every=pace,
            drafts=channel.streaming == "native",
            menu=menu,
            react=channel.react,
            webhook=url if channel.mode == "webhook" else "",
            local_api=channel.local_api,
        )
    one = partial(
        SlackAdapter,
        name,
        channel.bot_token,
        channel.app_token,
        api_base=channel.api_base,
        rates=Rates(pace, channel.limits.edits_per_minute, channel.limits.posts_per_second),
        menu=menu,
        external=channel.allow_external,
        streaming="edits" if channel.streaming == "off" else channel.streaming,
    )
    if installations is None:
        return one(signing_secret=_signing_secret(channel), places=places or Nowhere())
    here = places or Nowhere()
    return _many(name, channel, lambda team: one(places=Within(here, team)), installations, url)


def _many(
    name: str,
    channel: Slack,
    one: Callable[[str], SlackAdapter],
    installations: Installations,
    url: str,
) -> ManySlackAdapter:
    return ManySlackAdapter(
        name,
        one,
        installations,
        client_id=channel.client_id,
        client_secret=channel.client_secret,
        public_url=url,
        api_base=channel.api_base,
        app_token=channel.app_token,
        signing_secret=_signing_secret(channel),
        allowed=frozenset(channel.allow.workspaces),
    )


def _signing_secret(channel: Slack) -> str:
    return channel.signing_secret if channel.mode == "http" else ""


def make_adapters(config: Config, menu: Menu, store: Store) -> dict[str, Adapter]:
    """The adapter of each channel that is on."""
    url = config.http.public_url
    return {
        name: make_adapter(
            name,
            channel,
            menu,
            url,
            places=store.places,
            installations=make_installations(store, name, channel),
        )
        for name, channel in config.enabled().items()
    }


def make_marks(config: Config, adapters: Mapping[str, Adapter]) -> Marks:
    """Who marks what is being answered: the channels that are configured to."""
    return Marks(
        {
            name: adapter
            for name, adapter in adapters.items()
            if isinstance(adapter, TelegramAdapter)
            and isinstance(channel := config.channels[name], Telegram)
            and channel.react
        }
    )


def make_policies(config: Config, channels: Mapping[str, Channel]) -> dict[str, Policy]:
    """What the configuration says of each channel, as the core knows it."""
    return {name: _policy(config, channel) for name, channel in channels.items()}


def _policy(config: Config, channel: Channel) -> Policy:
    telegram = isinstance(channel, Telegram)
    rules = (Rule(r.bot, r.channel, r.chat, r.user, r.command) for r in config.routes)
    return Policy(
        platform=channel.platform,
        bot=channel.bot,
        session=channel.session,
        group_session="user" if telegram else "thread",
        rules=tuple(rules),
        users=frozenset(channel.allow.users),
        chats=frozenset(channel.allow.chats),
        workspaces=frozenset([] if isinstance(channel, Telegram) else channel.allow.workspaces),
        external=not isinstance(channel, Telegram) and channel.allow_external,
        whispers=not telegram,
        closed=isinstance(channel, Telegram) and channel.access != "open",
        pairing=isinstance(channel, Telegram) and channel.access == "pairing",
        leaves=telegram,
        names=True,
        context=channel.group_context if isinstance(channel, Telegram) else 0,
    )
