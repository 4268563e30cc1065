"""The front of the demo: before its sample site, on a port of this machine, where there is a Caddy for it."""

import shutil

from crawlight.demo import site as sample_site
from crawlight.front.caddy import MISSING
from crawlight.kit.listening import free_port
from crawlight.settings import Settings


def front_settings() -> dict[str, object]:
    """Settings of the front; without a Caddy there is none."""
    if shutil.which("caddy") is None:
        return {"front": False}
    return {"front": True, "front_http": f"127.0.0.1:{free_port()}", "front_https": "0", "front_tls": "off"}


def through_front(settings: Settings) -> str:
    """How to ask for the sample site through the front, as a person and as a bot."""
    if not settings.front:
        return f"There is no front before the sample site: {MISSING}."
    ask = f"curl -i http://{settings.front_http}/breads/rye -H 'Host: {sample_site.HOST}'"
    return f"""The sample site through the front, as a person gets it, and as a bot does:

  {ask} -A 'Mozilla/5.0 Firefox/150.0' -H 'Sec-Fetch-Mode: navigate'
  {ask} -A 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)'

Try /bread/rye too, which a rule redirects, and /robots.txt and /sitemap.xml, which Crawlight hosts."""
