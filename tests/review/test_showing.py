"""What a reviewer is shown of a sample: from the data while it is as it was audited, else from previews."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_audits import PREVIEWED, SUSPECTS, make_audited, make_pictures, make_table, make_texts, opened, without
from PIL import Image

from dataclinic.evidence import Neighbours
from dataclinic.review.contents import MOST_CELLS, MOST_OF_A_CELL, MOST_TEXT
from dataclinic.review.session import Session
from dataclinic.review.showing import BESIDE_CELLS, BESIDE_CHARACTERS, Showing
from dataclinic.rundir.judgement_files import save_neighbours
from dataclinic.settings import Settings


def showing_of(run):
    return Showing(run, Session(run))


def test_a_row_shows_its_telling_cells_first_with_the_medians_of_both_classes(tmp_path):
    shown = showing_of(make_table(tmp_path)).shown(0)
    first, *others = shown.content.cells
    assert (first.column, first.telling) == ("size", True)
    frame = pd.read_csv(tmp_path / "table.csv")
    medians = frame.groupby("label")["size"].median()
    assert float(first.given_median) == pytest.approx(medians["cat"], rel=1e-5)
    assert float(first.suggested_median) == pytest.approx(medians["dog"], rel=1e-5)
    assert float(first.value) == pytest.approx(frame["size"][0], rel=1e-5)
    assert [cell.column for cell in others] == ["shade", "noise", "count", "note"]
    assert shown.content.columns == 5


def test_a_row_that_is_like_its_given_class_has_no_telling_cells(tmp_path):
    shown = showing_of(make_table(tmp_path)).shown(20)
    assert [cell.column for cell in shown.content.cells] == ["shade", "noise", "size", "count", "note"]
    assert not any(cell.telling for cell in shown.content.cells)


def test_cells_are_text_as_in_the_report(tmp_path):
    cells = {cell.column: cell.value for cell in showing_of(make_table(tmp_path)).shown(1).content.cells}
    assert (cells["shade"], cells["count"], cells["noise"]) == ("n1", "1000", "")
    assert len(cells["note"]) == MOST_OF_A_CELL
    assert cells["note"].endswith("…")


def test_a_very_wide_row_is_cut_and_says_how_wide_it_is(tmp_path):
    frame = pd.DataFrame(np.arange(410 * 20).reshape(20, 410)).assign(label=["a", "b"] * 10)
    frame.to_csv(tmp_path / "wide.csv", index=False)
    content = (
        showing_of(make_audited(tmp_path / "run", tmp_path / "wide.csv", Settings(label="label"))).shown(0).content
    )
    assert (len(content.cells), content.columns) == (MOST_CELLS, 410)


def test_a_text_is_shown_as_it_stands_and_a_long_one_says_how_much_is_missing(tmp_path):
    showing = showing_of(make_texts(tmp_path))
    assert showing.shown(3).content.text == "text number 3 <b>bold</b>\nsecond line"
    long = showing.shown(0).content
    assert (len(long.text), long.cut) == (MOST_TEXT, 30_000 - MOST_TEXT)
    beside = next(
        near for row in range(40) for side in showing.shown(row).sides for near in side.samples if near.row == 0
    )
    assert (len(beside.content.text), beside.content.cut) == (BESIDE_CHARACTERS, 30_000 - BESIDE_CHARACTERS)


def test_labels_and_their_probabilities(tmp_path):
    run = make_table(tmp_path)
    shown = showing_of(run).shown(0)
    assert (shown.rank, shown.id, shown.given, shown.suggested) == (1, Session(run).suspect(0).id, "cat", "dog")
    assert shown.probability == pytest.approx(0.95)
    assert shown.given_probability == pytest.approx(0.05)
    assert shown.suggested_probability == pytest.approx(0.855)
    assert shown.checks == ("label_errors",)
    assert showing_of(run).shown(30).suggested is None


def test_a_verdict_is_shown_with_its_sample(tmp_path):
    run = make_table(tmp_path)
    session = Session(run, reviewer="ann")
    session.decide(4, "drop")
    shown = Showing(run, session).shown(4)
    assert (shown.decision.verdict, shown.decision.reviewer) == ("drop", "ann")
    assert Showing(run, session).shown(5).decision is None


def test_neighbours_of_both_classes_are_the_nearest_with_a_label_that_is_probably_right(tmp_path):
    run = make_table(tmp_path)
    rows = np.full((60, 6), -1)
    distances = np.full((60, 6), np.inf, np.float32)
    # Row 0 is a cat: 2 is a suspect cat, 20 and 30 are cats, 21 and 33 dogs.
    rows[0] = [2, 20, 21, 30, 33, 22]
    distances[0] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    save_neighbours(run.path, Neighbours(rows, distances))
    given, suggested = showing_of(run).shown(0).sides
    assert (given.role, given.label, [near.row for near in given.samples]) == ("given", "cat", [20, 30])
    assert (suggested.role, suggested.label, [near.row for near in suggested.samples]) == ("suggested", "dog", [21, 33])
    assert [near.distance for near in suggested.samples] == pytest.approx([0.3, 0.5])
    assert {near.label for near in suggested.samples} == {"dog"}
    assert len(given.samples[0].content.cells) <= BESIDE_CELLS
    assert given.samples[0].content.cells[0].column == "size"
    assert not any(cell.telling for cell in given.samples[0].content.cells)


def test_a_doubtful_neighbour_is_better_than_none_until_a_person_keeps_it(tmp_path):
    run = make_table(tmp_path)
    rows, distances = np.full((60, 3), -1), np.full((60, 3), np.inf, np.float32)
    rows[0], distances[0] = [2, 20, -1], [0.1, 0.2, np.inf]
    save_neighbours(run.path, Neighbours(rows, distances))
    session = Session(run)
    showing = Showing(run, session)
    assert [near.row for near in showing.shown(0).sides[0].samples] == [20, 2]
    session.decide(2, "keep")
    session.decide(20, "drop")
    assert [near.row for near in showing.shown(0).sides[0].samples] == [2, 20]


def test_copies_are_no_neighbours(tmp_path):
    run = make_table(tmp_path)
    rows, distances = np.full((60, 5), -1), np.full((60, 5), np.inf, np.float32)
    rows[0], distances[0] = [20, 22, 24, 26, 28], [0.0, 0.3, 0.3, 0.4, 0.5]
    save_neighbours(run.path, Neighbours(rows, distances))
    assert [near.row for near in showing_of(run).shown(0).sides[0].samples] == [22, 26]


def test_neighbours_that_the_audit_chose_come_first(tmp_path):
    run = make_table(tmp_path)
    chosen = {"given": [{"row": 40, "distance": 0.5}], "suggested": [{"row": 41, "distance": 0.25}]}
    run.write_json("neighbours.json", {"0": chosen})
    showing = showing_of(run)
    assert [[near.row for near in side.samples] for side in showing.shown(0).sides] == [[40], [41]]
    assert showing.shown(1).sides


def test_a_run_without_neighbours_shows_none(tmp_path):
    assert showing_of(without(make_table(tmp_path), "neighbours.npz")).shown(0).sides == ()


def test_a_sample_without_a_suggestion_has_one_side_at_most(tmp_path):
    sides = showing_of(make_table(tmp_path)).shown(30).sides
    assert [side.role for side in sides] == ["given"]


def test_numbers_have_no_sides_and_no_telling_cells(tmp_path):
    shown = showing_of(make_table(tmp_path, task="regression")).shown(0)
    assert (shown.sides, shown.suggested) == ((), "1.5")
    assert float(shown.given) == pytest.approx(pd.read_csv(tmp_path / "table.csv")["label"][0])
    assert not any(cell.telling for cell in shown.content.cells)


def test_pictures_are_shown_no_larger_than_asked_for(tmp_path):
    showing = showing_of(make_pictures(tmp_path, side=1300, each=7))
    content, kind = showing.picture(3, 240)
    assert (opened(content).size, opened(content).format, kind) == ((240, 120), "JPEG", "image/jpeg")
    content, _ = showing.picture(3, 1200)
    assert opened(content).size == (1200, 600)


def test_tiny_pictures_are_enlarged_in_whole_steps_without_smoothing(tmp_path):
    (tmp_path / "photos" / "a").mkdir(parents=True)
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[3, 4] = 255
    for number in range(20):
        Image.fromarray(pixels).save(tmp_path / "photos" / "a" / f"{number}.png")
    (tmp_path / "photos" / "b").mkdir()
    Image.fromarray(pixels).save(tmp_path / "photos" / "b" / "0.png")
    showing = showing_of(make_audited(tmp_path / "run", tmp_path / "photos"))
    content, kind = showing.picture(0, 240)
    assert (opened(content).size, opened(content).format, kind) == ((240, 240), "PNG", "image/png")
    assert np.array_equal(np.asarray(opened(content)), np.kron(pixels, np.ones((30, 30, 1), np.uint8)))


def test_a_picture_that_cannot_be_read_says_why(tmp_path):
    run = make_pictures(tmp_path)
    row = next(row for row in range(40) if "blue/0.png" in Session(run).suspect(row).id)
    content = showing_of(run).shown(row).content
    assert not content.picture
    assert "not an image" in content.missing
    assert showing_of(run).picture(row, 240) is None


def test_samples_of_a_table_have_no_picture(tmp_path):
    assert showing_of(make_table(tmp_path)).picture(0, 240) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.unlink(), "is not at"),
        (lambda file: file.write_text(file.read_text() + "n60,0,1,2,x,cat\n"), "changed since the audit"),
        (lambda file: file.write_text("label\n"), "cannot be read"),
    ],
)
def test_data_that_is_gone_or_changed_is_shown_from_previews(tmp_path, change, said):
    run = make_table(tmp_path)
    change(tmp_path / "table.csv")
    showing = showing_of(run)
    assert showing.notice() is None
    content = showing.shown(0).content
    assert [cell.column for cell in content.cells] == ["size", "shade", "noise", "count", "note"]
    assert content.cells[0].telling
    assert content.columns == 5
    assert said in showing.notice()
    assert "no preview" in showing.shown(PREVIEWED).content.missing


def test_settings_of_another_version_are_no_reason_to_stop(tmp_path):
    run = make_table(tmp_path)
    run.write_json("run.json", {**run.record, "settings": {"unheard_of": 1}})
    showing = showing_of(run)
    assert showing.shown(0).content.cells
    assert "cannot be loaded as it was audited" in showing.notice()


def test_pictures_that_are_gone_are_shown_from_thumbnails_encoded_anew(tmp_path):
    run = make_pictures(tmp_path)
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    showing = showing_of(run)
    row = next(row for row in range(PREVIEWED) if showing.shown(row).content.picture)
    content, kind = showing.picture(row, 1200)
    assert (opened(content).format, kind) == ("JPEG", "image/jpeg")
    assert showing.picture(PREVIEWED, 1200) is None
    (run.path / run.read_json("previews.json")[str(row)]["thumbnail"]).write_bytes(b"<script>alert(1)</script>")
    assert showing_of(run).picture(row, 240) is None


def test_a_preview_never_leads_out_of_the_run(tmp_path):
    run = make_pictures(tmp_path)
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    secret = tmp_path / "elsewhere" / "red" / "1.png"
    for name in (f"../elsewhere/red/{secret.name}", str(secret), "thumbnails/../../elsewhere/red/1.png"):
        run.write_json("previews.json", {"0": {"thumbnail": name, "width_px": 1, "height_px": 1}})
        assert showing_of(run).picture(0, 240) is None
        assert not showing_of(run).shown(0).content.picture


def test_texts_that_are_gone_are_shown_from_previews(tmp_path):
    run = make_texts(tmp_path)
    (tmp_path / "texts.csv").unlink()
    content = showing_of(run).shown(0).content
    assert content.text.startswith("word word")
    assert content.cut == 29_999 - 4000
    assert SUSPECTS > PREVIEWED


def test_data_that_is_as_it_was_audited_gives_no_notice(tmp_path):
    showing = showing_of(make_table(tmp_path))
    showing.load()
    assert showing.notice() is None
