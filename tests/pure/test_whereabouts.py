"""Where a machine seems to stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.whereabouts import guess_region, guess_timezone

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("locale", "timezone", "region"),
    [
        ({"LANG": "en_GB.UTF-8"}, "Europe/London", "GB"),
        ({"LANG": "de_AT"}, "Europe/Berlin", "AT"),
        ({"LANG": "pt_BR@euro"}, "UTC", "BR"),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "en_GB.UTF-8"}, "UTC", "FR"),
        ({"LANG": "en_US.UTF-8"}, "America/Chicago", "US"),
        ({"LANG": "en_US.UTF-8"}, "UTC", "US"),
        ({"LANG": "en_US.UTF-8"}, "Europe/Paris", "FR"),  # the locale that nobody has changed
        ({"LANG": "C.UTF-8"}, "Asia/Tokyo", "JP"),
        ({"LANG": "POSIX"}, "UTC", ""),
        ({}, "Nowhere/Such", ""),
        ({"LANG": "en_GBX"}, "UTC", ""),
    ],
)
def test_the_region_is_the_locales_else_the_time_zones(locale: dict[str, str], timezone: str, region: str) -> None:
    assert guess_region(locale, timezone) == region


def test_the_time_zone_is_what_tz_says_else_what_the_system_is_set_to(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert guess_timezone({}, tmp_path) == "UTC"
    (tmp_path / "etc/timezone").write_text("Europe/Oslo\n")
    assert guess_timezone({}, tmp_path) == "Europe/Oslo"
    (tmp_path / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Rome")
    assert guess_timezone({}, tmp_path) == "Europe/Rome"
    assert guess_timezone({"TZ": ":Asia/Tokyo"}, tmp_path) == "Asia/Tokyo"
    assert guess_timezone({"TZ": "/usr/share/zoneinfo/Asia/Seoul"}, tmp_path) == "Asia/Seoul"
    assert guess_timezone({"TZ": "CET-1CEST"}, tmp_path) == "Europe/Rome"  # a rule names no zone


def test_files_that_cannot_be_read_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/timezone").write_bytes(b"\xff\xfe")
    (tmp_path / "etc/localtime").write_bytes(b"TZif2")
    assert guess_timezone({}, tmp_path) == "UTC"
