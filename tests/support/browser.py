"""A real browser without a network, for the pages this product writes."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_WAIT_S: Final = 120.0
_LOOK: Final = """<!doctype html><body style="margin:0"><iframe id="page" src="{page}"
 width="{width}" height="900" style="border:0"></iframe><pre id="found"></pre><script>
const frame = document.getElementById("page");
frame.onload = () => {{
  const ready = setInterval(async () => {{
    const view = frame.contentWindow, page = view.document;
    if (!page.documentElement.dataset.drawn) return;
    clearInterval(ready);
    let found;
    try {{ found = await (async (view, page) => {{ {script} }})(view, page); }}
    catch (error) {{ found = {{ error: String(error) }}; }}
    document.getElementById("found").textContent = JSON.stringify(found);
  }}, 100);
}};
</script></body>"""


def dump_dom(page: Path, profile: Path, *more: str) -> tuple[str, str]:
    """What a page has become, and what the browser said; a visible skip without a browser."""
    browser = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser found, expected one of {', '.join(_NAMES)} on the path")
    done = subprocess.run(
        [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--proxy-server=127.0.0.1:9",
            "--enable-logging=stderr",
            "--virtual-time-budget=20000",
            f"--user-data-dir={profile}",
            *more,
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        timeout=_WAIT_S,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def look_at(page: Path, folder: Path, width: int, script: str, *more: str) -> Any:
    """What a script finds in a page that is drawn in a frame so many pixels wide.

    The script is the body of an async function of the frame's `view` and `page` (its document);
    what it returns comes back as JSON has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wrapper = folder / f"look-{width}.html"
    wrapper.write_text(_LOOK.format(page=page.as_uri(), width=width, script=script), "utf-8")
    # The frame is a file of its own, which the browser keeps apart from the one around it.
    open_files = ("--allow-file-access-from-files", "--window-size=2000,1200")
    dom, log = dump_dom(wrapper, folder / f"profile-{width}", *open_files, *more)
    found = re.search(r'<pre id="found">(.*?)</pre>', dom, flags=re.DOTALL)
    assert found, log[-2_000:]
    assert found[1], log[-2_000:]
    return json.loads(unescape(found[1]))
