"""Every Redis key, with its type and its life. `tests/store/test_keys.py` holds the store to it.

All keys carry one hash tag, so that they share a slot of a Redis Cluster.

=====================  ======  ==========================================================
key                    type    life
=====================  ======  ==========================================================
<inbox>:lane:<lane>    list    ids of waiting jobs, the head at work; gone when empty
<inbox>:job:<id>       hash    message and progress; once done, only the id, for SEEN_FOR;
                               a dead letter for DEAD_FOR
<inbox>:newest:<lane>  string  its newest message, which may be edited; EDITED_FOR
<inbox>:ready          zset    lane -> when due (ms); a lane with jobs is here or in leases
<inbox>:leases         zset    lane -> when the lease runs out (ms)
<inbox>:owners         hash    lane -> worker:fence
<inbox>:fence          string  the last fencing token; for ever
<inbox>:pending        string  how many jobs are waiting; for ever
<inbox>:wake           list    at most 256 tokens that wake idle workers
<inbox>:dead           list    ids of the last 1,000 dead letters
<inbox>:stops          channel ids of stopped messages
talk:<session>         hash    user, conversation; `store.session_ttl` after the last use
prompt:<session>       string  what was asked last; likewise
waiting:<session>      string  what a workflow waits for; WAITS_FOR
bot:<session>          string  the bot that was chosen; `store.session_ttl`
thread:<place>         string  the bot takes part here; likewise
muted:<place>          string  the bot is quiet here unless mentioned; likewise
last:<chat>:<user>     string  the thread in which this user spoke last; likewise
turn:<id>              string  the record of a turn; RECORDED_FOR
answered:<session>     string  the turn that was noted last; likewise
counted:<id>           string  its tokens are counted; likewise
shows:<message>        string  the turn that a platform's message shows; likewise
offer:<session>        string  the buttons below the last answer; likewise
spent:<day>:<who>      hash    turns, tokens; SPENT_FOR
once:<what>            string  somebody asked; as long as they said
home:<channel>:<chat>  string  the first id of a group that moved; `store.session_ttl`
moved:<channel>:<chat> string  the id that a group has now; likewise
overheard:<place>      list    the last remarks in a group; OVERHEARD_FOR after the last
heard:<channel>        zset    chat:moment -> moment of the last messages; SEEN_FOR
places:<channel>       zset    team:chat:thread -> the last moment that was heard there;
                               `store.session_ttl` after the last
joined:<channel>       hash    team:chat:thread -> the first; likewise
paired                 hash    channel:user -> who was let in by its code; for ever
code:<code>            string  who is let in by this code; CODE_FOR
applied:<channel>:<user>  string  the code that somebody has; CODE_FOR
codes                  zset    code -> when it expires; CODE_FOR after the last
installations          hash    channel:workspace -> the app in it, encrypted; for ever
installing:<channel>:<state>  string  somebody is about to install the app; INSTALLED_IN
budget:<name>          string  when the budget is whole again (us); until then
=====================  ======  ==========================================================
"""

import re

PREFIX = "bridge:{0}:"

SEEN_FOR = 26 * 3600  # seconds; Telegram keeps an update for 24 hours, Slack repeats for one
EDITED_FOR = 49 * 3600  # seconds; Telegram lets people edit a message for 48 hours
DEAD_FOR = 7 * 86400  # seconds
WAITS_FOR = 86400  # seconds
RECORDED_FOR = 30 * 86400  # seconds
SPENT_FOR = 40 * 86400  # seconds
OVERHEARD_FOR = 86400  # seconds
CODE_FOR = 3600  # seconds
INSTALLED_IN = 600  # seconds

_SESSION = ("talk", "prompt", "waiting", "bot", "offer", "thread", "muted", "last", "overheard")
_ESCAPED = r"\\\g<0>"
_GLOB = re.compile(r"[\[\]*?\\]")  # what means something in a pattern

INBOXES = ("turns", "controls")

PAIRED = f"{PREFIX}paired"
"""Who was let in: the one thing that somebody may rely on for ever."""

CODES = f"{PREFIX}codes"
"""The codes that wait for the operator."""

INSTALLATIONS = f"{PREFIX}installations"
"""The workspaces that an app is installed in."""

