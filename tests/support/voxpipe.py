"""What tests in Python share: running the tools, and made-up inputs."""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# A sanitizer takes memory of its own.
SANITIZED = bool(os.environ.get("VOXPIPE_SANITIZED"))
BIN = pathlib.Path(os.environ.get("VOXPIPE_BIN", ROOT / "build" / "bin"))
# Commands find the interpreter that has NumPy as `python3`.
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}", "LC_ALL": "C"}


def tools():
    """The names of all tools, from the table of tools."""
    lines = (ROOT / "tools" / "CMakeLists.txt").read_text().splitlines()
    return [line[len("vox_add_tool(") :].strip(")") for line in lines if line.startswith("vox_add_tool(")]


def shell(command, folder):
    """Runs a shell command line in a folder, the tools on the path; fails if any part of a pipe does."""
    return subprocess.run(["bash", "-c", "set -euo pipefail; " + command], cwd=folder, env=ENVIRONMENT,
                          capture_output=True, timeout=600, check=False)


def run(*words, stdin=b"", folder=None):
    return subprocess.run([str(word) for word in words], input=stdin, cwd=folder, env=ENVIRONMENT,
                          capture_output=True, timeout=600, check=False)


def bytes_of(path):
    """Bytes by name, of a file with its sidecar or of a folder."""
    path = pathlib.Path(path)
    found = {p.relative_to(path): p.read_bytes() for p in path.rglob("*") if p.is_file()} if path.is_dir() else {"": path.read_bytes()}
    sidecar = pathlib.Path(f"{path}.json")
    if sidecar.exists():
        found["sidecar"] = sidecar.read_bytes()
    return found


def need(program, package):
    """Ends the whole test, shown as skipped, where a program is not installed."""
    if shutil.which(program) is None:
        print(f"skipped: {program} is not installed (Debian's {package}; scripts/setup --full)")
        sys.exit(77)
