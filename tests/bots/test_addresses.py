from ipaddress import IPv4Network, IPv6Network, collapse_addresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.bots.addresses import AddressSet

NETWORKS = st.one_of(
    st.integers(20, 32).flatmap(
        lambda bits: st.integers(0, 2**bits - 1).map(lambda n: IPv4Network((n << 32 - bits, bits)))
    ),
    st.integers(110, 128).flatmap(
        lambda bits: st.integers(0, 2**10).map(lambda n: IPv6Network((n << 128 - bits, bits)))
    ),
)


@given(st.lists(NETWORKS, max_size=20))
def test_a_set_holds_what_its_prefixes_hold(networks: list[IPv4Network | IPv6Network]) -> None:
    listed = AddressSet(map(str, networks))
    for family, kind in ((4, IPv4Network), (6, IPv6Network)):
        alike = [network for network in networks if isinstance(network, kind)]
        collapsed = collapse_addresses(alike)  # type: ignore[type-var] # all are of one kind
        assert listed.size[family] == sum(int(one.num_addresses) for one in collapsed)
        assert listed.covers(family) == bool(alike)
        for network in alike:
            first, last = int(network.network_address), int(network.broadcast_address)
            for number in (first - 1, first, last, last + 1):
                expected = any(int(one[0]) <= number <= int(one[-1]) for one in alike)
                assert ((family, number) in listed) == expected


@pytest.mark.parametrize(
    "prefix", ["", "x", "1.2.3.4/", "1.2.3/8", "1.2.3.4/24", "1.2.3.4/33", "::/129", "::/-1"]
)
def test_what_is_no_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match=r"^no (address|prefix)"):
        AddressSet([prefix])


def test_a_single_address_is_a_prefix() -> None:
    assert AddressSet(["192.0.2.1", "2001:db8::1"]).size == {4: 1, 6: 1}
