# Crawlight with its browser and Caddy: docs/installing.md says how to run it.
FROM debian:bookworm-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# pandas comes with the engine (84 MB), which needs it only to answer with its tables.
RUN python3 -m venv /opt/crawlight \
    && /opt/crawlight/bin/pip install --no-cache-dir --constraint constraints.txt . \
    && /opt/crawlight/bin/pip uninstall --yes pandas pip setuptools \
    && python3 -m compileall -q /opt/crawlight

FROM debian:bookworm-slim
# A page is only as whole as the fonts that the machine has: Latin to Indic in noto-core, the others in their own.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates caddy chromium-headless-shell fontconfig \
        fonts-noto-cjk fonts-noto-color-emoji fonts-noto-core \
        python3 tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/crawlight --create-home crawlight
COPY --from=build /opt/crawlight /opt/crawlight
ENV PATH=/opt/crawlight/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CRAWLIGHT_DATA_DIR=/var/lib/crawlight \
    CRAWLIGHT_HOST=0.0.0.0
USER crawlight
WORKDIR /var/lib/crawlight
VOLUME /var/lib/crawlight
EXPOSE 8080 80 443 443/udp
# A first start makes all stores; `serve` ends what it has begun within 20 seconds of SIGTERM.
HEALTHCHECK --start-period=60s --interval=15s --timeout=5s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["tini", "--", "crawlight"]
CMD ["serve"]
