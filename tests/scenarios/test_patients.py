"""Are the injured shared out to the nearest free beds, and is nobody lost or put where no bed is?"""

from hypothesis import given
from hypothesis import strategies as st

from scenarios.resources.patients import Share, share_out

BEDS = st.lists(st.one_of(st.none(), st.integers(0, 40)), max_size=8)


def test_the_worst_injured_go_to_the_nearest_bed() -> None:
    shares, left = share_out(3, 4, [0, None, 5, 9])
    assert shares == [Share(0, 0), Share(0, 0), Share(3, 2), Share(0, 2)]
    assert left == 0


@given(serious=st.integers(0, 60), slight=st.integers(0, 60), free=BEDS)
def test_nobody_is_lost_and_no_bed_is_given_twice(serious: int, slight: int, free: list[int | None]) -> None:
    shares, left = share_out(serious, slight, free)
    assert sum(one.serious + one.slight for one in shares) + left == serious + slight
    assert all(one.serious + one.slight <= (beds or 0) for one, beds in zip(shares, free, strict=True))
    assert left == max(0, serious + slight - sum(beds or 0 for beds in free))
    if sum(one.slight for one in shares):
        assert sum(one.serious for one in shares) == serious, "nobody slightly injured before one who is seriously"
