from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dataclinic.findings import DidNotApply
from dataclinic.recipe import Recipe
from dataclinic.registry import FIXES
from dataclinic.steps.try_fixes.compound import apply_in_turn
from dataclinic.testing.parts import vector_part
from dataclinic.testing.planted import gaussian_classes
from dataclinic.treatments import Treatment

VECTORS, LABELS = gaussian_classes(30, 3, dims=4)
PART = vector_part(VECTORS, LABELS)


@dataclass(frozen=True)
class Does:
    action: object
    listens: ClassVar[frozenset] = frozenset()

    def propose(self, part):
        return self.action(part)


DROP_FIRST_TEN = Does(lambda part: Treatment(part.rows[10:], part.labels[10:], "drop 10"))
DOUBLE_ODD = Does(lambda part: Treatment(part.rows, part.labels, "weigh", weights=1.0 + part.rows % 2))
ALL_TO_ZERO = Does(lambda part: Treatment(part.rows, np.zeros_like(part.labels), "relabel"))
SMOOTH = Does(lambda part: Treatment(part.rows, part.labels, "smooth", recipe=Recipe(label_smoothing=0.1)))
SHIFT = Does(lambda part: Treatment(part.rows, part.labels, "shift", offsets=np.ones(3)))
IDLE = Does(lambda _part: DidNotApply("nothing"))


def test_rows_are_changed_before_weights_are_proposed_whatever_the_order():
    for order in ([DROP_FIRST_TEN, DOUBLE_ODD], [DOUBLE_ODD, DROP_FIRST_TEN]):
        both = apply_in_turn(order, PART)
        assert np.array_equal(both.rows, np.arange(10, 30))
        # weights were proposed for the 20 rows that were left, by their places there
        assert np.array_equal(both.weights, 1.0 + np.arange(20) % 2)
        assert both.told == "drop 10, weigh"


def test_weights_of_a_relabelled_part_are_those_of_its_new_labels():
    part = vector_part(VECTORS, np.where(np.arange(30) < 20, 0, LABELS))
    assert apply_in_turn([FIXES.make("class_weights"), SHIFT], part).weights is not None
    both = apply_in_turn([FIXES.make("class_weights"), ALL_TO_ZERO], part)
    assert np.array_equal(both.labels, np.zeros(30))
    # class weights have nothing to balance in what was relabelled, though they had before
    assert both.weights is None


def test_how_to_train_and_how_to_decide_add_up():
    both = apply_in_turn([SHIFT, SMOOTH, SHIFT], PART)
    assert both.recipe == Recipe(label_smoothing=0.1)
    assert np.array_equal(both.offsets, [2.0, 2.0, 2.0])
    assert np.array_equal(both.rows, PART.rows)


def test_weights_multiply():
    both = apply_in_turn([DOUBLE_ODD, DOUBLE_ODD], PART)
    assert np.array_equal(both.weights, (1.0 + PART.rows % 2) ** 2)


def test_idle_fixes_are_left_out_and_none_is_left_where_all_are():
    assert apply_in_turn([IDLE, SHIFT], PART).told == "shift"
    assert apply_in_turn([IDLE, IDLE], PART) == DidNotApply("none of its fixes applies")


def test_the_part_itself_stays_as_it_was():
    before = PART.labels.copy()
    apply_in_turn([ALL_TO_ZERO, DROP_FIRST_TEN], PART)
    assert np.array_equal(PART.labels, before)


def test_records_follow_their_rows():
    seen = []

    def look(part):
        seen.append(part)
        return Treatment(part.rows, part.given, "looked", weights=np.full(len(part), 2.0))

    from dataclinic.testing.parts import accusing

    part = vector_part(VECTORS, LABELS, records=[accusing([3, 12])])
    listening = Does(look)
    object.__setattr__(listening, "listens", frozenset({"label_errors"}))
    apply_in_turn([listening, DROP_FIRST_TEN], part)
    rows = [finding.row for record in seen[-1].records for finding in record.outcome.findings]
    assert rows == [2]
