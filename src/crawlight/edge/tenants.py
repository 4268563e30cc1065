"""Keys and sites in the memory of an edge, by all that they are asked for: put in and taken out one by one."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from crawlight.domains.sites import Site
from crawlight.ids import DomainId


class Client(msgspec.Struct, frozen=True):
    """A valid key: whose it is, and the sites that its account owns or manages, by bare host."""

    key_id: int
    account_id: int
    sites: Mapping[str, Site]


class Tenants:
    """What one process holds. Clients see changes of their sites as they are made."""

    def __init__(self) -> None:
        self._clients: dict[bytes, Client] = {}
        self._keys: dict[int, list[bytes]] = {}
        self._sites: dict[str, Site] = {}
        self._held: dict[DomainId, tuple[Site, tuple[int, ...]]] = {}
        self._by_account: dict[int, dict[str, Site]] = {}

    def client(self, digest: bytes) -> Client | None:
        """The client of a key, by the key's SHA-256."""
        return self._clients.get(digest)

    def sites(self) -> Collection[Site]:
        """All verified sites."""
        return self._sites.values()

    def site(self, host: str) -> Site | None:
        """The verified site of a bare host."""
        return self._sites.get(host)

    def put_keys(self, account_id: int, keys: Iterable[tuple[int, bytes]]) -> None:
        """An account's valid keys, id and SHA-256, instead of those that are held."""
        for digest in self._keys.pop(account_id, ()):
            del self._clients[digest]
        for key_id, digest in keys:
            self._clients[digest] = Client(key_id, account_id, self._of(account_id))
            self._keys.setdefault(account_id, []).append(digest)

    def put_site(self, site: Site, managers: Iterable[int]) -> None:
        """A verified site, and the accounts that own or manage it, instead of what is held of it."""
        self.drop_site(site.id)
        self._held[site.id] = (site, tuple(managers))
        self._sites[site.host] = site
        for account_id in self._held[site.id][1]:
            self._of(account_id)[site.host] = site

    def drop_site(self, domain_id: DomainId) -> None:
        """Hold a site no more."""
        site, managers = self._held.pop(domain_id, (None, ()))
        if site is None:
            return
        for sites in (self._sites, *(self._of(account_id) for account_id in managers)):
            # Another domain may have been verified for the host, and been put in before.
            if sites.get(site.host) is site:
                del sites[site.host]

    def _of(self, account_id: int) -> dict[str, Site]:
        return self._by_account.setdefault(account_id, {})
