"""Gives each layer a running instance: freshly launched, or the attached deployment with what that allows."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from harness.core.allowance import Allowance
from harness.core.clock import Clock, SystemClock
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.target import Identity, Target
from harness.target.asking import client_of
from harness.target.identities import (
    SignedIn,
    first_credential,
    sign_in_again,
    sign_in_all,
    standing_credential,
)
from harness.target.instance import Instance, Session
from harness.target.launch import Launch, Setting
from harness.target.limits import limits_for
from harness.target.openapi import ReadDocument
from harness.target.place import Folder
from harness.target.reading import fetch_openapi, offers_control, require_answer, write_document
from harness.target.recording import Recording, guard_of, start_recording
from harness.target.vigil import Vigil

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
        self.redactor = redactor
        self._clock = clock or SystemClock()
        self._seed = seed
        self._document: tuple[str, ReadDocument] | None = None
        limits = limits_for(target)
        self.allowance = Allowance(
            folder.logs / ".allowance",
            requests=limits.requests,
            per_second=limits.requests_per_second,
        )

    @property
    def spent(self) -> str:
        """That the run's budget of requests is spent, in words; empty while it is not."""
        budget = self.allowance.requests
        if not budget or self.allowance.spending().sent < budget:
            return ""
        return f"the budget of {budget} requests is spent ([limits] requests, --max-requests)"

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
                redactor=self.redactor,
                clock=self._clock,
                seed=self._seed,
            )
        )
        with ExitStack() as stack:
            launch.open(record=is_recorded)
            stack.callback(launch.close)
            signed_in = self._sign_in(launch.direct_url, launch.recording, is_fresh=True)
            document = fetch_openapi(
                self._target, launch.direct_url, credential=first_credential(signed_in.sessions)
            )
            instance = self._instance(
                launch.public_url, launch.direct_url, signed_in, launch.data, document=document
            )
            yield replace(
                self._watch(stack, launch.recording, instance, client_of),
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
        require_answer(url, self._client_for)
        # A deployment is one and the same for all layers: what it publishes is fetched once.
        self._document = self._document or fetch_openapi(
            self._target, url, self._client_for, credential=standing_credential(self._target.identities)
        )
        _, read = self._document
        guard = guard_of(
            self._target,
            self.allowance,
            prefix=read.operations.under(urlsplit(url).path).full_prefix,
        )
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-")))
            recording: Recording | None = None
            if is_recorded:
                recording = start_recording(
                    layer,
                    url,
                    self._folder,
                    self.redactor,
                    mcp=self._target.mcp,
                    guard=guard,
                    tls=self._target.tls,
                )
                stack.callback(recording.stop)
            signed_in = self._sign_in(url, recording, is_fresh=False)
            base_url = recording.url if recording else url
            instance = self._instance(base_url, url, signed_in, scratch, document=self._document)
            yield self._watch(stack, recording, instance, self._client_for)

    def _sign_in(self, url: str, recording: Recording | None, *, is_fresh: bool) -> SignedIn:
        signed_in = sign_in_all(
            self._target.identities,
            url,
            self.redactor,
            is_fresh=is_fresh,
            client_for=client_of if is_fresh else self._client_for,
        )
        if recording is not None:
            recording.know(signed_in.sessions, self.redactor.known)
        return signed_in

    def _watch(
        self,
        stack: ExitStack,
        recording: Recording | None,
        instance: Instance,
        client_for: Callable[[str], httpx.Client],
    ) -> Instance:
        """Notice a credential that dies while the instance is in use; return it with a way to revive it."""
        if recording is None or not instance.sessions:
            return instance

        def again(identity: Identity) -> Session | None:
            return sign_in_again(identity, instance.direct_url, self.redactor, client_for)

        vigil = Vigil(recording, instance.sessions, self._target.identities, instance.operations, again)
        vigil.start()
        stack.callback(vigil.stop)
        return replace(instance, revive=vigil.revive)

    def _client_for(self, url: str) -> httpx.Client:
        """Return a client for what goes past the recorder; it spends of the same budget."""
        return client_of(url, tls=self._target.tls, pace=self._take)

    def _take(self, _request: httpx.Request) -> None:
        wait = self.allowance.take(self._clock.monotonic())
        if wait:
            time.sleep(wait)

    def _instance(
        self,
        url: str,
        direct_url: str,
        signed_in: SignedIn,
        scratch: Path,
        *,
        document: tuple[str, ReadDocument],
    ) -> Instance:
        path, read = document
        return Instance(
            target=replace(self._target, openapi=path or self._target.openapi),
            base_url=url,
            direct_url=direct_url,
            operations=read.operations.under(urlsplit(direct_url).path),
            openapi_document=read.document,
            openapi_path=write_document(read, scratch),
            sessions=signed_in.sessions,
            has_control=offers_control(
                direct_url, client_of if self._target.is_launched else self._client_for
            ),
            problems=(*signed_in.problems, *(f"OpenAPI: {problem}" for problem in read.problems)),
        )
