"""Units and currencies that are recognised beside numbers, and the spellings of each.

Only these are recognised: a word behind a number that is none of them may be a value, and a unit
stands in clear among the names and types. Whoever corrects a format may name any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product

from simplr_core.tables.kinds.codes import CURRENCIES

PERCENT = "%"
_CURRENCY_SPELLINGS = """
EUR: € Euro euro Euros euros EURO Eur eur
USD: US$ U$S
CAD: CA$ Can$
AUD: A$ AU$
NZD: NZ$
HKD: HK$
SGD: S$
BRL: R$
MXN: MX$ Mex$
TWD: NT$
CHF: SFr. sFr. SFr Fr.
INR: ₹
TRY: ₺
RUB: ₽
ILS: ₪
VND: ₫
UAH: ₴
NGN: ₦
KRW: ₩
THB: ฿
PHP: ₱
KZT: ₸
GEL: ₾
AZN: ₼
PYG: ₲
CRC: ₡
GHS: ₵
MNT: ₮
LAK: ₭
KHR: ៛
AMD: ֏
PLN: zł zl
CZK: Kč
HUF: Ft
BGN: лв лв.
"""
_UNSURE_SIGNS = """
$: ＄
£: ￡
¥: ￥
kr: kr. Kr Kr.
"""
"""Signs of several currencies: the sign is kept, since nobody can say which of them it is."""

_UNITS = """
%: ％ percent pct Prozent
‰: promille Promille
nm:
µm: μm um
mm:
cm:
dm:
m: metres meters metre meter
km: Km KM kms
in: inch inches
ft: feet foot
yd: yards
mi: mile miles
nmi:
mm²: mm2 mm^2
cm²: cm2 cm^2
m²: m2 m^2 qm sqm
km²: km2 km^2 qkm sqkm
ha: hectares
acre: acres
ft²: ft2 ft^2 sqft
mi²: mi2 sqmi
mL: ml
cL: cl
dL: dl
L: l litre litres liter liters Liter
hL: hl
µL: μL µl μl ul uL
cm³: cm3 cm^3 ccm
m³: m3 m^3 cbm
gal: gallon gallons
ng:
µg: μg ug mcg
mg:
g: grams
kg: kgs Kg KG
t: tonnes tons
lb: lbs
oz:
ms:
s: sec secs second seconds
min: mins minute minutes Minuten
h: hr hrs hour hours Std Std. Stunden
day: days Tage
week: weeks Wochen
month: months Monate
year: years yr yrs Jahre
°C: ℃ ºC
°F: ℉ ºF
°: º deg
Wh:
kWh: kwh KWH KWh
MWh:
GWh:
TWh:
kJ:
MJ:
GJ:
cal:
kcal:
kW: KW
MW:
GW:
kWp:
mV:
kV:
mA:
Ah:
mAh:
kVA:
Hz:
kHz:
MHz:
GHz:
Pa:
hPa:
kPa:
MPa:
bar:
mbar:
psi:
mmHg:
dB:
dBA:
lx: lux
lm:
kB: KB
MB:
GB:
TB:
KiB:
MiB:
GiB:
TiB:
kbit:
Mbit:
Gbit:
kbps:
Mbps:
mol:
mmol:
µmol: μmol umol
nmol:
meq: mEq
IU: iu
ppm:
ppb:
Bq:
kBq:
mSv:
µSv: μSv uSv
mGy:
NTU:
mph:
km/h: kph kmh
rpm:
px:
pcs: Stk Stück
"""
_ONLY_IN_PARTS = """
a:
d:
K:
U:
J:
W:
s²: s2 s^2
"""
"""Units that are recognised as a part of another only: a letter behind a number may be a name."""

_WORDS_TOO = frozenset(
    {"ALL", "TOP", "CUP", "PEN", "GEL", "MOP", "MAD", "COP", "SOS", "TRY", "RON"}
)
_NO_CURRENCY = frozenset({"XXX", "XTS", "XAG", "XAU", "XPD", "XPT"})


def _spellings_in(text: str) -> dict[str, tuple[str, ...]]:
    lines = (line.partition(":") for line in text.strip().splitlines())
    return {unit: (unit, *others.split()) for unit, _, others in lines}


@cache
def _currencies() -> Mapping[str, tuple[str, ...]]:
    plain = {code: (code,) for code in CURRENCIES - _NO_CURRENCY}
    return plain | _spellings_in(_CURRENCY_SPELLINGS) | _spellings_in(_UNSURE_SIGNS)


@cache
def _units() -> Mapping[str, tuple[str, ...]]:
    return _spellings_in(_UNITS)


@cache
def _parts() -> Mapping[str, tuple[str, ...]]:
    return {**_units(), **_spellings_in(_ONLY_IN_PARTS)}


@cache
def _by_spelling(part: bool) -> Mapping[str, str]:
    known = _parts() if part else {**_units(), **_currencies()}
    return {spelling: unit for unit, spellings in known.items() for spelling in spellings}


def unit_of(text: str) -> str:
    """The unit or currency that `text` is a spelling of, as it is called here; empty if none."""
    found = _by_spelling(part=False).get(text, "")
    if found or "/" not in text or len(text) > 30:
        return found
    parts = [_by_spelling(part=True).get(part.strip(), "") for part in text.split("/")]
    return "/".join(parts) if all(parts) and len(parts) <= 3 else ""


def is_currency(unit: str) -> bool:
    """True for a currency, and for a sign of several."""
    return unit in _currencies()


def may_be_a_word(unit: str) -> bool:
    """True for codes of currencies that are English words too: `TOP 10`, `PEN 4`."""
    return unit in _WORDS_TOO


def is_physical(unit: str) -> bool:
    """True for a unit that stands behind a number and never before it."""
    return unit != PERCENT and not is_currency(unit) and bool(unit_of(unit))


@cache
def spellings_of(unit: str) -> tuple[str, ...]:
    """How a unit may be written, the longest first; one that is not known, as it stands."""
    known = _currencies().get(unit) or _units().get(unit)
    if known is None and unit_of(unit) == unit and "/" in unit:
        known = tuple("/".join(each) for each in product(*(_parts()[p] for p in unit.split("/"))))
    return tuple(sorted(known or (unit,), key=lambda text: (-len(text), text)))
