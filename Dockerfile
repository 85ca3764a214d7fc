# syntax=docker/dockerfile:1
# The tag is not a digest: `docker buildx imagetools inspect python:3.11-slim-bookworm` tells the present one, to be
# put behind it as @sha256:… where builds must be the same for years. All packages of Python are pinned by hash.
FROM python:3.11-slim-bookworm AS build
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-tools.txt requirements-all.txt /tmp/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary :all: \
    --require-hashes -r /tmp/${REQUIREMENTS}
COPY bot /opt/deltagram/bot
COPY providers /opt/deltagram/providers
COPY telegram_playground /opt/deltagram/telegram_playground
COPY migrations /opt/deltagram/migrations
COPY deploy/healthcheck.py /opt/deltagram/healthcheck.py
RUN /opt/venv/bin/python -m compileall -q /opt/deltagram

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 deltagram \
 && useradd --system --uid 10001 --gid 10001 --home-dir /srv/deltagram --no-create-home --shell /usr/sbin/nologin deltagram \
 && install -d -o 10001 -g 10001 -m 0700 /srv/deltagram /srv/deltagram/data /srv/deltagram/backups
COPY --from=build /opt /opt
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/deltagram \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv/deltagram
USER 10001:10001
VOLUME ["/srv/deltagram/data"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-I", "/opt/deltagram/healthcheck.py"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
