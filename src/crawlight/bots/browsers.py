"""What browsers say of themselves, so that none is taken for a crawler of that name."""

import re

BROWSERS = re.compile(
    r"\s*(?:$|ms\w*ie|windows|konqueror|opera|netscape|icab|netpositive|webtv|omniweb|ibrowse|acorn|macintosh|mac_"
    r"|linux|x11|u$|u;|xx$|iemobile|khtml|gecko|mozilla|firefox|chrome|chr0me|safari|elinks|links\b|w3m|lynx|dillo"
    r"|avant|aol|msn|amiga|beos|os/2|sunos|freebsd|ms ?ie|microsoft|internet explorer|ie \d|bytedance|nokia|android"
    r"|iphone|ipad|ios\b|epiphany|galeon|netfront|palm|symbian|maxthon|tablet|unix|dplus|mmef|playstation|nintendo"
    r"|haiku|odyssey|aros|morphos|risc|teleca|brew|polaris|obigo|openwave|maemo|webos|hp-ux|irix|qnx|syllable|skyos"
    r"|arora|qupzilla|kazehakase|shiira|camino|voyager|aweb|mosaic|lunascape|sleipnir|theworld|tencent|\d+\.\d+$)"
)
"""How a name behind ``compatible;`` begins where it is a browser's or its system's."""

BROWSER_WORDS = frozenset(
    [
        "mozilla",
        "applewebkit",
        "khtml",
        "gecko",
        "chrome",
        "safari",
        "version",
        "mobile",
        "firefox",
        "compatible",
        "windows",
        "nt",
        "linux",
        "x11",
        "macintosh",
        "intel",
        "mac",
        "os",
        "x",
        "opera",
        "msie",
        "trident",
        "like",
        "u",
        "android",
        "iphone",
        "ipad",
        "via",
        "http",
        "https",
        "www",
        "user-agent",
        "edge",
        "edg",
        "from",
        "by",
        "at",
        "contact",
        "build",
        "ubuntu",
        "fedora",
        "x86_64",
        "chromium",
        "presto",
        "headlesschrome",
        "phantomjs",
        "the",
        "ua",
        "is",
    ]
)
"""Words that are no product's name, in lower case."""
