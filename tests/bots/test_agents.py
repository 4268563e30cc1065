"""One line per crawler: what it sends, and how it must be named. Put the line of a new crawler into AGENTS."""

import pytest

from crawlight.bots.matcher import classify
from tests.bots.corpus import DATA

GENERIC = ("Spider", "GoogleOther", "GoogleOther-Image", "GoogleOther-Video")
"""Of the public list: a word that any program says, and crawlers for purposes of all kinds."""

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
PHONE = "Mozilla/5.0 (Linux; Android 7.0; {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"

AGENTS = [
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", "googlebot"),
    ("Googlebot-Image/1.0", "Googlebot-Image", "googlebot"),
    (
        "SAMSUNG-SGH-E250/1.0 UP.Browser/6.2 (compatible; Googlebot-Mobile/2.1)",
        "Googlebot-Mobile",
        "googlebot",
    ),
    ("Mozilla/5.0 (KHTML, like Gecko; compatible; GoogleOther) Chrome/141.0", "GoogleOther", "googlebot"),
    (
        "Mozilla/5.0 (X11; Linux x86_64; Storebot-Google/1.0) AppleWebKit/537.36",
        "Storebot-Google",
        "googlebot",
    ),
    ("mozilla/5.0 (compatible; google-inspectiontool/1.0;)", "Google-InspectionTool", "googlebot"),
    ("FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)", "FeedFetcher-Google", "googlebot"),
    (CHROME.replace("Gecko)", "Gecko; GoogleAdSenseInfeed)"), "GoogleAdSenseInfeed", "googlebot"),
    (CHROME + " (compatible; Google-GeminiNotebook)", "Google-GeminiNotebook", "googleextendedbot"),
    (CHROME + " (compatible; Google-Agent; +https://x.example/)", "Google-Agent", "googleextendedbot"),
    ("Google-Extended", "Google-Extended", "googleextendedbot"),
    (CHROME.replace("Gecko)", "Gecko; compatible; bingbot/2.0)"), "bingbot", "bingbot"),
    ("msnbot-media/1.1 (+http://search.msn.com/msnbot.htm)", "msnbot-media", "bingbot"),
    (CHROME + "; compatible; OAI-SearchBot/1.3; +https://openai.com/searchbot", "OAI-SearchBot", "openaibot"),
    ("Mozilla/5.0 (compatible); compatible; GPTBot/9.9; +https://openai.com/gptbot", "GPTBot", "openaibot"),
    ("Mozilla/5.0 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)", "ChatGPT-User", "openaibot"),
    ("Claude-User (claude-code/2.1.111; +https://support.anthropic.com/)", "Claude-User", "anthropicbot"),
    ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ClaudeBot", "anthropicbot"),
    ("PerplexityBot/1.0", "PerplexityBot", "perplexitybot"),
    ("Twitterbot/1.0 Mozilla/5.0 (Windows NT 6.2) Chrome/69.0 Safari/537.36", "Twitterbot", "twitterbot"),
    ("facebookexternalhit/1.1 (+http://www.facebook.com/x.php)", "facebookexternalhit", "facebookbot"),
    ("meta-webindexer/1.1 (+https://developers.facebook.com/docs)", "meta-webindexer", "metabot"),
    (
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "LinkedInBot",
        "linkedinbot",
    ),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Slackbot-LinkExpanding", "slackbot"),
    ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "Discordbot", "discordbot"),
    ("WhatsApp/2.23.18.78 i", "WhatsApp", "whatsappbot"),
    ("TelegramBot (like TwitterBot)", "TelegramBot", "telegrambot"),
    ("Pinterest/0.2 (+https://www.pinterest.com/bot.html)", "Pinterestbot", "pinterestbot"),
    ("Snap URL Preview Service; bot; snapchat; https://x.example", "Snap URL Preview Service", "snapchatbot"),
    (
        "AppEngine-Google; (+http://code.google.com/appengine; appid: s~snapchat-proxy)",
        "snapchat-proxy",
        "snapchatbot",
    ),
    ("Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)", "redditbot", "redditbot"),
    ("Quora Link Preview/1.0 (http://www.quora.com)", "Quora Link Preview", "quorabot"),
    (IPHONE + " facebookexternalhit/1.1 Facebot Twitterbot/1.0", "Apple Messages", "social_other"),
    ("facebookexternalhit/1.1;kakaotalk-scrap/1.0", "kakaotalk-scrap", "social_other"),
    ("facebookexternalhit/1.1;line-poker/1.0", "line-poker", "social_other"),
    ("facebookexternalhit/1.1 (compatible; Blueno/1.0; +http://naver.me/scrap)", "Blueno", "social_other"),
    ("MeWeBot/1.0 (x; Googlebot/2.1; facebookexternalhit/1.1; y)", "MeWeBot", "social_other"),
    ("http.rb/2.2.2 (Mastodon/1.6.1; +https://mathtod.example/)", "Mastodon", "social_other"),
    ("NewChat-LinkPreview 1.0", "NewChat-LinkPreview", "social_other"),
    ("Mozilla/5.0 (Macintosh) Version/17.4 Safari/605.1.15 (Applebot/0.1)", "Applebot", "applebot"),
    ("iTMS", "iTMS", "applebot"),
    ("Mozilla/5.0 (compatible; Amzn-User/0.1) Chrome/119.0 Safari/537.36", "Amzn-User", "amazonbot"),
    ("Baiduspider+(+http://www.baidu.com/search/spider.htm)", "Baiduspider", "baidubot"),
    (
        "Mozilla/5.0 (Linux;u;Android 2.3.7) (compatible; +http://www.baidu.com/search/spider.html)",
        "Baiduspider",
        "baidubot",
    ),
    ("Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "YandexBot", "yandexbot"),
    (
        "Mozilla/5.0 (compatible; YandexUnheardOf/3.0; +http://yandex.com/bots)",
        "YandexUnheardOf",
        "yandexbot",
    ),
    ("DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)", "DuckAssistBot", "duckduckbot"),
    (IPHONE + "; Bytespider", "Bytespider", "bytespiderbot"),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "AhrefsBot", None),
    ("CCBot/2.0 (https://commoncrawl.org/faq/)", "CCBot", None),
    ("MistralAI-User/1.0 (+https://docs.mistral.ai/robots)", "MistralAI-User", None),
    (CHROME + " Chrome-Lighthouse", "Chrome-Lighthouse", None),
    (CHROME.replace("Safari", "Electron/22.1.0 Safari") + " PingdomTMS/22.1", "PingdomTMS", None),
    ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)", "Feedly", None),
    ("AppEngine-Google; (+http://code.google.com/appengine; appid: s~somebody)", "AppEngine-Google", None),
]

