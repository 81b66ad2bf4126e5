"""What the processors did for others is told apart from what they did for us."""

import subprocess
import sys

import psutil
import pytest

from harness.layers.load.neighbours import Glance


def test_the_share_of_others_is_what_neither_we_nor_nobody_had() -> None:
    processors = psutil.cpu_count() or 1
    before = Glance(at=100.0, busy=50.0, ours=20.0)
    later = Glance(at=110.0, busy=50.0 + 8.0 * processors, ours=20.0 + 3.0 * processors)

    assert before.others_until(later) == pytest.approx(0.5)


def test_the_share_is_never_below_nothing_nor_all_of_it() -> None:
    before = Glance(at=0.0, busy=0.0, ours=0.0)

    assert before.others_until(Glance(at=1.0, busy=1.0, ours=2.0)) == 0.0
    assert before.others_until(Glance(at=1.0, busy=1000.0, ours=0.0)) == 0.95
    assert before.others_until(before) == 0.0


def test_what_our_own_children_did_is_ours_even_after_they_ended() -> None:
    # The kernel counts in hundredths, and four such counts are added: 0.5 is never read as less than 0.4.
    spend = "import time\nwhile time.process_time() < 0.5: pass"
    before = Glance.now()

    subprocess.run([sys.executable, "-c", spend], check=True)

    later = Glance.now()
    assert later.ours - before.ours >= 0.4
    assert later.busy - before.busy >= 0.4
