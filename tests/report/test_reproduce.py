"""A report names all that it takes to make the run again."""

from __future__ import annotations

import pytest
from made_runs import Made, change_record, make_run

from dataclinic.report.html import render_html
from dataclinic.report.reproduce import columns_told, command_of, held_out, settings_toml
from dataclinic.settings import Settings, read_settings


def test_settings_come_back_from_the_file_that_is_shown(tmp_path):
    settings = Settings(
        label="species", time="day", seed=7, skip=("dark",), checks={"iqr_outliers": {"factor": 2.5}}, trials=("none",)
    )
    file = tmp_path / "settings.toml"
    file.write_text(settings_toml({"settings": settings.as_json()}), encoding="utf-8")
    assert read_settings(file) == settings


def test_the_default_settings_come_back_too(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(settings_toml({"settings": Settings().as_json()}), encoding="utf-8")
    assert read_settings(file) == Settings()


def test_the_command_is_the_one_that_was_typed():
    assert command_of({"command": ["dataclinic", "audit", "x", "--time", "day"]})[-2:] == ["--time", "day"]


def test_a_run_without_a_command_names_one_with_its_settings_in_a_file():
    assert command_of({"source": "data.csv", "command": []}) == [
        "dataclinic",
        "audit",
        "data.csv",
        "--settings",
        "settings.toml",
    ]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"folds": 5, "repeats": 3}, "5 folds, drawn 3 times"),
        (
            {"folds": 4, "repeats": 1, "group": "house"},
            "4 folds, drawn once; samples of one house (--group) stay together",
        ),
        (
            {"folds": 5, "repeats": 1, "time": "day"},
            "5 folds, drawn once; in the order of day (--time), by models of earlier samples alone",
        ),
        ({"folds": 5, "probs": "p.npy"}, ""),
        ({}, ""),
    ],
)
def test_how_samples_were_held_out_is_told_with_the_columns_that_bind_them(settings, told):
    assert held_out({"settings": settings}) == told


def test_named_columns_are_listed():
    settings = {"label": "species", "time": "day", "id": None}
    assert columns_told({"settings": settings}) == "label: species, time: day"


def test_the_page_holds_command_settings_and_further_commands(tmp_path):
    run = make_run(tmp_path / "run", Made(previews=False))
    settings = Settings(time="day").as_json()
    tried = [["dataclinic", "try", "run", "--fix", "relabel_suspects"]]
    change_record(run, settings=settings, command=["dataclinic", "audit", "x", "--time", "day"], tried=tried)
    text = render_html(run)
    for part in (
        "dataclinic audit x --time day",
        "--fix relabel_suspects",
        "time = &#34;day&#34;",
        "by models of earlier",
    ):
        assert part in text, part
