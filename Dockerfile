FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/coze-bridge
COPY requirements.lock ./
RUN /opt/coze-bridge/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bridge bridge
RUN /opt/coze-bridge/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/coze-bridge bridge
COPY --from=build /opt/coze-bridge /opt/coze-bridge
COPY config /app/config
WORKDIR /app
ENV PATH="/opt/coze-bridge/bin:$PATH" BRIDGE_STATE_DIR=/var/lib/coze-bridge
USER bridge
# The embedded store's data: mount a volume here, or set REDIS_URL.
VOLUME /var/lib/coze-bridge
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/healthz' % os.environ.get('BRIDGE_HTTP_PORT', '8080'))"]
ENTRYPOINT ["coze-bridge"]
CMD ["run"]
