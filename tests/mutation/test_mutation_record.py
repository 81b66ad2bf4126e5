"""The published kill rate is high enough, each survivor has a reason, and no reason outlives its mutant."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.deaths import ASSERTION, CRASH, kind_of, note
from tests.mutation.publishing import LEAST_KILLED, rate, to_json, to_markdown
from tests.mutation.results import LIVING, PACKAGES, End, Mutant, Reason, explained, read, reasons, unmeasured

ROOT = Path(__file__).parents[2]
PUBLISHED: dict[str, Any] = json.loads((ROOT / "reports/published/mutation.json").read_text("utf-8"))
SURVIVORS = [
    Mutant(
        name=row["name"],
        package=row["function"].split(".")[1],
        end=End(row["end"]),
        was=row["was"],
        now=row["now"],
    )
    for row in PUBLISHED["survivors"]
]


@pytest.mark.parametrize("package", PACKAGES)
def test_assertions_tell_at_least_nine_of_ten_mutants_apart(package: str) -> None:
    row = PUBLISHED["packages"][package]

    told = row["assertion"] + row["survived"] + row["not-covered"]
    assert row["assertion"] >= LEAST_KILLED * told
    assert row["not-run"] == 0


def test_every_survivor_has_a_reason_that_still_speaks_of_it() -> None:
    bare = [item.name for item in explained(SURVIVORS, reasons()) if not item.reason]

    assert bare == []


def test_every_reason_still_explains_a_survivor() -> None:
    stale = [row for row in reasons() if not any(row.explains(item) for item in SURVIVORS)]

    assert stale == []


def test_the_page_is_the_record() -> None:
    page = (ROOT / "reports/published/mutation.md").read_text("utf-8")

    assert page == to_markdown(PUBLISHED)


def test_every_function_of_a_survivor_still_exists() -> None:
    for item in SURVIVORS:
        module, _, name = item.name.rpartition(".")
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")
        assert f"def {item.function.rpartition('.')[2]}(" in source, name


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (AssertionError("no"), ASSERTION),
        (pytest.fail.Exception("did not raise"), ASSERTION),
        (ExceptionGroup("falsified twice", [TypeError(), AssertionError()]), ASSERTION),
        (ExceptionGroup("fell over twice", [TypeError(), KeyError()]), CRASH),
        (TypeError("None"), CRASH),
        (ImportError("no module"), CRASH),
        (KeyboardInterrupt(), CRASH),
    ],
)
def test_only_what_a_test_says_itself_is_an_assertion(failure: BaseException, kind: str) -> None:
    assert kind_of(failure) == kind


def mutant(end: End, name: str = "harness.core.a.x_b__mutmut_1", **fields: Any) -> Mutant:
    return Mutant(name=name, package="core", end=end, **fields)


def test_the_rate_leaves_crashes_out_and_survivors_in() -> None:
    ends = [*[End.ASSERTION] * 6, *[End.CRASH] * 50, End.TIMEOUT, End.SURVIVED, End.NOT_COVERED]

    assert rate([mutant(end) for end in ends]) == pytest.approx(6 / 8)
    assert rate([mutant(End.CRASH)]) == 0


def test_the_record_counts_every_end_and_rounds_down() -> None:
    record = to_json(
        [*[mutant(End.ASSERTION)] * 2, mutant(End.SURVIVED, was="a", now="b"), mutant(End.CRASH)]
    )

    row = record["packages"]["core"]
    assert (row["mutants"], row["assertion"], row["survived"], row["crash"]) == (4, 2, 1, 1)
    assert (row["kill_rate"], row["of_all"]) == (66.6, 50.0)
    assert record["packages"]["scoring"]["mutants"] == 0
    assert [item["function"] for item in record["survivors"]] == ["harness.core.a.b"]
    assert "- `harness.core.a.x_b__mutmut_1` (survived): no reason given yet" in to_markdown(record)


@pytest.mark.parametrize(
    ("function", "now", "explains"),
    [
        ("harness.core.a.b", "*", True),
        ("harness.core.*", "* / 2", True),
        ("harness.core.a.b", "x", False),
        ("harness.judges.*", "*", False),
    ],
)
def test_a_reason_speaks_of_a_function_and_of_its_changed_line(
    function: str, now: str, explains: bool
) -> None:
    found = mutant(End.SURVIVED, now="return x / 2")

    assert Reason(function=function, now=now, reason="equivalent").explains(found) is explains


def test_a_module_that_came_after_the_last_run_is_named(tmp_path: Path) -> None:
    for name in ("old.py", "new.py", "spawn.py"):
        (tmp_path / "harness" / "core").mkdir(parents=True, exist_ok=True)
        (tmp_path / "harness" / "core" / name).write_text("", "utf-8")
    meta = tmp_path / "mutants" / "harness" / "core" / "old.py.meta"
    meta.parent.mkdir(parents=True)
    meta.write_text("{}", "utf-8")

    found = tuple(unmeasured(tmp_path, tmp_path / "mutants"))

    assert found == ("harness.core.new",)
    assert "Not measured yet: `harness.core.new`." in to_markdown(to_json([], found))


def test_a_method_is_named_with_its_class() -> None:
    assert (
        mutant(End.SURVIVED, "harness.core.a.xǁRedactorǁ_text__mutmut_2").function
        == "harness.core.a.Redactor._text"
    )


@pytest.mark.parametrize(
    ("code", "noted", "end"),
    [
        (1, AssertionError(), End.ASSERTION),
        (1, TypeError(), End.CRASH),
        (1, None, End.NOT_RUN),
        (0, None, End.SURVIVED),
        (33, None, End.NOT_COVERED),
        (-24, None, End.TIMEOUT),
        (None, None, End.NOT_RUN),
    ],
)
def test_how_a_mutant_ended_is_read_from_what_was_left_behind(
    tmp_path: Path, code: int | None, noted: BaseException | None, end: End
) -> None:
    name = "harness.core.a.x_b__mutmut_1"
    meta = tmp_path / "harness" / "core" / "a.py.meta"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"exit_code_by_key": {name: code}}), "utf-8")
    if noted is not None:
        note(tmp_path / "deaths", name, "test_it", noted)

    (found,) = read(
        tmp_path, lambda _name, source: f"--- {source}\n+++ {source}\n@@ @@\n-    was\n+    now\n x"
    )

    lives = end in LIVING
    fell = "TypeError" if end is End.CRASH else ""
    assert found == mutant(end, was="was" if lives else "", now="now" if lives else "", exception=fell)
