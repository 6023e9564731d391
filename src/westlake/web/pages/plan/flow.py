"""A drawing of a table of steps: states as boxes from left to right, a line for every way between two of them."""

from __future__ import annotations

from dataclasses import dataclass

from westlake.desk.workflow import STAYS, Kind, Workflow

WIDE, HIGH, GAP_X, GAP_Y, EDGE = 156, 34, 40, 22, 10


@dataclass(frozen=True)
class Box:
    """A state. x, y: its upper left corner; kind: start, end or nothing."""

    label: str
    x: int
    y: int
    kind: str

    @property
    def middle(self) -> tuple[int, int]:
        """Where its label stands."""
        return self.x + WIDE // 2, self.y + HIGH // 2 + 5


@dataclass(frozen=True)
class Drawing:
    """Boxes and lines; lines: a path and whether it leads back."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[tuple[str, bool]]


def draw(workflow: Workflow, kind: Kind, lang: str) -> Drawing:
    """States in columns by how many steps lead there from the start."""
    ways = list(dict.fromkeys((came_from, step.went_to) for step in kind.steps if step.went_to != STAYS
                              for came_from in step.came_from if came_from != step.went_to))
    column = {kind.start: 0}
    waiting = [kind.start]
    while waiting:
        state = waiting.pop(0)
        for came_from, went_to in ways:
            if came_from == state and went_to not in column:
                column[went_to] = column[state] + 1
                waiting.append(went_to)
    boxes, filled = {}, dict[int, int]()
    for state in kind.states:
        at = column.get(state, 0)
        row = filled[at] = filled.get(at, -1) + 1
        sort = "start" if state == kind.start else "end" if state in kind.ends else ""
        boxes[state] = Box(workflow.word("state", state, lang), EDGE + at * (WIDE + GAP_X),
                           EDGE + row * (HIGH + GAP_Y), sort)
    lines = [_line(boxes[one], boxes[other]) for one, other in ways]
    return Drawing(2 * EDGE + max(column.values()) * (WIDE + GAP_X) + WIDE,
                   2 * EDGE + max(filled.values()) * (HIGH + GAP_Y) + HIGH, list(boxes.values()), lines)


def _line(one: Box, other: Box) -> tuple[str, bool]:
    """A curve from the right side to the left one; back or up and down where it leads there."""
    if other.x > one.x:
        x1, y1, x2, y2 = one.x + WIDE, one.y + HIGH // 2, other.x - 4, other.y + HIGH // 2
        bend = (x2 - x1) // 2
        return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}", False
    if other.x == one.x:
        down = other.y > one.y
        y1, y2 = (one.y + HIGH, other.y - 4) if down else (one.y, other.y + HIGH + 4)
        x = one.x + WIDE // 2 + (0 if down else 12)
        return f"M{x} {y1} L{x} {y2}", not down
    x1, y1, x2, y2 = one.x + WIDE // 3, one.y + HIGH, other.x + WIDE // 3, other.y + HIGH + 4
    return f"M{x1} {y1} C{x1} {y1 + GAP_Y} {x2} {y2 + GAP_Y} {x2} {y2}", True
