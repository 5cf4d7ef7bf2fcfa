"""
An identity provider over real HTTP, in a process of its own, on the provider side of authlib.

Codes, clients, PKCE, ID tokens and the end of sessions are the library's grants and endpoints; what is ours is the
store, who is signed in, and the faults that can be planted through ``/control``.
"""
# ruff: noqa: ARG002, RUF012 - the signatures and class attributes are the library's

import base64
import hmac
import json
import os
import secrets
import socket
import sys
import time
from typing import Any
from urllib.parse import urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on this machine only

import httpx
import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "onemap", "a secret with a : and a / in it"
ZHANG = {"sub": "u-1001", "preferred_username": "zhang", "name": "演练张三", "employee_number": "YL-7001"}


class Client(ClientMixin):
    """The one client: this installation."""

    def __init__(self) -> None:
        self.origin = ""

    @property
    def client_metadata(self) -> dict[str, Any]:
        return {"post_logout_redirect_uris": [f"{self.origin}/sign-in"]}

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return f"{self.origin}/sign-in/outside/back"

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.get_default_redirect_uri()

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code:
    """A code that was given and not yet used."""

    def __init__(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        self.code, self.redirect_uri, self.scope = code, asked["redirect_uri"], request.scope
        self.nonce, self.user = asked.get("nonce"), request.user
        self.code_challenge = asked.get("code_challenge")
        self.code_challenge_method = asked.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> list[str] | None:
        return self.user.get("amr")


class House:
    """Everything the provider knows."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.client = Client()
        self.user: dict[str, Any] | None = dict(ZHANG)
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.fault = ""
        self.keys = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})]
        self.asked_for_keys = 0
        self.left: list[str] = []


class Asked(OAuth2Request):
    """A request as the library wants it."""

    def __init__(self, request: Request, form: dict[str, str]) -> None:
        super().__init__(request.method, str(request.url), headers=request.headers)
        self._form = form
        self._query = dict(request.query_params)
        self.payload = BasicOAuth2Payload({**self._query, **form})

    @property
    def args(self) -> dict[str, str]:
        return self._query

    @property
    def form(self) -> dict[str, str]:
        return self._form


class Server(AuthorizationServer):
    """The library's server on Starlette."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house

    def query_client(self, client_id: str) -> Client | None:
        return self.house.client if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        self.house.tokens[token["access_token"]] = request.user

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))


