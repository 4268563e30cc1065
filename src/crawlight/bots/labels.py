"""The 25 keys as people read them."""

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
