"""vphantom against a second program that follows its definitions, voxel by voxel, in NumPy's single precision."""
import io
import sys
import unittest

import numpy as np

import voxpipe

sys.path.insert(0, str(voxpipe.ROOT / "share" / "examples"))
import voxstream  # noqa: E402

MASK64 = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
ONE = np.float32


def mixed(bits):
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 & MASK64
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB & MASK64
    return bits ^ bits >> 31


def coordinate_hash(seed, use, *coordinates):
    bits = mixed(seed + GOLDEN * use & MASK64)
    for coordinate in coordinates:
        bits = mixed((bits ^ (coordinate & MASK64)) + GOLDEN & MASK64)
    return bits


def normal(seed, z, y, x):
    key = coordinate_hash(seed, 1, z, y, x >> 16)
    low, high, mask = key & 0xFFFFFFFF, key >> 32, 0xFFFFFFFF
    a = (x & 0xFFFF) + low & mask
    a = (a ^ a >> 16) * 0x7FEB352D & mask
    a = ((a ^ a >> 15) + high) * 0x846CA68B & mask
    a ^= a >> 16
    b = (a + low) * 0x9E3779B1 & mask
    b ^= b >> 15
    total = (a & 0xFFFF) + (a >> 16) + (b & 0xFFFF) + (b >> 16) - 131070
    even = ONE(total) * (ONE(1) / ONE(37837.227))
    return even * (ONE(0.9490355) + ONE(0.0186415) * (even * even))


def bubble(seed, cell):
    bits = coordinate_hash(seed, 2, *cell)
    unit = [ONE(bits >> 16 * part & 0xFFFF) * ONE(1 / 65536) for part in range(4)]
    centre = [ONE(24) * (ONE(0.25) + ONE(0.5) * unit[axis]) for axis in range(3)]
    return centre, ONE(24) * (ONE(0.40) + ONE(0.30) * unit[3])


