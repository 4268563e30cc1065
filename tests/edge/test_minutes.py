"""The limit of the render endpoint, for more accounts than it remembers."""

import pytest

from crawlight.edge.endpoints import minutes
from crawlight.edge.endpoints.minutes import Minutes


def test_at_its_bound_it_forgets_the_account_whose_minute_began_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(minutes, "_MOST_ACCOUNTS", 2)
    limit = Minutes(1)
    assert [limit.hit(account)[0] > 0 for account in (1, 2, 2)] == [False, False, True]
    assert limit.hit(3)[0] == 0
    assert limit.hit(2)[0] > 0
    assert limit.hit(1)[0] == 0
