"""Gives each layer a running instance: freshly launched, or the attached deployment with what that allows."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from harness.core.clock import Clock, SystemClock
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.target import Target
from harness.target.identities import SignedIn, sign_in_all
from harness.target.instance import Instance
from harness.target.launch import Launch, Setting
from harness.target.place import Folder
from harness.target.reading import fetch_openapi, offers_control, require_answer, write_document
from harness.target.recording import Recording, start_recording

#: Load goes past the recorder: it would measure the recorder, too.
UNRECORDED = frozenset({Layer.LOAD})


class Launcher:
    """Opens instances of one target for one run."""

    def __init__(
        self,
        target: Target,
        *,
        folder: Folder,
        redactor: Redactor,
        clock: Clock | None = None,
        seed: int = 0,
    ) -> None:
        self._target = target
        self._folder = folder
        self._redactor = redactor
        self._clock = clock or SystemClock()
        self._seed = seed

    @contextmanager
    def launch(self, layer: Layer, *, record: bool | None = None) -> Iterator[Instance]:
        """Yield a running instance; everything is stopped afterwards, whatever happened.

        Raises TargetUnreachable when the target does not come up, does not answer, or ended by itself.
        """
        is_recorded = layer not in UNRECORDED if record is None else record
        self._folder.logs.mkdir(parents=True, exist_ok=True)
        if self._target.is_launched:
            with self._launched(layer, is_recorded=is_recorded) as instance:
                yield instance
        else:
            with self._attached(layer, is_recorded=is_recorded) as instance:
                yield instance

    @contextmanager
    def _launched(self, layer: Layer, *, is_recorded: bool) -> Iterator[Instance]:
        launch = Launch(
            Setting(
                target=self._target,
                layer=layer,
                folder=self._folder,
                redactor=self._redactor,
                clock=self._clock,
                seed=self._seed,
            )
        )
        with ExitStack() as stack:
            launch.open(record=is_recorded)
            stack.callback(launch.close)
            signed_in = self._sign_in(launch.direct_url, launch.recording, is_fresh=True)
            instance = self._instance(launch.public_url, launch.direct_url, signed_in, launch.data)
            yield replace(
                instance,
                proxies={name: f"{launch.control_address}/links/{name}" for name in launch.links()},
                stubs=launch.stubs(),
                processes=launch.process_control,
                control_address=launch.control_address,
                control_token=launch.control_token,
            )
            launch.check()

    @contextmanager
    def _attached(self, layer: Layer, *, is_recorded: bool) -> Iterator[Instance]:
        url = self._target.base_url
        require_answer(url)
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-")))
            recording: Recording | None = None
            if is_recorded:
                recording = start_recording(layer, url, self._folder, self._redactor, mcp=self._target.mcp)
                stack.callback(recording.stop)
            signed_in = self._sign_in(url, recording, is_fresh=False)
            yield self._instance(recording.url if recording else url, url, signed_in, scratch)

    def _sign_in(self, url: str, recording: Recording | None, *, is_fresh: bool) -> SignedIn:
        signed_in = sign_in_all(self._target.identities, url, self._redactor, is_fresh=is_fresh)
        if recording is not None:
            recording.know(signed_in.sessions, self._redactor.known)
        return signed_in

    def _instance(self, url: str, direct_url: str, signed_in: SignedIn, scratch: Path) -> Instance:
        path, read, content = fetch_openapi(self._target, direct_url)
        return Instance(
            target=replace(self._target, openapi=path or self._target.openapi),
            base_url=url,
            direct_url=direct_url,
            operations=read.operations,
            openapi_document=read.document,
            openapi_path=write_document(read, content, scratch),
            sessions=signed_in.sessions,
            has_control=offers_control(direct_url),
            problems=(*signed_in.problems, *(f"OpenAPI: {problem}" for problem in read.problems)),
        )
