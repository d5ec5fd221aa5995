"""The API server: PostHog's Live Debugger API to the letter, and beside it the live routes, over one store.

Invariant: the contract's routes (`contract_*`, `capture_*`) know nothing of the live routes (`live_*`, `armed`, `stream`);
they meet in the store, whose events tell the live side what changed.
"""
