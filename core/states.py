"""A state machine is a table of legal moves; ``move_to`` is the only place that assigns ``state``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from core.errors import IllegalTransitionError

Transitions = Mapping[Any, frozenset[Any]]


class MovesByTable:
    """Mixed into a model with a ``state`` field and a table of its legal moves."""

    TRANSITIONS: ClassVar[Transitions]
    state: Any

    def can_move_to(self, target: Any) -> bool:
        """Whether the table has an arrow from the present state to ``target``."""
        return target in self.TRANSITIONS.get(self.state, frozenset())

    def move_to(self, target: Any) -> None:
        """Take an arrow of the table, or refuse with IllegalTransitionError."""
        if not self.can_move_to(target):
            raise IllegalTransitionError(self, target)
        self.state = target