UNBOUNDED = frozenset(
    f"{PREFIX}{inbox}:{name}"
    for inbox in INBOXES
    for name in ("ready", "leases", "owners", "fence", "pending", "wake", "dead")
) | {PAIRED, INSTALLATIONS}
"""Keys without a time to live. `lane:` and pending `job:` keys live as long as their work."""


def inbox(name: str) -> str:
    """What the keys of one inbox begin with."""
    return f"{PREFIX}{name}:"


def talk(session: str) -> str:
    """The conversation of a session."""
    return f"{PREFIX}talk:{session}"


def prompt(session: str) -> str:
    """What a session asked last."""
    return f"{PREFIX}prompt:{session}"


def waiting(session: str) -> str:
    """What a workflow of a session waits for."""
    return f"{PREFIX}waiting:{session}"


def bot(session: str) -> str:
    """The bot that was chosen for a session."""
    return f"{PREFIX}bot:{session}"


def turn(id_: str) -> str:
    """The record of a turn."""
    return f"{PREFIX}turn:{id_}"


def answered(talk: str) -> str:
    """The last turn of a session with a bot."""
    return f"{PREFIX}answered:{talk}"


def counted(id_: str) -> str:
    """That the tokens of a turn are counted."""
    return f"{PREFIX}counted:{id_}"


def shows(channel: str, chat: str, message: str) -> str:
    """The turn whose answer a message shows."""
    return f"{PREFIX}shows:{channel}:{chat}:{message}"


def offer(session: str) -> str:
    """The buttons below the last answer of a session."""
    return f"{PREFIX}offer:{session}"


def spent(day: str, who: str) -> str:
    """What somebody used in a day."""
    return f"{PREFIX}spent:{day}:{who}"


def once(what: str) -> str:
    """That somebody has asked about this."""
    return f"{PREFIX}once:{what}"


def thread(channel: str, chat: str, thread: str) -> str:
    """A thread that the bot takes part in."""
    return f"{PREFIX}thread:{channel}:{chat}:{thread}"


def muted(channel: str, chat: str, thread: str) -> str:
    """A thread in which the bot is quiet."""
    return f"{PREFIX}muted:{channel}:{chat}:{thread}"


def last(channel: str, chat: str, user: str) -> str:
    """Where in a chat a user spoke last."""
    return f"{PREFIX}last:{channel}:{chat}:{user}"


def home(channel: str, chat: str) -> str:
    """The first id of a group."""
    return f"{PREFIX}home:{channel}:{chat}"


def moved(channel: str, chat: str) -> str:
    """The id that a group has now."""
    return f"{PREFIX}moved:{channel}:{chat}"


def overheard(place: str) -> str:
    """The last remarks in a group."""
    return f"{PREFIX}overheard:{place}"


def heard(channel: str) -> str:
    """The messages that came last."""
    return f"{PREFIX}heard:{channel}"


def places(channel: str) -> str:
    """Up to when the places are heard in which the bot takes part."""
    return f"{PREFIX}places:{channel}"


def joined(channel: str) -> str:
    """Since when the bot takes part in them."""
    return f"{PREFIX}joined:{channel}"


def of_chat(channel: str, chat: str) -> tuple[str, tuple[str, ...]]:
    """What the sessions of a chat consist of: a pattern of keys, and how these begin."""
    begin = tuple(f"{PREFIX}{kind}:{channel}:{chat}:" for kind in _SESSION)
    return f"{PREFIX}*:{_GLOB.sub(_ESCAPED, f'{channel}:{chat}')}:*", begin


def of_team(channel: str, team: str) -> tuple[str, tuple[str, ...]]:
    """What is kept of the chats of a workspace: a pattern of keys, and how these begin."""
    begin = tuple(f"{PREFIX}{kind}:{channel}:{team}/" for kind in (*_SESSION, "answered", "shows"))
    return f"{PREFIX}*:{_GLOB.sub(_ESCAPED, f'{channel}:{team}/')}*", begin


def installing(channel: str, state: str) -> str:
    """That an installation was begun."""
    return f"{PREFIX}installing:{channel}:{state}"


def code(code: str) -> str:
    """Whom a code lets in."""
    return f"{PREFIX}code:{code}"


def applied(channel: str, user: str) -> str:
    """The code that a user has."""
    return f"{PREFIX}applied:{channel}:{user}"


def budget(name: str) -> str:
    """A budget of calls."""
    return f"{PREFIX}budget:{name}"