def foam(seed, z, y, x):
    distances = []
    for cell in np.ndindex(3, 3, 3):
        cell = [voxel // 24 + step - 1 for voxel, step in zip((z, y, x), cell)]
        centre, radius = bubble(seed, cell)
        dz, dy, dx = (ONE(voxel - 24 * c) - at for voxel, c, at in zip((z, y, x), cell, centre))
        distances.append((dx * dx + ((dz * dz + dy * dy) - radius * radius)) * (ONE(0.5) / radius))
    nearest, second = sorted(distances)[:2]
    slope = ONE(1) / ONE(1.8)
    inside = min(max(ONE(0.5) - nearest * slope, ONE(0)), ONE(1))
    clear = min(max((second - nearest - ONE(2.4)) * slope + ONE(0.5), ONE(0)), ONE(1))
    return ONE(0.64) + (ONE(0.21) - ONE(0.64)) * (inside * clear)


def parts(bits):
    return [ONE(bits >> 16 * part & 0xFFFF) * ONE(1 / 65536) for part in range(4)]


def bead(seed, z, y, x):
    bits = coordinate_hash(seed, 3, z // 24, y // 24, x // 24)
    unit = parts(bits)
    radius = ONE(3) + ONE(6) * unit[3]
    room = ONE(24) - ONE(1) - ONE(2) * (radius + ONE(1))
    dz, dy, dx = (ONE(voxel % 24) - (radius + ONE(1) + room * unit[axis]) for axis, voxel in enumerate((z, y, x)))
    return round_object(dx, dz * dz + dy * dy, radius, ONE(0.5) + ONE(0.4) * parts(mixed(bits))[0], ONE(0.1))


def fibre(seed, z, y, x):
    bits = coordinate_hash(seed, 4, 0, y // 20, x // 20)
    unit, more = parts(bits), parts(mixed(bits))
    radius = ONE(3) + ONE(2) * unit[0]
    amplitude = ONE(0.5) * ONE(19) - (radius + ONE(1))

    def centre(part):
        period = 128 + int(ONE(256) * unit[part])
        t = (ONE(z % period) * (ONE(2) / ONE(period)) + ONE(2) * more[part]) % ONE(2) - ONE(1)
        return ONE(9.5) + amplitude * (ONE(4) * t * (ONE(1) - abs(t)))
    dy, dx = ONE(y % 20) - centre(1), ONE(x % 20) - centre(2)
    return round_object(dx, dy * dy, radius, ONE(0.6) + ONE(0.2) * more[0], ONE(0.3))


def round_object(dx, off_axis, radius, grey, background):
    q = (dx * dx + (off_axis - radius * radius)) * (ONE(0.5) / radius)
    return background + (grey - background) * min(max(ONE(0.5) - q, ONE(0)), ONE(1))


def made(*words):
    result = voxpipe.run("vphantom", *words, "-")
    assert result.returncode == 0, result.stderr
    return voxstream.read(io.BytesIO(result.stdout))[0]


class Vphantom(unittest.TestCase):
    def test_foam_voxel_by_voxel(self):
        volume = made("foam", "--shape", "30,40,50", "--seed", "3")
        plain = made("foam", "--shape", "30,40,50", "--seed", "3", "-t", "float32", "--noise", "0")
        for z, y, x in np.random.default_rng(1).integers(0, (30, 40, 50), (300, 3)).tolist():
            grey = foam(3, z, y, x)
            self.assertEqual(grey, plain[z, y, x])
            self.assertEqual(np.rint(grey * ONE(65535) + normal(3, z, y, x) * ONE(0.02 * 65535)), volume[z, y, x])

    def test_beads_and_fibres_voxel_by_voxel(self):
        for kind, formula in (("beads", bead), ("fibres", fibre)):
            volume = made(kind, "--shape", "300,50,60", "--seed", "3", "-t", "float32", "--noise", "0")
            for z, y, x in np.random.default_rng(2).integers(0, (300, 50, 60), (400, 3)).tolist():
                self.assertEqual(formula(3, z, y, x), volume[z, y, x], (kind, z, y, x))

    def test_beads_do_not_touch(self):
        from scipy import ndimage
        volume = made("beads", "--shape", "72,96,120", "-t", "float32", "--noise", "0")
        self.assertEqual(3 * 4 * 5, ndimage.label(volume > 0.101, np.ones((3, 3, 3)))[1])

    def test_shepp_logan(self):
        volume = made("shepp-logan", "--shape", "64,128,100", "-t", "float32")
        self.assertLessEqual(set(np.unique(volume)), {ONE(tenths) * ONE(0.1) for tenths in (0, 1, 2, 3, 4, 10)})
        z, y, x = ((2 * np.arange(n) + 1) / n - 1 for n in volume.shape)
        z, y, x = np.meshgrid(z, -y, x, indexing="ij")
        skull = (x / 0.69) ** 2 + (y / 0.92) ** 2 + (z / 0.81) ** 2 <= 1
        self.assertEqual(0, np.abs(volume[~skull]).max())
        brain = (x / 0.6624) ** 2 + ((y + 0.0184) / 0.874) ** 2 + (z / 0.78) ** 2 <= 1
        np.testing.assert_array_equal(skull & ~brain, volume == 1)
        # The larger ventricle leans to the left of the head, its top to the middle.
        self.assertEqual(0, volume[32, 64, 39])

    def test_noise_has_the_deviation_asked_for(self):
        for dtype, middle in (("uint16", 32767.5), ("int16", -0.5), ("uint32", 2147483647.5), ("float64", 0.5)):
            deviation = 0.25 if dtype == "float64" else 1000
            volume = made("noise", "--shape", "64", "-t", dtype, "--noise", deviation).astype("f8")
            self.assertLess(abs(volume.mean() - middle), 5 * deviation / 512)
            self.assertLess(abs(volume.std() / deviation - 1), 0.01)

    def test_gradient_and_checker(self):
        z, y, x = np.ogrid[0:1:5j, 0:1:33j, 0:1:40j]
        for dtype in ("uint8", "uint16", "int16", "float32"):
            white, black = (1, 0) if dtype == "float32" else (np.iinfo(dtype).max, np.iinfo(dtype).min)
            expected = black + (z + y + x) / 3 * (white - float(black))
            step = 1e-6 if dtype == "float32" else 0.51
            self.assertLess(np.abs(made("gradient", "--shape", "5,33,40", "-t", dtype) - expected).max(), step)
        blocks = np.indices((5, 33, 40)) // 16
        np.testing.assert_array_equal(np.where(blocks.sum(0) % 2, 0.75, 0.25).astype("f4"),
                                      made("checker", "--shape", "5,33,40", "-t", "float32"))

    def test_same_bits_however_it_runs(self):
        for kind in ("foam", "beads", "fibres", "shepp-logan", "gradient", "noise", "checker"):
            usual = made(kind, "--shape", "40,70,1100")
            np.testing.assert_array_equal(usual, made(kind, "--shape", "40,70,1100", "-j", "1", "--memory", "16M"))


if __name__ == "__main__":
    unittest.main()
