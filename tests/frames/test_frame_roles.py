import pandas as pd
import pytest

from dataclinic.dataset import ColumnRoles
from dataclinic.errors import DataError
from dataclinic.frames.roles import resolve_roles

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
HALVES = ["a", "b"] * 20


def frame_of(**columns):
    return pd.DataFrame({name: (cells * 40)[:40] for name, cells in columns.items()})


def guessed_label(frame):
    return resolve_roles(frame, ColumnRoles())[0].label


@pytest.mark.parametrize("name", ["label", "Label", "LABELS", "class", "target", "y", "Category"])
def test_known_names_are_the_label(name):
    frame = frame_of(**{name: HALVES}, last=HALVES)
    roles, notes = resolve_roles(frame, ColumnRoles())
    assert roles.label == name
    assert notes == (f"label column guessed: '{name}' (use --label to choose another)",)


@pytest.mark.parametrize("name", ["noisy_label", "labelGiven", "given label", "target_2", "productCategory"])
def test_names_with_a_known_word_are_the_label(name):
    assert guessed_label(frame_of(**{name: HALVES}, last=HALVES)) == name


def test_label_goes_before_class():
    assert guessed_label(frame_of(**{"class": HALVES}, label=HALVES)) == "label"


def test_a_word_inside_a_word_is_no_name():
    assert guessed_label(frame_of(classroom=HALVES, grade=HALVES)) == "grade"


def test_the_last_column_is_the_label_where_its_values_repeat():
    assert guessed_label(frame_of(x=[1.5, 2.5, 3.5], grade=HALVES)) == "grade"


@pytest.mark.parametrize("cells", [["a"], list(range(40)), [str(n) for n in range(10)], [0.5 * n for n in range(30)]])
def test_no_label_is_found_where_the_last_column_holds_no_classes(cells):
    with pytest.raises(DataError, match="no label column found among: x, last") as caught:
        guessed_label(frame_of(x=[1, 2, 3], last=cells))
    assert "--label" in caught.value.hint


def test_two_columns_of_the_same_rank_are_a_question():
    with pytest.raises(DataError, match="several columns could hold the label: true_label, crowd_label"):
        guessed_label(frame_of(true_label=HALVES, crowd_label=HALVES))


def test_a_constant_column_with_label_in_its_name_is_no_candidate():
    assert guessed_label(frame_of(label_version=["v1"], crowd_label=HALVES)) == "crowd_label"


def test_many_columns_are_not_all_listed():
    frame = pd.DataFrame({f"x{place}": [1.5, 2.5, 3.5, 4.5] for place in range(100)})
    with pytest.raises(DataError, match="and 80 more"):
        guessed_label(frame)


@pytest.mark.parametrize("option", ["label", "image", "id", "group", "split"])
def test_a_column_that_is_not_there_gives_the_nearest_name(option):
    with pytest.raises(DataError, match=f"no column 'gradde' \\(--{option}\\)") as caught:
        resolve_roles(frame_of(x=[1, 2], grade=HALVES), ColumnRoles(**{option: "gradde"}))
    assert caught.value.hint.startswith("did you mean 'grade'?")


def test_the_nearest_name_does_not_mind_case():
    with pytest.raises(DataError) as caught:
        resolve_roles(frame_of(x=[1, 2], GRADE=HALVES), ColumnRoles(label="grade"))
    assert caught.value.hint.startswith("did you mean 'GRADE'?")


@pytest.mark.parametrize(
    "cell", [PNG, b"\xff\xd8\xff\xe0", {"bytes": PNG, "path": None}, {"bytes": None, "path": "a.JPG"}]
)
def test_a_column_of_pictures_is_the_image_column(cell):
    roles, notes = resolve_roles(frame_of(picture=[None, cell], label=HALVES), ColumnRoles())
    assert roles.image == "picture"
    assert "image column guessed: 'picture' (use --image to choose another)" in notes


@pytest.mark.parametrize("cell", [b"no picture", {"text": "x"}, "a.jpg"])
def test_other_bytes_structs_and_texts_are_no_images(cell):
    assert resolve_roles(frame_of(other=[cell], label=HALVES), ColumnRoles())[0].image is None


@pytest.mark.parametrize(
    ("cells", "image"), [([PNG] * 3 + [b"junk"], "other"), ([PNG, b"junk"], "other"), ([PNG, b"junk", b"junk"], None)]
)
def test_half_of_the_cells_must_be_pictures(cells, image):
    assert resolve_roles(frame_of(other=cells, label=HALVES), ColumnRoles())[0].image == image


def test_the_nameless_index_of_pandas_is_not_the_last_column():
    assert guessed_label(frame_of(x=[1.5, 2.5], grade=HALVES, __index_level_0__=[0, 1])) == "grade"


def test_the_nameless_index_of_pandas_is_not_listed():
    frame = frame_of(x=[1.5, 2.5], __index_level_0__=[0, 1], __index_level_1__=["p", "q"])
    with pytest.raises(DataError, match=r"no label column found among: x$"):
        guessed_label(frame[["__index_level_0__", "__index_level_1__"]].assign(x=range(40)))
    with pytest.raises(DataError) as caught:
        resolve_roles(frame, ColumnRoles(label="z"))
    assert caught.value.hint == "(columns: x)"


def test_two_columns_of_pictures_are_not_guessed_between():
    assert resolve_roles(frame_of(front=[PNG], back=[PNG], label=HALVES), ColumnRoles())[0].image is None


@pytest.mark.parametrize(
    ("cells", "split"), [(["train", "test"], "split"), (["Train", "VAL"], "split"), (["1", "2"], None), ([None], None)]
)
def test_a_split_column_is_known_by_its_values(cells, split):
    roles, notes = resolve_roles(frame_of(split=cells, label=HALVES), ColumnRoles())
    assert roles.split == split
    assert ("split column guessed: 'split'" in notes) is (split is not None)


def test_named_columns_are_taken_without_a_note():
    named = ColumnRoles(label="grade", image="file", id="key", group="who", split="part")
    frame = frame_of(grade=HALVES, file=["a.png"], key=["k"], who=["w"], part=["p"])
    assert resolve_roles(frame, named) == (named, ())


def test_a_target_is_guessed_by_its_name_where_it_holds_numbers():
    frame = frame_of(target_name=["a", "b"], target_price=[1.5, 2.5], other=[3.5, 1.5])
    assert resolve_roles(frame, ColumnRoles(), "regression")[0].label == "target_price"
    with pytest.raises(DataError, match="no label column found"):
        resolve_roles(frame[["target_name", "other"]], ColumnRoles(), "regression")


@pytest.mark.parametrize("option", ["image", "text", "time"])
def test_the_label_cannot_be_learned_from_itself(option):
    named = ColumnRoles(label="grade", **{option: "grade"})
    with pytest.raises(DataError, match=f"'grade' cannot be both --label and --{option}"):
        resolve_roles(frame_of(grade=["a", "b"]), named)
