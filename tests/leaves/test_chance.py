"""A named stream is the same alone as among others."""

from westlake.chance import stream


def test_same_name_same_numbers():
    assert stream(7, "Lakeside", 3).integers(0, 1000, 5).tolist() == stream(7, "Lakeside", 3).integers(0, 1000, 5).tolist()


def test_names_do_not_run_together():
    drawn = {tuple(stream(seed, *names).integers(0, 2**60, 2).tolist())
             for seed, *names in [(7, "ab", "c"), (7, "a", "bc"), (7, "abc"), (8, "abc"), (7, 1), (7, "1")]}
    assert len(drawn) == 6
