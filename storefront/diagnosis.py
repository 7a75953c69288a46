"""What the doctor looks at, each finding with what to do about it."""

from collections.abc import Iterator

from foundation.apps import PartnerApp
from payments.message_log import MessageFilter
from payments.messages import State
from storefront.goody_keys import Finding, check_key
from storefront.services import Services


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
    yield check_key(services, app)
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
