"""Class balance: samples as given, and as many as probably belong to each class."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_judgement import ESTIMATE, make_judged_run
from made_runs import PLAIN, Made, make_run

from dataclinic.report.balance import MOST_BARS, TrueLabels, balance_of
from dataclinic.report.html import render_html
from dataclinic.report.material import Material
from dataclinic.report.page import make_page
from dataclinic.seeding import rng_for

CLASSES = ("a", "b", "c")


def ranking_of(given, suggested, wrong, likeliest) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "given_label": list(given),
            "suggested_label": list(suggested),
            "probability": wrong,
            "suggested_probability": likeliest,
        }
    )


def test_each_label_counts_as_far_as_it_is_right():
    truth = TrueLabels.of(ranking_of("aaab", "bbba", [0.0, 0.5, 1.0, 0.25], [0.0, 0.5, 1.0, 0.25]), CLASSES)
    assert truth.counts().tolist() == pytest.approx([1.75, 2.25, 0.0])
    np.testing.assert_allclose(truth.table(), [[1.5, 1.5, 0], [0.25, 0.75, 0], [0, 0, 0]])


def test_what_is_left_beyond_the_suggested_class_goes_to_the_others_by_their_size():
    truth = TrueLabels.of(ranking_of("abbc", "bccc", [0.5, 0, 0, 0], [0.2, 0, 0, 0]), CLASSES)
    # 0.3 of the first sample: two thirds of the other samples are of b, a third of c.
    assert truth.counts().tolist() == pytest.approx([0.5, 2 + 0.2 + 0.2, 1 + 0.1])


def test_counts_sum_to_all_samples_whatever_the_probabilities():
    rng = rng_for(0, "balance")
    size = 500
    given, suggested = (np.array(CLASSES)[rng.integers(0, 3, size)] for _ in range(2))
    wrong = rng.random(size)
    truth = TrueLabels.of(ranking_of(given, suggested, wrong, wrong * rng.random(size)), CLASSES)
    assert truth.counts().sum() == pytest.approx(size)
    assert (truth.counts() >= 0).all()


def test_samples_that_were_not_judged_stay_where_they_are():
    truth = TrueLabels.of(ranking_of("aab", [None, "b", "a"], [np.nan, 1.0, 0.0], [np.nan, 1.0, 0.0]), CLASSES)
    assert truth.counts().tolist() == pytest.approx([1, 2, 0])


def test_pairs_are_those_with_most_expected_errors():
    truth = TrueLabels.of(ranking_of("aaaab", "bbbca", [1, 1, 0.5, 0.4, 0.9], [1, 1, 0.5, 0.4, 0.9]), CLASSES)
    pairs = truth.pairs(5)
    assert [(pair.given, pair.predicted, pair.count) for pair in pairs] == [("a", "b", 2), ("b", "a", 1)]
    assert pairs[0].share == pytest.approx(2.5 / 4)


def test_without_probabilities_there_is_no_estimate():
    ranking = ranking_of("ab", "ba", [np.nan, np.nan], [np.nan, np.nan])
    assert TrueLabels.of(ranking, CLASSES) is None
    assert TrueLabels.of(ranking.drop(columns="probability"), CLASSES) is None


def test_bars_are_as_long_as_the_longest_of_both_kinds():
    truth = TrueLabels.of(ranking_of("aaab", "bbba", [1.0, 1, 1, 0], [1.0, 1, 1, 0]), CLASSES)
    found = balance_of(("a", "b", "c"), (3, 1, 0), truth)
    assert [bar.given_share for bar in found.bars] == [0.75, 0.25, 0]
    assert [bar.truly_share for bar in found.bars] == pytest.approx([0, 1, 0])


def test_of_many_classes_the_largest_and_the_smallest_are_drawn():
    labels = [f"class {place:03}" for place in range(100)]
    found = balance_of(labels, list(range(100, 0, -1)), None)
    assert len(found.bars) == MOST_BARS
    assert (found.head, found.left_out, found.estimated) == (15, 70, False)
    assert [bar.label for bar in (found.bars[14], found.bars[15])] == ["class 014", "class 085"]


def test_the_page_shows_both_kinds_of_bars_and_of_confusions(tmp_path):
    text = render_html(make_judged_run(tmp_path / "run", Made(previews=False)))
    assert text.count('class="as-true" style') == text.count('class="as-given" style') == len(PLAIN)
    assert text.count('<table class="heat') == 2
    assert "Table of probable classes" in text


def test_nothing_is_estimated_where_models_know_too_little(tmp_path):
    judged = make_judged_run(tmp_path / "judged", Made(previews=False), {**ESTIMATE, "known": False})
    plain = make_run(tmp_path / "plain", Made(previews=False))
    for run in (judged, plain):
        text = render_html(run)
        assert "as-true" not in text.partition("</style>")[2]
        assert text.count('<table class="heat') == 1


def test_many_classes_give_pairs_of_both_kinds(tmp_path):
    classes = tuple(f"class {place}" for place in range(40))
    run = make_judged_run(tmp_path / "run", Made(samples=900, flagged=300, classes=classes, previews=False))
    found = make_page(Material.read(run)).classes
    assert (found.heat, found.true_heat) == ((), ())
    assert found.true_pairs
    assert [pair.count for pair in found.true_pairs] == sorted((pair.count for pair in found.true_pairs), reverse=True)
    assert render_html(run).count('<table class="pairs">') == 2