CODING_AGENTS = [
    ("claude-code/2.0.1", "Claude-Code", "anthropicbot", "Anthropic"),
    ("Cursor/3.0.16 (darwin arm64)", "Cursor", None, "Anysphere"),
    ("Code/1.109.2", "Code", None, "GitHub"),
    ("Trae/1.0", "Trae", None, "ByteDance"),
    ("opencode/1.0", "opencode", None, "opencode.ai"),
    ("qodercli/0.1", "qodercli", None, "Qoder"),
    ("codex/1.0", "Codex", "openaibot", "OpenAI"),
    ("crush/1.0", "Crush", None, "Charm"),
    ("goose/1.0", "Goose", None, "Block"),
    ("Aider/0.86.1 +https://aider.chat", "Aider", None, "Aider"),
]

PURPOSES = [
    ("KimiBot/1.0", "ai_training", "Moonshot AI"),
    ("Kimi-SearchBot/1.0", "ai_search", "Moonshot AI"),
    ("Kimi-User/1.0", "ai_user", "Moonshot AI"),
    ("Diffbot/2.0", "ai_training", "Diffbot"),
    ("Diffbot-User/1.0", "ai_user", "Diffbot"),
    ("AI2Bot-DeepResearchEval", "ai_user", "Allen Institute for AI"),
    ("Shap-User/1.0", "ai_user", "Parallel Web Systems"),
    ("AmazonBuyForMe/1.0", "ai_user", "Amazon"),
    ("amazon-kendra", "ai_search", "Amazon"),
    ("amazon-QBusiness/1.0", "ai_search", "Amazon"),
    ("atlassian-bot/1.0", "ai_search", "Atlassian"),
    ("Querit-SearchBot/1.0", "ai_search", "Querit"),
    ("Grok-DeepSearch/1.0", "ai_search", "xAI"),
    ("Terra Cotta", "ai_training", "Ceramic AI"),
    ("Panscient", "ai_training", "Panscient"),
    ("Datenbank Crawler/1.0", "ai_training", "Datenbank"),
    ("netEstate Imprint Crawler/1.0", "ai_training", "netEstate"),
    (
        "LCC (+http://corpora.informatik.uni-leipzig.de/x.html)",
        "ai_training",
        "corpora.informatik.uni-leipzig.de",
    ),
    ("Mozilla/5.0 (compatible; YandexAdditional/1.0)", "ai_training", "Yandex"),
    ("GG PeekBot 2.0 ( http://gg.pl/ )", "social", "gg.pl"),
    ("Lightpanda/1.0", "library", "Lightpanda"),
]

