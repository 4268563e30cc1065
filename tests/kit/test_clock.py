from datetime import UTC, datetime

import time_machine

from crawlight.kit.clock import now


def test_now_is_in_utc_with_microseconds() -> None:
    moment = datetime(2026, 6, 29, 12, 0, 0, 123456, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert now() == moment
        assert now().tzinfo is UTC
