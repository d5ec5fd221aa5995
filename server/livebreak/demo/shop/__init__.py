"""A small web shop, kept in memory: `python -m shop` serves it, `python -m shop.traffic` sends it shoppers."""
