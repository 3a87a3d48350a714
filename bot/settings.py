"""The one home folder of an office, and which part of it belongs to which room.

Each room is handed only its own path, so that the three services can be taken apart: the public service needs
``public`` only, the bot ``library``, ``search``, ``questions``, ``messages`` and ``channels``, issuing the rest.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from index.search.opening import DATABASE_VARIABLE

DEFAULT_HOME = "chenghe-data"
HOME_VARIABLE = "CHENGHE_HOME"


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of one office; none of them needs to exist yet. ``search_database``: the index, if not in ``search``."""

    root: Path
    search_database: str | None = field(default=None, repr=False)

    @classmethod
    def from_argument(cls, argument: str | None) -> "Home":
        """``--home`` wins over ``CHENGHE_HOME``, which wins over ``./chenghe-data``."""
        root = Path(argument or os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).expanduser().absolute()
        return cls(root, os.environ.get(DATABASE_VARIABLE) or None)

    @property
    def office(self) -> Path:
        return self.root / "office"

    @property
    def library(self) -> Path:
        return self.root / "library"

    @property
    def search(self) -> Path:
        return self.root / "search"

    @property
    def database(self) -> Path:
        return self.root / "office.db"

    @property
    def questions(self) -> Path:
        """The question log; the bot needs no other database."""
        return self.root / "questions.db"

    @property
    def messages(self) -> Path:
        """What came in from the platforms and what goes out: bot.post."""
        return self.root / "messages.db"

    @property
    def channels(self) -> Path:
        """The apps on the platforms (docs/channels/); need not exist."""
        return self.root / "channels.toml"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def portal(self) -> Path:
        """Where companies and staff sign in (docs/serving.md); need not exist."""
        return self.root / "portal.toml"

    @property
    def chat(self) -> Path:
        """The key of the cookies of the chat's page: bot.channels.web_sign_in."""
        return self.root / "chat"

    @property
    def api_tokens(self) -> Path:
        """Who may ask through the HTTP API and MCP: bot.tokens."""
        return self.root / "api-tokens.json"

    @property
    def language_model(self) -> Path:
        """Which model may rephrase answers (docs/rephrasing.md); need not exist."""
        return self.root / "language-model.toml"

    @property
    def public(self) -> Path:
        return self.root / "public"

    @property
    def published_trust(self) -> Path:
        """What the public service serves; renewed by issuing."""
        return self.public / "trust.json"

    @property
    def public_seen(self) -> Path:
        """What the public service has seen: verify.remembering."""
        return self.root / "public-seen.json"

    @property
    def seen(self) -> Path:
        """What ``chenghe verify`` has seen."""
        return self.root / "seen.json"

    @property
    def audit_head(self) -> Path:
        """The last line of the audit that ``chenghe audit verify`` found in order."""
        return self.root / "audit-head"

    @property
    def exported_trust(self) -> Path:
        """What ``chenghe keys export`` writes by default, for verifiers without a network."""
        return self.root / "trust.json"
