import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core.locks import lock, lock_within


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


@pytest.mark.backend
@pytest.mark.django_db(transaction=True)
def test_what_one_lock_made_a_transaction_wait_the_next_ones_have_less():
    left = []
    with transaction.atomic():
        for key in range(3):
            lock_within(timedelta(milliseconds=800), "coach", key)
            with connection.cursor() as cursor:
                cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'lock_timeout'")
                left.append(cursor.fetchone()[0])
                cursor.execute("SELECT pg_sleep(0.02)")
        lock_within(timedelta(0), "coach", 3)
        with connection.cursor() as cursor:
            cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'lock_timeout'")
            left.append(cursor.fetchone()[0])
    assert 800 >= left[0] >= left[1] + 20 >= left[2] + 40
    assert left[3] == 1  # nothing left: 0 would be to wait for ever
