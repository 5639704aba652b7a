"""What kind of thing the values of a field are: an e-mail address, a year, a code of a country.

A kind is found from the name of the field and a bounded sample of its values, with a confidence
and the evidence. It says how a field is to be understood; it decides nothing of who sees it.
"""

from simplr_core.tables.kinds.finding import KINDS, Kind, Known, kind_of

__all__ = ["KINDS", "Kind", "Known", "kind_of"]
