"""A real name server on a loopback UDP port, with records that a test puts in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.reversename
import dns.rrset

from crawlight.bots.reverse_dns import LIMIT, ReverseDns


class NameServer(asyncio.DatagramProtocol):
    """Answers what it was told, denies the rest. ``silent`` and ``failing`` play an outage."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.silent = False
        self.failing = False
        self.delay = 0.0
        self.port = 0
        self.transport: Any = None

    def add(self, address: str, host: str, *addresses: str) -> None:
        """A host name for an address, and the addresses of that name."""
        name = str(dns.reversename.from_address(address))
        self.records.setdefault((name, "PTR"), []).append(f"{host}.")
        for forward in addresses:
            self.records.setdefault((f"{host}.", "AAAA" if ":" in forward else "A"), []).append(forward)

    def client(self, limit: float = LIMIT, **options: Any) -> ReverseDns:
        return ReverseDns(["127.0.0.1"], port=self.port, limit=limit, **options)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((question.name.to_text().lower(), kind))
        if not self.silent:
            answer = self._answer(query, self.asked[-1])
            asyncio.get_running_loop().call_later(self.delay, self._send, answer.to_wire(), addr)

    def _send(self, answer: bytes, addr: Any) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(answer, addr)

    def _answer(self, query: Any, key: tuple[str, str]) -> Any:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif key in self.records:
            answer.answer.append(
                dns.rrset.from_text(query.question[0].name, 60, "IN", key[1], *self.records[key])
            )
        elif not any(name == key[0] for name, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


@asynccontextmanager
async def running() -> AsyncIterator[NameServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
