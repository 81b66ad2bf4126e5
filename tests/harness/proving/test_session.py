"""A session that was cut short goes on; one of another harness, target or choice begins anew."""

from pathlib import Path

from harness.proving.proof import Proof
from harness.proving.session import Session, session_key
from tests.harness.proving.conftest import make_proof


def test_what_was_proven_is_there_again(tmp_path: Path, proof: Proof) -> None:
    Session(tmp_path, "key").keep(proof)

    assert Session(tmp_path, "key").proven() == {"open-door": proof}


def test_a_proof_torn_by_a_crash_is_made_again_and_hides_no_other(tmp_path: Path) -> None:
    session = Session(tmp_path, "key")
    session.keep(make_proof("first"))
    with (tmp_path / "proofs.ndjson").open("a") as file:
        file.write('{"defect": "torn", "fam')

    again = Session(tmp_path, "key")
    again.keep(make_proof("second"))

    assert set(again.proven()) == {"first", "second"}


def test_another_key_begins_anew(tmp_path: Path, proof: Proof) -> None:
    Session(tmp_path, "key").keep(proof)
    (tmp_path / "clean-run").mkdir()

    assert Session(tmp_path, "other").proven() == {}
    assert not (tmp_path / "clean-run").exists()


def test_the_folder_of_a_run_cut_short_is_given_out_empty(tmp_path: Path) -> None:
    session = Session(tmp_path, "key")
    left = session.run_folder("open-door")
    left.mkdir()
    (left / "run.json").touch()

    assert not session.run_folder("open-door").exists()


def test_the_key_changes_with_content_and_choice_and_not_with_the_order(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("1")
    second.write_text("2")
    key = session_key([first, second], {"seed": 1})

    assert session_key([second, first], {"seed": 1}) == key
    assert session_key([first, second], {"seed": 2}) != key
    second.write_text("3")
    assert session_key([first, second], {"seed": 1}) != key
