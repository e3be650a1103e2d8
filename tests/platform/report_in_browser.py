# SPDX-License-Identifier: Apache-2.0
"""Opens a report in headless Chromium and checks what a reader needs. Usage: report_in_browser.py PAGE
[--longest-pause SECONDS]; exit code 1 and a sentence for each failure."""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser  # noqa: E402

READY = "document.documentElement.dataset.ready === 'true'"
# A canvas counts as drawn if it shows at least three colours besides transparency.
UNDRAWN = """[...document.querySelectorAll('.chart')].filter((e) => e.offsetParent !== null).filter((e) => {
  const canvas = e.querySelector('canvas');
  if (!canvas || canvas.width === 0) return true;
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
  const colours = new Set();
  for (let i = 0; i < pixels.length && colours.size < 4; i += 3) if (pixels[i] >>> 24) colours.add(pixels[i]);
  return colours.size < 3;
}).map((e) => e.dataset.chart + ' ' + e.dataset.phase)"""

failures = []


def check(condition, sentence):
    if not condition:
        failures.append(sentence)


def ready(browser):
    browser.wait(READY)
    browser.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def check_pause(browser, what, limit):
    processor, wall = browser.longest_task()
    print(f"longest task while {what}: {processor:.3f} s of processor time, {wall:.3f} s by the clock")
    check(processor <= limit, f"{what} takes {processor:.3f} s in one task")


# Pixels in the colours of bars below the time axis, where only its labels belong.
OVERFLOW = """(() => {
  const element = document.querySelector('.panel.shown [data-chart=timeline]');
  const { timeline } = duet.timelineState.get(element).layout;
  const colours = new Set(duet.categoryColours(timeline).map((colour) => parseInt(colour.slice(1), 16)));
  const layers = element.querySelectorAll('canvas');  // what is drawn in parts has layers of its own
  const scale = layers[0].height / element.clientHeight;
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [layers[0].width, layers[0].height];
  const context = copy.getContext('2d', { willReadFrequently: true });
  for (const layer of layers) context.drawImage(layer, 0, 0);
  const top = Math.round((element.clientHeight - 56) * scale);
  const { data } = context.getImageData(0, top, copy.width, Math.round(24 * scale));
  let found = 0;
  for (let i = 0; i < data.length; i += 4) found += colours.has((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]) ? 1 : 0;
  return found;
})()"""


def check_zoom(browser, limit):
    chart = ".panel.shown [data-chart=timeline]"
    if not browser.evaluate(f"!!document.querySelector('{chart}')"):
        failures.append("no timeline")
        return
    overflow = browser.evaluate(OVERFLOW)
    check(overflow == 0, f"bars are drawn over the time axis: {overflow} pixels")
    inside = ".panel.shown .timeline "  # the buttons of other panels are hidden
    window = f"(() => {{ const s = duet.timelineState.get(document.querySelector('{chart}')); return s.end - s.begin; }})()"
    full = browser.evaluate(window)
    browser.start_tasks()
    for _ in range(3):
        browser.click(inside + "[data-zoom=in]")
        ready(browser)
    check(browser.evaluate(window) < full / 10, "zooming in by clicking does not narrow the window")
    check("to" in browser.evaluate(f"document.querySelector('{inside} output').textContent"),
          "the window is not told in words")
    check(browser.evaluate(f"Number(document.querySelector('{chart}').dataset.bars)") > 0, "no bars after zooming in")
    browser.click(inside + "[data-zoom=right]")
    ready(browser)
    browser.click(inside + "[data-zoom=all]")
    ready(browser)
    check(browser.evaluate(window) == full, "'all' does not show all")
    browser.evaluate(f"document.querySelector('{chart}').focus()")
    browser.press("+", text="+")
    ready(browser)
    check(browser.evaluate(window) < full, "the plus key does not zoom")
    browser.press("0", text="0")
    ready(browser)
    check_pause(browser, "zooming", limit)


