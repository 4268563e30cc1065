import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.bots.assistants import ASSISTANTS, assistant_of


@pytest.mark.parametrize("name", ASSISTANTS)
def test_every_place_of_an_assistant_is_known_by_its_pages(name: str) -> None:
    for place in ASSISTANTS[name]:
        assert assistant_of("https://example.com/", f"https://{place}/x?y") == name
        assert assistant_of("https://example.com/", f"http://www.{place}") == name
        assert assistant_of("https://example.com/", f"https://{place}.example/") is None


@pytest.mark.parametrize(
    ("url", "referer", "name"),
    [
        ("https://example.com/?utm_source=chatgpt.com", "", "ChatGPT"),
        ("https://example.com/?a&UTM_SOURCE=Perplexity", "", "Perplexity"),
        ("https://example.com/?utm_source=newsletter", "", None),
        ("https://example.com/?utm_source=newsletter", "https://claude.ai/chat/1", "Claude"),
        ("https://example.com/", "android-app://com.openai.chatgpt/", None),
        ("https://example.com/", "https://www.bing.com/search?q=x", None),
        ("https://example.com/", "https://www.bing.com/chat?q=x", "Bing Chat"),
        ("https://example.com/", "https://google.com/", None),
        ("https://example.com/", "https://CHATGPT.com.:443/", "ChatGPT"),
        ("https://example.com/", "ftp://chatgpt.com/", None),
        ("https://example.com/", "https://[", None),
        ("https://example.com/", "https://evilchatgpt.com/", None),
        ("https://[", "chatgpt.com", None),
    ],
)
def test_who_sent_a_visitor(url: str, referer: str, name: str | None) -> None:
    assert assistant_of(url, referer) == name


@given(st.text(), st.text())
def test_any_text_will_do(url: str, referer: str) -> None:
    assistant_of(url, referer)
