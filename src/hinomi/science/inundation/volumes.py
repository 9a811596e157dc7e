"""The finite-volume kernel: the full shallow-water equations, for dam breaks and steep streams.

Cell averages of depth and momentum; linear reconstruction of surface, depth and velocities with
van Leer's limiter; hydrostatic reconstruction at the faces (Audusse, Bouchut, Bristeau, Klein &
Perthame 2004, SIAM J. Sci. Comput. 25, 2050-2065, eqs. 2.13-2.15, with the centred source of the
second order, eq. 4.8), so that a lake at rest stays at rest; HLLC fluxes with the wave speeds of
Toro 2001, Shock-Capturing Methods for Free-Surface Shallow Flows, section 10.4 (dry fronts too).
Manning's friction is implicit: q (1 + dt g n^2 |q| / h^(7/3)) = q*, solved exactly.

Arrays are padded by one ghost cell on every side. Constants come in ``c`` in the precision of the
grid, so that single precision stays single; see :func:`coefficients`.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.science.compiled import njit
from hinomi.science.inundation.roots import seven_thirds

Array = NDArray[Any]

GRAVITY_M_S2 = 9.80665
DRY_M = 1e-5
"""[m] water shallower than this has no velocity; it is kept, so that none is lost."""
WALL, STAGE, FLOW, FREE = range(4)
"""What an outer face is: no flow, a given surface [m], a given inflow [m2/s], free outflow."""
_FAST = {"contract", "arcp", "nsz"}


def coefficients(dt_s: float, dx_m: float, kind: np.dtype[Any]) -> Array:
    """Return what the kernel multiplies with, in the precision of the grid."""
    g = GRAVITY_M_S2
    tiny = 1e-30 if kind == np.float64 else 1e-20
    return np.array(
        [0.0, 1.0, 2.0, 0.5, 0.25, g, dt_s, 1.0 / dx_m, DRY_M, tiny, 4.0, -1e30], dtype=kind
    )


@numba.njit(error_model="numpy", fastmath=_FAST, inline="always")
def limited(below: Any, above: Any, c: Array) -> Any:
    """Return van Leer's slope: the harmonic mean of two of one sign, 0 otherwise."""
    product, total = below * above, below + above
    same = product > c[0]
    return (c[2] * product / total) if same else c[0]


