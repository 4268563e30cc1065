"""The 25 keys and the categories as people read them."""

from typing import Final

LABELS: Final = {
    "googlebot": "Googlebot",
    "googleextendedbot": "Google AI",
    "bingbot": "Bingbot",
    "openaibot": "OpenAI",
    "anthropicbot": "Anthropic",
    "perplexitybot": "Perplexity",
    "twitterbot": "X (Twitter)",
    "facebookbot": "Facebook",
    "linkedinbot": "LinkedIn",
    "slackbot": "Slack",
    "discordbot": "Discord",
    "whatsappbot": "WhatsApp",
    "telegrambot": "Telegram",
    "pinterestbot": "Pinterest",
    "snapchatbot": "Snapchat",
    "redditbot": "Reddit",
    "metabot": "Meta AI",
    "quorabot": "Quora",
    "social_other": "Social, no own key",
    "applebot": "Apple",
    "amazonbot": "Amazon",
    "baidubot": "Baidu",
    "yandexbot": "Yandex",
    "duckduckbot": "DuckDuckGo",
    "bytespiderbot": "ByteDance",
}
"""Name of each key."""

_CATEGORIES: Final = {
    "search": "Search",
    "ai_training": "AI training",
    "ai_search": "AI search",
    "ai_user": "AI, for a user",
    "social": "Social",
    "seo": "SEO",
    "monitoring": "Monitoring",
    "archive": "Archive",
    "library": "Library",
    "other": "Other",
}


def category_label(category: str) -> str:
    """Name of a category; itself where it has none."""
    return _CATEGORIES.get(category, category)
