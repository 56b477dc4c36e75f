#!/usr/bin/env python3
"""The page of `vview html`, driven in Chromium: what it shows is what the tools say and do."""
import json
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import voxpipe  # noqa: E402

try:
    import numpy as np
    from skimage.io import imread
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select
    MISSING = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
except ImportError as problem:
    MISSING = [str(problem)]


@unittest.skipIf(MISSING, f"needs a browser: {MISSING}")
class ViewerPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="voxpipe_page_"))
        done = voxpipe.shell(
            "vphantom -q foam --shape 20,48,64 -t uint16 - | vconvert -q --spacing 2,1,1 --unit um - scan.raw"
            " && vclip -q -p 10,90 scan.raw clipped.raw && vlabel components -q --otsu scan.raw labels.raw"
            " && vview html scan.raw scan.html && vview html --compare clipped.raw --overlay labels.raw scan.raw both.html"
            " && vconvert -q -t float32 scan.raw float.raw && vview html --embed 20K float.raw small.html", cls.folder)
        assert done.returncode == 0, done.stderr
        options = Options()
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1300,1000"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        shutil.rmtree(cls.folder)

    def open(self, name):
        self.browser.get(f"file://{self.folder}/{name}")
        deadline = time.monotonic() + 30
        while not self.browser.execute_script("return document.documentElement.dataset.ready && window.voxpipeViewer !== undefined"):
            self.assertLess(time.monotonic(), deadline, "the page does not begin")
            time.sleep(0.02)

    def tearDown(self):
        said = [entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
        self.assertEqual([], said)
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                self.assertTrue(url.startswith(("file://", "data:")), url)

    def state(self, key):
        return self.browser.execute_script(f"return window.voxpipeViewer.state.{key}")

    def text(self, name):
        return self.browser.find_element(By.ID, name).text

    def canvas(self, axis):
        return self.browser.find_element(By.CSS_SELECTOR, f"canvas[data-axis={axis}]")

    def click(self, label):
        self.browser.find_element(By.XPATH, f"//button[text()='{label}']").click()

    def picture(self, axis):
        """The red channel of a plane as it is drawn, one pixel a voxel."""
        return np.array(self.browser.execute_script(
            "const view = window.voxpipeViewer.views.find((v) => AXIS === v.axis);"
            "const { width, height } = view.picture;"
            "const data = view.picture.getContext('2d').getImageData(0, 0, width, height).data;"
            "return Array.from({ length: height }, (_, r) => Array.from({ length: width }, (_, c) => data[4 * (r * width + c)]));"
            .replace("AXIS", str("zyx".index(axis)))), np.uint8)

    def test_keys_and_wheel_change_planes(self):
        self.open("scan.html")
        self.assertEqual([10, 24, 32], self.state("position"))
        plane = self.canvas("z")
        plane.send_keys(Keys.PAGE_DOWN)
        plane.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_UP)
        self.assertEqual([11, 23, 30], self.state("position"))
        ActionChains(self.browser).scroll_from_origin(
            webdriver.common.actions.wheel_input.ScrollOrigin.from_element(plane), 0, 100).perform()
        self.assertEqual([12, 23, 30], self.state("position"))
        self.assertIn("Voxel z 12, y 23, x 30 at 24, 23, 30 um", self.text("position"))
        self.browser.execute_script("arguments[0].value = '-5'; arguments[0].dispatchEvent(new Event('input'))",
                                    self.browser.find_element(By.CSS_SELECTOR, "input[type=range][aria-label='Plane along z']"))
        self.assertEqual(0, self.state("position")[0])

    def test_presets_are_the_numbers_of_vstats(self):
        self.open("scan.html")
        said = json.loads(voxpipe.shell("vstats --json -p 0.5,1,99,99.5 scan.raw", self.folder).stdout)
        wanted = {"full": (said["min"], said["max"]), "1 to 99 %": (said["percentiles"]["1"], said["percentiles"]["99"]),
                  "0.5 to 99.5 %": (said["percentiles"]["0.5"], said["percentiles"]["99.5"]),
                  "mean ± 2 std": (said["mean"] - 2 * said["std"], said["mean"] + 2 * said["std"]),
                  "above Otsu": (said["otsu"], said["max"])}
        for label, window in wanted.items():
            self.click(label)
            self.assertEqual(window, (self.state("low"), self.state("high")))

    def test_the_command_gives_what_is_shown(self):
        self.open("scan.html")
        for preset in ("1 to 99 %", "above Otsu"):
            self.click(preset)
            command = self.text("command")
            done = voxpipe.shell(command.replace("vnormalize minmax", "vnormalize minmax -q -f") + " && vconvert -q -f scan_u8.tif u8.npy", self.folder)
            self.assertEqual(0, done.returncode, done.stderr)
            volume = np.load(self.folder / "u8.npy")
            z, y, x = self.state("position")
            np.testing.assert_array_equal(volume[z], self.picture("z"))
            np.testing.assert_array_equal(volume[:, y], self.picture("y"))
            np.testing.assert_array_equal(volume[:, :, x], self.picture("x"))

    def test_every_task_is_a_command_that_runs(self):
        self.open("scan.html")
        plane = self.canvas("z")
        ActionChains(self.browser).key_down(Keys.SHIFT).move_to_element_with_offset(plane, -50, -40).click_and_hold() \
            .move_by_offset(80, 60).release().key_up(Keys.SHIFT).perform()
        box = self.state("box")
        self.assertEqual((0, 20), (box["begin"][0], box["end"][0]))
        for task in ("uint8", "uint16", "clip", "mask"):
            Select(self.browser.find_element(By.ID, "task")).select_by_value(task)
            command = self.text("command")
            self.assertIn(f"--roi 0:20,{box['begin'][1]}:{box['end'][1]},{box['begin'][2]}:{box['end'][2]}", command)
            done = voxpipe.shell(command + " -q -f", self.folder)
            self.assertEqual(0, done.returncode, (command, done.stderr))

    def test_two_volumes_stay_linked_and_labels_lie_over_them(self):
        self.open("both.html")
        canvases = self.browser.find_elements(By.CSS_SELECTOR, "canvas[data-axis=z]")
        self.assertEqual(["scan.raw", "clipped.raw"], [canvas.get_attribute("data-volume") for canvas in canvases])
        canvases[1].send_keys(Keys.PAGE_UP)
        self.assertEqual({"9"}, {canvas.get_attribute("data-index") for canvas in canvases})
        self.assertIn("clipped.raw value", self.text("position"))
        self.assertIn("label", self.text("position"))
        self.click("full")
        self.browser.execute_script("window.voxpipeViewer.state.opacity = 0; window.voxpipeViewer.draw()")
        plain = self.picture("z")
        self.browser.execute_script("window.voxpipeViewer.state.opacity = 0.5; window.voxpipeViewer.draw()")
        self.assertTrue((plain != self.picture("z")).any())
        Select(self.browser.find_element(By.ID, "compare")).select_by_value("blend")
        self.assertEqual(1, len(self.browser.find_elements(By.CSS_SELECTOR, "canvas[data-axis=z]")))

    def test_labels_of_all_sizes_are_exact(self):
        numbers = {"u4": (7, 2**32 - 1), "i4": (-5, 2**31 - 1), "u8": (2**63 + 1, 2**63 + 2), "i8": (-(2**63), 2**53 + 1)}
        for dtype, (first, second) in numbers.items():
            labels = np.zeros((4, 6, 8), dtype)
            labels[2, 3, :4], labels[2, 3, 4:] = first, second
            np.save(self.folder / "labels.npy", labels)
            made = voxpipe.shell("vconvert -q -f --kind labels labels.npy numbers.raw && vview slice -f numbers.raw numbers.png"
                                 " && vview html -f --overlay numbers.raw numbers.raw numbers.html", self.folder)
            self.assertEqual(0, made.returncode, made.stderr)
            self.open("numbers.html")
            self.assertIn(f"value {second}; label {second}", self.text("position"))
            np.testing.assert_array_equal(imread(self.folder / "numbers.png")[..., 0], self.picture("z"))
            self.canvas("z").send_keys(Keys.ARROW_LEFT)
            self.assertIn(f"value {first}; label {first}", self.text("position"))
            Select(self.browser.find_element(By.ID, "mode")).select_by_value("mip")
            row = np.array(self.browser.execute_script("const { first } = window.voxpipeViewer; return Array.from(first.projection(0).slice(24, 32), (code) => String(first.valueOf(code)))"))
            self.assertEqual([str(max(0, int(label))) for label in labels[2, 3]], list(row))

    def test_a_large_volume_is_made_small_but_not_its_statistics(self):
        self.open("small.html")
        self.assertEqual([2, 4, 4], self.browser.execute_script("return window.voxpipeViewer.first.factor"))
        self.assertIn("shown at 1/2", self.text("facts"))
        self.assertEqual(20 * 48 * 64, self.browser.execute_script("return window.voxpipeViewer.statistics.count"))
        volume = np.fromfile(self.folder / "float.raw", "f4").reshape(20, 48, 64)
        means = volume.reshape(10, 2, 12, 4, 16, 4).mean(axis=(1, 3, 5), dtype="f8")
        value = self.browser.execute_script("return window.voxpipeViewer.first.valueAt([3, 5, 7])")
        self.assertAlmostEqual(means[3, 5, 7], value, delta=(volume.max() - volume.min()) / 65534)

    def test_projections_and_montage(self):
        self.open("scan.html")
        self.click("full")
        volume = np.fromfile(self.folder / "scan.raw", "u2").reshape(20, 48, 64)
        mode = Select(self.browser.find_element(By.ID, "mode"))
        mode.select_by_value("mip")
        low, high = float(volume.min()), float(volume.max())
        np.testing.assert_array_equal(np.rint((volume.max(axis=1) - low) / (high - low) * 255), self.picture("y"))
        mode.select_by_value("montage")
        self.assertEqual(0, self.picture("z").shape[0] % 48)


if __name__ == "__main__":
    unittest.main()
