"""Placeholders of a launch."""

from itertools import count

import pytest

from harness.core.errors import TargetFileProblem
from harness.target.placeholders import Placeholders


def placeholders() -> Placeholders:
    ports = count(20001)
    return Placeholders({"port": "20000", "stubs.brave.url": "http://x"}, free_port=lambda: next(ports))


def test_texts_lists_and_tables_are_filled_in() -> None:
    subject = placeholders()
    subject.add({"data_dir": "/data"})

    assert subject.fill("{data_dir}/x:{port}", where="here") == "/data/x:20000"
    assert subject.fill_all(["a", "{stubs.brave.url}/y"], where="here") == ("a", "http://x/y")
    assert subject.fill_values({"A": "{port}"}, where="here") == {"A": "20000"}


def test_a_further_port_is_the_same_wherever_it_stands() -> None:
    subject = placeholders()

    assert subject.fill("{ports.admin} {ports.admin} {ports.metrics}", where="here") == "20001 20001 20002"


def test_braces_that_are_no_placeholder_are_left_alone() -> None:
    text = '{"json": {"A": 1}} {} {UPPER}'

    assert placeholders().fill(text, where="here") == text


def test_an_unknown_name_is_refused_with_what_is_known() -> None:
    with pytest.raises(TargetFileProblem, match=r"env\.X: nothing is known of \{stubs\.brace\.url\}"):
        placeholders().fill("{stubs.brace.url}", where="env.X")