@njit(error_model="numpy", fastmath=_FAST)
def ends_of(before, here, after, low, high, least, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Write one quantity at the two ends of a run of cells, nowhere below ``least``."""
    half = c[3]
    for j in range(here.size):
        to_end = half * limited(here[j] - before[j], after[j] - here[j], c)
        low[j], high[j] = max(here[j] - to_end, least), max(here[j] + to_end, least)


@njit(error_model="numpy", fastmath=_FAST)
def levels(h, z, out):  # type: ignore[no-untyped-def]
    """Write the surface of a run of cells."""
    for j in range(h.size):
        out[j] = h[j] + z[j]


@njit(error_model="numpy")
def spread(before, here, after, low, high, work, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Write the states at the two ends of a run of cells: depth, surface, two velocities.

    ``before``, ``here``, ``after``: (h, z, u across the face, v) of the cells and those beside.
    """
    n = here[0].size
    e0, e, e1 = work[0, :n], work[1, :n], work[2, :n]
    levels(before[0], before[1], e0)
    levels(here[0], here[1], e)
    levels(after[0], after[1], e1)
    ends_of(e0, e, e1, low[1], high[1], c[11], c)
    ends_of(before[0], here[0], after[0], low[0], high[0], c[0], c)
    ends_of(before[2], here[2], after[2], low[2], high[2], c[11], c)
    ends_of(before[3], here[3], after[3], low[3], high[3], c[11], c)


@numba.njit(error_model="numpy", inline="always")
def cut(lines: Array, a: int, b: int) -> Any:
    """Return a piece of each of four lines, each contiguous, so that loops over them vectorise."""
    return lines[0, a:b], lines[1, a:b], lines[2, a:b], lines[3, a:b]


@njit(error_model="numpy", fastmath=_FAST)
def fluxes(left, right, out, c):  # type: ignore[no-untyped-def]
    """Write what passes a run of faces: mass, momentum across (as each side feels it) and along."""
    none, one, two, half, quarter, g, tiny = c[0], c[1], c[2], c[3], c[4], c[5], c[9]
    h_left, e_left, u_left, v_left = left
    h_right, e_right, u_right, v_right = right
    out_mass, out_left, out_right, out_along = out
    for j in range(out_mass.size):
        hl0, el, ul, vl = h_left[j], e_left[j], u_left[j], v_left[j]
        hr0, er, ur, vr = h_right[j], e_right[j], u_right[j], v_right[j]
        sill = max(el - hl0, er - hr0)
        hl, hr = max(el - sill, none), max(er - sill, none)
        cl, cr = np.sqrt(g * hl), np.sqrt(g * hr)
        star_u = half * (ul + ur) + cl - cr
        star_c = max(half * (cl + cr) + quarter * (ul - ur), none)
        dry_l, dry_r = hl <= none, hr <= none
        sl = ur - two * cr if dry_l else min(ul - cl, star_u - star_c)
        sr = ur + cr if dry_l else max(ur + cr, star_u + star_c)
        sl = ul - cl if dry_r else sl
        sr = ul + two * cl if dry_r else sr
        sl, sr = min(sl, none), max(sr, none)
        share = one / max(sr - sl, tiny)
        ql, qr = hl * ul, hr * ur
        push_l, push_r = half * g * hl * hl, half * g * hr * hr
        mass = (sr * ql - sl * qr + sl * sr * (hr - hl)) * share
        force = (sr * (ql * ul + push_l) - sl * (qr * ur + push_r) + sl * sr * (qr - ql)) * share
        out_mass[j] = mass
        out_left[j] = force + half * g * hl0 * hl0 - push_l
        out_right[j] = force + half * g * hr0 * hr0 - push_r
        out_along[j] = mass * (vl if mass > none else vr)


@njit(error_model="numpy", fastmath=_FAST)
def settle(depth, u, v, base, new, ends, west, east, north, south, n, weight, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Move a run of cells on: fluxes, bed slope, friction; then the mean with ``base``.

    ``ends``: states at the west, east, north, south ends. ``base`` and ``new``: (h, u, v).
    Returns the least depth.
    """
    none, one, two, half, g, dt, per_m, dry, four = (
        c[0], c[1], c[2], c[3], c[5], c[6], c[7], c[8], c[10],
    )  # fmt: skip
    (h_w, e_w, _, _), (h_e, e_e, _, _), (h_n, e_n, _, _), (h_s, e_s, _, _) = ends
    (w_mass, _, w_right, w_along), (e_mass, e_left, _, e_along) = west, east
    (n_mass, _, n_right, n_along), (s_mass, s_left, _, s_along) = north, south
    h_base, u_base, v_base = base
    h_new, u_new, v_new = new
    least = none
    ratio, rest = dt * per_m, one - weight
    for j in range(depth.size):
        bed_x = half * g * (h_w[j] + h_e[j]) * (e_e[j] - h_e[j] - e_w[j] + h_w[j])
        bed_y = half * g * (h_n[j] + h_s[j]) * (e_s[j] - h_s[j] - e_n[j] + h_n[j])
        h = depth[j] + ratio * (w_mass[j] - e_mass[j] + n_mass[j] - s_mass[j])
        qx = depth[j] * u[j] + ratio * (w_right[j] - e_left[j] - bed_x + n_along[j] - s_along[j])
        qy = depth[j] * v[j] + ratio * (n_right[j] - s_left[j] - bed_y + w_along[j] - e_along[j])
        least = min(least, h)
        h = max(h, none)
        wet = max(h, dry)
        speed = np.sqrt(qx * qx + qy * qy)
        drag = g * dt * n[j] * n[j] / seven_thirds(wet)
        kept = two / (one + np.sqrt(one + four * drag * speed))
        mean_h = weight * h_base[j] + rest * h
        over = (one if mean_h > dry else none) / max(mean_h, dry)
        heavy = rest * kept if h > dry else none
        lighter = weight * h_base[j]
        h_new[j] = mean_h
        u_new[j] = (lighter * u_base[j] + heavy * qx) * over
        v_new[j] = (lighter * v_base[j] + heavy * qy) * over
    return least


@njit(error_model="numpy")
def held(mass, kinds, values, sign):  # type: ignore[no-untyped-def]
    """Let exactly the given inflow, and nothing at walls, pass a line of outer faces."""
    for j in range(mass.size):
        if kinds[j] == FLOW:
            mass[j] = sign * values[j]
        elif kinds[j] == WALL:
            mass[j] = 0


@njit(error_model="numpy")
def ghost(h, u, v, z, inside, kinds, values, depths, sign, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Fill a line of ghost cells; ``inside``: the line's neighbours; ``u`` is across the edge."""
    h_in, u_in, v_in, z_in = inside
    for j in range(h.size):
        z[j], h[j], u[j], v[j] = z_in[j], h_in[j], u_in[j], v_in[j]
        if kinds[j] == WALL:
            u[j] = -u_in[j]
        elif kinds[j] == STAGE:
            h[j] = max(values[j] - z[j], c[0])
        elif kinds[j] == FLOW:
            critical = (values[j] * values[j] / c[5]) ** (1 / 3)
            h[j] = depths[j] if depths[j] > 0 else max(h_in[j], critical)
            u[j] = sign * values[j] / max(h[j], c[8])


@njit(error_model="numpy")
def surround(h, u, v, z, kinds, values, depths, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Fill all ghost cells; edges in the order west, east, north (row 0), south."""
    rows, columns = h.shape[0] - 2, h.shape[1] - 2
    for k, g, i, sign in ((0, 0, 1, 1.0), (1, columns + 1, columns, -1.0)):
        ghost(
            h[1:-1, g], u[1:-1, g], v[1:-1, g], z[1:-1, g],
            (h[1:-1, i], u[1:-1, i], v[1:-1, i], z[1:-1, i]),
            kinds[k, :rows], values[k, :rows], depths[k, :rows], sign, c,
        )  # fmt: skip
    for k, g, i, sign in ((2, 0, 1, 1.0), (3, rows + 1, rows, -1.0)):
        ghost(
            h[g, 1:-1], v[g, 1:-1], u[g, 1:-1], z[g, 1:-1],
            (h[i, 1:-1], v[i, 1:-1], u[i, 1:-1], z[i, 1:-1]),
            kinds[k, :columns], values[k, :columns], depths[k, :columns], sign, c,
        )  # fmt: skip


@njit(error_model="numpy")
def spans(h, reach, span, near):  # type: ignore[no-untyped-def]
    """Widen each row's wet run of columns (``reach``), and what has to be looked at around it.

    ``span``: the cells that can change in a stage; ``near``: those whose states they need.
    """
    rows, columns = h.shape[0] - 2, h.shape[1] - 2
    for i in range(rows):
        row = h[i + 1]
        a, b = reach[i, 0], reach[i, 1]
        for j in range(a):
            if row[j + 1] > 0:
                a = j
                break
        for j in range(columns - 1, b - 1, -1):
            if row[j + 1] > 0:
                b = j + 1
                break
        reach[i, 0], reach[i, 1] = a, b
    for i in range(rows):
        a, b = columns, 0
        for k in range(max(i - 2, 0), min(i + 3, rows)):
            a, b = min(a, reach[k, 0] - 2), max(b, reach[k, 1] + 2)
        span[i, 0], span[i, 1] = max(a, 0), min(b, columns)
    for i in range(rows):
        a, b = columns, 0
        for k in range(max(i - 1, 0), min(i + 2, rows)):
            a, b = min(a, span[k, 0]), max(b, span[k, 1])
        near[i, 0], near[i, 1] = a, b


@njit(error_model="numpy")
def rest(h, z, u, v, i, a, b, ends):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Write the states of ghost cells, which are level."""
    ends[0, a:b] = h[i, a + 1 : b + 1]
    ends[1, a:b] = h[i, a + 1 : b + 1] + z[i, a + 1 : b + 1]
    ends[2, a:b], ends[3, a:b] = v[i, a + 1 : b + 1], u[i, a + 1 : b + 1]


@njit(error_model="numpy")
def band(state, base, new, z, manning, edges, passed, first, last, span, near, weight, c):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0915
    """Move the rows [first, last) on by one stage; return the least depth that came out.

    ``passed`` (4, n): the mass flux through the outer faces, inwards, as it was in this stage.
    """
    h, u, v = state
    kinds, values = edges
    rows, columns = h.shape[0] - 2, h.shape[1] - 2
    kind = h.dtype
    west, east = np.zeros((4, columns + 2), kind), np.zeros((4, columns + 2), kind)
    x = np.zeros((4, columns + 1), kind)
    north, south = np.zeros((4, columns), kind), np.zeros((4, columns), kind)
    old_north, old_south = np.zeros((4, columns), kind), np.zeros((4, columns), kind)
    top, bottom = np.zeros((4, columns), kind), np.zeros((4, columns), kind)
    work = np.empty((3, columns), kind)
    least = c[0]
    for i in range(first - 1, last + 1):  # the rows beside the band lend their ends
        if i < 0 or i == rows:
            near_row = 0 if i < 0 else rows - 1
            a, b = near[near_row]
            rest(h, z, u, v, i + 1, a, b, north)
            rest(h, z, u, v, i + 1, a, b, south)
        else:
            a, b = near[i]
            if a < b:
                r, p, q = i + 1, a + 1, b + 1
                spread(
                    (h[r - 1, p:q], z[r - 1, p:q], v[r - 1, p:q], u[r - 1, p:q]),
                    (h[r, p:q], z[r, p:q], v[r, p:q], u[r, p:q]),
                    (h[r + 1, p:q], z[r + 1, p:q], v[r + 1, p:q], u[r + 1, p:q]),
                    cut(north, a, b), cut(south, a, b), work, c,
                )  # fmt: skip
        if i >= first:  # the face above row i, then row i - 1 has all that it needs
            a, b = max(i - 1, 0), min(i, rows - 1)
            f, t = min(span[a, 0], span[b, 0]), max(span[a, 1], span[b, 1])
            bottom[:] = c[0]
            if f < t:
                fluxes(cut(old_south, f, t), cut(north, f, t), cut(bottom, f, t), c)
            if i == 0:
                held(bottom[0], kinds[2, :columns], values[2, :columns], 1)
                passed[2, :columns] = bottom[0]
            if i == rows:
                held(bottom[0], kinds[3, :columns], values[3, :columns], -1)
                passed[3, :columns] = -bottom[0]
        if i > first:
            k = i - 1
            f, t = span[k]
            if f < t:
                r, p, q = k + 1, f + 1, t + 1
                a, b = max(f - 1, 0), min(t + 1, columns)
                spread(
                    (h[r, a:b], z[r, a:b], u[r, a:b], v[r, a:b]),
                    (h[r, a + 1 : b + 1], z[r, a + 1 : b + 1], u[r, a + 1 : b + 1],
                     v[r, a + 1 : b + 1]),
                    (h[r, a + 2 : b + 2], z[r, a + 2 : b + 2], u[r, a + 2 : b + 2],
                     v[r, a + 2 : b + 2]),
                    cut(west, a + 1, b + 1), cut(east, a + 1, b + 1), work, c,
                )  # fmt: skip
                for edge in (0, columns + 1):
                    west[0, edge], west[1, edge] = h[r, edge], h[r, edge] + z[r, edge]
                    west[2, edge], west[3, edge] = u[r, edge], v[r, edge]
                    east[:, edge] = west[:, edge]
                fluxes(cut(east, f, t + 1), cut(west, p, q + 1), cut(x, f, t + 1), c)
                if f == 0:
                    held(x[0, :1], kinds[0, k : k + 1], values[0, k : k + 1], 1)
                    passed[0, k] = x[0, 0]
                if t == columns:
                    held(x[0, t:], kinds[1, k : k + 1], values[1, k : k + 1], -1)
                    passed[1, k] = -x[0, t]
                n_row = manning[min(k, manning.shape[0] - 1)]
                low = settle(
                    h[r, p:q], u[r, p:q], v[r, p:q],
                    (base[0][r, p:q], base[1][r, p:q], base[2][r, p:q]),
                    (new[0][r, p:q], new[1][r, p:q], new[2][r, p:q]),
                    (cut(west, p, q), cut(east, p, q), cut(old_north, f, t), cut(old_south, f, t)),
                    cut(x, f, t), cut(x, f + 1, t + 1), cut(top, f, t), cut(bottom, f, t),
                    n_row[f:t], weight, c,
                )  # fmt: skip
                least = min(least, low)
        old_north, north = north, old_north
        old_south, south = south, old_south
        top, bottom = bottom, top
    return least


@njit(error_model="numpy")
def alone(state, base, new, z, manning, edges, passed, bands, lows, span, near, weight, c):  # type: ignore[no-untyped-def]  # noqa: ARG001, PLR0913
    """Move the whole grid on by one stage in one thread."""
    lows[0] = band(
        state, base, new, z, manning, edges, passed, 0, state[0].shape[0] - 2, span, near, weight, c
    )


@njit(error_model="numpy", parallel=True)
def together(state, base, new, z, manning, edges, passed, bands, lows, span, near, weight, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Move the whole grid on by one stage, a thread for each band."""
    for k in numba.prange(bands.size - 1):
        lows[k] = band(
            state, base, new, z, manning, edges, passed, bands[k], bands[k + 1], span, near,
            weight, c,
        )  # fmt: skip


@njit(error_model="numpy", fastmath={"nnan", "nsz"})
def fastest(h, u, v, c):  # type: ignore[no-untyped-def]
    """Return the greatest of |u| + sqrt(g h) and |v| + sqrt(g h) [m/s] over the cells."""
    speed = c[0]
    for i in range(h.shape[0]):
        for j in range(h.shape[1]):
            wave = np.sqrt(c[5] * h[i, j])
            speed = max(speed, max(abs(u[i, j]), abs(v[i, j])) + wave)
    return speed


@njit(error_model="numpy")
def pour(h, u, v, source, dt):  # type: ignore[no-untyped-def]
    """Add rain and inflow, take drains; what is added has no velocity.

    Returns what was asked for beyond what was there [m, summed over the cells].
    """
    short = 0.0
    for i in range(h.shape[0]):
        row = source[min(i, source.shape[0] - 1)]
        for j in range(h.shape[1]):
            if row[j] != 0:
                after = h[i, j] + dt * row[j]
                if after < 0:
                    short -= after
                    after = 0 * after
                if after > h[i, j]:
                    u[i, j] *= h[i, j] / after
                    v[i, j] *= h[i, j] / after
                h[i, j] = after
    return short
