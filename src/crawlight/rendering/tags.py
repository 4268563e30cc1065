"""Hosts of tags: what a page loads to count, advertise, record and chat, which its content does not need."""

import re
from typing import Any, Final

HOSTS: Final = """
google-analytics.com *.google-analytics.com *.analytics.google.com *.googletagmanager.com *.doubleclick.net
*.googlesyndication.com *.googleadservices.com *.google.com/pagead *.google.com/ccm *.googletagservices.com
connect.facebook.net *.facebook.com/tr *.clarity.ms bat.bing.com *.hotjar.com *.hotjar.io *.fullstory.com
*.mouseflow.com *.mixpanel.com *.segment.com *.segment.io *.amplitude.com *.heapanalytics.com
heapanalytics.com *.posthog.com *.plausible.io plausible.io *.usefathom.com *.matomo.cloud
*.simpleanalyticscdn.com *.simpleanalytics.io *.newrelic.com *.nr-data.net *.datadoghq-browser-agent.com
*.browser-intake-datadoghq.com *.browser-intake-datadoghq.eu *.sentry.io *.sentry-cdn.com *.bugsnag.com
*.rollbar.com *.logrocket.com *.logrocket.io *.lr-ingest.io *.smartlook.com *.crazyegg.com *.luckyorange.com
*.quantserve.com *.quantcount.com *.scorecardresearch.com *.chartbeat.com *.chartbeat.net *.parsely.com
mc.yandex.ru *.mc.yandex.com *.top.mail.ru hm.baidu.com *.cnzz.com *.tiktok.com/i18n analytics.tiktok.com
*.ads-twitter.com analytics.twitter.com t.co/i/adsct snap.licdn.com px.ads.linkedin.com *.ads.linkedin.com
ct.pinterest.com s.pinimg.com/ct sc-static.net/scevent *.redditstatic.com/ads alb.reddit.com *.criteo.com
*.criteo.net *.taboola.com *.outbrain.com *.adnxs.com *.amazon-adsystem.com *.adroll.com *.hs-analytics.net
*.hs-banner.com *.hsadspixel.net *.hs-scripts.com *.hscollectedforms.net *.pardot.com *.marketo.net
*.munchkin.marketo.net static.cloudflareinsights.com *.vitals.vercel-insights.com *.intercom.io
*.intercomcdn.com *.drift.com *.driftt.com *.crisp.chat *.tawk.to *.zopim.com *.zdassets.com
*.optimizely.com *.visualwebsiteoptimizer.com *.onesignal.com *.pushwoosh.com *.omtrdc.net *.demdex.net
*.adobedtm.com *.2o7.net *.stats.wp.com stats.wp.com pixel.wp.com
"""
"""Hosts, some with the start of a path, of analytics, advertising, session recording and chat."""


def is_tag(url: str) -> bool:
    """Say whether a URL is one of a tag."""
    return _TAG.match(url) is not None


def paused() -> list[dict[str, Any]]:
    """Patterns for ``Fetch.enable``: all that tags ask for, and by their looseness a little more."""
    return [{"urlPattern": f"http*://{entry}{'*' if '/' in entry else '/*'}"} for entry in HOSTS.split()]


def refused() -> list[dict[str, Any]]:
    """Patterns of their sockets for ``Network.setBlockedURLs``, after https://urlpattern.spec.whatwg.org/."""
    hosts = [entry for entry in HOSTS.split() if "/" not in entry]
    return [{"urlPattern": f"wss://{host}:*/*", "block": True} for host in hosts]


def _pattern(entry: str) -> str:
    host, _, path = entry.partition("/")
    return re.escape(host).replace(r"\*", r"[^/]+") + r"(?::\d+)?/" + re.escape(path)


_TAG: Final = re.compile(
    "(?:https?|wss?)://(?:" + "|".join(map(_pattern, HOSTS.split())) + ")", re.IGNORECASE
)
