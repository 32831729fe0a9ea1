"""The schema of the configuration file. Times are seconds unless they say otherwise."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct, field

# The description of a type is what a fault says was expected.
Seconds = Annotated[float, Meta(gt=0, description="a number of seconds above 0")]
Count = Annotated[int, Meta(ge=0, description="a whole number, 0 or more")]
AtLeastOne = Annotated[int, Meta(ge=1, description="a whole number, 1 or more")]
AtLeast2 = Annotated[int, Meta(ge=2, description="a whole number, 2 or more")]
Rate = Annotated[float, Meta(gt=0, description="a number above 0")]
Port = Annotated[int, Meta(ge=0, le=65_535, description="a port from 0 to 65535")]
UpTo50 = Annotated[int, Meta(ge=0, le=50, description="a whole number from 0 to 50")]
Name = Annotated[str, Meta(min_length=1, description="some text")]
Url = Annotated[
    str, Meta(pattern=r"^https?://[^\s/]", description="an address with http:// or https://")
]
MaybeUrl = Annotated[
    str, Meta(pattern=r"^$|^https?://[^\s/]", description="nothing, or an https:// address")
]
RedisUrl = Annotated[
    str,
    Meta(
        pattern=r"^$|^(rediss?|unix|redis\+sentinel|redis\+cluster)://.",
        description="nothing, or an address with redis://, rediss:// or unix://",
    ),
]
Duration = Annotated[
    str,
    Meta(pattern=r"^[1-9][0-9]*[smhdw]?$", description="a time like 90s, 30m, 12h, 180d or 26w"),
]
VariableName = Annotated[
    str, Meta(pattern=r"^[A-Za-z_]+$", description="a name of letters and underscores")
]
CommandName = Annotated[
    str, Meta(pattern=r"^[a-z0-9_]{1,32}$", description="1 to 32 of a-z, 0-9 and _")
]

InputType = Literal[
    "string", "integer", "number", "boolean", "time", "object", "array", "file", "image", "audio",
    "video", "voice", "doc", "ppt", "excel", "txt", "code", "zip", "svg",
]  # fmt: skip
Session = Literal["auto", "user", "thread", "chat"]


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the file; a key that is not here is a fault."""


class OAuth(Section, frozen=True):
    """Signed-JWT OAuth at Coze."""

    app_id: str
    key_id: str
    private_key_file: str


class Coze(Section, frozen=True):
    """One Coze account."""

    api_base: Url = "https://api.coze.cn"
    token: str = ""
    oauth: OAuth | None = None
    connect_timeout: Seconds = 10
    idle_timeout: Seconds = 210
    turn_timeout: Seconds = 600


class Store(Section, frozen=True):
    """Where things are kept."""

    redis_url: RedisUrl = ""
    state_dir: Name = ".bridge"
    session_ttl: Duration = "180d"
    shards: AtLeastOne = 1
    replicas_to_wait: Count = 0

    @property
    def ttl(self) -> int:
        """`session_ttl` in seconds."""
        unit = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
        number = self.session_ttl.rstrip("smhdw")
        return int(number) * unit.get(self.session_ttl[-1], 1)


class Input(Section, frozen=True):
    """One input of a workflow, where Coze's own declaration is not to be asked for."""

    type: InputType = "string"
    required: bool = False
    description: str = ""
    default: str = ""


class Workflow(Section, frozen=True):
    """A command that runs a workflow."""

    workflow_id: Name
    parameter: str = "input"  # which takes the text that has no key
    description: str = ""
    mode: Literal["stream", "blocking", "async"] = "stream"
    parameters: dict[str, Input] = field(default_factory=dict)


class Bot(Section, frozen=True):
    """One Coze bot; with `mode: chatflow` one chatflow, of a bot or of an app."""

    bot_id: str = ""
    app_id: str = ""
    workflow_id: str = ""
    mode: Literal["stream", "blocking", "chatflow"] = "stream"
    variables: dict[VariableName, str] = field(default_factory=dict)
    show_reasoning: bool = False
    feedback: bool = True
    voice_replies: Literal["off", "auto", "always"] = "off"
    voice_id: str = ""
    user_variables: Literal["off", "read", "write"] = "off"
    workflows: dict[CommandName, Workflow] = field(default_factory=dict)


class Tool(Section, frozen=True):
    """The HTTP endpoint behind a function that bots may call."""

    url: Url
    timeout: Seconds = 30
    headers: dict[str, str] = field(default_factory=dict)


