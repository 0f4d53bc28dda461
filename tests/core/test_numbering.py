import threading

import pytest
from django.db import connection, transaction

from core.events import OutsideTransactionError
from core.models import NumberSeries
from core.numbering import next_number


class FailedError(Exception):
    pass


@transaction.atomic
def take_one(*, fails):
    number = next_number("invoice")
    if fails:
        raise FailedError
    return number


@pytest.mark.django_db
def test_each_series_counts_from_one_by_itself():
    given = [next_number("invoice"), next_number("invoice"), next_number("credit"), next_number("invoice")]
    assert given == [1, 2, 1, 3]


@pytest.mark.django_db(transaction=True)
def test_a_number_outside_a_transaction_is_refused():
    with pytest.raises(OutsideTransactionError):
        next_number("invoice")
    assert not NumberSeries.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_fails_gives_its_number_back():
    with transaction.atomic():
        assert next_number("invoice") == 1
    with pytest.raises(FailedError):
        take_one(fails=True)
    with transaction.atomic():
        assert next_number("invoice") == 2


@pytest.mark.backend
@pytest.mark.django_db(transaction=True)
def test_many_at_once_of_whom_some_fail_leave_neither_gap_nor_double():
    kept, together = [], threading.Barrier(6)

    def take(name):
        together.wait()
        for turn in range(10):
            try:
                kept.append(take_one(fails=turn % 3 == name % 3))
            except FailedError:
                continue
        connection.close()

    threads = [threading.Thread(target=take, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == list(range(1, len(kept) + 1))
    assert NumberSeries.objects.get().last == len(kept)


@pytest.mark.backend
@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first_of_his_series_and_for_nobody_elses():
    order, other_done = [], threading.Event()

    def same():
        with transaction.atomic():
            order.append(next_number("invoice"))
        connection.close()

    def other():
        with transaction.atomic():
            next_number("credit")
        other_done.set()
        connection.close()

    with transaction.atomic():
        order.append(next_number("invoice"))
        threads = [threading.Thread(target=same), threading.Thread(target=other)]
        for thread in threads:
            thread.start()
        assert other_done.wait(5)
        threads[0].join(0.2)
        assert threads[0].is_alive()
    for thread in threads:
        thread.join()
    assert order == [1, 2]
