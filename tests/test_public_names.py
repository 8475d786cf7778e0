import pytest

import dataclinic


def test_public_names_are_these_and_all_are_there():
    assert dataclinic.__all__ == [
        *("DataclinicError", "ExportOptions", "RunDir", "Search", "Settings", "__version__"),
        *("audit", "export", "rank_labels", "read_settings", "try_fixes", "tune"),
    ]
    assert dir(dataclinic) == sorted(dataclinic.__all__)
    for name in dataclinic.__all__:
        assert getattr(dataclinic, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'audti'"):
        getattr(dataclinic, "audti")  # noqa: B009 - the attribute is misspelled on purpose
