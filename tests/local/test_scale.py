"""Which ceiling a load meets first."""

import subprocess
import sys

import pytest

from local.cost.requests import assumptions
from local.cost.units import units
from local.scale.__main__ import main
from local.scale.ceilings import ceilings
from local.scale.demand import EDIT, SEAT, Load, consumed, demand
from local.scale.simulation import Bucket, simulate
from local.scale.tables import EXAMPLES
from tests.harness import ROOT


def test_every_ceiling_has_a_source_at_aws_and_says_what_to_do() -> None:
    for ceiling in ceilings().values():
        assert ceiling.source.startswith(("https://docs.aws.amazon.com/", "https://aws.amazon.com/"))
        assert ceiling.past
        assert bool(ceiling.per_second) != bool(ceiling.at_once)


def test_every_ceiling_is_asked_for_something_by_a_load_of_all_kinds() -> None:
    asked = demand(Load(calls=1, edits=1, seats=1))
    assert {*asked.of, "new_processes"} == ceilings().keys()
    assert all(asked.of.values())
    assert asked.busiest


def test_what_a_load_asks_is_what_was_measured_of_its_requests() -> None:
    asked = demand(Load(calls=3, edits=2)).of
    call = assumptions()["call"]
    counts = {name: 3 * call.get(name, 0) + 2 * EDIT.get(name, 0) for name in {*call, *EDIT}}
    small = {name: by_size[2] for name, by_size in units().items()}
    assert asked["api_requests"] == sum(counts.values())
    assert asked["account_writes"] == sum(small[name].write_units * count for name, count in counts.items())
    assert asked["account_reads"] == sum(small[name].read_units * count for name, count in counts.items())
    assert asked["api_key_reads"] == 2 * 2  # a call needs no key


def test_accounts_assistants_and_keys_share_a_load() -> None:
    one, many = demand(Load(calls=10, edits=10)).of, demand(Load(calls=10, edits=10, accounts=5, keys=2)).of
    assert many["account_writes"] == one["account_writes"] / 5
    assert many["assistant_reads"] == one["assistant_reads"] / 5
    assert many["api_key_reads"] == one["api_key_reads"] / 10
    assert many["table_writes"] == one["table_writes"]


def test_between_the_measured_sizes_a_prompt_costs_in_proportion() -> None:
    low, middle, high = (consumed("get_assistant", size).read_units for size in (2, 31, 60))
    assert low < middle < high
    assert middle == pytest.approx((low + high) / 2)


@pytest.mark.parametrize(
    ("load", "bottleneck"),
    [
        (Load(calls=2_000, assistants=1_000), "account_writes"),
        (Load(calls=600, assistants=1, is_grown=True), "call_list_writes"),
        (Load(calls=300, assistants=1, prompt_kb=60, is_grown=True), "assistant_reads"),
        (Load(edits=40, prompt_kb=60), "account_writes"),
        (Load(seats=250_000, accounts=1_000), "table_reads"),
        (Load(calls=1_000, accounts=1_000), "table_writes"),
        (Load(seats=80_000), "account_reads"),
        (Load(seats=150_000, is_grown=True), "api_key_reads"),
        (Load(seats=1_000_000, accounts=10_000, is_grown=True), "api_requests"),
    ],
    ids=str,
)
def test_a_load_that_is_too_much_meets_the_ceiling_that_it_fills_first(load: Load, bottleneck: str) -> None:
    outcome = simulate(load)
    assert outcome.refusal
    assert outcome.bottleneck == bottleneck


def test_a_load_that_fits_is_refused_nothing_and_its_fullest_ceiling_is_named() -> None:
    outcome = simulate(Load(calls=1))
    assert outcome.refusal is None
    assert outcome.bottleneck == max(outcome.used, key=lambda name: outcome.used[name])
    assert outcome.used[outcome.bottleneck] < 1


def test_a_refusal_comes_where_the_growing_load_passes_the_ceiling() -> None:
    load = Load(edits=100)
    outcome = simulate(load, ramp_seconds=100)
    assert outcome.refusal
    assert outcome.refusal.share == pytest.approx(1 / outcome.used["account_writes"], abs=0.01)


def test_twice_the_load_is_refused_at_half_of_it() -> None:
    one, two = (simulate(Load(edits=edits), ramp_seconds=1_000).refusal for edits in (200, 400))
    assert one
    assert two
    assert two.share == pytest.approx(one.share / 2, rel=0.05)


def test_a_load_that_begins_at_once_can_meet_the_new_processes_where_one_that_grows_does_not() -> None:
    load = Load(seats=400_000, accounts=10_000, keys=10, is_grown=True)
    ceiling = ceilings()["new_processes"]
    assert demand(load).busiest < ceiling.burst + ceiling.per_second
    bucket = Bucket(ceiling)
    assert bucket.takes(1_100)
    assert not bucket.takes(101)
    assert bucket.takes(100)


def test_a_bucket_gives_its_burst_once_and_its_rate_every_second() -> None:
    bucket = Bucket(ceilings()["api_requests"])
    assert bucket.takes(15_000)
    assert not bucket.takes(10_001)
    for _ in range(3):
        assert bucket.takes(10_000)


def test_the_examples_of_the_documentation_have_loads_that_pass_and_loads_that_do_not() -> None:
    assert {simulate(load).refusal is None for load in EXAMPLES.values()} == {True, False}


# The command


def test_the_command_says_what_is_full_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDITS", "200")
    assert main(["EDITS"]) == 0
    said = capsys.readouterr().out
    assert ceilings()["account_writes"].what in said
    assert f"What to do: {ceilings()['account_writes'].past}." in said


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EDITZ", "1", "EDITZ is not known here; there are CALLS, EDITS"),
        ("EDITS", "-1", "EDITS=-1 is out of range: it is a number from 0 to 1,000,000, such as EDITS=10."),
        ("ACCOUNTS", "0", "ACCOUNTS=0 is out of range: it is a number from 1 to 1,000,000, such as ACCOUNTS=10."),
        ("CALLS", "many", "CALLS=many is no number"),
        ("CALLS", "nan", "CALLS=nan is out of range"),
        ("CALLS", "0", "There is no load: give CALLS, EDITS or SEATS, such as CALLS=10."),
    ],
)
def test_what_the_command_cannot_take_is_refused_with_what_it_can(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    assert main([name]) == 2
    assert words in capsys.readouterr().err


def test_the_command_runs_as_make_runs_it() -> None:
    command = [sys.executable, "-m", "local.scale", "CALLS"]
    environment = {"CALLS": "5", "PYTHONPATH": "layers/shared"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing is refused." in done.stdout


def test_a_seat_reads_alone() -> None:
    assert all(units()[name][2].write_units == 0 for name in SEAT)
