"""What a text message is: its segments, its numbers, the words that stop and start it. No wire, no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from core.sms.consent_words import ConsentWord, consent_word
    from core.sms.numbers import national, sender_address, to_e164
    from core.sms.segments import PartCount, count_parts, plain_twin, split_parts
    from core.sms.zones import telling_figures, zone_of
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "consent_words": ["ConsentWord", "consent_word"],
            "numbers": ["national", "sender_address", "to_e164"],
            "segments": ["PartCount", "count_parts", "plain_twin", "split_parts"],
            "zones": ["telling_figures", "zone_of"],
        },
    )

__all__ = [
    "ConsentWord",
    "PartCount",
    "consent_word",
    "count_parts",
    "national",
    "plain_twin",
    "sender_address",
    "split_parts",
    "telling_figures",
    "to_e164",
    "zone_of",
]
