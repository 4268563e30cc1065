"""Work on what strangers wrote, in a process of its own that may take so much time and memory, and no more.

HTML parsers take time in the square of the depth, and memory in the square of unclosed formatting elements: 60 KB can
be made to cost gigabytes. No look at the text beforehand is sure, because what ends where is the parser's to decide.
"""

import asyncio
import atexit
import os
import pickle
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any, Final, ParamSpec, TypeVar

from selectolax.lexbor import SelectolaxError

_SECONDS: Final = 5
"""Of CPU, for one piece of work."""
_BYTES: Final = 1024**3
_LENGTH: Final = struct.Struct("!Q")

P = ParamSpec("P")
T = TypeVar("T")


class TooMuchError(Exception):
    """The work took more than it may, or took its process down."""


async def confined(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a function of a module; it, its arguments and its result are pickled. One after the other.

    Raises TooMuchError, and what the function raises.
    """
    return await asyncio.get_running_loop().run_in_executor(
        _queue, _asked, pickle.dumps((work, args, kwargs))
    )


_queue = ThreadPoolExecutor(1, "crawlight-confined")
_child: subprocess.Popen[bytes] | None = None


def _asked(question: bytes) -> Any:
    used = _child is not None
    try:
        return _answered(question)
    except TooMuchError:
        if _end() == -signal.SIGXCPU or not used:
            raise
    # It may have lacked the memory that earlier work left taken: nobody is to pay for that.
    try:
        return _answered(question)
    except TooMuchError:
        _end()
        raise


def _answered(question: bytes) -> Any:
    global _child
    if _child is None:
        command = [sys.executable, "-m", "crawlight.kit.confined"]
        _child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    assert _child.stdin is not None  # noqa: S101
    assert _child.stdout is not None  # noqa: S101
    try:
        _write(_child.stdin, question)
        answer = _read(_child.stdout)
    except (OSError, EOFError):
        raise TooMuchError("it takes too much time or memory") from None
    fine, result = pickle.loads(answer)  # noqa: S301 - from a process of ours
    if not fine:
        raise result
    return result


@atexit.register
def _end() -> int | None:
    """End the process; the next piece of work gets a new one. It ends by itself, too, when its parent is gone.

    Answers its status, negative for the signal that ended it; None where there is none.
    """
    global _child
    ended, _child = _child, None
    if ended is None:
        return None
    ended.kill()
    with suppress(OSError):
        ended.communicate()
    return ended.returncode


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)) + message)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    """The next message. Raises EOFError where there is none."""
    length = pipe.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        raise EOFError
    message = pipe.read(_LENGTH.unpack(length)[0])
    if len(message) < _LENGTH.unpack(length)[0]:
        raise EOFError
    return message


def _serve() -> None:
    """Work until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints is no answer.
    with suppress(EOFError, BrokenPipeError):
        while True:
            question = _read(questions)
            used = resource.getrusage(resource.RUSAGE_SELF)
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + _SECONDS, hard))
            _write(answers, pickle.dumps(_answer(question)))


def _answer(question: bytes) -> tuple[bool, Any]:
    try:
        work, args, kwargs = pickle.loads(question)  # noqa: S301 - from our parent
        return True, work(*args, **kwargs)
    except (MemoryError, SelectolaxError):  # The parser fails where it gets no memory, and only there.
        return False, TooMuchError("it takes too much memory")
    except Exception as error:
        return False, error


if __name__ == "__main__":
    from crawlight.kit import confined as named  # TooMuchError must be the parent's, not __main__'s.

    named._serve()
