"""Formats that servers have by themselves, as data: in nginx's language, whoever writes them."""

from collections.abc import Sequence
from typing import Final, NamedTuple


class Known(NamedTuple):
    """A format by its name. ``source`` documents it."""

    name: str
    title: str
    text: str
    source: str


_COMBINED: Final = '"$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

KNOWN: Final[Sequence[Known]] = (
    Known(
        "nginx-proxy-manager",
        "Nginx Proxy Manager, proxied hosts",
        "[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host"
        ' "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $server]'
        ' "$http_user_agent" "$http_referer"',
        "https://github.com/NginxProxyManager/nginx-proxy-manager/blob/develop/docker/rootfs/etc/nginx/conf.d/include/log-proxy.conf",
    ),
    Known(
        "nginx-proxy-manager-standard",
        "Nginx Proxy Manager, other hosts",
        '[$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr]'
        ' [Length $body_bytes_sent] [Gzip $gzip_ratio] "$http_user_agent" "$http_referer"',
        "https://github.com/NginxProxyManager/nginx-proxy-manager/blob/develop/docker/rootfs/etc/nginx/nginx.conf",
    ),
    Known(
        "bunny",
        "Bunny",
        "$upstream_cache_status|$status|$msec|$bytes_sent|$zone|$remote_addr|$http_referer|$request_uri|$pop"
        "|$http_user_agent|$request_id|$country",
        "https://docs.bunny.net/docs/cdn-log-format",
    ),
    Known(
        "cloudfront-realtime",
        "Amazon CloudFront, real-time",
        "$msec\t$remote_addr\t$server_addr\t$first_byte\t$status\t$bytes_sent\t$request_method\t$scheme\t$domain"
        "\t$uri\t$request_length\t$edge\t$request_id\t$host\t$request_time\t$server_protocol\t$ip_version"
        "\t$http_user_agent\t$http_referer\t$http_cookie\t$args$rest",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html",
    ),
    Known(
        "ingress-nginx",
        "ingress-nginx",
        f"$remote_addr - $remote_user [$time_local] {_COMBINED} $request_length $request_time [$proxy_upstream_name]"
        " [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time"
        " $upstream_status $req_id",
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/",
    ),
    Known(
        "ingress-nginx-old",
        "ingress-nginx before 0.23",
        f"$the_real_ip - [$the_real_ip] - $remote_user [$time_local] {_COMBINED} $request_length $request_time"
        " [$proxy_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time"
        " $upstream_status$rest",
        "https://github.com/kubernetes/ingress-nginx/blob/nginx-0.20.0/internal/ingress/controller/config/config.go",
    ),
    Known(
        "traefik-clf",
        "Traefik, common log format",
        f'$remote_addr - $remote_user [$time_local] {_COMBINED} $count "$router" "$server" ${{duration}}ms',
        "https://doc.traefik.io/traefik/observability/access-logs/",
    ),
    Known(
        "envoy",
        "Envoy",
        '[$time_iso8601] "$request" $status $flags $bytes_received $body_bytes_sent $duration $upstream_time'
        ' "$http_x_forwarded_for" "$http_user_agent" "$request_id" "$host" "$upstream_host"',
        "https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage",
    ),
    Known(
        "istio",
        "Envoy in Istio",
        '[$time_iso8601] "$request" $status $flags $details $termination "$failure" $bytes_received $body_bytes_sent'
        ' $duration $upstream_time "$http_x_forwarded_for" "$http_user_agent" "$request_id" "$host" "$upstream_host"'
        " $cluster $upstream_local $downstream_local $downstream_remote $sni $route",
        "https://istio.io/latest/docs/tasks/observability/logs/access-log/",
    ),
    Known(
        "gin",
        "Gin, as its documentation formats lines",
        '$remote_addr - [$time_mail] "$request_method $request_uri $server_protocol $status $latency'
        ' "$http_user_agent" $error"',
        "https://gin-gonic.com/en/docs/logging/custom-log-format/",
    ),
    Known(
        "s3-old",
        "Amazon S3 before 2019",
        "$owner $bucket [$time_local] $remote_addr $requester $id $operation $key"
        ' "$request" $status $error $body_bytes_sent $object_size $total_time $turnaround "$http_referer"'
        ' "$http_user_agent" $version$rest',
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html",
    ),
    Known(
        "s3",
        "Amazon S3",
        "$owner $bucket [$time_local] $remote_addr $requester $id $operation $key"
        ' "$request" $status $error $body_bytes_sent $object_size $total_time $turnaround "$http_referer"'
        ' "$http_user_agent" $version $host_id $signature $cipher $authentication $host$rest',
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html",
    ),
)
"""In the order in which they are tried; those with more fields come before what they contain."""
