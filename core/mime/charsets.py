"""Bytes to text: the declared charset, then UTF-8, then cp1252, and a word about it when it was not as declared."""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache

from core.text import one_line

# Names are checked against this list and never handed to `codecs.lookup` unseen: it imports modules by that name and
# remembers every miss for ever. Codecs that are no charset (or take quadratic time, as punycode does) are left out.
_NOT_CHARSETS = {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs"}
_MORE = {"cp720", "cp737", "cp856", "cp874", "cp875", "cp1006", "cp1125", "koi8_r", "koi8_t", "koi8_u", "kz1048"}
_MORE |= {"utf_8_sig", "mac_cyrillic", "mac_greek", "mac_iceland", "mac_latin2", "mac_roman", "mac_turkish"}
_KNOWN = {name: codec for name, codec in aliases.items() if codec not in _NOT_CHARSETS}
_KNOWN |= {name: name for name in {*_KNOWN.values(), *_MORE}}
# The larger set that senders really use under a smaller one's name (WHATWG Encoding Standard, 4.2).
_KNOWN |= dict.fromkeys(("latin_1", "latin1", "iso_8859_1", "iso8859_1", "iso8859", "l1", "8859"), "cp1252")
_KNOWN |= dict.fromkeys(("gb2312", "gbk", "x_gbk", "gb_2312_80", "936", "cp936", "euc_cn", "hz_gb_2312"), "gb18030")
_KNOWN |= dict.fromkeys(("euc_kr", "ks_c_5601_1987", "ks_c_5601", "ksc5601", "korean"), "cp949")
_KNOWN |= dict.fromkeys(("shift_jis", "sjis", "s_jis", "x_sjis", "shiftjis"), "cp932")
_KNOWN |= {"utf8mb4": "utf_8", "unicode_1_1_utf_8": "utf_8", "unicode_1_1_utf_7": "utf_7", "windows_874": "cp874"}
_KNOWN |= {"iso_8859_8_i": "iso8859_8", "iso_8859_9": "cp1254", "iso8859_9": "cp1254", "x_mac_roman": "mac_roman"}
_KNOWN |= {
    "ansi_x3_4_1968": "ascii",
    "iso_8859_11": "cp874",
    "binary": "utf_8",
    "8bit": "utf_8",
    "unknown_8bit": "utf_8",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}")
_SEVEN_BIT = bytes(range(128))


@lru_cache(maxsize=512)
def codec_of(name: str) -> str | None:
    """Python's codec for a charset name as a mail spells it; None for what is no charset we know."""
    name = name.strip(" \t\"'").lower().partition("*")[0]
    if not _NAME.fullmatch(name):
        return None
    key = re.sub(r"[-.:]+", "_", name)
    return _KNOWN.get(key) or _KNOWN.get(key.replace("_", ""))


def decode(data: bytes, declared: str | None, *, cut: bool = False) -> tuple[str, str]:
    """Text of `data`, and a mark in words ("" when all was as declared). Never raises.

    `cut` says that `data` may end inside a character.
    """
    codec = codec_of(declared) if declared else None
    if codec:
        text = _strictly(data, codec, cut)
        if text is not None:
            return text, ""
    text = _strictly(data, "utf_8", cut)
    shown = one_line(declared or "", 40)
    trouble = f"charset {shown} {'does not fit' if codec else 'unknown'}, read as " if declared else ""
    if text is not None:
        return text, trouble + "UTF-8" if trouble else ""
    if codec == "utf_8" and (text := _nearly_utf8(data)) is not None:
        return text, "some bytes were no UTF-8 and show as \ufffd"
    return data.decode("cp1252", "replace"), (trouble or "no charset declared, read as ") + "cp1252"


def _strictly(data: bytes, codec: str, cut: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(data, not cut)
    except (UnicodeError, ValueError, LookupError):  # utf_16 and iso2022 let out plain ValueErrors on some bytes
        return None


def _nearly_utf8(data: bytes) -> str | None:
    """UTF-8 with a few damaged characters, as against text that was never UTF-8 at all."""
    text = data.decode("utf_8", "replace")
    eight_bit = len(data.translate(None, _SEVEN_BIT))
    return text if text.count("\ufffd") * 4 < eight_bit else None
