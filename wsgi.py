"""The WSGI application, for granian, gunicorn or any other server: reads the environment, calls the factory."""

from functools import partial

from foundation.apart import Apart
from foundation.logs import configure_logs
from foundation.settings import load_settings
from storefront.factory import create_app
from storefront.services import build_services

settings = load_settings()
prepare = partial(configure_logs, settings.log_format, settings.log_level)
prepare()
app = create_app(build_services(settings, apart=Apart(["storefront.cli", "catalog_sync.curation.desk"], prepare)))
