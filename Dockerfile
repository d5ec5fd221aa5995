# The backend. Build it from a checkout: docker build -t livebreak .
# It starts once you say who protects its port: docker run livebreak --behind-proxy (see docs/production.md).

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY requirements/serve.txt requirements/
RUN ["python", "-m", "venv", "/opt/livebreak"]
RUN ["/opt/livebreak/bin/pip", "install", "--no-cache-dir", "--require-hashes", "--requirement", "requirements/serve.txt"]
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY server server
RUN ["/opt/livebreak/bin/pip", "install", "--no-cache-dir", "--no-deps", "./server/agent", "."]

FROM python:${PYTHON}-slim
# A number, not a name, so that Kubernetes' runAsNonRoot can check it.
RUN groupadd --system --gid 10001 livebreak \
    && useradd --system --uid 10001 --gid livebreak --home-dir /data --no-create-home --shell /usr/sbin/nologin livebreak \
    && install --directory --owner livebreak --group livebreak --mode 0700 /data
COPY --from=build /opt/livebreak /opt/livebreak
ENV PATH=/opt/livebreak/bin:$PATH PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8137
STOPSIGNAL SIGTERM
# Asks past any HTTP_PROXY of the environment.
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8137/readyz', timeout=5)"]
ENTRYPOINT ["livebreak", "serve", "--host", "0.0.0.0", "--port", "8137", "--data-dir", "/data", "--access-log"]
