"""The block screen: which bytes of a log can matter at all, before anything of it is decoded."""

from detector.screen.sieve import Sieve

__all__ = ["Sieve"]
