# SPDX-License-Identifier: Apache-2.0
"""Pictures of a report in headless Chromium. Usage: report_pictures.py PAGE FOLDER"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from browser import Browser  # noqa: E402

READY = "document.documentElement.dataset.ready === 'true'"


def drawn(browser):
    browser.wait(READY)
    browser.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


page, folder = sys.argv[1:]
with Browser() as browser:
    browser.dark(False)
    browser.resize(1180, 2700)
    browser.open(page)
    drawn(browser)
    browser.screenshot(os.path.join(folder, "report.png"))
    browser.resize(390, 1700, phone=True)
    browser.dark(True)
    drawn(browser)
    browser.screenshot(os.path.join(folder, "report-phone-dark.png"))
