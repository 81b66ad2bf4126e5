"""Who works at the same time: layers side by side where each has an instance of its own, load by itself."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from harness.core.layer import Layer
from harness.core.run import LayerRecord
from harness.runner.layer import LayerRun


def stages(layers: Sequence[Layer], *, is_launched: bool) -> tuple[tuple[Layer, ...], ...]:
    """Return the layers in the order of a run, those of one stage side by side.

    A deployment has one state for everybody, so its layers take turns. Load measures time, so it has the
    machine for itself.
    """
    if not is_launched:
        return tuple((layer,) for layer in layers)
    together = tuple(layer for layer in layers if layer is not Layer.LOAD)
    alone = tuple(layer for layer in layers if layer is Layer.LOAD)
    return tuple(stage for stage in (together, alone) if stage)


def side_by_side(
    runs: Sequence[LayerRun], following: Sequence[LayerRun] = ()
) -> Iterator[tuple[Layer, LayerRecord]]:
    """Run layers at the same time; yield each as it ends, and after Ctrl-C all of them, interrupted.

    The instances of those that follow are started while the last one works.
    """
    with ThreadPoolExecutor(len(runs), thread_name_prefix="layer") as pool:
        begun = {pool.submit(run.run): run.engine.layer for run in runs}
        waiting = dict(begun)
        try:
            for future in as_completed(begun):
                ended = waiting.pop(future), future.result()
                if len(waiting) == 1:
                    for run in following:
                        run.start_ahead()
                yield ended
        except KeyboardInterrupt:
            yield from ((layer, future.result()) for future, layer in waiting.items())
            raise
