# Two commands for a fresh machine with Python 3.11+ and make; each sets up all it needs in .venv.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE

.PHONY: assess test clean

assess: $(VENV)/.done
	$(BIN)/harness run scenarios/targets/reference.toml

test: $(VENV)/.done
	$(BIN)/python -m tox run $(TOX_ARGS)
	$(BIN)/python -m tox run -e layers
	$(BIN)/python -m tox run -e ratchet

$(VENV)/.done: requirements.lock pyproject.toml
	$(PY) -m venv $(VENV)
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	$(BIN)/python -m compileall -q harness reference_impl scenarios
	touch $@

clean:
	rm -rf $(VENV) .tox .mypy_cache .ruff_cache .pytest_cache