STRANGERS = [
    ("Mozilla/5.0 (compatible; Zorgbot/1.0; +http://zorg.example/)", "Zorgbot"),
    ("ZorgCrawler", "ZorgCrawler"),
    ("zorg-spider/3.1", "zorg-spider"),
    (CHROME + " ZorgBot/0.1", "ZorgBot"),
    (CHROME + " (+https://zorg.example/about)", "zorg.example"),
    ("Zorg Reader/2.0 (+https://zorg.example/about)", "Zorg Reader"),
    ("Mozilla/5.0+(compatible;+Zorgbot/1.0;++http://zorg.example/)", "Zorgbot"),
    ("Mozilla/5.0 (compatible; Zorg Inspection; https://zorg.example)", "Zorg Inspection"),
    ("Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X; Zorgbot/1.0) Chrome/99.0 Mobile Safari/537.36", "Zorgbot"),
    ("ZorgBot (compatible; Googlebot 2.1; +https://zorg.example/)", "ZorgBot"),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; zorgmebot/1.0; +https://zorg.example/bot)", "zorgmebot"),
    ("Mozilla/5.0 (compatible; zorgbot/0.1; treat like Googlebot)", "zorgbot"),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +https://zorg.example/bot)", "zorg.example"),
    ("Zorg site monitor 2", "Zorg site monitor"),
    ("ZorgFetch/1.0 python-requests/2.31 (+https://zorg.example)", "ZorgFetch"),
    ("Zorg/1.0 Google-HTTP-Java-Client/1.20.0 (gzip)", "Zorg"),
]

LIBRARIES = [
    ("", "(empty)"),
    ("  ", "(empty)"),
    ("-", "(empty)"),
    ("curl/8.5.0", "curl"),
    ("python-requests/2.32.3", "python-requests"),
    ("Python/3.11 aiohttp/3.9.1", "aiohttp"),
    ("Go-http-client/2.0", "Go-http-client"),
    ("Wget/1.21", "Wget"),
    ("Java/17.0.2", "Java"),
    ("axios/1.6", "axios"),
    ("Apache-HttpClient/4.5.13 (Java/11)", "Apache-HttpClient"),
    ("Scrapy/2.11 (+https://scrapy.org)", "Scrapy"),
    ("Google-HTTP-Java-Client/1.20.0 (gzip)", "Google-HTTP-Java-Client"),
    (CHROME.replace("Chrome/", "HeadlessChrome/"), "HeadlessChrome"),
]

PEOPLE = [
    "ELinks/0.12 (textmode; Debian; Linux 3.2.0 i686; 100x25-2)",
    "Links (2.1pre23; Linux 3.5.0 i686; 237x63)",
    "VMS_Mosaic/4.0 (Motif;OpenVMS V8.3)",
    "TEL61D_11C_HW (MRE/3.1.00(64);MAUI/_X_2017;CHIP/MT6261;WAP Browser/MAUI (HTTP PGDL;HTTPS))",
    "Darwin/25.6.0 (Watch7,18; watchOS 26.6) TrackerSDK/7.8.0",
    CHROME,
    *[
        PHONE.format(f"{name} Build/NRD90M")
        for name in ("CUBOT NOTE S", "CUBOT_X18_Plus", "M bot 54", "B BOT 550")
    ],
    *[
        PHONE.format(name)
        for name in ("VR BOT 552", "C Bot Tab 100", "XBot_Junior", "Spider 8", "POWER BOT", "Robot 9")
    ],
    *[PHONE.format(name) for name in ("PHANTOM PZ35", "Discovery Elite", "Radar Deluxe", "HTCButterflys")],
    IPHONE + " [FBAN/FBIOS;FBDV/iPhone13,2;FBMD/iPhone;FBSN/iOS;FBSV/17.4]",
    PHONE.format("SM-G925F; wv") + " [FB_IAB/FB4A;FBAV/77.0.0.20.66;]",
    IPHONE + " Instagram 390.0.0.28.85 (iPhone13,2; iOS 17_4; en_US; scale=3.00; 1170x2532)",
    IPHONE + " [Pinterest/iOS]",
    PHONE.format("Pixel 8; wv") + " [Pinterest/Android]",
    IPHONE + " Snapchat/13.20.0.40 (like Safari/8617.2.4, panda)",
    IPHONE + " [LinkedInApp]/9.29.4112",
    IPHONE + " Twitter for iPhone/10.30",
    PHONE.format("Pixel 8; wv") + " Telegram-Android/12.1 (Google Pixel 8; Android 16; SDK 36)",
    PHONE.format("Pixel 8; wv") + " musical_ly_2023 BytedanceWebview/d8a21c6",
    PHONE.format("Pixel 8; wv") + " YandexSearch/7.54/apad YandexSearchBrowser/7.54",
    PHONE.format("SM-N950N; wv") + " NAVER(inapp; search; 1000; 11.8.4; 11)",
    PHONE.format("Moto Z2") + " (Ecosia android@101.0.4951.41)",
    PHONE.format("2201116SI; wv") + " CamScanner/4.5.0",
    CHROME.replace("Chrome/", "WhatsApp/2.2017.6 Chrome/") + " Electron/8.2",
    CHROME + " Slack/4.35 Electron/27.1 Slack_SSB/4.35",
    "WhatsApp/2.2017.6 Mozilla/5.0 (Macintosh) Chrome/80.0 Electron/8.2.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; openSUSE 13.1 (Bottle)) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Embedded Web Browser from: http://bsalsa.com/; .NET CLR)",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/8.0.40326/58.172; U; hi) Presto/2.12.423 Version/12.16",
    "UCWEB/2.0 (Java; U; MIDP-2.0; en-US; LG-GU297) U2/1.0.0 UCBrowser/9.3.0.326 U2/1.0.0 Mobile UNTRUSTED/1.0",
    "MOT-W220",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Zorg/7 CFNetwork/1410.0.3 Darwin/22.6.0",
    "ZorgNews/2.1 (feed) okhttp/4.9.3",
    "Dalvik/2.1.0 (Linux; U; Android 12; CUBOT P60 Build/SP1A)",
    "Mozilla/5.0 (Windows; U; Windows NT 6.1; de; rv:1.9.1.6) Gecko/20091201 (WEB.DE/1.5) Firefox/3.5.6",
    CHROME + " | Initiator: https://zorg.example/crawler",
    PHONE.format("Pixel 8") + " | initiator: https://www.bot.example/",
    "Amazon AFTCA002 Kepler/1.1 espn/2026.3.1 NativeClientPlatform/2025.09.10",
    "Amazon AFTCA002 Kepler/1.1 Hulu/1.43.0 NativeClientPlatform/2025.09.8",
    "Kepler/1.1 (Linux; AFTCL001)",
    "Kaspersky HTTP Client/21.3 (http://www.kaspersky.com)",
    "KasperskyAgent/12.0",
]


