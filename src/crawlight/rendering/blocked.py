"""What a page asks for that its content does not need."""

from typing import Any, Final

_ENDINGS: Final = """
png jpg jpeg jpe jfif gif webp avif ico bmp tif tiff heic jxl apng
woff woff2 ttf otf eot
mp3 mp4 m4a m4v ogg oga ogv opus wav flac aac webm avi mov mkv mpg mpeg m3u8 mpd
"""

ANALYTICS: Final = """
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


def block_patterns() -> list[dict[str, Any]]:
    """Patterns for ``Network.setBlockedURLs``, in the syntax of https://urlpattern.spec.whatwg.org/."""
    files = [f"*://*:*/*.{ending}" for ending in _ENDINGS.split()]
    hosts = []
    for entry in ANALYTICS.split():
        host, slash, path = entry.partition("/")
        hosts.append(f"*://{host}:*/{path}*" if slash else f"*://{host}:*/*")
    return [{"urlPattern": pattern, "block": True} for pattern in [*files, *hosts]]
