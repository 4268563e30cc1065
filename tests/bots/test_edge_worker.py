"""What the published edge worker takes for a bot is a bot here too: else its crawls would be answered, but not counted.

The tokens of its pre-filter as published in https://github.com/hado-seo/hado-cloudflare-worker, read 2026-11-24,
each as its crawler writes it.
"""

import pytest

from crawlight.bots.matcher import classify

TOKENS = """
Googlebot GoogleOther Storebot-Google Google-InspectionTool AdsBot-Google adidxbot Mediapartners-Google APIs-Google
FeedFetcher-Google Google-Read-Aloud bingbot YandexBot Baiduspider DuckDuckBot Slurp SeznamBot Sogou Exabot PetalBot
Seekport Bravebot Applebot Amazonbot GPTBot OAI-SearchBot ChatGPT-User ChatGPT-Agent ClaudeBot Claude-User
Claude-SearchBot anthropic-ai PerplexityBot Perplexity-User MistralAI-User DuckAssistBot Amzn-User Google-Extended
Google-CloudVertexBot Google-NotebookLM Gemini-Deep-Research GoogleAgent-Mariner meta-externalfetcher CCBot Bytespider
TikTokSpider YouBot cohere-ai Diffbot omgili AI2Bot Timpibot TavilyBot facebookexternalhit FacebookBot Facebot
meta-externalagent Twitterbot LinkedInBot Pinterestbot Slackbot Slack-ImgProxy Discordbot WhatsApp TelegramBot
redditbot Quora-Bot bitlybot SkypeUriPreview GoogleMessages Google-Chat-Link-Preview BufferLinkPreviewBot
MetadataScraper AhrefsBot SemrushBot SiteAuditBot DataForSeoBot RSiteAuditor SEBot-WA MJ12bot DotBot rogerbot BLEXBot
Barkrowler SerpstatBot SEOkicks GTmetrix Uptimebot ia_archiver archive.org_bot
"""


@pytest.mark.parametrize("token", [*TOKENS.split(), "Screaming Frog SEO Spider"])
def test_token_of_the_edge_worker_is_known(token: str) -> None:
    agent = classify(f"{token}/1.0")
    assert agent
    assert agent.category != "library"
    assert agent.sources, "only recognised as a stranger"
