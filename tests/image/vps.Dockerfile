# A fresh machine with systemd on which somebody has installed Crawlight, as docs/installing.md says.
# Packages are fetched but not installed: `crawlight setup` does that, and the test has no network.
FROM debian:bookworm-slim
RUN rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl dbus procps python3-venv systemd systemd-sysv \
    && apt-get install --yes --no-install-recommends --download-only \
        caddy chromium-headless-shell fontconfig fonts-noto-cjk fonts-noto-color-emoji fonts-noto-core
COPY . /source
RUN python3 -m venv /opt/crawlight \
    && /opt/crawlight/bin/pip install --no-cache-dir --constraint /source/constraints.txt /source
STOPSIGNAL SIGRTMIN+3
CMD ["/lib/systemd/systemd"]
