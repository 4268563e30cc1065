"""nginx and Caddy that write access logs, and requests as no well-behaved client sends them."""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import INSTALL, free_port, running

_PATIENCE_SECONDS = 30

_NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  log_format vhost '$host:$server_port $remote_addr - $remote_user [$time_local] "$request" $status '
                   '$body_bytes_sent "$http_referer" "$http_user_agent"';
  log_format json escape=json '{{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host",'
    '"method":"$request_method","uri":"$request_uri","status":$status,"ua":"$http_user_agent"}}';
  log_format request escape=json '{{"msec":"$msec","client_ip":"$remote_addr","request":"$request",'
    '"status":"$status","http_user_agent":"$http_user_agent","upstream":"$upstream_addr"}}';
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    access_log {folder}/combined.log combined;
    access_log {folder}/vhost.log vhost;
    access_log {folder}/nginx-json.log json;
    access_log {folder}/request.log request;
    location / {{ return 200; }}
    location /gone {{ return 410; }}
  }}
}}
"""

_CADDY = """
{{
    admin off
    auto_https off
    storage file_system {folder}/storage
}}
http://example.com:{port}, http://www.example.com:{port}, http://other.example:{port} {{
    bind 127.0.0.1
    log {{
        output file {folder}/caddy.log
        {time_format}
    }}
    respond /gone 410
    respond 200
}}
"""


@contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """A running nginx that logs into ``folder`` in several formats; gives its port. It ends with the block."""
    path = program("nginx")
    port = free_port()
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port))
    log = folder / "error.log"
    command: list[str | Path] = [path, "-p", folder, "-e", log, "-c", folder / "nginx.conf"]
    with running(command, port, log):
        yield port


@contextmanager
def caddy(folder: Path, time_format: str = "") -> Iterator[int]:
    """A running Caddy that logs into ``folder``; gives its port. It ends with the block."""
    path = program("caddy")
    port = free_port()
    encoder = f"format json {{\ntime_format {time_format}\n}}" if time_format else ""
    config = folder / "Caddyfile"
    config.write_text(_CADDY.format(folder=folder, port=port, time_format=encoder))
    # Caddy keeps what it knows in its user's folders, which are none of a test's.
    homes = {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    command: list[str | Path] = [path, "run", "--adapter", "caddyfile", "--config", config]
    with running(command, port, folder / "log", env=os.environ | homes):
        yield port


def send(port: int, *heads: bytes) -> None:
    """Send requests, each on a connection of its own, and wait for the answers."""
    for head in heads:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS) as client:
            client.sendall(head.replace(b"\n", b"\r\n") + b"\r\n\r\n")
            while client.recv(65536):
                pass


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for a condition; a busy machine gets a long time."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def program(name: str) -> str:
    """The path of a server that the tests need."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        raise RuntimeError(f"{name} is missing; {INSTALL}")
    return found
