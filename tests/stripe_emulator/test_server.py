"""The HTTP transport, and the emulator as a process."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import stripe

from stripe_emulator import Emulator, Settings
from stripe_emulator.server import Server

SECRET = "whsec_over_http"


@pytest.fixture
def server():
    server = Server(Emulator(Settings(check=True, public_url="")))
    server.start()
    yield server
    assert server.emulator.world.complaints == []
    server.stop()


@pytest.fixture
def client(server):
    return stripe.StripeClient("sk_test_http", base_addresses={"api": server.url}, max_network_retries=2)


@pytest.fixture
def receiver():
    """A web site that gets webhooks; `wait` returns the first `count` of them."""
    got, arrived = [], threading.Condition()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with arrived:
                got.append((time.monotonic(), body, self.headers["Stripe-Signature"]))
                arrived.notify_all()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    site = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True).start()

    def wait(count):
        with arrived:
            assert arrived.wait_for(lambda: len(got) >= count, timeout=5), got
            return got[:count]

    yield f"http://127.0.0.1:{site.server_address[1]}/hook", wait
    site.shutdown()
    site.server_close()


def ask(server, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def session(client, **more):
    item = {
        "price_data": {"currency": "usd", "unit_amount": 5000, "product_data": {"name": "x"}},
        "quantity": 1,
    }
    return client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [item], "success_url": "http://shop.test/", **more}
    )


def test_the_sdk_pays_through_http_and_the_address_is_ours(server, client):
    made = session(client)
    assert made.url == f"{server.url}/c/pay/{made.id}"

    status, body = ask(server, "POST", f"/_emulator/checkout/{made.id}/pay", '{"card": "4242424242424242"}')

    assert (status, json.loads(body)["payment_status"]) == (200, "paid")
    assert client.v1.checkout.sessions.retrieve(made.id).payment_status == "paid"


def test_webhooks_arrive_within_moments_and_verify(server, client, receiver):
    url, wait = receiver
    server.emulator.add_destination(url, SECRET)
    started = time.monotonic()

    client.v1.customers.create({"email": "ben@demo.test"})

    [(arrived, body, signature)] = wait(1)
    assert client.parse_event_notification(body, signature, SECRET).type == "v1.customer.created"
    assert arrived - started < 0.5


def test_background_work_goes_on_after_it_broke(server, client, receiver, caplog):
    url, wait = receiver
    server.emulator.add_destination(url, SECRET)
    deliveries = server.emulator.deliveries
    working, deliveries.sender = deliveries.sender, None  # calling it is a TypeError, which no sender raises
    client.v1.customers.create({})
    for _ in range(500):
        if "background work broke" in caplog.text:
            break
        threading.Event().wait(0.01)
    deliveries.sender = working

    client.v1.customers.create({})

    assert len(wait(1)) == 1
    assert "background work broke" in caplog.text


def test_a_lost_answer_is_a_time_out_for_the_client_and_the_work_is_done(server):
    http_client = stripe.RequestsClient(timeout=0.3)
    client = stripe.StripeClient("sk_test_http", base_addresses={"api": server.url}, http_client=http_client)
    fault = {"kind": "timeout_after", "match": "POST /v1/customers", "hold_seconds": 20}
    assert ask(server, "POST", "/_emulator/faults", json.dumps(fault))[0] == 200

    with pytest.raises(stripe.APIConnectionError, match=r"(?i)timed out"):
        client.v1.customers.create({"email": "ben@demo.test"}, {"idempotency_key": "k1"})

    [ben] = client.v1.customers.list().data
    assert client.v1.customers.create({"email": "ben@demo.test"}, {"idempotency_key": "k1"}).id == ben.id


def test_a_reset_connection_is_retried_by_the_sdk(server, client):
    ask(server, "POST", "/_emulator/faults", '{"kind": "reset", "match": "POST /v1/customers"}')

    client.v1.customers.create({})

    assert len(client.v1.customers.list().data) == 1


def test_the_sdk_gets_through_chaos_and_nothing_is_done_twice(server, client):
    kinds = ["reset", "timeout_before", "timeout_after", "conflict_409", "slow"]
    server.emulator.control("POST", "chaos", seed=4, rate=0.3, kinds=kinds)

    made = [client.v1.customers.create({"name": str(n)}).id for n in range(10)]

    struck = server.emulator.control("DELETE", "chaos").json()["struck"]
    assert sum(struck.values()) > 2
    assert [customer.id for customer in client.v1.customers.list().data] == made[::-1]


def test_a_world_is_brought_back_while_the_server_runs(server, client):
    kept = client.v1.customers.create({"name": "kept"})
    server.emulator.control("POST", "snapshot", name="kept")
    client.v1.customers.delete(kept.id)
    client.v1.customers.create({"name": "forgotten"})

    server.emulator.control("POST", "restore", name="kept")

    assert [customer.name for customer in client.v1.customers.list().data] == ["kept"]


def test_connections_are_kept_alive(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    for _ in range(3):
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())) == (200, {"status": "ok"})
    own = connection.sock.getsockname()
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    assert connection.sock.getsockname() == own
    connection.close()


def test_a_huge_body_is_refused_unread(server):
    with socket.create_connection(server.server_address) as raw:
        raw.settimeout(5)
        raw.sendall(b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 413")


def test_many_clients_at_once_get_their_own_answers(server):
    failures = []

    def work(number):
        client = stripe.StripeClient("sk_test_http", base_addresses={"api": server.url})
        try:
            made = client.v1.customers.create({"name": str(number)})
            assert client.v1.customers.retrieve(made.id).name == str(number)
        except Exception as error:  # noqa: BLE001  (reported by the assertion below)
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_two_requests_with_one_key_at_once_do_the_work_once(server):
    made = []

    def work():
        client = stripe.StripeClient("sk_test_http", base_addresses={"api": server.url})
        made.append(client.v1.customers.create({}, {"idempotency_key": "same"}).id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 8
    assert len(set(made)) == 1


def run(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "stripe_emulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def port_of(process):
    return int(process.stdout.readline().rsplit(":", 1)[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_when_it_listens_and_stops_when_told_to(number):
    process = run("--port", "0", "--check")
    idle = http.client.HTTPConnection("127.0.0.1", port_of(process), timeout=5)
    idle.request("GET", "/healthz")
    assert idle.getresponse().read() == b'{"status":"ok"}'
    started = time.monotonic()

    process.send_signal(number)

    assert process.wait(timeout=5) == 0
    assert time.monotonic() - started < 2
    assert process.communicate() == ("", "")
    idle.close()


def test_the_process_survives_kill_9_with_everything_it_answered(tmp_path):
    store = str(tmp_path / "stripe.sqlite3")
    process = run("--port", "0", "--store", store)
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": f"http://127.0.0.1:{port_of(process)}"})
    made = [client.v1.customers.create({"name": str(n)}).id for n in range(20)]
    process.kill()
    process.communicate()

    again = run("--port", "0", "--store", store)
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": f"http://127.0.0.1:{port_of(again)}"})

    assert [customer.id for customer in client.v1.customers.list({"limit": 100}).data] == made[::-1]
    again.terminate()
    again.communicate()


def test_a_port_in_use_gives_one_clear_line(server):
    process = run("--port", str(server.server_address[1]))

    assert process.wait(timeout=5) == 1
    output, complaint = process.communicate()
    assert (output, complaint.count("\n")) == ("", 1)
    assert "cannot listen" in complaint


def test_a_destination_without_a_secret_is_refused():
    process = run("--destination", "http://127.0.0.1:1/")

    assert process.wait(timeout=5) == 2
    assert "--secret" in process.communicate()[1]
