"""Whoever holds the file and the key finds every change of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders.statements import KEY, PUBLIC, commission, document, documents
from wuyou.engines.statements import chain, files
from wuyou.engines.statements.checking import Finding, check
from wuyou.engines.statements.files import Document
from wuyou.engines.statements.formulas import SUM, FormulaError, compute
from wuyou.surfaces.cli.main import main

ROOT = Path(__file__).resolve().parents[3]
OTHER_KEY = chain.new_key()
WRITERS: list[Callable[[Document], bytes]] = [files.write_json, files.write_csv]


def findings(content: bytes, public_key: str = PUBLIC) -> list[Finding]:
    """What is wrong with a file; what cannot be read is one finding."""
    try:
        return check(files.read(content), public_key)
    except files.MalformedFile as error:
        return [Finding(None, str(error))]


def three() -> Document:
    return document(
        [
            (SUM, {"plus": {"paid": 10_000}, "minus": {"fee": 7}}),
            commission([2_150], 0, 0, 3_000, (3_000, 3_333, 3_667), 0),
            (SUM, {"plus": {}, "minus": {"payout": 5_000}}),
        ],
        opening_minor=-12,
    )


@given(documents)
@settings(max_examples=60, deadline=None)
def test_statement_verifies_from_either_file_and_both_say_the_same(statement: Document) -> None:
    for write in WRITERS:
        assert files.read(write(statement)) == statement
        assert findings(write(statement)) == []
        assert findings(write(statement), chain.public_key(OTHER_KEY))


@given(documents, st.data())
@settings(max_examples=150, deadline=None)
def test_any_changed_character_of_the_json_is_found(statement: Document, data: st.DataObject) -> None:
    text = files.write_json(statement).decode()
    places = [place for place, letter in enumerate(text) if letter.isalnum()]
    place = data.draw(st.sampled_from(places))
    letter = data.draw(
        st.sampled_from("0123456789abcdefghijklmnopqrstuvwxyzABCDEF金").filter(lambda x: x != text[place])
    )
    assert findings(f"{text[:place]}{letter}{text[place + 1 :]}".encode())


@given(documents, st.data())
@settings(max_examples=150, deadline=None)
def test_any_changed_character_of_the_table_is_found(statement: Document, data: st.DataObject) -> None:
    text = files.write_csv(statement).decode("utf-8-sig")
    place = data.draw(st.integers(0, len(text) - 1).filter(lambda place: text[place] not in "\r\n"))
    letter = data.draw(st.sampled_from("0123456789abcdef,\"'- \r\n金").filter(lambda x: x != text[place]))
    assert findings(f"{text[:place]}{letter}{text[place + 1 :]}".encode())


@given(documents.filter(lambda statement: len(statement["lines"]) > 1), st.data())
@settings(max_examples=100, deadline=None)
def test_lines_that_are_left_out_repeated_or_moved_are_found(statement: Document, data: st.DataObject) -> None:
    lines = statement["lines"]
    place, other = data.draw(st.permutations(range(len(lines))))[:2]
    changed = {
        "left out": lines[:place] + lines[place + 1 :],
        "repeated": [*lines[: place + 1], *lines[place:]],
        "moved": [lines[{place: other, other: place}.get(at, at)] for at in range(len(lines))],
        "cut off": lines[:place],
        "gone": [],
    }[data.draw(st.sampled_from(["left out", "repeated", "moved", "cut off", "gone"]))]
    for write in WRITERS:
        assert findings(write({**statement, "lines": changed}))


def test_who_computes_the_chain_anew_still_needs_the_key() -> None:
    forged = document([(SUM, {"plus": {"paid": 99_999}, "minus": {}})], key=OTHER_KEY)
    named = {**forged, "head": {**forged["head"], "key_id": chain.key_id(PUBLIC)}}
    named["hash"] = chain.statement_hash(named["head"], named["lines"][-1]["hash"])
    named["signature"] = chain.sign(OTHER_KEY, named["hash"])
    assert [str(each) for each in check(named, PUBLIC)] == ["the signature is not of this key over this hash"]


def test_finding_names_the_line_and_says_what_it_should_be() -> None:
    statement = three()
    statement["lines"][1]["amount_minor"] += 1
    (first, *_) = check(statement, PUBLIC)
    assert first.line == 2
    assert "the amount is 193 by commission.1, not 194" in first.text
    assert "the balance after it is 10175, not 10174" in first.text

    statement = three()
    statement["lines"][1]["inputs"]["rate_bps"] = 3_001
    assert [each.line for each in check(statement, PUBLIC)] == [2]


def test_sums_of_the_head_are_held_to_the_lines() -> None:
    statement = three()
    head = {**statement["head"], "closing_minor": 0, "line_count": 4}
    texts = [each.text for each in check({**statement, "head": head}, PUBLIC)]
    assert texts[0] == "the lines lead to 5174, not to the closing balance 0"
    assert texts[1] == "there are 3 lines, not 4"


@pytest.mark.parametrize(
    ("formula", "inputs"),
    [
        ("sum.2", {"plus": {}, "minus": {}}),
        ("sum.1", {"plus": {}}),
        ("sum.1", {"plus": {"a": -1}, "minus": {}}),
        ("sum.1", {"plus": {"a": True}, "minus": {}}),
        ("sum.1", {"plus": [1], "minus": {}}),
        ("sum.1", []),
        ("commission.1", {**commission([100], 0, 0, 100, (1, 1), 0)[1], "line": 1}),
        ("commission.1", {**commission([100], 0, 0, 100, (1, 1), 0)[1], "parts_minor": [1, 1]}),
        ("commission.1", {**commission([100], 0, 0, 100, (1, 1), 0)[1], "party": "NOBODY"}),
        ("commission.1", {**commission([100], 0, 0, 100, (1, 1), 0)[1], "lines_minor": [0]}),
    ],
)
def test_formula_refuses_what_it_cannot_compute(formula: str, inputs: dict[str, object]) -> None:
    with pytest.raises(FormulaError):
        compute(formula, inputs)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "neither JSON nor a table"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{}", "head, lines, hash and signature"),
        (b'{"head": {}, "head": {}}', "says something twice"),
        (b'{"head": 1.0}', "not whole"),
        (b'{"head": NaN}', "not whole"),
        (b"[" * 100_000, "columns"),
        (b'{"a":' * 100_000, "not JSON"),
        (b"a,b\r\n1,2\r\n", "columns"),
        (files.write_csv(three()).replace(b"end,", b"line,"), "one head"),
        (files.write_csv(three()) + b"line\r\n", "columns"),
        (files.write_csv(three()).replace(b"-0.12", b"-0.13"), "contradicts itself"),
    ],
)
def test_file_that_is_no_statement_is_refused_in_one_line(content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    refused = CliRunner().invoke(main, ["statement", "verify", str(file), "--key", PUBLIC])
    assert refused.exit_code == 1
    assert says in refused.output
    assert len(refused.output.splitlines()) == 1


@pytest.mark.parametrize("write", WRITERS)
def test_command_verifies_a_file_and_finds_a_changed_cent(write: Callable[[Document], bytes], tmp_path: Path) -> None:
    file, key = tmp_path / "statement", tmp_path / "key"
    file.write_bytes(write(three()))
    key.write_text(PUBLIC + "\n")
    good = CliRunner().invoke(main, ["statement", "verify", str(file), "--key", str(key)])
    assert (good.exit_code, good.output.split()[:2]) == (0, ["ok", "2026-03-publisher7-CNY"])

    statement = three()
    statement["lines"][2]["inputs"]["minus"]["payout"] -= 1
    file.write_bytes(write(statement))
    bad = CliRunner().invoke(main, ["statement", "verify", str(file), "--key", PUBLIC])
    assert bad.exit_code == 1
    assert bad.output.startswith("WRONG  line 3: the amount is -4999 by sum.1, not -5000")

    nobody = CliRunner().invoke(main, ["statement", "verify", str(file), "--key", "nobody"])
    assert (nobody.exit_code, "43 letters" in nobody.output) == (2, True)


def test_command_needs_neither_database_nor_django(tmp_path: Path) -> None:
    file = tmp_path / "statement.json"
    file.write_bytes(files.write_json(three()))
    program = (
        "import sys; sys.modules.update(django=None, psycopg=None)\n"
        "from wuyou.surfaces.cli.main import main\n"
        f"main(['statement', 'verify', {str(file)!r}, '--key', {PUBLIC!r}])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, env={}, check=False
    )
    assert (ran.returncode, ran.stdout[:2], ran.stderr) == (0, "ok", "")


def test_script_of_the_documents_verifies_too_and_is_short(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reference" / "statements.md").read_text()
    (script,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(script.splitlines()) <= 60
    (tmp_path / "verify.py").write_text(script)
    file = tmp_path / "statement.json"

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "verify.py", file.name, PUBLIC], capture_output=True, text=True, cwd=tmp_path, check=False
        )

    file.write_bytes(files.write_json(three()))
    assert run().stdout == "ok 2026-03-publisher7-CNY 5174 CNY\n"
    file.write_bytes(files.write_json(three()).replace(b'"payout": 5000', b'"payout": 4999'))
    assert "line 3: another amount" in run().stderr
    file.write_bytes(files.write_json(document([], key=OTHER_KEY)))
    assert run().returncode == 1


def test_worked_numbers_of_the_documents_are_what_the_formulas_give() -> None:
    text = (ROOT / "docs" / "reference" / "statements.md").read_text()
    sums, commissions, subsidies = re.findall(r"```\n(\{.*?\})\n.*?```", text, re.DOTALL)
    assert compute("sum.1", json.loads(sums)) == 9_000
    assert compute("commission.1", json.loads(commissions)) == 193
    assert compute("subsidy.1", json.loads(subsidies)) == 87


def test_keys_sign_and_the_id_is_theirs() -> None:
    key = chain.new_key()
    public = chain.public_key(key)
    signature = chain.sign(key, "a" * 64)
    assert chain.is_signed(public, "a" * 64, signature)
    assert not chain.is_signed(public, "b" * 64, signature)
    assert not chain.is_signed(public, "a" * 64, signature[:-1] + "*" + signature[-1])
    assert len({chain.key_id(public), chain.key_id(PUBLIC), chain.public_key(KEY)}) == 3
