"""What the doctor looks at, each finding with what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from foundation.apps import PartnerApp
from foundation.errors import GoodyError, GoodyUnauthorizedError
from payments.message_log import MessageFilter
from payments.messages import State
from storefront.services import Services


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    subject: str
    is_ok: bool
    detail: str


def diagnose(services: Services, slug: str | None) -> list[Finding]:
    """Look at the deployment and at one app, or all. NotFoundError for an unknown slug."""
    apps = services.apps.all() if slug is None else [services.apps.by_slug(slug)]
    findings = [Finding("database", is_ok=True, detail=f"{services.settings.shown_database_url} has all migrations")]
    if not apps:
        findings.append(Finding("apps", is_ok=False, detail="none yet: run `storefront app create`"))
    undecided = len(services.resolutions.undecided())
    if undecided:
        detail = f"{undecided} of unknown outcome: run a worker; `storefront submission list` shows them"
        findings.append(Finding("submissions", is_ok=False, detail=detail))
    incomplete = len(services.resolutions.incomplete())
    if incomplete:
        detail = f"{incomplete} that Goody took did not all become gifts: `storefront submission list` shows them"
        findings.append(Finding("order batches", is_ok=False, detail=detail))
    failed = len(services.messages.find(MessageFilter(state=State.FAILED)))
    if failed:
        detail = f"{failed} could not be applied: `storefront webhook list --state failed` says why"
        findings.append(Finding("webhooks", is_ok=False, detail=detail))
    return findings + [finding for app in apps for finding in _diagnose_app(services, app)]


def _diagnose_app(services: Services, app: PartnerApp) -> Iterator[Finding]:
    yield _key(services, app)
    if services.apps.webhook_secrets(app.id):
        yield Finding(f"{app.slug}: webhook secret", is_ok=True, detail="set")
    else:
        detail = f"none, so Goody's webhooks are refused: run `storefront app webhook-secret add {app.slug} whsec_…`"
        yield Finding(f"{app.slug}: webhook secret", is_ok=False, detail=detail)
    state = services.catalog.state(app.id)
    if state.published_at is None:
        detail = f"empty: run `storefront sync --app {app.slug}`"
        yield Finding(f"{app.slug}: catalog", is_ok=False, detail=detail)
    else:
        detail = f"generation {state.generation} of {state.published_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(f"{app.slug}: catalog", is_ok=True, detail=detail)


def _key(services: Services, app: PartnerApp) -> Finding:
    subject = f"{app.slug}: Goody key at {app.goody_base_url}"
    try:
        me = services.accounts.client(app.id).me()
    except GoodyUnauthorizedError:
        return Finding(subject, is_ok=False, detail="refused: is it a key of this environment (sandbox, production)?")
    except GoodyError as error:
        return Finding(subject, is_ok=False, detail=error.detail)
    if me.public_app_id is None:
        detail = "valid, but no commerce app's: this needs a Commerce API key, not an Automation API key"
        return Finding(subject, is_ok=False, detail=detail)
    return Finding(subject, is_ok=True, detail=f"valid, of commerce app {me.public_app_id}")
