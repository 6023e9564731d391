"""Reads an XML text from outside as a plain tree, and refuses what a bank's file never needs.

The text is decoded here and then scanned and parsed as the same text, so that no code can hide a
definition from the scan. No document type, no entities of its own, no depth beyond measure.
Source of the dangers: OWASP, XML Security; CAPEC-197 (entity expansion).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from westlake.errors import Place, WestlakeError

DEPTH_MAX = 50
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,20})["']""")
_CODES = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1", "gbk": "gb18030",
          "gb2312": "gb18030", "gb18030": "gb18030", "euc-kr": "cp949", "cp949": "cp949", "ks_c_5601-1987": "cp949"}
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
          (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_NEVER = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(slots=True)
class Node:
    """An element: its local name, namespace, attributes, own text and children."""

    name: str
    namespace: str
    attributes: Mapping[str, str]
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        return "".join(self.parts).strip()

    def all(self, name: str) -> list[Node]:
        return [child for child in self.children if child.name == name]

    def first(self, *path: str) -> Node | None:
        """The first element at the end of a path of local names."""
        node: Node | None = self
        for name in path:
            node = next(iter(node.all(name)), None) if node is not None else None
        return node

    def text(self, *path: str) -> str:
        """The text of the first element at the end of a path; empty where there is none."""
        node = self.first(*path)
        return node.content if node is not None else ""


def read_xml(raw: bytes, file: str = "") -> Node:
    """The outermost element. W951 for what is no XML in a known code, W952 for definitions or too great a depth."""
    text = _decoded(raw)
    if text is None:
        raise WestlakeError.one("W951", Place(file))
    forbidden = _NEVER.search(text)
    if forbidden:
        raise WestlakeError.one("W952", Place(file, line=text.count("\n", 0, forbidden.start()) + 1),
                                what=forbidden.group())
    try:
        return _Tree(file).read(text)
    except expat.ExpatError as error:
        raise WestlakeError.one("W951", Place(file, line=error.lineno, column=error.offset + 1)) from error


def _decoded(raw: bytes) -> str | None:
    """By its mark, by how its first sign lies, by what it declares; else UTF-8."""
    code = next((code for mark, code in _MARKS if raw.startswith(mark)), "")
    if not code:
        declared = _DECLARED.match(raw[:200])
        code = _CODES.get(declared.group(1).decode().lower(), "") if declared else "utf-8"
    try:
        text = raw.decode(code) if code else "\0"
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


class _Tree:
    """Follows the parser and builds nodes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[Node] = []
        self.root: Node | None = None
        self.parser = expat.ParserCreate("utf-8", "}")  # the text is UTF-8 by now, whatever it declares
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._text
        # the scan has seen to these; should the scan ever fail, the parser still stops
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = self._never

    def read(self, text: str) -> Node:
        self.parser.Parse(text.encode("utf-8"), True)
        assert self.root is not None, "the parser refuses a text without an element"
        return self.root

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition("}")
        node = Node(name, namespace, attributes)
        if len(self.open) >= DEPTH_MAX:
            raise WestlakeError.one("W952", Place(self.file, line=self.parser.CurrentLineNumber),
                                    what=f"> {DEPTH_MAX} × < … >")
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def _end(self, tag: str) -> None:
        self.open.pop()

    def _text(self, text: str) -> None:
        self.open[-1].parts.append(text)

    def _never(self, *_: object) -> None:
        raise WestlakeError.one("W952", Place(self.file), what="<!DOCTYPE")
