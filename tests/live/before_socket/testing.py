"""The HTTP routes without a server: time stands still, and what is minted can be foreseen."""

import json
from itertools import count

from harness.live.access import read_access
from harness.live.admission import Admission
from harness.live.before_socket.api import RestApi, RestSetup
from harness.live.client_secrets import ClientSecrets

NOW = 1_763_000_000.5
KEY = {"Host": "127.0.0.1:8765", "Authorization": "Bearer sk-good"}
PAGE = "https://app.example"


class Rest:
    """The routes of a server with these rules of admission."""

    def __init__(self, desk=None, **rules):
        self.secrets = ClientSecrets()
        self.now = NOW
        self._numbers = count(1)
        access = read_access([PAGE], [])
        setup = RestSetup("ws://127.0.0.1:8765/v1/realtime", Admission(**rules), self.secrets, {}, desk)
        self._api = RestApi(lambda: setup, access.visit, lambda: self.now, lambda: f"{next(self._numbers):032x}")

    def ask(self, method, target, body=b"", headers=KEY, **more):
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._api.respond(method, target, {**headers, **more}, sent)

    def post(self, path, body=b"", **more):
        """The answer to a right request."""
        response = self.ask("POST", path, body, **more)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def error(self, method, path, body=b"", headers=KEY, **more):
        """Status and error of a wrong request: an object of exactly four fields."""
        response = self.ask(method, path, body, headers, **more)
        document = json.loads(response.body)
        assert list(document) == ["error"]
        assert set(document["error"]) == {"message", "type", "param", "code"}
        assert response.headers["Content-Type"] == "application/json"
        return response.status, document["error"]
