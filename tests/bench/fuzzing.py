def rows():
    yield from ()
