import errno

import pytest

from dataclinic.outgoing.placed_files import copy_file, link_file


@pytest.fixture
def original(tmp_path):
    file = tmp_path / "data" / "a.png"
    file.parent.mkdir()
    file.write_bytes(b"picture")
    return file


def test_a_link_is_another_name_of_the_same_file(original, tmp_path):
    link_file(original, tmp_path / "x" / "y" / "b.png")
    assert (tmp_path / "x" / "y" / "b.png").samefile(original)


def test_a_copy_is_a_file_of_its_own_with_the_same_time(original, tmp_path):
    copy_file(original, tmp_path / "x" / "b.png")
    copy = tmp_path / "x" / "b.png"
    assert not copy.samefile(original)
    assert (copy.read_bytes(), copy.stat().st_mtime_ns) == (b"picture", original.stat().st_mtime_ns)


@pytest.mark.parametrize("why", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP])
def test_where_no_link_can_be_there_is_a_copy(original, tmp_path, monkeypatch, why):
    def refused(*_args):
        raise OSError(why, "no link")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refused)
    link_file(original, tmp_path / "b.png")
    assert not (tmp_path / "b.png").samefile(original)
    assert (tmp_path / "b.png").read_bytes() == b"picture"


def test_a_symbolic_link_is_followed_to_its_file(original, tmp_path):
    (tmp_path / "data" / "link.png").symlink_to("a.png")
    for place in (link_file, copy_file):
        target = tmp_path / place.__name__ / "deep" / "b.png"
        place(tmp_path / "data" / "link.png", target)
        assert not target.is_symlink()
        assert target.read_bytes() == b"picture"
    assert (tmp_path / "link_file" / "deep" / "b.png").samefile(original)


def test_a_symbolic_link_that_leads_nowhere_is_copied_as_it_is(tmp_path):
    (tmp_path / "lost.png").symlink_to("nowhere.png")
    for place in (link_file, copy_file):
        target = tmp_path / place.__name__ / "b.png"
        place(tmp_path / "lost.png", target)
        assert target.is_symlink()
