"""The zones that can be chosen, and what there is to know of them: their territories, and which ones are well known."""

from functools import cache
from importlib.resources import files

WELL_KNOWN = tuple(
    """
    Europe/London Europe/Berlin Europe/Paris America/New_York America/Los_Angeles America/Chicago Europe/Madrid
    Europe/Rome Europe/Istanbul Europe/Moscow Asia/Kolkata Asia/Shanghai Asia/Tokyo America/Sao_Paulo
    America/Mexico_City Australia/Sydney Asia/Dubai Asia/Singapore Africa/Lagos Africa/Cairo Africa/Johannesburg
    Africa/Nairobi Europe/Athens Europe/Kyiv Asia/Jakarta Asia/Karachi Asia/Dhaka Asia/Tehran Asia/Bangkok
    Asia/Manila Asia/Seoul Asia/Hong_Kong America/Argentina/Buenos_Aires America/Bogota America/Lima
    America/Santiago America/Denver America/Toronto America/Caracas America/Halifax America/Phoenix Europe/Lisbon
    Africa/Casablanca Africa/Algiers Africa/Accra Asia/Tashkent Asia/Almaty Asia/Kathmandu Asia/Yangon Asia/Kabul
    Asia/Colombo Asia/Jerusalem Asia/Baghdad Asia/Riyadh Asia/Beirut Pacific/Auckland Australia/Brisbane
    Australia/Perth Australia/Adelaide Australia/Melbourne Australia/Darwin America/Anchorage Pacific/Honolulu
    America/Vancouver America/Edmonton America/Winnipeg America/St_Johns America/Regina America/Havana
    America/Puerto_Rico America/Santo_Domingo America/Guatemala America/Panama America/Jamaica America/Tijuana
    America/Monterrey America/Cancun America/Hermosillo America/Mazatlan America/Manaus America/Fortaleza
    America/Recife America/Bahia America/Belem America/Cuiaba America/Rio_Branco America/Noronha
    America/Montevideo America/Asuncion America/La_Paz Asia/Yekaterinburg Asia/Novosibirsk Asia/Vladivostok
    Asia/Krasnoyarsk Asia/Irkutsk Asia/Omsk Europe/Samara Europe/Kaliningrad Asia/Kamchatka Asia/Makassar
    Asia/Jayapura Asia/Ho_Chi_Minh Asia/Kuala_Lumpur Asia/Taipei Asia/Ulaanbaatar Atlantic/Azores
    Atlantic/Canary Atlantic/Reykjavik Atlantic/Cape_Verde America/Nuuk Australia/Hobart Australia/Lord_Howe
    Pacific/Guam Pacific/Noumea Pacific/Fiji Pacific/Apia Pacific/Tongatapu Pacific/Chatham Pacific/Kiritimati
    Pacific/Tahiti Pacific/Marquesas Pacific/Pago_Pago
    """.split()  # noqa: SIM905  # 122 quoted names would hide the order
)
"""Which city stands for its clock, and in what order: our own judgement, large and widely known cities first."""

MAIN_ZONE = {
    "AR": "America/Argentina/Buenos_Aires",
    "BR": "America/Sao_Paulo",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
"""The zone of nearly everybody in a territory with several: CLDR's `primaryZones`, and AR, BR, CY by their capital's clock."""

WIDESPREAD = frozenset({"ar", "bn", "en", "es", "fa", "ff", "fr", "pa", "pt", "ru", "sw", "ur"})
"""Languages that are many people's first or official one in territories whose clocks differ."""

NICKNAMES = {"usa": "US", "uk": "GB", "uae": "AE", "england": "GB", "scotland": "GB", "wales": "GB", "holland": "NL"}
"""How people call a territory that CLDR calls otherwise, folded."""

NAMESAKES = frozenset(
    {
        "Africa/Tripoli",
        "America/Argentina/Cordoba",
        "America/Argentina/La_Rioja",
        "America/Argentina/San_Juan",
        "America/Halifax",
        "America/La_Paz",
        "America/Merida",
        "America/Santiago",
        "America/Vancouver",
    }
)
"""Cities that share their name with another large place abroad, so that their country is told too."""

_REMARKED = 4
"""Columns of a row that has a remark; the second one, coordinates, is of no use here."""


@cache
def territories() -> dict[str, str]:
    """Every zone that can be chosen and the ISO code of its territory, in the order of tzdata's `zone.tab`."""
    return {zone: territory for territory, zone, _ in table()}


@cache
def table() -> tuple[tuple[str, str, str], ...]:
    """Territory, zone and remark of each row of tzdata's `zone.tab`."""
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((row[0], row[2], row[3] if len(row) == _REMARKED else "") for row in rows)


@cache
def _ranks() -> dict[str, int]:
    return {zone: rank for rank, zone in enumerate(dict.fromkeys((*WELL_KNOWN, *territories())))}


def rank(zone: str) -> int:
    """Where a zone stands among all: 0 for the best known."""
    return _ranks()[zone]
