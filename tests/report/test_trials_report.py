"""What a run's trials.json says stands in its summary, its JSON and on its page, and nowhere where there is none."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from made_runs import HOSTILE, Made, make_run, read_report
from made_trials import ARMS, NOTHING_HELPS, UNTRIED, MadeTrials, add_trials

from dataclinic.errors import RunError
from dataclinic.report.html import render_html, write_report
from dataclinic.report.summary import summarise, summary_json
from dataclinic.report.trials import CombinedArm, NotCombined, read_trials

MOST_BYTES = 5_000_000


class Page(HTMLParser):
    """Tags, attributes and text of a page, with plain spaces."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag, **wanted):
        return [own for name, own in self.tags if name == tag and all(own.get(key) == wanted[key] for key in wanted)]


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", Made(samples=40, flagged=4, previews=False))


def page_of(run, made=None) -> Page:
    add_trials(run, made)
    return Page(render_html(run))


def test_reads_every_arm_of_the_file(run):
    content = add_trials(run)
    trials = read_trials(run)
    assert trials is not None
    assert trials.content == content
    assert [arm.arm for arm in trials.tried] == [arm[0] for arm in ARMS]
    assert [arm.outcome for arm in trials.untried] == ["failed", *["did not apply"] * 3]
    best = trials.tried[0]
    assert (best.measured.gain, best.measured.interval, best.measured.verdict) == (1.8, (1.1, 2.5), "helps")
    assert best.control_gain is None
    assert trials.tried[2].control_gain == content["arms"][2]["control_gain_pp"]
    assert trials.tried[2].over_control == content["arms"][2]["over_control_pp"]
    assert trials.tried[2].control_interval == tuple(content["arms"][2]["control_interval_pp"])
    assert best.trusted_gain is not None
    assert best.trusted_gain.gain == pytest.approx(1.98)
    assert isinstance(trials.combination, CombinedArm)
    assert trials.combined is trials.combination
    assert trials.confirmed is not None
    assert [arm.arm for arm in trials.confirmed.tried] == ["relabel_suspects", "weight_by_confidence"]
    assert trials.files == ("treatment.toml", "training_plan.parquet")


def test_reads_gains_of_numbers_by_their_names_without_unit(run):
    content = add_trials(run, MadeTrials(task="regression", trusted=False, noise=False))
    trials = read_trials(run)
    assert trials is not None
    assert trials.tried[0].measured.unit == "target units"
    assert trials.tried[2].control_gain == content["arms"][2]["control_gain"]


def test_there_may_be_no_combination_no_bounds_and_no_files(run):
    content = add_trials(run, NOTHING_HELPS)
    content["arms"][0]["metrics"]["accuracy"]["interval"] = [None, None]
    run.write_json("trials.json", content)
    trials = read_trials(run)
    assert trials is not None
    assert isinstance(trials.combination, NotCombined)
    assert trials.combined is None
    assert trials.tried[0].measured.interval is None
    assert trials.files == ()
    assert "–" in Page(render_html(run)).text


def test_classes_with_the_largest_changes_come_first(run):
    content = add_trials(run)
    content["arms"][0]["classes"] = {"a": {"gain_pp": 1.0}, "b": {"gain_pp": -3.0}, "c": {"gain_pp": 0.1}}
    run.write_json("trials.json", content)
    trials = read_trials(run)
    assert trials is not None
    assert [label for label, _ in trials.tried[0].largest_class_gains(2)] == ["b", "a"]


@pytest.mark.parametrize(
    "change",
    [
        {"arms": None},
        {"folds": "five"},
        {"arms": [{"arm": "x", "outcome": "won"}]},
        {"arms": [{"arm": "x", "outcome": "tried", "metric": "accuracy", "metrics": {}}]},
        {"untreated": {"accuracy": float("nan")}},
        {"something_else": float("inf")},
    ],
)
def test_a_broken_file_is_named(run, change):
    (run.path / "trials.json").write_text(json.dumps({**add_trials(run), **change}), encoding="utf-8")
    with pytest.raises(RunError, match=r"trials\.json"):
        read_trials(run)


def test_without_trials_nothing_is_shown(run):
    assert read_trials(run) is None
    text = render_html(run)
    assert not re.search(r"fixes|forest\"|headline\"|treatment", text.partition("</style>")[2])
    summary = summarise(run)
    assert summary.trials is None
    assert summary_json(summary)["trials"] is None


def test_json_holds_the_file_as_it_is(run):
    content = add_trials(run)
    assert summary_json(summarise(run))["trials"] == content
    write_report(run)
    assert read_report(run)["trials"] == content


