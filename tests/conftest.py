"""What holds for every test of the project."""

import os

from hypothesis import settings

#: No deadline: it would assert wall time, and a busy machine is no defect of what is tested.
settings.register_profile("suite", deadline=None)
#: The same examples for every mutant, and few of them: thousands of runs share two cores.
settings.register_profile(
    "mutation", parent=settings.get_profile("suite"), derandomize=True, database=None, max_examples=20
)
settings.load_profile("mutation" if "MUTANT_UNDER_TEST" in os.environ else "suite")
