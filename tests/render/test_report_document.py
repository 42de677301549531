"""The report document: DESIGN.md "Report document", its schema, its bytes, and the way back."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.errors import ReportError
from detector.model.report import Report
from detector.render import document, read_report, write_json
from detector.render.plain import LIVE
from tests.render import sample_reports
from tests.render.report_strategies import reports

SCHEMA = Path(__file__).resolve().parents[2] / "detector/render/report.schema.json"
NIGHT = sample_reports.NIGHT


def schema() -> dict[str, Any]:
    """The schema that is shipped."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


VALIDATOR = jsonschema.Draft202012Validator(schema())


def written(report: Report) -> bytes:
    """The bytes of ``report.json``."""
    out = io.BytesIO()
    write_json(report, out)
    return out.getvalue()


def objects(part: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every object with properties in the schema, with where it is."""
    if isinstance(part, list):
        return [found for item in part for found in objects(item, path)]
    if not isinstance(part, dict):
        return []
    own = [(path, part)] if "properties" in part else []
    return own + [found for key, value in part.items() for found in objects(value, f"{path}/{key}")]


#: DESIGN.md, "Report document", line by line.
DESIGN = {
    "": "schema complete run inputs incidents findings losses stats",
    "input": "path sha256 bytes kind records first_seen last_seen",
    "incident": "id level title summary first_seen last_seen origins assets tools users edges findings reasons",
    "edge": "from to via user first_seen last_seen findings",
    "finding": "id rule tool phase action host user time refs fields asset decision",
    "ref": "file host channel provider event_id record_id time",
    "loss": "kind where why count",
}


@pytest.mark.parametrize(("part", "keys"), DESIGN.items())
def test_the_document_has_every_key_of_the_design(part: str, keys: str) -> None:
    described = schema()["$defs"][part] if part else schema()
    assert set(keys.split()) <= set(described["required"])


def test_finding_says_rule_and_decision_as_the_design_does() -> None:
    finding = schema()["$defs"]["finding"]["properties"]
    assert list(finding["rule"]["properties"]) == ["id", "title", "level"]
    assert list(finding["decision"]["properties"])[:3] == ["verdict", "policy", "because"]


def test_the_schema_is_closed_and_describes_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    for path, part in objects(schema()):
        assert part["additionalProperties"] is False, path
        undescribed = [key for key, value in part["properties"].items() if not value.get("description")]
        assert undescribed == [], path


@given(reports())
@settings(max_examples=60, deadline=None)
def test_any_report_fits_the_schema(report: Report) -> None:
    VALIDATOR.validate(document(report))


@given(reports())
@settings(max_examples=60, deadline=None)
def test_a_report_comes_back_from_its_bytes(report: Report) -> None:
    data = written(report)
    assert written(read_report(data)) == data
    assert json.loads(data) == document(report)


def test_a_report_in_order_comes_back_itself() -> None:
    report = replace(
        NIGHT, findings=tuple(sorted(NIGHT.findings, key=lambda one: one.time)), losses=tuple(sorted(NIGHT.losses))
    )
    assert read_report(written(report)) == report


def test_the_same_report_has_the_same_bytes_in_whatever_order_it_was_found() -> None:
    """DESIGN.md: "Same input, same output, byte for byte, whatever the number of workers or the order of files"."""

    def shuffled(seed: int) -> Report:
        mix = Random(seed)
        return replace(
            NIGHT,
            findings=tuple(mix.sample(NIGHT.findings, len(NIGHT.findings))),
            losses=tuple(mix.sample(NIGHT.losses, len(NIGHT.losses))),
            inputs=tuple(mix.sample(NIGHT.inputs, len(NIGHT.inputs))),
        )

    assert {written(shuffled(seed)) for seed in range(10)} == {written(NIGHT)}


@given(reports())
@settings(max_examples=60, deadline=None)
def test_no_live_character_stands_in_the_file(report: Report) -> None:
    """Brief: "JSON keeps data exact but ASCII-escapes control and bidi characters"."""
    text = written(report).decode()
    assert not LIVE.search(text.replace("\n", ""))
    assert "\n" not in text.rstrip("\n").replace("\n ", "").replace("\n}", "").replace("\n]", "")


def test_times_have_one_form() -> None:
    assert document(NIGHT)["incidents"][0]["first_seen"] == "2025-10-14T22:41:07.000000Z"


def test_seconds_are_there_only_when_asked_for() -> None:
    assert "seconds" not in document(NIGHT)["stats"]
    timed = replace(NIGHT, stats=replace(NIGHT.stats, seconds={"read": 1.5}))
    assert document(timed)["stats"]["seconds"] == {"read": 1.5}
    assert read_report(written(timed)).stats.seconds == {"read": 1.5}


def broken(path: str, value: Any) -> bytes:
    """The sample report with one value changed, or with ``...`` taken away."""
    changed = json.loads(written(NIGHT))
    *way, last = path.split(".")
    part = changed
    for step in way:
        part = part[int(step) if step.isdigit() else step]
    if value is ...:
        del part[last]
    else:
        part[int(last) if last.isdigit() else last] = value
    return json.dumps(changed).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no valid JSON"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"[1, NaN]", "NaN is no JSON number"),
        (b"[" * 100_000, "no valid JSON"),
        (b"1" * 5000, "no valid JSON"),
        (b"[]", "it has no `schema`"),
        (b'{"a": 1}', "it has no `schema`"),
        (b'{"schema": "rmm-detector/report/2"}', "'rmm-detector/report/2'; this program reads 'rmm-detector/report/1'"),
        (b'{"schema": "rmm-detector/report/1"}', "complete is missing"),
        (broken("run.version", ...), "run.version is missing"),
        (broken("run.colour", "red"), "run has the unknown key 'colour'"),
        (broken("complete", True), "complete is True, but it has 5 losses"),
        (broken("incidents.0.level", "grave"), "incidents[0].level must be a level, found 'grave'"),
        (broken("incidents.0.level", []), "incidents[0].level must be a level"),
        (broken("incidents.0.origins", "A"), "incidents[0].origins must be a list"),
        (broken("incidents.0.origins", [1]), "incidents[0].origins[0] must be a text, found 1"),
        (broken("findings.2.time", "2025-10-14T22:41:07+02:00"), "findings[2].time must be a time in UTC"),
        (broken("findings.2.time", "2025-13-14T22:41:07.000000Z"), "findings[2].time must be a time in UTC"),
        (broken("findings.0.decision.verdict", {}), "findings[0].decision.verdict must be one of allowed"),
        (broken("findings.0.count", True), "findings[0].count must be a whole number from 1"),
        (broken("findings.0.refs.0.record_id", -1), "findings[0].refs[0].record_id must be a whole number"),
        (broken("findings.0.fields", {"a": 1}), "findings[0].fields must be an object of plain values"),
        (broken("inputs.0", 7), "inputs[0] must be an object, found 7"),
        (broken("losses.0.kind", None), "losses[0].kind must be one of"),
        (broken("stats.seconds", {"read": float("1e308") * 10}), "no valid JSON"),
    ],
)
def test_what_is_no_report_is_told_why(data: bytes, said: str) -> None:
    with pytest.raises(ReportError) as caught:
        read_report(data)
    assert said in str(caught.value)


@given(st.binary(max_size=100))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_report_or_an_error(data: bytes) -> None:
    _either(data)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.data(), _VALUES)
@settings(max_examples=150, deadline=None)
def test_any_change_of_a_report_is_a_report_or_an_error(data: st.DataObject, value: Any) -> None:
    part: Any = json.loads(written(sample_reports.NIGHT))
    whole = part
    while True:
        key = data.draw(st.sampled_from(list(part) if isinstance(part, dict) else list(range(len(part)))))
        if not isinstance(part[key], dict | list) or not part[key] or data.draw(st.booleans()):
            part[key] = value
            break
        part = part[key]
    _either(json.dumps(whole).encode())


def _either(data: bytes) -> None:
    try:
        report = read_report(data)
    except ReportError:
        return
    VALIDATOR.validate(document(report))
