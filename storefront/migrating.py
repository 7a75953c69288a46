"""Creating and migrating the database with Alembic."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from foundation.database import Sessions
from foundation.errors import SettingsError

SCRIPTS: Final = Path(__file__).resolve().parent.parent / "migrations"


def migrate(sessions: Sessions, revision: str = "head") -> None:
    """Bring the database to this revision, upward. SettingsError if it is of a newer version of this program."""
    _must_be_known(present_revision(sessions))
    with sessions.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def unmigrate(sessions: Sessions, revision: str = "base") -> None:
    """Bring the database back to this revision. What later ones stored is lost."""
    with sessions.connect() as connection:
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


def must_be_up_to_date(sessions: Sessions) -> None:
    """SettingsError, which says what to do, unless the database has all migrations and no unknown ones."""
    present = present_revision(sessions)
    if present != newest_revision():
        _must_be_known(present)
        raise SettingsError("The database is not up to date. Run `storefront init`, which creates or migrates it.")


def _must_be_known(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise SettingsError(
            f"The database is at revision {revision}, which this version of the program does not know: "
            "a newer one migrated it. Install that one again, or restore a backup."
        )


def _config() -> Config:
    config = Config()
    # A `%` in a path would be read as an interpolation.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config