def test_what_helps_is_the_third_sentence(run):
    text = page_of(run).text
    headline = (
        "relabel 212 of 16,000 labels: +1.8 pp (95 % interval +1.1 to +2.5), helps · "
        "weight 16,000 labels by the probability of being right: +1.2 pp (+0.6 to +1.8), helps · "
        "Undersample: −4.6 pp (−5.7 to −3.5), hurts"
    )
    assert headline in text
    assert "On 4,000 labels that people verified: relabel 212 of 16,000 labels: +2.0 pp" in text
    assert "The first removes 14 % of the errors." in text
    assert text.index("were audited") < text.index(headline) < text.index("Agreement out of fold")


def test_the_headline_says_when_nothing_helps(run):
    text = page_of(run, NOTHING_HELPS).text
    assert "No fix measurably helps on this data; gains of at least 0.9 pp would have shown." in text
    assert "Recommended:" not in text
    assert "--treatment" not in text


def test_the_section_says_how_it_was_measured_and_what_to_do(run):
    text = page_of(run).text
    for said in (
        "ridge_head (ridge regression on one-hot labels, closed form)",
        "5 folds × 3 repeats",
        "gain in accuracy against training on everything as given (87.1 %)",
        "scores on them can hide about 9 % of a true gain",
        "On 4,000 labels that people verified",
        "Relabel suspects + Class weights: +2.1 pp (95 % interval +1.4 to +2.8), helps. Measured on folds that did not",
        "Verified labels are those of the review.",
        "the fix over that: +0.6 pp",
        "Confirmed with timm_finetune",
        "reaches the untreated accuracy after 11.4 instead of 18.2 epochs",
        f"dataclinic export {run.path} DEST --treatment",
        "treatment.toml and training_plan.parquet",
        "4 fixes not tried",
        *(reason for _, _, reason in UNTRIED),
    ):
        assert said in text, said


def test_every_arm_has_its_row_with_gain_interval_and_verdict(run):
    text = page_of(run).text
    assert "Undersampletrain on 6,600 of 16,000 samples −4.6 pp −5.7 to −3.5 hurts 0.003 −36 % 1.4 pp" in text
    assert "Relabel suspectsrelabel 212 of 16,000 labels +1.8 pp +1.1 to +2.5 helps < 0.001 14 % 0.9 pp drops none" in (
        text
    )


def test_numbers_are_told_in_their_own_unit(tmp_path):
    run = make_run(tmp_path / "run", Made(kind="table", task="regression", samples=40, flagged=4))
    text = page_of(run, MadeTrials(task="regression", trusted=False, noise=False)).text
    assert "relabel 212 of 16,000 labels: +18 target units (95 % interval +11 to +25), helps" in text
    assert "reduction of mean absolute error against training on everything as given (312.5)" in text
    assert " pp" not in text
    assert "Gain of each class" not in text


def test_the_plot_is_an_image_with_a_text_and_a_table_beside_it(run):
    page = page_of(run)
    plots = page.all("svg", role="img")
    assert [plot["class"] for plot in plots] == ["wide", "narrow"]
    assert all("relabel 212" in (plot["aria-label"] or "") for plot in plots)
    assert len(page.all("th", scope="row")) >= len(ARMS)


def test_only_arms_that_can_be_tried_are_plotted(run):
    page = page_of(run, MadeTrials(arms=(), combined=False, confirmed=False, recommended=()))
    assert not page.all("svg", role="img")
    assert "No fix could be tried on this data." in page.text
    assert UNTRIED[-1][2] in page.text


def test_hostile_names_and_told_strings_are_text(run):
    arms = tuple((name, name, *arm[2:]) for name, arm in zip(HOSTILE, ARMS, strict=True))
    untried = tuple((name, "failed", name) for name in HOSTILE)
    content = add_trials(run, MadeTrials(arms=arms, classes=HOSTILE, untried=untried, recommended=HOSTILE))
    hurt = {"id": HOSTILE[0], "description": HOSTILE[1]}
    evil = {"model": hurt, "notes": list(HOSTILE), "confirmed": {**content["confirmed"], "model": hurt}}
    run.write_json("trials.json", {**content, **evil})
    page = Page(render_html(run))
    assert len(page.all("script")) == 1
    assert len(page.all("h1")) == 1
    assert page.all("img") == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.text.count("{{ 7 * 7 }} {% raw %} &amp; &lt;") > len(arms)


def test_forty_arms_of_a_hundred_long_classes_stay_small(run):
    classes = tuple('"' * 299 + str(place) for place in range(100))
    arms = tuple((f"{'x' * 80}{place}", '"' * 300, 1.0 - place / 10, 0.5, "helps") for place in range(40))
    without = len(render_html(run))
    content = add_trials(run, MadeTrials(arms=arms, classes=classes))
    assert len(content["arms"][0]["classes"]) == 100
    text = render_html(run)
    assert len(text) - without < 1_000_000
    assert len(text.encode()) < MOST_BYTES
    assert "30 of 100 classes" in Page(text).text
