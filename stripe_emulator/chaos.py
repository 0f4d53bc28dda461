"""Chaos: faults drawn from a seed, the same again for the same requests."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from stripe_emulator import catalogue
from stripe_emulator.errors import Invalid
from stripe_emulator.faults import REQUEST, WEBHOOK, Fault

USUAL_RATE = 0.1
REMEMBERED = 1000
HELD_BACK = 2
"""So many webhooks a reorder turns round; a last single one leaves when the clock is moved."""
DELAYS = (5, 60, 900, 4 * 3600)
LOST_FOR, SLOW_FOR = 0.05, 0.02
WRITES_ONLY = {"timeout_after", "conflict_409", "early_webhook"}
"""What makes no difference where nothing is written."""


@dataclass
class Chaos:
    """Bad luck for about `rate` of all requests and of all first attempts of deliveries.

    Whether the n-th request of an endpoint, or the n-th event of a type, is struck, and by what, depends
    on the seed and on n alone: leaving out a request elsewhere changes nothing here.
    """

    seed: str
    rate: float
    kinds: tuple[str, ...]
    seen: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    story: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _reorder: Fault | None = None

    @classmethod
    def of(cls, given: dict[str, Any]) -> Chaos:
        """``{"seed", "rate", "kinds"}``; `Invalid` for anything else."""
        for name in set(given) - {"seed", "rate", "kinds"}:
            raise Invalid(f"Unknown field: {name}", code="parameter_unknown", param=name)
        seed, rate = given.get("seed"), given.get("rate", USUAL_RATE)
        if isinstance(seed, bool) or not isinstance(seed, (str, int)):
            raise Invalid("seed must be text or an integer", code="parameter_invalid", param="seed")
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
            raise Invalid("rate must be between 0 and 1", code="parameter_invalid", param="rate")
        kinds = given.get("kinds", sorted(REQUEST | WEBHOOK))
        if not isinstance(kinds, list) or not kinds or not {*map(str, kinds)} <= REQUEST | WEBHOOK:
            raise Invalid("kinds must be kinds of faults", code="parameter_invalid", param="kinds")
        return cls(str(seed), float(rate), tuple(sorted(set(kinds))))

    def show(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "rate": self.rate,
            "kinds": list(self.kinds),
            "requests": sum(count for subject, count in self.seen.items() if " " in subject),
            "deliveries": sum(count for subject, count in self.seen.items() if " " not in subject),
            "struck": dict(sorted(self.struck.items())),
            "story": list(self.story),
        }

    def on_request(self, method: str, path: str) -> Fault | None:
        endpoint = catalogue.lookup(method, path)
        kinds = [kind for kind in self.kinds if kind in REQUEST]
        if method == "GET":
            kinds = [kind for kind in kinds if kind not in WRITES_ONLY]
        return self._draw(f"{method} {endpoint.path if endpoint else path}", kinds)

    def on_webhook(self, event_type: str) -> Fault | None:
        return self._draw(event_type, [kind for kind in self.kinds if kind in WEBHOOK])

    def _draw(self, subject: str, kinds: list[str]) -> Fault | None:
        self.seen[subject] += 1
        number = self.seen[subject]
        digest = hashlib.sha256(f"{self.seed}/{subject}/{number}".encode()).digest()
        if not kinds or int.from_bytes(digest[:8]) >= self.rate * 2**64:
            return None
        kind = kinds[digest[8] % len(kinds)]
        self.struck[kind] += 1
        self.story.append({"what": subject, "number": number, "kind": kind})
        return self._fault(kind, digest[9])

    def _fault(self, kind: str, die: int) -> Fault:
        if kind == "reorder_webhooks":
            return self._held_back()
        seconds = LOST_FOR if kind != "slow" else SLOW_FOR
        if kind == "delay_webhook":
            seconds = DELAYS[die % len(DELAYS)]
        return Fault(id="chaos", kind=kind, seconds=seconds, copies=2 + die % 2, struck=1)

    def _held_back(self) -> Fault:
        """The same fault until it has held back enough to turn round."""
        if self._reorder is None or self._reorder.spent:
            self._reorder = Fault(id="chaos", kind="reorder_webhooks", times=HELD_BACK)
        self._reorder.struck += 1
        return self._reorder
