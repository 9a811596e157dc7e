"""The settings of an identity provider, apart from what speaks to it: the configuration is read."""

from __future__ import annotations

import msgspec


class Oidc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenID Connect provider, and what its claims mean here."""

    issuer: str
    """``https://id.example.jp``: its discovery document lies below it."""
    client_id: str
    client_secret_file: str = ""
    """A file with the secret alone; empty: a public client (PKCE is used in any case)."""
    audience: str = ""
    """The ``aud`` of services' access tokens (JWT); empty: no tokens of services are taken."""
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    roles_claim: str = "roles"
    organisations_claim: str = "organisations"
    clearance_claim: str = "clearance"
    """A TLP label: a ceiling under the roles."""
    roles: dict[str, str] = {}
    """The provider's role or group -> a role of the policy; what is not named gives nothing."""
    hours: float = 8.0
    """How long a session lasts [h]."""
