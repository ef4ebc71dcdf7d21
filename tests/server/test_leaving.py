"""A signal that comes at the worst moment still ends the server."""

from __future__ import annotations

import signal
import sys

import pytest

from server import serving


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_whose_exception_was_swallowed_is_noticed_by_the_loop(ending: signal.Signals) -> None:
    """One that struck inside a destructor was lost, and the server ran on for ever."""

    class Swallows:
        def __del__(self) -> None:
            signal.raise_signal(ending)

    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError("nobody asks")

    server = serving.KithServer(app, 0.0, lambda: None)  # type: ignore[arg-type]
    seen: list[object] = []
    try:
        with serving.ending_in_order():
            before, sys.unraisablehook = sys.unraisablehook, seen.append
            try:
                del_me: object = Swallows()
                del del_me
            finally:
                sys.unraisablehook = before
        assert seen, "the interpreter swallowed the exception"
        await server.on_tick(1)
        assert server.should_exit
    finally:
        serving._told_to_leave.clear()
