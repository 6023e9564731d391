"""Every address has a guard, every guard does what it says, and a page that is only looked at cannot write."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponse
from django.test import override_settings
from django.urls import URLPattern, get_resolver, path, reverse

from westlake.database import Damaged
from westlake.desk import people
from westlake.web import routes
from westlake.web.guards import Anyone, Guard, Roles, SignedIn, route
from westlake.web.models import Login


def patterns(found, before=""):
    """Every address with its view."""
    for one in found:
        if isinstance(one, URLPattern):
            yield f"{before}{one.pattern}", one
        else:
            yield from patterns(one.url_patterns, f"{before}{one.pattern}")


EVERY = dict(patterns(get_resolver().url_patterns))


@pytest.mark.parametrize("address", EVERY)
def test_every_address_declares_its_guard(address):
    one = EVERY[address]
    if one.callback.__module__.startswith("ninja"):
        return  # its operations are walked below
    assert isinstance(getattr(one.callback, "guard", None) or routes.INCLUDED.get(one.name), Guard)


def test_every_operation_of_the_api_declares_its_guard():
    bare = [f"{operation.methods} {address}" for api in routes.APIS for _, router in api._routers
            for address, view in router.path_operations.items() for operation in view.operations
            if not isinstance(getattr(operation.view_func, "guard", None), Guard)]
    assert bare == []


def test_nothing_is_declared_twice_or_for_nothing():
    names = [one.name for one in routes.TABLE]
    assert sorted(names) == sorted(set(names))
    included = {one.name for one in EVERY.values() if not hasattr(one.callback, "route")}
    assert set(routes.INCLUDED) == included


@pytest.mark.parametrize("name", [one.name for one in routes.TABLE if "<" not in one.pattern and one.guard.signed_in])
def test_signed_out_people_are_sent_to_the_log_in(visitor, name):
    answer = visitor.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")



ROLE_ROUTES = [one for one in routes.TABLE if isinstance(one.guard, Roles)]


@pytest.mark.parametrize("one", ROLE_ROUTES, ids=lambda one: one.name)
def test_somebody_without_the_role_stays_out(client_as, one):
    """A room answers 403; an object's address answers 404, whether the object is there or not."""
    outside = [role for role in ("guarantor", "payer", "applicant", "reviewer") if role not in one.guard.names]
    browser = client_as(outside[0])
    address = "/" + one.pattern
    for kind in ("int", "str", "slug", "path"):
        address = address.replace(f"<{kind}:", "<")
    while "<" in address:
        address = address[:address.index("<")] + "1" + address[address.index(">") + 1:]
    method = browser.get if "GET" in one.methods else browser.post
    assert method(address).status_code == (404 if one.object else 403)


@pytest.mark.parametrize("one", [one for one in routes.TABLE if "GET" in one.methods and "<" not in one.pattern],
                         ids=lambda one: one.name)
@pytest.mark.parametrize("role", ["applicant", "officer", "approver", "auditor", "admin", "reviewer"])
def test_looking_writes_nothing(client_as, office, second_factor, one, role):
    """Each page is looked at by somebody who may: the database refuses to be written to, and nothing has changed."""
    browser = client_as(role)
    if one.guard.signed_in and isinstance(one.guard, Roles) and role not in one.guard.names:
        return
    if one.guard.fresh:
        second_factor(browser)
    before = list(office.connection.iterdump())
    assert browser.get("/" + one.pattern).status_code in (200, 302, 403, 404)
    assert list(office.connection.iterdump()) == before


def writing(request):
    people.add_person(request.office.connection, "Eve", "eve@lakeside.example")
    return HttpResponse("<p>written</p>")


def nobody(request, case):
    raise Http404


urlpatterns = [one.address for one in (
    route("write/", writing, Anyone(), name="write", methods=("GET", "POST")),
    route("case/<int:case>/", lambda request, found: HttpResponse(), SignedIn(), name="case", object=nobody),
    route("pay/", lambda request: HttpResponse("<p>paid</p>"), Roles("payer", fresh=True), name="pay"),
    *routes.TABLE,
)] + [path("bare/", lambda request: HttpResponse()), *routes.urlpatterns[-1:]]
handler403, handler404 = routes.handler403, routes.handler404
HERE = override_settings(ROOT_URLCONF=__name__)


@HERE
def test_a_page_that_writes_while_looked_at_fails_loudly(visitor, office):
    with pytest.raises(Damaged, match="readonly database"):
        visitor.get("/write/")
    assert office.connection.execute("SELECT count(*) FROM desk_person").fetchone() == (0,)
    assert visitor.post("/write/").status_code == 200
    assert office.connection.execute("SELECT name FROM desk_person").fetchall() == [("Eve",)]


@HERE
def test_an_address_without_a_guard_answers_nobody(visitor):
    with pytest.raises(ImproperlyConfigured, match="no guard"):
        visitor.get("/bare/")


@HERE
def test_methods_are_those_declared(client_as):
    browser = client_as("payer")
    answer = browser.post("/case/1/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")


@HERE
def test_a_foreign_object_is_not_there(client_as):
    assert client_as("officer").get("/case/1/").status_code == 404


@HERE
def test_money_waits_for_a_recent_second_factor(client_as, second_factor):
    browser = client_as("payer")
    assert browser.get("/pay/")["Location"] == "/second-factor/"
    second_factor(browser, ago=301)
    assert browser.get("/pay/")["Location"] == "/account/2fa/reauthenticate/?next=%2Fpay%2F"
    second_factor(browser, ago=290)
    assert browser.get("/pay/").text == "<p>paid</p>"


@pytest.mark.parametrize("name", ["account_email", "mfa_deactivate_totp", "mfa_generate_recovery_codes"])
def test_log_in_settings_wait_for_a_recent_second_factor_of_those_who_have_one(client_as, second_factor, name):
    browser = client_as("officer")
    second_factor(browser, ago=301)
    assert browser.get(reverse(name))["Location"].startswith("/account/2fa/reauthenticate/")
    second_factor(browser)
    assert browser.get(reverse(name)).status_code == 200


def test_htmx_is_sent_to_the_log_in_as_a_whole_page(visitor):
    answer = visitor.get("/cases/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/account/login/")


def test_a_log_in_that_the_desk_does_not_know_is_asked_who_it_is(visitor):
    visitor.force_login(Login.objects.create_user("new@lakeside.example"))
    assert visitor.get("/applications/")["Location"] == "/welcome/?next=%2Fapplications%2F"