def build(issuer: str) -> Starlette:
    house = House(issuer)
    server = Server(house)

    class CodeGrant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

        def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
            house.codes[code] = Code(code, request)

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return house.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            house.codes.pop(authorization_code.code)

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return authorization_code.user

    class OpenId(OpenIDCode):
        def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
            return any(one.nonce == nonce for one in house.codes.values())

        def resolve_client_private_key(self, client: Client) -> RSAKey:
            return house.keys[-1]

        def get_encode_header(self, client: Client) -> dict[str, str]:
            return {"alg": "RS256", "kid": house.keys[-1].kid}

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": house.issuer, "aud": [CLIENT]}

        def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
            return {"sub": user["sub"], "sid": user.get("sid", "s-1")}

        def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
            return planted(house, super().encode_id_token(token, request))

    class EndSession(EndSessionEndpoint):
        def get_server_jwks(self) -> KeySet:
            return KeySet(house.keys)

        def end_session(self, end_session_request: Any) -> None:
            house.left.append(str((end_session_request.id_token_claims or {}).get("sub", "")))

        def create_endpoint_request(self, request: Any) -> Any:
            return request

    server.register_token_generator("default", BearerTokenGenerator(lambda **_: secrets.token_urlsafe(24)))
    server.register_grant(CodeGrant, [OpenId(require_nonce=True), CodeChallenge(required=True)])
    server.register_endpoint(EndSession)

    async def metadata(request: Request) -> Response:
        base = house.issuer
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "jwks_uri": f"{base}/keys",
                "end_session_endpoint": f"{base}/leave",
                "authorization_response_iss_parameter_supported": True,
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def keys(request: Request) -> Response:
        house.asked_for_keys += 1
        return JSONResponse(KeySet(house.keys).as_dict(private=False))

    async def authorize(request: Request) -> Response:
        asked = Asked(request, {})
        try:
            grant = server.get_consent_grant(asked, end_user=house.user)
        except OAuth2Error as error:
            return server.handle_error_response(asked, error)
        answer = server.create_authorization_response(asked, grant_user=house.user, grant=grant)
        place = answer.headers.get("location")
        if place:
            named = "https://evil.example" if house.fault == "mixed_up" else house.issuer
            if house.fault != "no_iss":
                place += ("&" if urlsplit(place).query else "?") + f"iss={named}"
            answer.headers["location"] = place
        return answer

    async def token(request: Request) -> Response:
        return server.create_token_response(Asked(request, dict(await request.form())))

    async def userinfo(request: Request) -> Response:
        user = house.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if user is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(user | ({"sub": "somebody else"} if house.fault == "userinfo" else {}))

    async def leave(request: Request) -> Response:
        answer = server.create_endpoint_response("end_session", Asked(request, {}))
        return answer or Response("signed out")

    async def control(request: Request) -> Response:
        """Set what comes next: who is signed in, which fault, a new key; or say farewell to somebody."""
        wish = await request.json()
        if "origin" in wish:
            house.client.origin = wish["origin"]
        if "user" in wish:
            house.user = wish["user"]
        if "fault" in wish:
            house.fault = wish["fault"]
        if wish.get("new_key"):
            house.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})]
        if "farewell" in wish:
            async with httpx.AsyncClient(timeout=60) as client:
                said = await client.post(
                    f"{house.client.origin}/sign-in/outside/ended",
                    data={"logout_token": farewell(house, wish["farewell"])},
                )
            return JSONResponse({"status": said.status_code})
        return JSONResponse({"asked_for_keys": house.asked_for_keys, "left": house.left, "codes": len(house.codes)})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", metadata),
            Route("/keys", keys),
            Route("/authorize", authorize),
            Route("/token", token, methods=["POST"]),
            Route("/userinfo", userinfo),
            Route("/leave", leave),
            Route("/control", control, methods=["POST"]),
        ]
    )


def planted(house: House, token: str) -> str:
    """The same ID token with the fault that was asked for."""
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    now, key, fault = int(time.time()), house.keys[-1], house.fault
    changes: dict[str, dict[str, Any]] = {
        "nonce": {"nonce": "another"},
        "audience": {"aud": ["another-client"]},
        "two_audiences": {"aud": [CLIENT, "another-client"]},
        "azp": {"azp": "another-client"},
        "issuer": {"iss": "https://evil.example"},
        "expired": {"exp": now - 3600, "iat": now - 7200},
        "future": {"iat": now + 3600, "exp": now + 7200},
        "slow_clock": {"exp": now - 30, "iat": now - 90},
        "at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        "no_subject": {"sub": ""},
    }
    if fault == "no_nonce":
        claims.pop("nonce")
    elif fault in changes:
        claims |= changes[fault]
    elif fault == "alg_none":
        parts = [json.dumps(one).encode() for one in ({"alg": "none"}, claims)]
        return ".".join([*(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts), ""])
    elif fault == "hmac":
        # The classic: the public key, which everybody has, as the secret of a symmetric signature.
        # The library refuses to make it, so it is made by hand.
        parts = [json.dumps(one).encode() for one in ({"alg": "HS256", "kid": key.kid}, claims)]
        body = ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)
        mark = hmac.digest(key.as_pem(private=False), body.encode(), "sha256")
        return f"{body}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
    elif fault == "unknown_key":
        key = RSAKey.generate_key(2048, {"kid": "nobody's"})
    elif fault == "forged":
        key = RSAKey.generate_key(2048, {"kid": key.kid})
    else:
        return token
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, ["RS256"])


def farewell(house: House, wish: dict[str, Any]) -> str:
    now, key = int(time.time()), house.keys[-1]
    claims = {
        "iss": house.issuer,
        "aud": CLIENT,
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_hex(8),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    if wish.pop("forged", False):
        key = RSAKey.generate_key(2048, {"kid": key.kid})
    return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "logout+jwt"}, claims | wish, key, ["RS256"])


if __name__ == "__main__":
    port, door = int(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    config = uvicorn.Config(build(f"http://127.0.0.1:{port}"), port=port, log_level="warning")
    uvicorn.Server(config).run(sockets=[door])
