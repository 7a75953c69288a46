# syntax=docker/dockerfile:1
# Two stages: the first installs from the hashed lock, the second runs, as a user who owns nothing but /data.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/run.lock requirements/build.lock ./requirements/
RUN python -m venv /opt/storefront \
 && /opt/storefront/bin/python -m pip install --require-hashes --no-deps -r requirements/run.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --require-hashes --no-deps -r requirements/build.lock
COPY . .
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /build/wheels . \
 && /opt/storefront/bin/python -m pip install --no-deps --no-index --find-links /build/wheels goody-storefront

FROM python:3.11-slim-bookworm AS run
COPY --from=build /opt/storefront /opt/storefront
RUN install --directory --owner 10001 --mode 0700 /data
ENV PATH=/opt/storefront/bin:$PATH PYTHONUNBUFFERED=1 STOREFRONT_LOG_FORMAT=json
WORKDIR /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# Other commands of the same image: storefront worker, storefront init, goody-emulator serve.
CMD ["storefront", "serve", "--bind", "0.0.0.0:8000"]
