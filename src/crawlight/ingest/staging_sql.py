"""The tables and queries in which a chunk of a log becomes records; `staging` says what is done with them."""

from collections.abc import Mapping
from typing import Final

# Temporary tables live in memory and are seen by one thread's client only: chunks are staged side by side.
# What is known of one chunk's user agents and targets mostly serves the next one.
OF_A_CHUNK: Final = ("import_lines", "import_identities", "import_seen")
_LOW: Final = "LowCardinality(String)"
KNOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "import_people": {"user_agent": "LowCardinality(Nullable(String))"},
    "import_agents": {
        "user_agent": "LowCardinality(Nullable(String))",
        "agent": _LOW,
        "key": _LOW,
        "category": _LOW,
        "identity": _LOW,
        "listed": _LOW,
    },
    "import_targets": {"target": "String", "path": "String", "kind": _LOW},
    "import_hosts": {"host": _LOW, "domain": "UInt32"},
}
IDENTITIES: Final = {"pair": "UInt64", "identity": _LOW}

# The other core has the next chunk; small blocks stay in the cache.
_ONE_THREAD = "max_threads = 1, max_block_size = 8192, input_format_parallel_parsing = 0"

# A pair of user agent and address goes by a hash whose key nobody knows: none can be made to look like another.
LINES = f"""
CREATE TEMPORARY TABLE import_lines ENGINE = Memory AS
SELECT *, sipHash64Keyed(({{k:UInt64}}, {{l:UInt64}}), user_agent, address) AS pair FROM (%s)
SETTINGS {_ONE_THREAD}
"""  # noqa: S608 - our own words

# What a log says of hosts; one that says nothing is of one domain.
WITH_HOSTS: Final = {
    "domain": "hosts.domain",
    "of_hosts": "LEFT ANY JOIN import_hosts AS hosts USING (host)",
    "ours": "host IN (SELECT host FROM import_hosts)",
}
WITHOUT_HOSTS: Final = {"domain": "{domain:UInt32}", "of_hosts": "", "ours": "1"}

SEEN = """
CREATE TEMPORARY TABLE import_seen ENGINE = Memory AS
SELECT %(domain)s AS domain, ts, status, agent, key, category, path,
    toLowCardinality(multiIf(
        pair IN (SELECT pair FROM import_identities WHERE identity = 'verified'), 'verified',
        pair IN (SELECT pair FROM import_identities WHERE identity = 'spoofed'), 'spoofed',
        pair IN (SELECT pair FROM import_identities WHERE identity = 'unverifiable'), 'unverifiable',
        agents.identity)) AS identity,
    toLowCardinality(multiIf(
    reason = 'no request', 'no_request',
    reason != '', 'rejected',
    domain = 0, 'other_hosts',
    ts < {since:DateTime('UTC')} OR ts >= {until:DateTime('UTC')}, 'outside',
    ts < {oldest:DateTime('UTC')}, 'too_old',
    ts > {newest:DateTime('UTC')}, 'future',
    method NOT IN ('GET', 'HEAD'), 'other_methods',
    targets.kind = '', 'no_page',
    targets.kind = 'asset', 'assets',
    category = 'library', 'libraries',
    targets.kind = 'robots', 'robots',
    'crawls')) AS bucket
FROM import_lines AS lines
INNER JOIN import_agents AS agents USING (user_agent)
LEFT ANY JOIN import_targets AS targets USING (target)
%(of_hosts)s
SETTINGS max_threads = 1
"""

# People come first, whatever else is wrong with their lines: those of the next chunks are not even looked at.
OTHERS = """
SELECT multiIf(
    user_agent IS NOT NULL AND %(ours)s, 'people',
    rejected_line IN ('', '\\r') AND reason != '', 'empty',
    reason = 'no request', 'no_request',
    reason != '', 'rejected',
    NOT %(ours)s, 'other_hosts',
    ts < {since:DateTime('UTC')} OR ts >= {until:DateTime('UTC')}, 'outside',
    ts < {oldest:DateTime('UTC')}, 'too_old',
    ts > {newest:DateTime('UTC')}, 'future',
    'no_user_agent') AS bucket, count()
FROM import_lines
WHERE user_agent IS NULL OR user_agent NOT IN (SELECT user_agent FROM import_agents)
GROUP BY bucket
"""

NEW_HOSTS = "SELECT DISTINCT host FROM import_lines WHERE host NOT IN (SELECT host FROM import_hosts)"

STRANGE_HOSTS = """
SELECT host, count() FROM import_lines WHERE reason = '' AND host NOT IN (SELECT host FROM import_hosts)
GROUP BY host ORDER BY count() DESC LIMIT 20
"""

RECORDS = """
SELECT domain AS domain_id, assumeNotNull(ts) AS ts,
    transform(bucket, ['crawls', 'robots', 'libraries'], ['crawl', 'robots', 'library'], '') AS kind,
    agent, key, category, identity,
    if(bucket = 'crawls', 'passthrough', 'none') AS outcome, status, toLowCardinality('import') AS source, path
FROM import_seen WHERE bucket IN ('crawls', 'robots', 'libraries')
"""

USER_AGENTS = """
SELECT user_agent FROM import_lines WHERE user_agent IS NOT NULL GROUP BY user_agent ORDER BY count() DESC
"""

# Crawls that an address list can prove or refute. A list never refutes a crawl older than itself, so the first
# crawl of a pair stands for all of them in the chunk.
PAIRS = """
SELECT pair, any(user_agent), any(address), min(toUnixTimestamp(assumeNotNull(ts)))
FROM import_lines
WHERE user_agent IN (SELECT user_agent FROM import_agents WHERE listed = 'yes') AND reason = '' AND %(ours)s
GROUP BY pair
"""

NEW_TARGETS = """
SELECT DISTINCT target FROM import_lines
WHERE user_agent IN (SELECT user_agent FROM import_agents) AND method IN ('GET', 'HEAD') AND %(ours)s
    AND target NOT IN (SELECT target FROM import_targets)
"""

COUNTS = """
SELECT bucket, domain, agent, count(), min(ts), max(ts) FROM import_seen GROUP BY bucket, domain, agent
"""

# A page is known once a crawler got it: scanners that only meet errors do not fill the inventory.
PAGES = """
SELECT domain, groupUniqArray(path) FROM import_seen
WHERE bucket = 'crawls' AND identity != 'spoofed' AND (status BETWEEN 200 AND 299 OR status = 304)
GROUP BY domain
"""
