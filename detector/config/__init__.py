"""``assets.yml`` and ``policy.yml`` -> :class:`Inventory` and :class:`Policy`; every problem of a file at once.

``docs/assets.md`` and ``docs/policy.md`` give the formats.
"""

from detector.config.inventory import load_inventory
from detector.config.policy import load_policy

__all__ = ["load_inventory", "load_policy"]
