import pytest

from dataclinic.errors import OptionError
from dataclinic.settings import merged, parse_assignment, read_settings


def test_options_go_over_the_file_and_the_file_over_defaults(tmp_path):
    file = tmp_path / "dataclinic.toml"
    file.write_text('folds = 4\nlabel = "grade"\n[checks.high_loss]\nfactor = 3.0\nmin_samples = 5\n')
    settings = read_settings(file, {"folds": 7, "label": None, "checks": {"high_loss": {"factor": 2.0}}})
    assert (settings.folds, settings.label, settings.repeats) == (7, "grade", 3)
    assert settings.checks == {"high_loss": {"factor": 2.0, "min_samples": 5}}


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"folds": 1}, "settings.folds cannot be 1", "greater than or equal to 2"),
        ({"model": "liner_head"}, "unknown model 'liner_head'", "did you mean 'linear_head'?"),
        ({"encoder": "tim_image"}, "unknown encoder 'tim_image'", "did you mean 'timm_image'?"),
        ({"skip": ("hi_loss",)}, "unknown check 'hi_loss'", "did you mean 'high_loss'?"),
        ({"checks": {"hi_loss": {}}}, "unknown check 'hi_loss'", "did you mean 'high_loss'?"),
        ({"fold": 3}, "unknown setting 'fold'", "did you mean 'folds'?"),
    ],
)
def test_what_is_wrong_is_named_with_a_hint(options, message, hint):
    with pytest.raises(OptionError) as caught:
        read_settings(None, options)
    assert caught.value.message == message
    assert hint in caught.value.hint


def test_broken_or_missing_file_is_an_option_error(tmp_path):
    with pytest.raises(OptionError, match="cannot read the settings"):
        read_settings(tmp_path / "missing.toml")
    (tmp_path / "broken.toml").write_text("folds = = 3")
    with pytest.raises(OptionError, match="cannot read the settings"):
        read_settings(tmp_path / "broken.toml")


def test_assignments_are_read_as_toml_or_plain_text():
    assert parse_assignment("checks.high-loss.factor=3") == {"checks": {"high_loss": {"factor": 3}}}
    assert parse_assignment("encoders.timm_image.architecture=resnet18") == {
        "encoders": {"timm_image": {"architecture": "resnet18"}}
    }
    for wrong in ("factor=3", "checks.high_loss.factor", "nothing.high_loss.factor=3"):
        with pytest.raises(OptionError, match="cannot read --set"):
            parse_assignment(wrong)


def test_merging_leaves_both_sides_as_they_were():
    below, above = {"a": {"x": 1}}, {"a": {"y": 2}}
    assert merged(below, above) == {"a": {"x": 1, "y": 2}}
    assert (below, above) == ({"a": {"x": 1}}, {"a": {"y": 2}})


def test_weights_become_a_setting_of_timm_image(tmp_path):
    settings = read_settings(
        None, {"weights": tmp_path / "w.safetensors", "encoders": {"timm_image": {"image_px": 96}}}
    )
    assert settings.encoder_settings["timm_image"] == {"image_px": 96, "weights": tmp_path / "w.safetensors"}


@pytest.mark.parametrize("text", ["checks = 3", "[checks]\nhigh_loss = 3"])
def test_a_number_where_a_table_belongs_is_an_option_error(tmp_path, text):
    file = tmp_path / "dataclinic.toml"
    file.write_text(text)
    with pytest.raises(OptionError, match="cannot be 3"):
        read_settings(file, {"checks": {"high_loss": {"factor": 2.0}}})
    with pytest.raises(OptionError, match="cannot be 3"):
        read_settings(file)


def test_one_model_or_several_may_be_named(tmp_path):
    assert read_settings(None, {}).model == ("auto",)
    assert read_settings(None, {"model": "linear_head"}).model == ("linear_head",)
    file = tmp_path / "dataclinic.toml"
    file.write_text('model = ["linear_head", "tree_ensemble"]\n')
    assert read_settings(file, {"model": ()}).model == ("linear_head", "tree_ensemble")
    assert read_settings(file, {"model": ("ridge_head",)}).model == ("ridge_head",)
    with pytest.raises(OptionError, match=r"settings\.model"):
        read_settings(None, {"model": []})


def test_weights_reach_every_plug_in_that_takes_them(tmp_path):
    settings = read_settings(None, {"weights": tmp_path, "models": {"timm_finetune": {"epochs": 3}}})
    assert settings.model_settings == {"timm_finetune": {"epochs": 3, "weights": tmp_path}}
    assert settings.encoder_settings["sentence_embeddings"] == {"weights": tmp_path}


def test_roles_and_task_come_from_the_settings():
    settings = read_settings(None, {"text": "said", "time": "day", "task": "regression"})
    assert (settings.roles.text, settings.roles.time, settings.task) == ("said", "day", "regression")
    with pytest.raises(OptionError, match=r"settings\.task"):
        read_settings(None, {"task": "ranking"})
    with pytest.raises(OptionError, match="image and text"):
        read_settings(None, {"text": "said", "image": "picture"})
