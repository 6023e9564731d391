"""The Reviews room."""

import pytest
from django.urls import reverse


@pytest.mark.parametrize("role", ["reviewer", "officer", "chair", "auditor"])
def test_an_empty_room_is_whole(client_as, role):
    assert client_as(role).get("/reviews/").status_code == 200
