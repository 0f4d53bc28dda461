import threading

import pytest
from django.db import connection, transaction

from core.locks import lock


@pytest.mark.backend
@pytest.mark.django_db(transaction=True)
def test_the_same_key_of_another_kind_is_another_lock():
    taken = threading.Event()

    def take_the_candidates():
        with transaction.atomic():
            lock("candidate", 7)
            taken.set()
        connection.close()

    with transaction.atomic():
        lock("coach", 7)
        other = threading.Thread(target=take_the_candidates)
        other.start()
        assert taken.wait(5)
        other.join()


@pytest.mark.backend
@pytest.mark.django_db(transaction=True)
def test_one_key_is_held_until_the_transaction_ends():
    order = []

    def take_it_too():
        with transaction.atomic():
            lock("coach", 7)
            order.append("second")
        connection.close()

    with transaction.atomic():
        lock("coach", 7)
        other = threading.Thread(target=take_it_too)
        other.start()
        other.join(0.2)
        assert other.is_alive()
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]
