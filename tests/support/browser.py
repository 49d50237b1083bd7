"""A headless Chromium, spoken to through its DevTools pipe; no driver and no port is needed."""

import itertools
import json
import shutil
import subprocess
import time
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# The code, the number and the text that a key sends.
KEYS = {
    " ": ("Space", 32, " "),
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
}


def command() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in COMMANDS if (path := shutil.which(name))), None)


class Browser:
    """One page of one browser with a fresh profile in `folder`. Use it in a `with` block."""

    def __init__(self, folder: Path):
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        # Chromium reads commands from descriptor 3 and answers on 4: our two pipes.
        start = ["sh", "-c", 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1', "sh", command(), *flags]
        self.process = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.numbers, self.session = itertools.count(1), None
        page = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.process.kill()
        self.process.communicate()

    def call(self, method: str, **params) -> dict:
        """The browser's answer to one command. Raises RuntimeError with its complaint."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        message |= {"sessionId": self.session} if self.session else {}
        self.process.stdin.write(json.dumps(message).encode() + b"\0")
        self.process.stdin.flush()
        while (answer := json.loads(self.read())).get("id") != number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def read(self) -> bytes:
        """The next message, which a zero byte ends."""
        message = bytearray()
        while (byte := self.process.stdout.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("the browser ended")
            message += byte
        return bytes(message)

    def open(self, page: Path) -> None:
        """Load a file and wait until its deferred scripts have run."""
        self.run("window.left = true")
        self.call("Page.navigate", url=page.as_uri())
        while self.run("window.left || document.readyState !== 'complete'"):
            time.sleep(0.05)

    def run(self, script: str):
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release one key, as a person does."""
        code, number, text = KEYS[key]
        about = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)
