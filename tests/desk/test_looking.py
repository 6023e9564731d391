"""A page that only looks: several questions go to the database as one, and are answered as if each had been asked."""

import pytest

from westlake.database import connect, transaction
from westlake.desk.looking import Remembering

ROWS = [(1, "lake", 10**18 + 1), (2, 'a "quoted", (bracketed) name', None), (3, "서호 西湖 \\ back\nline", -7), (4, "", 0)]
QUESTIONS = [
    ("SELECT id, name, size FROM paper ORDER BY size DESC, id", ()),
    ("SELECT id, name, size FROM paper ORDER BY name", ()),
    ("SELECT name FROM paper WHERE id > ? AND name <> ? ORDER BY id DESC", (1, "FROM, here")),
    ("SELECT coalesce(size, 3), (SELECT max(o.id) FROM paper o WHERE o.id < p.id), 'a, b' FROM paper p ORDER BY id", ()),
    ("SELECT id, size FROM paper WHERE id = ?", (99,)),
    ("WITH few(id, name) AS (SELECT id, name FROM paper WHERE id < ?) SELECT 'few', name, id FROM few UNION ALL"
     " SELECT 'all', name, id FROM paper ORDER BY 1, 3 DESC", (3,)),
    ("SELECT sum(id), count(*) FROM paper", ()),
]


@pytest.fixture
def papers(database):
    connection = connect(database)
    with transaction(connection):
        connection.execute("CREATE TABLE paper (id BIGINT PRIMARY KEY, name TEXT, size BIGINT)")
        connection.executemany("INSERT INTO paper VALUES (?,?,?)", ROWS)
    yield connection
    connection.close()


def test_what_is_asked_together_is_answered_as_if_it_were_asked_alone(papers):
    alone = [papers.execute(*question).fetchall() for question in QUESTIONS]
    seen = Remembering(papers)
    seen.together(*QUESTIONS)
    assert [[tuple(row) for row in seen.execute(*question)] for question in QUESTIONS] == [
        [tuple(row) for row in rows] for rows in alone]
    assert seen.asked == 1
    assert alone[0][0 if papers.engine == "sqlite" else 1][2] == 10**18 + 1  # NULL stands first on a server


def test_what_is_known_already_is_not_asked_again_and_one_alone_waits_until_it_is_needed(papers):
    seen = Remembering(papers)
    for question in QUESTIONS[:3]:
        seen.execute(*question)
    seen.together(*QUESTIONS[:4])
    assert seen.asked == 3
    seen.together(*QUESTIONS)
    assert seen.asked == 4


def test_whatever_is_written_makes_stale_what_was_known(papers):
    seen = Remembering(papers)
    seen.together(*QUESTIONS)

    def last():
        return seen.execute(*QUESTIONS[2]).fetchone()[0]

    with transaction(seen):
        assert last() == ""
        seen.execute("INSERT INTO paper VALUES (?,?,?)", (5, "new", 5))
        assert last() == "new"
    with pytest.raises(ZeroDivisionError), transaction(seen):
        seen.execute("UPDATE paper SET name = 'newer' WHERE id = 5")
        assert last() == "newer"
        raise ZeroDivisionError
    assert last() == "new"
