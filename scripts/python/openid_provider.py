#!/usr/bin/env python3
"""A sign-in provider for tests: django-oauth-toolkit in one file, on a free port of this machine until standard input ends.

    openid_provider.py REDIRECT_URI

Prints one line of JSON: issuer, clientID, clientSecret. Whoever comes to it is signed in already. Doors of the test's own:
    /test/person?email=..&verified=true|false&groups=a,b&place=token|userinfo    who that is, and where the claims stand
    /test/rotate    signs with a new key and publishes only that
"""
import json
import os
import sys
import tempfile
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import django
from django.conf import settings


def new_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


folder = tempfile.TemporaryDirectory()
settings.configure(
    SECRET_KEY="for tests on this machine only", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", __name__ + ".signed_in"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(folder.name, "db")}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", LOGIN_URL="/login/",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True, "OIDC_RSA_PRIVATE_KEY": new_key(), "PKCE_REQUIRED": True,
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True, "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
        "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True, "OAUTH2_VALIDATOR_CLASS": __name__ + ".Claims",
        "SCOPES": {"openid": "sign in", "email": "address", "profile": "name"},
        "ALWAYS_RELOAD_OAUTHLIB_CORE": True, "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
    })
sys.modules.setdefault("openid_provider", sys.modules[__name__])
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402
from oauth2_provider.settings import oauth2_settings  # noqa: E402

person = {"email": "ada@example.com", "email_verified": True, "name": "Ada Lovelace", "groups": ["staff"]}
place = "token"


class Claims(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request):
        return dict(person)

    def get_id_token_dictionary(self, token, token_handler, request):
        claims, expires = super().get_id_token_dictionary(token, token_handler, request)
        if place != "token":
            claims = {name: value for name, value in claims.items() if name not in person}
        return claims, expires


def signed_in(get_response):
    def answer(request):
        request.user = User.objects.get(pk=1)
        return get_response(request)
    return answer


def set_person(request):
    global place
    person["email"] = request.GET.get("email", person["email"])
    person["email_verified"] = request.GET.get("verified", "true") == "true"
    person["groups"] = [group for group in request.GET.get("groups", "").split(",") if group]
    place = request.GET.get("place", "token")
    return JsonResponse(person)


def rotate(request):
    oauth2_settings.OIDC_RSA_PRIVATE_KEY = new_key()
    return JsonResponse({})


urlpatterns = [
    path("test/person", set_person), path("test/rotate", rotate),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def main():
    call_command("migrate", verbosity=0)
    User.objects.create(username="ada")
    redirect = sys.argv[1]
    Application.objects.create(
        client_id="drawbridge", client_secret="secret & more: 100%", client_type="confidential",
        authorization_grant_type="authorization-code", redirect_uris=redirect, algorithm="RS256",
        post_logout_redirect_uris=redirect, skip_authorization=True, hash_client_secret=False)
    from django.core.wsgi import get_wsgi_application
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({
        "issuer": f"http://127.0.0.1:{server.server_port}/o", "clientID": "drawbridge",
        "clientSecret": "secret & more: 100%"}), flush=True)
    sys.stdin.read()
    folder.cleanup()


if __name__ == "__main__":
    main()
