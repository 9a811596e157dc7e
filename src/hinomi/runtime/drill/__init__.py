"""The shipped drill: real telegrams, shelter lists and gauge readings of a fictional prefecture."""
