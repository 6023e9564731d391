"""Each version that decided anything is kept whole and comes back as it was, under any regime."""

from pathlib import Path

import pytest

import westlake.programmes
from westlake.errors import WestlakeError
from westlake.rules import load_programme
from westlake.settlement.versions import archive, restored

HANGZHOU = Path(westlake.programmes.__file__).parent / "hangzhou"


@pytest.mark.parametrize("regime", ["official", "article"])
def test_a_version_comes_back_under_a_regime_that_speaks_of_other_programmes(office, regime):
    programme = load_programme(HANGZHOU / "cloud_voucher", regime=regime)
    archive(office.connection, programme)
    with restored(office.connection, programme.digest) as again:
        assert (again.digest, again.regime, again.values.keys()) == (programme.digest, regime, programme.values.keys())


def test_a_reform_laid_over_a_version_may_speak_of_the_programmes_beside_it(office, tmp_path):
    archive(office.connection, office.programme)
    wish = tmp_path / "wish.yaml"
    wish.write_text('render_voucher:\n  firm_cap_year:\n    - {in_force: 2025-01-01, value: "1.00"}\nlantern_fund: {}\n')
    with restored(office.connection, office.programme.digest, ["lantern_fund"]) as law:
        assert load_programme(law.folder, reform=wish).value_on("firm_cap_year", "2025-03-01").number == 1_00
    with restored(office.connection, office.programme.digest) as law, pytest.raises(WestlakeError, match="W103"):
        load_programme(law.folder, reform=wish)
