import pytest

from dataclinic.findings import told_share


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0.0%"), (0.0004, "< 0.1%"), (0.5, "50.0%"), (0.9996, "> 99.9%"), (1.0, "100.0%")]
)
def test_nearly_nothing_does_not_read_like_nothing(share, text):
    assert told_share(share) == text
