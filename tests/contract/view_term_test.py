"""vview term on a terminal, in a pipe, and after a signal."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import voxpipe

BLOCK = "\u2580"


class Terminal:
    """vview in a terminal of 70 x 20, driven by keys."""

    def __init__(self, folder, *words, **variables):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 70, 0, 0))
        self.usual = termios.tcgetattr(slave)
        self.slave = slave
        environment = {name: value for name, value in voxpipe.ENVIRONMENT.items() if name not in ("COLORTERM", "NO_COLOR")}
        self.process = subprocess.Popen(["vview", "term", *words], cwd=folder, stdin=slave, stdout=slave, stderr=slave,
                                        env={**environment, **variables}, start_new_session=True)

    def read_until(self, pattern, seconds=20):
        """What is shown until a pattern comes; fails when it does not."""
        text, end = "", time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                text += os.read(self.master, 1 << 16).decode(errors="replace")
            if re.search(pattern, text):
                return text
        raise AssertionError(f"no {pattern!r} in {text[-2000:]!r}")

    def press(self, keys):
        os.write(self.master, keys.encode())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


class ViewTerm(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        made = voxpipe.shell("vphantom gradient --shape 10,16,24 -t uint8 'a b.raw'", self.folder)
        self.assertEqual(0, made.returncode, made.stderr)

    def start(self, *words, **variables):
        terminal = Terminal(self.folder, *words, **variables)
        self.addCleanup(terminal.close)
        return terminal

    def test_no_codes_in_a_pipe(self):
        command = "COLUMNS=40 LINES=15 TERM=xterm-256color COLORTERM=truecolor vview term -r 0,255 'a b.raw'"
        text = voxpipe.shell(command, self.folder).stdout.decode()
        self.assertNotIn("\x1b", text)
        self.assertTrue(text.isascii())
        lines = text.splitlines()
        self.assertEqual(15, len(lines))
        self.assertLessEqual(max(map(len, lines)), 40)
        self.assertEqual({39}, {len(line) for line in lines[:13]})
        self.assertIn("z 5 of 10", lines[-1])
        self.assertIn("window 0 to 255", lines[-1])
        piped = voxpipe.shell("export COLUMNS=40 LINES=15; vconvert 'a b.raw' | vview term -r 0,255", self.folder)
        self.assertEqual(lines[:-1], piped.stdout.decode().splitlines()[:-1])

    def test_colours_as_the_terminal_has_them(self):
        for variables, code in (({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "\x1b[38;2;"),
                                ({"TERM": "xterm-256color"}, "\x1b[38;5;"), ({"TERM": "vt100"}, None),
                                ({"TERM": "xterm-256color", "NO_COLOR": "1"}, None)):
            terminal = self.start("a b.raw", **variables)
            text = terminal.read_until("q: quit")
            self.assertEqual(code is not None, BLOCK in text, variables)
            if code:
                self.assertIn(code, text)
            else:
                self.assertNotIn("\x1b[38", text)
            terminal.press("q")
            self.assertEqual(0, terminal.process.wait(20))

    def test_keys(self):
        terminal = self.start("-r", "0,100", "a b.raw", TERM="xterm-256color")
        terminal.read_until("z 5 of 10 .*window 0 to 100")
        for keys, expected in (("\x1b[C", "z 6 of 10"), ("\x1b[A", "z 7 of 10"), ("\x1b[D", "z 6 of 10"), ("\x1bOB", "z 5 of 10"),
                               ("\x1b[F", "z 9 of 10"), ("\x1b[H", "z 0 of 10"), ("\x1b[D", None), ("\x1b[5~", "z 1 of 10"),
                               ("y", "y 8 of 16"), ("x", "x 12 of 24"), ("\x1b[C", "x 13 of 24"), ("z", "z 1 of 10"),
                               ("+", "window 10 to 90"), ("]", "window 18 to 98"), ("[[", "window 2 to 82"),
                               ("-", "window -8 to 92"), ("0", "window 0 to 100"), ("+", "window 10 to 90")):
            terminal.press(keys)
            if expected:
                terminal.read_until(re.escape(expected) + r"\b")
        terminal.press("q")
        text = terminal.read_until(r"vclip -r 10,90 'a b.raw'\r\n")
        self.assertIn("\x1b[?1049l", text)
        self.assertEqual(0, terminal.process.wait(20))
        self.assertEqual(terminal.usual, termios.tcgetattr(terminal.slave))

    def test_the_terminal_comes_back_after_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            terminal = self.start("a b.raw", TERM="xterm-256color")
            terminal.read_until("q: quit")
            self.assertNotEqual(terminal.usual, termios.tcgetattr(terminal.slave))
            terminal.process.send_signal(number)
            terminal.read_until(re.escape("\x1b[?1049l"))
            self.assertEqual(-number, terminal.process.wait(20))
            self.assertEqual(terminal.usual, termios.tcgetattr(terminal.slave))

    def test_follows_the_size(self):
        terminal = self.start("a b.raw", TERM="xterm-256color")
        first = terminal.read_until("q: quit")
        fcntl.ioctl(terminal.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 8, 30, 0, 0))
        second = terminal.read_until("arrows: planes  x y z: axis  +")
        self.assertGreater(first.count(BLOCK), 2 * second.count(BLOCK))


if __name__ == "__main__":
    unittest.main()
