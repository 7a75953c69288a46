"""Creating and migrating the database with Alembic."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from foundation.database import Sessions

SCRIPTS: Final = Path(__file__).resolve().parent.parent / "migrations"


def migrate(sessions: Sessions, revision: str = "head") -> None:
    """Bring the database to this revision, upward."""
    with sessions.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def unmigrate(sessions: Sessions, revision: str = "base") -> None:
    """Bring the database back to this revision. What later ones stored is lost."""
    with sessions.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def newest_revision() -> str | None:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def present_revision(sessions: Sessions) -> str | None:
    """The revision that the database has; None for an empty one. DatabaseUnavailableError if it does not answer."""
    with sessions.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def _config() -> Config:
    config = Config()
    # A `%` in a path would be read as an interpolation.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config
