"""Reads a copy of the bytes of one HTTP/1.1 connection and gives out its exchanges; it touches no socket.

Questions and answers are parsed apart, each message by a parser of its own, so that a message that no parser
takes costs that message and not the rest of the connection.
"""

from collections import deque
from collections.abc import Callable

import h11

from harness.core.clock import Clock
from harness.core.relay import Direction
from harness.evidence.draft import Draft

_LONGEST_HEAD = 256 * 1024
_KEPT_RAW = 8 * 1024


class Conversation:
    """Feed it what arrives; it calls `begin` when a question starts and `emit` when its exchange is over."""

    def __init__(self, clock: Clock, begin: Callable[[Draft], None], emit: Callable[[Draft], None]) -> None:
        self._clock = clock
        self._begin = begin
        self._emit = emit
        self._questions: h11.Connection | None = _question_parser()
        self._answers: h11.Connection | None = None
        self._answering: Draft | None = None
        self._asking: Draft | None = None
        self._open: deque[Draft] = deque()
        self._raw = bytearray()
        self._is_opaque = False

    @property
    def is_idle(self) -> bool:
        """Whether what comes next from the client begins a question."""
        return not self._open and not self._is_opaque

    @property
    def is_opaque(self) -> bool:
        """Whether the connection has become something else than questions and answers."""
        return self._is_opaque

    @property
    def current(self) -> Draft | None:
        """The oldest exchange that is not over."""
        return self._open[0] if self._open else None

    def cut(self, gap: str) -> None:
        """Say why what is open now will not come to its end."""
        for draft in self._open:
            draft.gap = draft.gap or gap

    def received(self, direction: Direction, data: bytes) -> None:
        """Read a copy of bytes that were relayed."""
        if self._is_opaque:
            return
        if direction is Direction.UPSTREAM:
            self._read_questions(data)
        else:
            self._read_answers(data)

    def ended(self, direction: Direction) -> None:
        """One side will say no more: an answer without a length is whole now."""
        if self._is_opaque or direction is Direction.UPSTREAM:
            return
        if self._answers is not None and self._answering is not None:
            self._answers.receive_data(b"")
            self._read_answer_events(self._answers, self._answering)

    def closed(self, *, refused: bool) -> None:
        """The connection is gone: give out what is left, and say what is missing."""
        if self._raw and self._asking is None and not self._is_opaque and self._questions is not None:
            self._begin_unparsed()
        while self._open:
            draft = self._open.popleft()
            if draft.status is None:
                draft.gap = draft.gap or ("connection-refused" if refused else "connection-closed")
            elif not draft.is_answered and not draft.is_event_stream:
                draft.gap = draft.gap or "answer-cut"
            self._emit(draft)

    def _read_questions(self, data: bytes) -> None:
        if self._questions is None:
            return  # what follows a question no parser takes is read again after its answer
        if len(self._raw) < _KEPT_RAW:
            self._raw += data[: _KEPT_RAW - len(self._raw)]
        self._questions.receive_data(data)
        try:
            while self._read_question_event(self._questions):
                pass
        except h11.RemoteProtocolError as problem:
            self._questions = None
            if self._asking is None:
                self._begin_unparsed()
            draft = self._open[-1]
            draft.gap = "unparsed"
            draft.notes["unparsed"] = str(problem)
            self._asking = None

    def _read_question_event(self, parser: h11.Connection) -> bool:
        event = parser.next_event()
        match event:
            case h11.Request():
                self._asking = self._new(event.method.decode("latin-1"), event.target.decode("latin-1"))
                self._asking.request_headers = tuple(event.headers.raw_items())
                self._asking.is_upgrade = b"upgrade" in dict(event.headers)
            case h11.Data():
                assert self._asking is not None
                self._asking.request_body.add(event.data)
            case h11.EndOfMessage():
                self._end_question(parser)
            case _:
                return False
        return True

    def _end_question(self, parser: h11.Connection) -> None:
        assert self._asking is not None
        draft, self._asking = self._asking, None
        draft.request_end = self._clock.monotonic()
        rest = bytes(parser.trailing_data[0])
        self._raw.clear()
        self._questions = _question_parser()
        if draft.is_answered:
            self._finish(draft)
        if rest:
            self._read_questions(rest)

    def _begin_unparsed(self) -> None:
        words = bytes(self._raw).split(b"\r\n", 1)[0].split(b" ")
        draft = self._new(words[0].decode("latin-1"), words[1].decode("latin-1") if len(words) > 1 else "")
        draft.raw = bytes(self._raw)
        self._raw.clear()

    def _new(self, method: str, target: str) -> Draft:
        draft = Draft(method=method, target=target, started=self._clock.now())
        self._open.append(draft)
        self._begin(draft)
        return draft

    def _read_answers(self, data: bytes) -> None:
        rest = data
        while rest and not self._is_opaque:
            if self._answers is None or self._answering is None:
                self._answering = next((item for item in self._open if not item.is_answered), None)
                if self._answering is None:
                    self._answering = self._new("", "")
                    self._answering.gap = "recording-gap"  # an answer to nothing that was seen
                self._answers = _answer_parser(self._answering)
            self._answers.receive_data(rest)
            rest = self._read_answer_events(self._answers, self._answering)

    def _read_answer_events(self, parser: h11.Connection, draft: Draft) -> bytes:
        """Return the bytes after the answer's end; empty while it has not ended."""
        try:
            while True:
                match event := parser.next_event():
                    case h11.InformationalResponse(status_code=101):
                        self._answer_head(draft, event)
                        return self._end_answer(draft, parser, is_opaque=True)
                    case h11.InformationalResponse():
                        seen = draft.notes.get("informational", "")
                        draft.notes["informational"] = f"{seen} {event.status_code}".strip()
                    case h11.Response():
                        self._answer_head(draft, event)
                        if draft.method == "CONNECT" and event.status_code < 300:
                            return self._end_answer(draft, parser, is_opaque=True)
                    case h11.Data():
                        draft.response_body.add(event.data)
                    case h11.EndOfMessage():
                        return self._end_answer(draft, parser, is_opaque=False)
                    case _:
                        return b""
        except h11.RemoteProtocolError as problem:
            draft.gap = draft.gap or ("answer-unparsed" if draft.status is None else "answer-cut")
            draft.notes["answer"] = str(problem)
            return self._end_answer(draft, parser, is_opaque=True)

    def _answer_head(self, draft: Draft, event: h11.Response | h11.InformationalResponse) -> None:
        draft.status = event.status_code
        draft.response_headers = tuple(event.headers.raw_items())
        draft.response_start = self._clock.monotonic()

    def _end_answer(self, draft: Draft, parser: h11.Connection, *, is_opaque: bool) -> bytes:
        rest = bytes(parser.trailing_data[0])
        self._answers = self._answering = None
        self._is_opaque = is_opaque
        draft.is_answered = True
        if self._questions is None:
            self._questions = _question_parser()
        if draft.request_end is not None or draft.gap or is_opaque:
            self._finish(draft)
        return b"" if is_opaque else rest

    def _finish(self, draft: Draft) -> None:
        self._open.remove(draft)
        self._emit(draft)


def _question_parser() -> h11.Connection:
    return h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD)


def _answer_parser(draft: Draft) -> h11.Connection:
    """Return a parser that knows the question's method: an answer to HEAD has a length and no body."""
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    headers = [("Host", "recorded")]
    if draft.is_upgrade:
        headers += [("Connection", "upgrade"), ("Upgrade", "any")]
    method = draft.method if draft.method in {"HEAD", "CONNECT"} else "GET"
    parser.send(h11.Request(method=method, target="/", headers=headers))
    parser.send(h11.EndOfMessage())
    return parser
