#!/bin/sh
# Makes the database and serves it: start.sh PYTHON FOLDER PORT
"$1" make.py "$2/world.db"
exec "$1" -m datasette serve "$2/world.db" --host 127.0.0.1 --port "$3"
