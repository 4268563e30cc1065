"""The names of all log formats (`formats.FORMATS`), for who does not need the formats themselves."""

from typing import Final

FORMAT_NAMES: Final = (
    "combined",
    "common",
    "vhost",
    "json",
    "caddy",
    "cloudflare",
    "nginx-json",
    "cloudfront",
    "alb",
    "w3c",
    "nginx-proxy-manager",
    "nginx-proxy-manager-standard",
    "bunny",
    "cloudfront-realtime",
    "ingress-nginx",
    "ingress-nginx-old",
    "traefik-clf",
    "envoy",
    "istio",
    "gin",
    "s3-old",
    "s3",
    "found",
)
