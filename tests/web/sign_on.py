"""A city's single sign-on for tests: an OpenID provider in a thread, which signs in whoever the test names."""

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT, SECRET = "westlake", "hush"


def _number(value):
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


class City(ThreadingHTTPServer):
    """who: the claims of the next person to sign in. asked: what each request to sign in brought."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answers)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.who = {"sub": "1", "email": "mei@reed.example", "email_verified": True, "name": "Mei Lin"}
        self.asked, self.codes = [], {}

    def sign_in(self, target):
        """What the person's browser does with the address that it was sent to; where it is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        self.asked.append(asked)
        code = f"code{len(self.asked)}"
        self.codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?{urlencode({'code': code, 'state': asked['state']})}"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        base, number = self.server.address, KEY.public_key().public_numbers()
        answers = {
            "/.well-known/openid-configuration": {
                "issuer": base, "authorization_endpoint": f"{base}/sign-in", "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/who", "jwks_uri": f"{base}/keys"},
            "/keys": {"keys": [{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig",
                                "n": _number(number.n), "e": _number(number.e)}]},
            "/who": self.server.who}
        self._say(answers.get(urlsplit(self.path).path))

    def do_POST(self):
        told = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.codes.pop(told["code"][0])  # a code serves once
        proof = base64.urlsafe_b64encode(hashlib.sha256(told["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
        assert proof == asked["code_challenge"]
        now = int(time.time())
        claims = {**self.server.who, "iss": self.server.address, "aud": CLIENT, "iat": now, "exp": now + 60,
                  **({"nonce": asked["nonce"]} if "nonce" in asked else {})}
        self._say({"access_token": "a", "token_type": "Bearer", "expires_in": 60,
                   "id_token": jwt.encode(claims, KEY, "RS256", headers={"kid": "1"})})

    def _say(self, answer):
        body = json.dumps(answer or {}).encode()
        self.send_response(200 if answer is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told):
        """Says nothing."""


@contextmanager
def city():
    """A city's sign-on while it answers."""
    server = City()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
