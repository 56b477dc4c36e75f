"""mpirun as the launcher of parts."""
import pathlib
import tempfile
import unittest

import voxpipe

# A container is often root and has fewer cores than ranks.
MPIRUN = "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe"


class Mpirun(unittest.TestCase):
    def test_each_rank_makes_a_part(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            made = voxpipe.shell("vphantom noise -q --shape 23,40,31 -t uint16 in.raw; mkdir whole; cp in.raw in.raw.json whole; cd whole;"
                                 "vfilter median -r 2 in.raw out.raw; vclip -p 5,90 in.raw slices/", folder)
            self.assertEqual(0, made.returncode, made.stderr.decode())
            for command, output in (("vfilter median -r 2", "out.raw"), ("vclip -p 5,90", "slices/")):
                for ranks in (2, 3):
                    with self.subTest(command, ranks=ranks):
                        ran = voxpipe.shell(f"{MPIRUN} -n {ranks} {command} -j 1 --part auto in.raw {output}; vpart status --json {output};"
                                            f"vpart finish {output}", folder)
                        self.assertEqual(0, ran.returncode, ran.stderr.decode())
                        self.assertIn(f'"parts": {ranks}'.replace(" ", "").encode(), ran.stdout.replace(b" ", b""))
                        self.assertEqual(voxpipe.bytes_of(folder / "whole" / output.rstrip("/")), voxpipe.bytes_of(folder / output.rstrip("/")))
                        voxpipe.shell(f"rm -r {output} {output.rstrip('/')}.json || true", folder)


if __name__ == "__main__":
    voxpipe.need("mpirun", "openmpi-bin")
    unittest.main()
