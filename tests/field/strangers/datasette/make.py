"""Makes the database that Datasette publishes in the trial."""

import sqlite3
import sys

CITIES = [("Oslo", 709_000), ("Lima", 9_751_000), ("Pune", 3_124_000), ("Accra", 2_514_000)]

with sqlite3.connect(sys.argv[1]) as made:
    made.execute("CREATE TABLE IF NOT EXISTS city (id INTEGER PRIMARY KEY, name TEXT, people INTEGER)")
    made.executemany("INSERT INTO city (name, people) VALUES (?, ?)", CITIES)
