"""What the tests of signing in do again and again."""

from django.test import Client

from tests.support.people import PASSWORD


def sign_in(client: Client, login: str = "anna", password: str = PASSWORD, **more):
    return client.post("/sign-in", {"login": login, "password": password}, **more)


def signed_in(client: Client) -> bool:
    return client.get("/api/me").status_code == 200
