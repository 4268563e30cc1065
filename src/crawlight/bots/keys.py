"""The 25 bot keys under which crawls are exported, their order and their groups."""

NAMED = (
    "googlebot",
    "googleextendedbot",
    "bingbot",
    "openaibot",
    "anthropicbot",
    "perplexitybot",
    "twitterbot",
    "facebookbot",
    "linkedinbot",
)
"""Shown one by one in reports and charts."""

OTHER_SOCIAL = (
    "slackbot",
    "discordbot",
    "whatsappbot",
    "telegrambot",
    "pinterestbot",
    "snapchatbot",
    "redditbot",
    "metabot",
    "quorabot",
    "social_other",
)
"""Folded into *Other social* in reports and charts."""

OTHER = (
    "applebot",
    "amazonbot",
    "baidubot",
    "yandexbot",
    "duckduckbot",
    "bytespiderbot",
)
"""Folded into *Other* in reports and charts."""

BOT_KEYS = NAMED + OTHER_SOCIAL + OTHER
"""All 25 keys, in the order of the export. The export never groups."""

CATEGORIES = (
    "search",
    "ai_training",
    "ai_search",
    "ai_user",
    "social",
    "seo",
    "monitoring",
    "archive",
    "library",
    "other",
)
"""Why an agent comes. ``library`` is recognised and recorded, but is no crawl."""
