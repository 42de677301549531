"""The block screen: which bytes of a log can matter at all, before anything of it is decoded."""

from detector.screen.names import needles
from detector.screen.routed import RoutedSieve, sieve
from detector.screen.sieve import Sieve, Wanted
from detector.screen.spelling import Needle

__all__ = ["Needle", "RoutedSieve", "Sieve", "Wanted", "needles", "sieve"]
