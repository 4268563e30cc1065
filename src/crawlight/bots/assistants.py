"""AI assistants that send people to sites: known by the host of the page they came from, or by ``utm_source``."""

from typing import Final
from urllib.parse import parse_qsl, urlsplit

ASSISTANTS: Final = {
    "ChatGPT": ("chatgpt.com", "chat.openai.com"),
    "Perplexity": ("perplexity.ai",),
    "Claude": ("claude.ai",),
    "Gemini": ("gemini.google.com", "bard.google.com", "aistudio.google.com", "notebooklm.google.com"),
    "Copilot": (
        "copilot.microsoft.com",
        "copilot.cloud.microsoft",
        "m365.cloud.microsoft",
        "copilot.com",
    ),
    "Grok": ("grok.com", "grok.x.com", "x.ai"),
    "DeepSeek": ("deepseek.com",),
    "Mistral": ("mistral.ai",),
    "You.com": ("you.com",),
    "Meta AI": ("meta.ai",),
    "Poe": ("poe.com",),
    "Phind": ("phind.com",),
    "Kagi Assistant": ("assistant.kagi.com",),
    "Duck.ai": ("duck.ai",),
    "Qwen": ("chat.qwen.ai", "qwen.ai"),
    "Kimi": ("kimi.com", "kimi.ai", "kimi.moonshot.cn"),
    "Doubao": ("doubao.com",),
    "Pi": ("pi.ai",),
    "HuggingChat": ("huggingface.co/chat",),
    "Bing Chat": ("bing.com/chat", "edgeservices.bing.com"),
    "Google AI Mode": ("google.com/ai",),
}
"""Hosts by name of the assistant, each with all below it; with a path where the host is more than the assistant."""

_SOURCES: Final = {
    "chatgpt": "ChatGPT",
    "openai": "ChatGPT",
    "perplexity": "Perplexity",
    "claude": "Claude",
    "anthropic": "Claude",
    "gemini": "Gemini",
    "bard": "Gemini",
    "copilot": "Copilot",
    "microsoft-copilot": "Copilot",
    "grok": "Grok",
    "deepseek": "DeepSeek",
    "mistral": "Mistral",
    "lechat": "Mistral",
    "you.com": "You.com",
    "meta-ai": "Meta AI",
    "meta.ai": "Meta AI",
}
"""Words that assistants, or those who place links for them, write into ``utm_source``; hosts do as well."""

_BY_HOST: Final = {
    host: (name, path)
    for name, places in ASSISTANTS.items()
    for host, _, path in (place.partition("/") for place in places)
}


def assistant_of(url: str, referer: str) -> str | None:
    """The assistant that sent somebody from ``referer`` to ``url``, or None. Any text will do.

    The page they came from decides; ``utm_source`` where it names none, for apps send no referer.
    """
    return _by_page(referer) or _by_source(url)


def _by_page(referer: str) -> str | None:
    try:
        page = urlsplit(referer.strip())
        host = (page.hostname or "").rstrip(".")
    except ValueError:
        return None
    return _by_host(host, page.path) if page.scheme in ("http", "https", "android-app") else None


def _by_host(host: str, path: str = "") -> str | None:
    while "." in host:
        name, below = _BY_HOST.get(host, ("", ""))
        if name and (not below or path.strip("/").split("/")[0] == below):
            return name
        host = host.partition(".")[2]
    return None


def _by_source(url: str) -> str | None:
    try:
        query = parse_qsl(urlsplit(url).query, max_num_fields=200)
    except ValueError:
        return None
    for name, value in query:
        if name.lower() == "utm_source":
            source = value.strip().lower()
            return _SOURCES.get(source) or _by_host(source.removeprefix("https://").rstrip("/"))
    return None


def hosts() -> tuple[str, ...]:
    """Hosts of pages that assistants send people from."""
    return tuple(dict.fromkeys(host for places in ASSISTANTS.values() for host in places))


def sources() -> tuple[str, ...]:
    """What ``utm_source`` says of people that assistants sent, in lower case."""
    return (*_SOURCES, *hosts())
