"""A DNS server for tests, over UDP and TCP on one port of the system's choosing, that serves records given as text.

    with serving('bounce.acme.test MX 10 feedback-smtp.us-east-1.amazonses.com') as zone:
        zone.trouble["_dmarc.acme.test"] = TIMEOUT
        ... MAILROOM_DNS=zone.address ...

It answers for every name there is, as a resolver does: follows CNAMEs, and says NXDOMAIN for what is in no line. A line
is `name [ttl] type value`; names need no last dot; `*.name` stands for all names below that are in no line. A CNAME may
stand beside other records here, for that is a fault to be found.

`looking_up(text)` is the same without a socket: what the command asks of a resolver, answered at once.
"""

import socketserver
import struct
import threading
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zonefile

from cli.dns.answer import SERVFAIL as FAILURE
from cli.dns.answer import Answer
from cli.dns.look_up import answered

TTL = 1800
SERVFAIL, REFUSED, TIMEOUT, TRUNCATED, GARBAGE = "SERVFAIL", "REFUSED", "timeout", "truncated", "garbage"
LONGEST_CHAIN = 20  # of CNAMEs, so that a loop of them has an end
SOA = dns.rrset.from_text(".", 3600, "IN", "SOA", "ns.test. root.test. 1 3600 600 86400 300")
# SES's own, which every MAIL FROM domain includes.
AMAZON = 'amazonses.com 900 TXT "v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 -all"'


class Zone:
    """`trouble` says, by name or by (name, type), what goes wrong: one of the words above. `asked` are the questions
    that came: name, type, and "udp" or "tcp"."""

    def __init__(self, text):
        self.trouble = {}
        self.asked = []
        self.replace(text)

    def replace(self, text):
        """Serve these records from now on."""
        self._sets = {}
        for line in filter(None, (line.strip() for line in text.splitlines())):
            for rrset in dns.zonefile.read_rrsets(line, default_ttl=TTL, rdclass=None):
                self._sets.setdefault((rrset.name, rrset.rdtype), rrset).update(rrset)
        self._names = {parent for name, _ in self._sets for parent in ancestors(name)}

    def add(self, name, kind, *values):
        """Records whose values no line could hold, such as bytes of a TXT as they are."""
        rrset = dns.rrset.from_rdata(dns.name.from_text(name), TTL, *values)
        self._sets[rrset.name, dns.rdatatype.from_text(kind)] = rrset
        self._names |= set(ancestors(rrset.name))

    def answer(self, wire, transport):
        """Bytes to send back; none for a question that gets no answer."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, transport))
        trouble = self.trouble.get((name, kind)) or self.trouble.get(name)
        if trouble == TIMEOUT:
            return b""
        response = dns.message.make_response(query, recursion_available=True)
        if trouble in (SERVFAIL, REFUSED):
            response.set_rcode(dns.rcode.from_text(trouble))
        elif trouble == GARBAGE:
            return wire[:2] + b"\xff" * 20
        elif trouble == TRUNCATED and transport == "udp":
            response.flags |= dns.flags.TC
        else:
            self._fill(response, question.name, question.rdtype)
        return limited(response, query.payload or 512 if transport == "udp" else 65535)

    def _fill(self, response, name, kind):
        for _ in range(LONGEST_CHAIN):
            found = self._find(name, kind)
            if found:
                response.answer.append(found)
                return
            alias = self._find(name, dns.rdatatype.CNAME)
            if not alias or kind == dns.rdatatype.CNAME:
                break
            response.answer.append(alias)
            name = alias[0].target
        response.authority.append(SOA)
        if not self._there(name):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def _find(self, name, kind):
        found = self._sets.get((name, kind))
        if found is None and name not in self._names and (wildcard := self._wildcard(name)):
            covering = self._sets.get((wildcard, kind))
            found = covering and dns.rrset.from_rdata_list(name, covering.ttl, list(covering))
        return found

    def _there(self, name):
        return name in self._names or self._wildcard(name) is not None

    def _wildcard(self, name):
        while name != dns.name.root:
            name = name.parent()
            if (star := dns.name.Name((b"*", *name.labels))) in self._names:
                return star
            if name in self._names:
                return None
        return None


def ancestors(name):
    while True:
        yield name
        if name == dns.name.root:
            return
        name = name.parent()


def limited(response, most):
    """As much as fits; a resolver asks again over TCP if that is not all."""
    try:
        return response.to_wire(max_size=most)
    except dns.exception.TooBig:
        response.answer.clear()
        response.authority.clear()
        response.flags |= dns.flags.TC
        return response.to_wire(max_size=most)


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        wire, sock = self.request
        if answer := self.server.zone.answer(wire, "udp"):
            sock.sendto(answer, self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        while length := self.rfile.read(2):
            answer = self.server.zone.answer(self.rfile.read(*struct.unpack("!H", length)), "tcp")
            if answer:
                self.wfile.write(struct.pack("!H", len(answer)) + answer)


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


def bound():
    """Both on the same port, which one of them gets from the system; the other's may be taken, so try again."""
    for _ in range(50):
        udp = UdpServer(("127.0.0.1", 0), Udp)
        with suppress(OSError):
            return udp, TcpServer(udp.server_address, Tcp)
        udp.server_close()
    raise OSError("no port is free for UDP and TCP alike")


@contextmanager
def serving(text):
    """The zone while it is served; `address` is what MAILROOM_DNS takes."""
    zone = Zone(text)
    servers = bound()
    zone.address = "{}:{}".format(*servers[0].server_address)
    for server in servers:
        server.zone = zone
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield zone
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def looking_up(text, failing=()):
    """The look-up that `cli.dns.judge` takes; of names that are `failing` nobody knows anything."""
    zone = Zone(text)

    def look_up(name, kind):
        if name in failing:
            return Answer(outcome=FAILURE, failure="SERVFAIL")
        return answered(dns.message.from_wire(zone.answer(dns.message.make_query(name, kind).to_wire(), "tcp")))

    look_up.zone = zone
    return look_up
