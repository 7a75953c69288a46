"""The WSGI application, for granian, gunicorn or any other server: reads the environment, calls the factory."""

from foundation.logs import configure_logs
from foundation.settings import load_settings
from storefront.factory import create_app
from storefront.services import build_services

settings = load_settings()
configure_logs(settings.log_format, settings.log_level)
app = create_app(build_services(settings))
