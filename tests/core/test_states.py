import pytest

from core.errors import IllegalTransitionError
from core.states import MovesByTable


class Door(MovesByTable):
    TRANSITIONS = {"open": frozenset({"closed"}), "closed": frozenset({"open", "locked"})}

    def __init__(self, state):
        self.state = state


@pytest.mark.parametrize("state", ["open", "closed", "locked"])
@pytest.mark.parametrize("target", ["open", "closed", "locked"])
def test_a_row_takes_the_arrows_of_its_table_and_no_others(state, target):
    door = Door(state)
    if target in Door.TRANSITIONS.get(state, ()):
        door.move_to(target)
        assert door.state == target
    else:
        with pytest.raises(IllegalTransitionError) as refusal:
            door.move_to(target)
        assert door.state == state
        assert refusal.value.as_json()["error"]["state"] == state
