"""Run as a module: imports modules once, then forks a process for each program that it is told to run.

It is asked in datagrams of JSON over the socket whose number is its first argument. `{"module", "arguments",
"env", "directory"}` comes with the descriptor that the program's output goes to and is answered `{"pid"}`;
`{"reap": pid}` is answered `{"code"}` once that process ended. Whoever holds the other end of the socket is
all it lives for, and the programs die with it.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from pathlib import Path
from typing import Any

_LONGEST = 1 << 20
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve; in a forked process, run the program instead, which ends as one that was started alone."""
    number, *modules = sys.argv[1:]
    for module in modules:
        importlib.import_module(module)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        sys.exit(f"importing {', '.join(modules)} starts threads, and a fork would lose them")
    gc.freeze()  # what is imported is never collected, so its pages stay shared
    with socket.socket(fileno=int(number)) as asked:
        program = _serve(asked)
    if program:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


def _serve(asked: socket.socket) -> str:
    """Return the name of the program in each process that is to run one, and "" when nobody asks any more."""
    asked.send(b"{}")
    while True:
        data, descriptors, _, _ = socket.recv_fds(asked, _LONGEST, 1)
        if not data:
            return ""
        order = json.loads(data)
        if "reap" in order:
            _, status = os.waitpid(order["reap"], 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
        else:
            parent = os.getpid()
            pid = os.fork()
            if pid == 0:
                _become(order, descriptors[0], parent)
                return str(order["module"])
            os.close(descriptors[0])
            answer = {"pid": pid}
        asked.send(json.dumps(answer).encode())


def _become(order: dict[str, Any], output: int, parent: int) -> None:
    """Make of this process what a start of its own would have made."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the parent died between fork and prctl
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, number)
    os.close(nothing)
    os.close(output)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["env"])
    sys.argv = [order["module"], *order["arguments"]]


if __name__ == "__main__":
    main()