def check_selection(browser):
    shown = "document.querySelector('.panel.shown h2').textContent"
    before = browser.evaluate(shown)
    browser.click("#selector input[name=batch]:not(:checked)")
    ready(browser)
    check(browser.evaluate(shown) != before, "choosing a batch does not change the details")
    check(browser.evaluate("document.querySelectorAll('.panel.shown').length") == 1, "not one panel is shown")
    check(browser.evaluate(UNDRAWN) == [], "charts are undrawn after choosing a batch")
    if browser.evaluate("!!document.querySelector('#selector input[name=run]')"):
        before = browser.evaluate(shown)
        browser.click("#selector input[name=run]:not(:checked)")
        ready(browser)
        check(browser.evaluate(shown) != before, "choosing a run does not change the details")


def check_comparison(browser):
    series = "duet.charts.get(document.querySelector('[data-chart=comparison]')).chart.getOption().series.length"
    before = browser.evaluate(series)
    browser.click("#shown-runs input")
    ready(browser)
    check(browser.evaluate(series) == before - 1, "hiding a run does not take it from the comparison")
    browser.click("#shown-runs input")
    ready(browser)
    check(browser.evaluate(series) == before, "a hidden run does not come back")


def check_reading(browser):
    check(browser.evaluate("[...document.querySelectorAll('.panel.shown figure, #experiment figure')]"
                           ".every((f) => f.querySelector('table'))"), "a figure has no table behind it")
    check(browser.evaluate("[...document.querySelectorAll('.chart, svg')].every((e) => e.getAttribute('aria-label'))"),
          "a figure has no words for a screen reader")
    light = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    browser.dark(True)
    ready(browser)
    check(browser.evaluate("getComputedStyle(document.body).backgroundColor") != light, "dark mode changes nothing")
    check(browser.evaluate(UNDRAWN) == [], "charts are undrawn in dark mode")
    browser.dark(False)
    browser.resize(390, 844, phone=True)
    ready(browser)
    width = browser.evaluate("document.documentElement.scrollWidth")
    check(width <= 390, f"on a phone the page is {width} pixels wide")
    time.sleep(0.3)
    check(browser.evaluate(UNDRAWN) == [], "charts are undrawn on a phone")


def check_without_script(browser, page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    check(browser.evaluate("[...document.querySelectorAll('svg.floorplan')]"
                           ".every((e) => e.getBoundingClientRect().height > 100)"), "the floorplan needs the script")
    check(browser.evaluate("document.querySelectorAll('table').length") > 0, "without script there are no tables")


def check_console_and_network(browser):
    check(browser.errors == [], f"console: {browser.errors}")
    outside = [url[:100] for url in browser.requests if not url.startswith(("file://", "data:"))]
    check(outside == [], f"network requests: {outside}")
    files = {url for url in browser.requests if url.startswith("file://")}
    check(len(files) == 1, f"the page asks for other files: {sorted(files)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page")
    parser.add_argument("--longest-pause", type=float, default=0.5)
    arguments = parser.parse_args()
    with Browser() as browser:
        browser.dark(False)
        browser.start_tasks()
        browser.open(arguments.page)
        ready(browser)
        check_pause(browser, "opening", arguments.longest_pause)
        browser.press("Tab", code="Tab", windowsVirtualKeyCode=9)
        check(browser.evaluate("document.activeElement.className") == "skip",
              "the first stop of Tab is not the skip link")
        undrawn = browser.evaluate(UNDRAWN)
        check(undrawn == [], f"undrawn: {undrawn}")
        charts = browser.evaluate("duet.charts.size")
        check(charts > 0, "no chart at all")
        if browser.evaluate("!!document.querySelector('.panel.shown [data-chart]')"):
            check_zoom(browser, arguments.longest_pause)
        if browser.evaluate("!!document.querySelector('#selector input[name=batch]')"):
            check_selection(browser)
        if browser.evaluate("!!document.querySelector('#shown-runs input')"):
            check_comparison(browser)
        check_reading(browser)
        check_without_script(browser, arguments.page)
        check_console_and_network(browser)
    for failure in failures:
        print("FAILED: " + failure)
    print(f"{charts} charts, {len(failures)} failures")
    return 1 if failures else 0


sys.exit(main())
