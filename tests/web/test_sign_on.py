"""Single sign-on by the city's own provider: who comes that way, and who does not slip in beside."""

import pytest
from django.core.cache import cache
from django.test import override_settings
from tests.web import sign_on

from westlake.desk import people
from westlake.web.models import Login


@pytest.fixture
def city():
    cache.clear()
    with sign_on.city() as there, override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {
            "OAUTH_PKCE_ENABLED": True, "EMAIL_AUTHENTICATION": True, "APPS": [{
                "provider_id": "city", "name": "Lakeside City", "client_id": sign_on.CLIENT, "secret": sign_on.SECRET,
                "settings": {"server_url": there.address}}]}}):
        yield there


def sign_in(visitor, city):
    there = visitor.post("/account/oidc/city/login/")
    assert there["Location"].startswith(f"{city.address}/sign-in?")
    return visitor.get(city.sign_in(there["Location"]))


def test_the_log_in_page_offers_the_city(visitor, city):
    page = visitor.get("/account/login/")
    assert "Lakeside City" in page.text and "/account/oidc/city/login/" in page.text


def test_somebody_new_comes_in_and_is_asked_who_they_are(visitor, city, office):
    assert sign_in(visitor, city).status_code == 302
    assert visitor.get("/")["Location"] == "/welcome/"
    visitor.post("/welcome/", {"name": "Mei Lin", "organisation": "", "language": "ko", "agreed": "on"})
    person = people.person_by_email(office.connection, "mei@reed.example")
    assert Login.objects.get().person == person.id
    assert "Mei Lin 님" in visitor.get("/").text


def test_somebody_known_by_a_verified_address_is_the_same_person(visitor, city, client_as):
    browser = client_as("officer", email="mei@reed.example", name="Mei Lin")
    sign_in(visitor, city)
    assert Login.objects.count() == 1
    assert visitor.get("/cases/").status_code == 200
    assert browser.person.name in visitor.get("/").text


def test_an_address_that_the_city_has_not_verified_opens_nobodys_account(visitor, city, client_as):
    client_as("officer", email="mei@reed.example")
    city.who = {"sub": "2", "email": "mei@reed.example", "email_verified": False, "name": "Eve"}
    sign_in(visitor, city)
    assert visitor.get("/cases/")["Location"].startswith("/account/login/")


def test_each_sign_in_proves_itself(visitor, city):
    sign_in(visitor, city)
    (asked,) = city.asked
    assert asked["code_challenge_method"] == "S256"
    forged = visitor.get("/account/oidc/city/login/callback/?code=code1&state=forged")
    assert forged.status_code == 401
    assert Login.objects.count() == 1
