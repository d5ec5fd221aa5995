"""Everything at once on one machine, on real input: a shop with a bug, a backend, and an editor that finds the bug."""
