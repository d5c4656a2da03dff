"""Logging in with OpenID Connect: authorization code with PKCE, checked by Authlib; what a person may is a claim."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from authlib.integrations.starlette_client.apps import StarletteOAuth2App
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from partnerstadt.staff.roles import Role
from partnerstadt.staff.settings import StaffSettings

BACK = "/anmelden/zurueck"
SECONDS = 10
# Signed with a key of the provider's own; "none" or our secret would prove less.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})


class Unreachable(Exception):
    """The provider does not answer, or is not the one it should be."""


class Refused(Exception):
    """The provider has let nobody in, or not in answer to our question."""


@dataclass(frozen=True)
class Person:
    """Somebody whom the provider knows.

    Attributes:
        subject: who, for ever the same.
        name: what an account of theirs would be called.
        role: what they may; None for nothing.
    """

    subject: str
    name: str
    role: Role | None


class Provider:
    """A provider of OpenID Connect.

    Args:
        settings: those of the staff desk, with an issuer.
    """

    def __init__(self, settings: StaffSettings) -> None:
        self._settings = settings
        self._app: StarletteOAuth2App = OAuth().register(
            "staff",
            client_id=settings.oidc_client,
            client_secret=settings.secret,
            server_metadata_url=f"{str(settings.oidc_issuer).rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scope,
                "code_challenge_method": "S256",
                "timeout": SECONDS,
                "trust_env": False,
            },
        )

    async def ask(self, request: Request) -> Response:
        """Send a browser to the provider; state, nonce and PKCE's secret stay in a signed cookie meanwhile."""
        await self._description()
        answer: Response = await self._app.authorize_redirect(request, f"{self._settings.url}{BACK}")
        return answer

    async def person(self, request: Request) -> Person:
        """Who comes back.

        Raises:
            Refused: if it was not us who asked, or nobody was let in.
            Unreachable: if the provider cannot be asked.
        """
        await self._description()
        try:
            token = await self._app.authorize_access_token(request)
            claims: dict[str, Any] = dict(token.get("userinfo") or {})
            if not claims.get("sub"):
                raise Refused("no identity")
            if self._settings.oidc_role_claim not in claims and "userinfo_endpoint" in self._app.server_metadata:
                more = dict(await self._app.userinfo(token=token))
                if more.get("sub") != claims["sub"]:
                    raise Refused("another identity")
                claims = more | claims
        except HTTPError as error:
            raise Unreachable(type(error).__name__) from None
        # Authlib says with all of these that an answer is not what it should be.
        except (AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError) as error:
            raise Refused(type(error).__name__) from None
        return read_person(claims, self._settings)

    async def farewell(self) -> str | None:
        """Where the provider ends its own session, if it offers that."""
        try:
            ends = (await self._description()).get("end_session_endpoint")
        except Unreachable:
            return None
        back = {"client_id": self._settings.oidc_client, "post_logout_redirect_uri": f"{self._settings.url}/anmelden"}
        return f"{ends}?{urlencode(back)}" if ends else None

    async def _description(self) -> dict[str, Any]:
        try:
            metadata: dict[str, Any] = await self._app.load_server_metadata()
        except (HTTPError, ValueError) as error:
            raise Unreachable(type(error).__name__) from None
        if metadata.get("issuer") != self._settings.oidc_issuer:
            self._app.server_metadata.clear()
            raise Unreachable("another issuer")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]
        return metadata


def read_person(claims: Mapping[str, Any], settings: StaffSettings) -> Person:
    """Who the claims are about."""
    held = claims.get(settings.oidc_role_claim)
    values = {str(value) for value in held} if isinstance(held, Sequence) and not isinstance(held, str) else {str(held)}
    role = next((role for claim, role in settings.oidc_roles.items() if claim in values), None)
    # Of an address the part before the sign; what no name of an account holds becomes a stroke.
    called = str(claims.get(settings.oidc_name_claim) or claims["sub"]).lower().partition("@")[0]
    name = re.sub(r"[^a-z0-9._-]+", "-", called).strip("-._")[:64]
    return Person(f"{settings.oidc_issuer} {claims['sub']}", name, role)