@pytest.mark.parametrize(("user_agent", "name", "key"), AGENTS)
def test_known(user_agent: str, name: str, key: str | None) -> None:
    agent = classify(user_agent)
    assert agent
    assert (agent.name, agent.key) == (name, key)
    assert agent.category != "library"


@pytest.mark.parametrize(("user_agent", "name", "key", "operator"), CODING_AGENTS)
def test_coding_agent(user_agent: str, name: str, key: str | None, operator: str) -> None:
    agent = classify(user_agent)
    assert agent
    assert (agent.name, agent.key, agent.operator, agent.category) == (name, key, operator, "ai_user")


@pytest.mark.parametrize(("user_agent", "category", "operator"), PURPOSES)
def test_purpose_and_operator(user_agent: str, category: str, operator: str) -> None:
    agent = classify(user_agent)
    assert agent
    assert (agent.category, agent.operator) == (category, operator)


@pytest.mark.parametrize("name", (DATA / "ai_robots.txt").read_text(encoding="utf-8").splitlines())
def test_public_list_of_ai_agents(name: str) -> None:
    """Each is in the catalogue with a purpose, alone, with a version and as most crawlers introduce themselves."""
    for user_agent in (f"{name}/1.0", f"Mozilla/5.0 (compatible; {name}/1.0)"):
        agent = classify(user_agent)
        assert agent
        assert agent.operator or name in GENERIC
        assert agent.category != "other" or name in GENERIC


def test_a_crawler_stays_one_behind_the_page_that_an_extension_adds() -> None:
    agent = classify(
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) | Initiator: https://x.example"
    )
    assert agent
    assert agent.key == "googlebot"


@pytest.mark.parametrize(("user_agent", "name"), STRANGERS)
def test_stranger(user_agent: str, name: str) -> None:
    agent = classify(user_agent)
    assert agent
    assert (agent.name, agent.key, agent.category) == (name, None, "other")


@pytest.mark.parametrize(("user_agent", "name"), LIBRARIES)
def test_library(user_agent: str, name: str) -> None:
    agent = classify(user_agent)
    assert agent
    assert (agent.name, agent.key, agent.category) == (name, None, "library")


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_person(user_agent: str) -> None:
    assert classify(user_agent) is None


def test_word_in_an_address_is_no_token() -> None:
    agent = classify("WordPress/5.9; https://whatsappgn.com")
    assert agent
    assert (agent.name, agent.key) == ("WordPress", None)
    other = classify("Zorg/1.0 (+https://zorg.example/googlebot/2.1)")
    assert other
    assert (other.name, other.key) == ("Zorg", None)


def test_product_that_only_begins_alike() -> None:
    for user_agent in ("GPTBottle/1.0 (+http://x.example)", "Slackbots/1.0"):
        agent = classify(user_agent)
        assert agent
        assert agent.key is None
