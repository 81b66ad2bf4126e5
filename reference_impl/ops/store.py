"""Numbers that every process of this deployment adds to: the clock's offset and the defects' counters."""

from collections.abc import Mapping

import sqlalchemy as sa

from reference_impl.kit.database import Database, metadata

control_values = sa.Table(
    "control_values",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("amount", sa.Float(), nullable=False),
)


class ControlStore:
    """Named sums."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, amounts: Mapping[str, float]) -> None:
        async with self._database.begin() as connection:
            for name, amount in amounts.items():
                insert = self._database.insert(control_values).values(name=name, amount=amount)
                await connection.execute(
                    insert.on_conflict_do_update(
                        index_elements=["name"],
                        set_={"amount": control_values.c.amount + insert.excluded.amount},
                    )
                )

    async def read(self) -> Mapping[str, float]:
        async with self._database.connect() as connection:
            rows = await connection.execute(sa.select(control_values))
            return {row.name: row.amount for row in rows}
