"""What there is in a Coze account besides its conversations, and who may use it."""

from bridge.sandbox.changes import Changes
from bridge.sandbox.coze.audio import Audio, Ears, SpeechBody
from bridge.sandbox.coze.bots import Bot, Bots, StudioBots
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.feedback import Feedback, Feedbacks
from bridge.sandbox.coze.files import File, Files, StudioFiles
from bridge.sandbox.coze.gateway import Exchange, Gateway, Table
from bridge.sandbox.coze.memory import Memory
from bridge.sandbox.coze.oauth import OAuth, OAuthApp
from bridge.sandbox.coze.studio import Studio
from bridge.sandbox.coze.variables import Variables


class Account:
    """An account with one bot, one token of its own, and those issued to an `oauth` app.

    To be set at any time: `token`; `denies_with`, the HTTP status and code that refuse a token,
    if not as the dialect does; `hears`, what is transcribed. To be looked at: `files` by their
    ids, what was `spoken`, and `feedback` by conversation and message.
    """

    def __init__(self, dialect: Cloud, *, token: str, bot_id: str, oauth: OAuthApp | None) -> None:
        self.changes = Changes()
        self.token = token
        self.denies_with: tuple[int, int] | None = None
        self.oauth = OAuth(oauth)
        self.bot_id = bot_id
        self.bot = Bot()
        self.hears: Ears = "what is the weather like?"
        self._dialect = dialect
        self._memory = Memory()
        self._studio = isinstance(dialect, Studio)
        self.uploads = StudioFiles(self._memory) if self._studio else Files(self._memory)
        self.files: dict[str, File] = self.uploads.stored
        self.audio = Audio(lambda: self.hears)
        self.spoken: list[SpeechBody] = self.audio.spoken
        self.variables = Variables(bot_id, self.bot)
        self._feedbacks = Feedbacks(self._memory)
        self.feedback: dict[tuple[str, str], Feedback] = self._feedbacks.given
        self._gateway = Gateway(
            dialect,
            admits=self._admits,
            denies_with=lambda: self.denies_with,
            changed=self.changes.notify,
        )
        self.requests: list[Exchange] = self._gateway.requests

    def expire(self, file_id: str) -> None:
        """Let an uploaded file be gone, as it is after three months."""
        del self.files[file_id]

    def revoke_tokens(self) -> None:
        """Let the tokens that were issued until now be good for nothing."""
        self.oauth.revoke()

    def _admits(self, token: str) -> bool:
        return token == self.token or self.oauth.admits(token)

    def _account_routes(self) -> Table:
        if self._studio:
            return [*self.uploads.routes, *StudioBots(self.bot_id, self.bot).routes]
        return [
            *self.uploads.routes,
            *Bots(self.bot_id, self.bot).routes,
            *self.oauth.routes,
            *self.audio.routes,
            *self.variables.routes,
            *self._feedbacks.routes,
        ]
