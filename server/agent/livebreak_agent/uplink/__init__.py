"""The agent's side of the live routes: one thread that learns what to arm, and sends reports and hits.

It knows nothing of how breakpoints work: what it arms is anything with the shape of `parts.Armable`, and hits come from
a `parts.HitSource`; so a bridge to another runtime has the same uplink.

- `loop`: the thread's loop over two connections, woken by new hits.
- `polling`, `sending`: what is asked over each of the two, written as if it were one thing after the other.
- `reports`, `outbox`: what `sending` sends: what became of the breakpoints, and hits.
- `armed`: the armed set as a lease with expiry times.
- `contact`: what is known of the backend, and how its answers are judged.
- `channel`, `exchange`, `connection`: HTTP/1.1 without waiting; TLS, proxies, and where keys may go.
- `wake`: how the application's threads wake this one.
- `backoff`, `notices`: patience, and one clear line in the log for what is wrong.
"""
