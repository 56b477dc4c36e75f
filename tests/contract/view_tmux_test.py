"""vview term in tmux: a real terminal, whose screen is looked at, and the shell that comes back behind it."""
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import voxpipe

BLOCK = "\u2580"


@unittest.skipUnless(shutil.which("tmux"), "needs tmux")
class ViewTermInTmux(unittest.TestCase):
    """A shell in a pane of 70 x 20, and vview started from it by typing."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        made = voxpipe.shell("vphantom gradient --shape 10,16,24 -t uint8 scan.raw", self.folder)
        self.assertEqual(0, made.returncode, made.stderr)
        # A server of its own, which the user's does not see.
        self.socket = os.path.join(self.folder, "socket")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "70", "-y", "20", "-c", self.folder, "env", "-u", "NO_COLOR", "PS1=ready> ", "sh")
        self.addCleanup(lambda: self.tmux("kill-server"))
        self.wait_for("ready>")
        self.usual = self.settings("usual")
        self.press("vview term -r 0,100 scan.raw", "Enter")
        self.wait_for("z 5 of 10 .*window 0 to 100")

    def tmux(self, *words):
        environment = {name: value for name, value in voxpipe.ENVIRONMENT.items() if name != "TMUX"}
        done = subprocess.run(["tmux", "-u", "-S", self.socket, *words], env={**environment, "LC_ALL": "C.UTF-8"},
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout.decode()

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait_for(self, pattern):
        end = time.monotonic() + 20
        while not re.search(pattern, self.screen()):
            self.assertLess(time.monotonic(), end, f"no {pattern!r} in:\n{self.screen()}")
            time.sleep(0.02)

    def settings(self, name):
        """Those of the pane's terminal, from the shell."""
        self.press(f"stty -g > {name}; echo {name} is written", "Enter")
        self.wait_for(f"(?m)^{name} is written")
        with open(os.path.join(self.folder, name), encoding="ascii") as file:
            return file.read()

    def assert_shell_is_back(self, name):
        self.wait_for(r"ready>\s*\Z")
        self.assertEqual("0 1", self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").strip())
        self.assertNotIn(BLOCK, self.screen())
        self.assertEqual(self.usual, self.settings(name))

    def test_keys_and_q(self):
        self.assertEqual("1 0", self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").strip())
        self.assertIn(BLOCK, self.screen())
        for keys, expected in ((("Right",), "z 6 of 10"), (("Down", "Left"), "z 4 of 10"), (("Up",), "z 5 of 10"), (("End",), "z 9 of 10"),
                               (("Home",), "z 0 of 10"), (("PageUp",), "z 1 of 10"), (("y",), "y 8 of 16"), (("x",), "x 12 of 24"),
                               (("z",), "z 1 of 10"), (("+",), "window 10 to 90"), (("]",), "window 18 to 98"),
                               (("[", "["), "window 2 to 82"), (("-",), "window -8 to 92"), (("0",), "window 0 to 100"), (("+",), "window 10 to 90")):
            self.press(*keys)
            self.wait_for(re.escape(expected) + r"\b")
        self.press("q")
        self.wait_for("(?m)^vclip -r 10,90 scan.raw$")
        self.assert_shell_is_back("after_q")

    def test_interrupted(self):
        self.press("C-c")
        self.assert_shell_is_back("after_interrupt")

    def test_terminated(self):
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        viewer = subprocess.run(["ps", "--ppid", shell, "-o", "pid="], capture_output=True, check=True).stdout.split()
        os.kill(int(viewer[0]), 15)
        self.assert_shell_is_back("after_termination")

    def test_follows_the_size_of_the_window(self):
        before = self.screen().count(BLOCK)
        self.tmux("resize-window", "-x", "40", "-y", "10")
        self.wait_for(r"(?m)^arrows: planes  x y z: axis  \+ - \[ \]: w")
        self.assertGreater(before, 2 * self.screen().count(BLOCK))


if __name__ == "__main__":
    unittest.main()
