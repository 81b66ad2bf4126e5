"""Keeps one server process alive exactly as long as the pipe on standard input is open; run as a script.

Arguments: a file descriptor whose lock the server is to hold as long as it lives, then its command.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare = None
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only Linux knows death signals, and only this branch may load libc

        libc = ctypes.CDLL(None)
        own = os.getpid()

        def prepare() -> None:
            libc.prctl(1, signal.SIGTERM)
            if os.getppid() != own:  # the parent died between fork and prctl
                os._exit(1)

    server = subprocess.Popen(
        sys.argv[2:],
        stdin=subprocess.DEVNULL,
        pass_fds=(int(sys.argv[1]),),
        preexec_fn=prepare,  # noqa: PLW1509 - this process has no other thread yet
    )

    def until_owner_ends() -> None:
        os.read(0, 1)
        server.terminate()

    threading.Thread(target=until_owner_ends, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    code = server.wait()
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
