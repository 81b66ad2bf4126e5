"""A small Dagster project: two assets and a job."""

import dagster


@dagster.asset
def numbers() -> list[int]:
    """Some numbers."""
    return [1, 2, 3]


@dagster.asset
def total(numbers: list[int]) -> int:
    """Their sum."""
    return sum(numbers)


definitions = dagster.Definitions(assets=[numbers, total], jobs=[dagster.define_asset_job("all_of_it")])