class Downloads(Section, frozen=True):
    """Files that answers link to."""

    enabled: bool = True
    max_mb: AtLeastOne = 20
    private_hosts: list[str] = field(default_factory=list)


class Operator(Section, frozen=True):
    """A chat in which the operator is told of what only they can settle."""

    channel: str
    chat: str


class Allow(Section, frozen=True):
    """Who may talk; both empty: everyone."""

    users: list[str] = field(default_factory=list)
    chats: list[str] = field(default_factory=list)


class AllowSlack(Allow, frozen=True):
    """Who may talk; all empty: everyone."""

    workspaces: list[str] = field(default_factory=list)


class Pace(Section, frozen=True):
    """Overrides of a platform's table of limits."""

    edit_every: Seconds | None = None


class SlackPace(Pace, frozen=True):
    """What all answers of a workspace share, where Slack allows an app more, or less."""

    edits_per_minute: AtLeast2 = 48  # of 50, as calls do not take the same time on their way
    posts_per_second: Rate = 0.95  # in each channel


class Telegram(Section, frozen=True):
    """A Telegram bot."""

    platform: Literal["telegram"]
    bot: str
    token: str = ""
    api_base: Url = "https://api.telegram.org"
    local_api: bool = False  # the server at api_base runs with --local
    mode: Literal["polling", "webhook"] = "polling"
    session: Session = "auto"
    allow: Allow = field(default_factory=Allow)
    access: Literal["open", "allowlist", "pairing"] = "open"
    group_context: UpTo50 = 0  # messages of a group, not meant for the bot, that it is told
    streaming: Literal["edits", "native", "off"] = "edits"
    react: str = ""  # an emoji, on what is being answered
    limits: Pace = field(default_factory=Pace)

    @property
    def enabled(self) -> bool:
        """Whether there is a token."""
        return bool(self.token)


class Slack(Section, frozen=True):
    """A Slack app."""

    platform: Literal["slack"]
    bot: str
    bot_token: str = ""
    client_id: str = ""  # of an app in many workspaces, which has no token of its own
    client_secret: str = ""
    encryption_key: str = ""  # of the tokens in the store; several are separated by commas
    app_token: str = ""
    signing_secret: str = ""
    api_base: Url = "https://slack.com/api/"
    mode: Literal["socket", "http"] = "socket"
    session: Session = "auto"
    allow: AllowSlack = field(default_factory=AllowSlack)
    allow_external: bool = False  # guests, other companies, and channels shared with them
    streaming: Literal["edits", "native", "auto", "off"] = "edits"
    limits: SlackPace = field(default_factory=SlackPace)

    @property
    def enabled(self) -> bool:
        """Whether there is a token."""
        return bool(self.bot_token or self.client_id or getattr(self, self.second))

    @property
    def second(self) -> str:
        """The key that messages in need beside the bot's token."""
        return "app_token" if self.mode == "socket" else "signing_secret"


Channel: TypeAlias = Telegram | Slack


class Route(Section, frozen=True):
    """Messages that match go to `bot`; the first match wins."""

    bot: str
    channel: str | None = None
    chat: str | None = None
    user: str | None = None
    command: CommandName | None = None


class Http(Section, frozen=True):
    """Our own HTTP server: health, metrics, webhooks."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: MaybeUrl = ""


class Limits(Section, frozen=True):
    """How much a user, and all users, may ask for; 0 is no limit."""

    turns_per_user_per_minute: Count = 20
    tokens_per_user_per_day: Count = 0
    concurrent_turns: AtLeastOne = 1000


class Log(Section, frozen=True):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "text", "json"] = "auto"


class Config(Section, frozen=True, kw_only=True):
    """The whole file."""

    coze: Coze = field(default_factory=Coze)
    store: Store = field(default_factory=Store)
    bots: dict[str, Bot]
    channels: dict[str, Channel] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    http: Http = field(default_factory=Http)
    limits: Limits = field(default_factory=Limits)
    log: Log = field(default_factory=Log)
    tools: dict[str, Tool] = field(default_factory=dict)
    downloads: Downloads = field(default_factory=Downloads)
    operator: Operator | None = None

    def enabled(self) -> dict[str, Channel]:
        """The channels that have a token."""
        return {name: channel for name, channel in self.channels.items() if channel.enabled}
