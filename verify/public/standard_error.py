"""What a service says to standard error, written by a thread of its own: who does not read it holds up no request.

* A pipe holds 64 KiB. When its reader stands still – a supervisor, a journal on a full disk – a writer in the event
  loop stands still with it, and so would every question.
* Up to ``TEXTS_MOST`` texts wait; what comes then is dropped, and how much that was is said when somebody reads again.
* At the end of the process the rest is waited for, at most ``END_SECONDS``.

Source: pipe(7), “Pipe capacity”; docs/decisions/0241.
"""

import logging
import os
import queue
import threading
import time

TEXTS_MOST = 256
"""A text is a line, or up to 500 lines of requests in one: 8 MiB at most."""
END_SECONDS = 2.0
STANDARD_ERROR = 2


class Writer:
    """Texts in their order, a line end after each. ``descriptor`` is written to, and never closed."""

    def __init__(self, descriptor: int = STANDARD_ERROR) -> None:
        self._descriptor = descriptor
        self._texts: queue.Queue[str | threading.Event] = queue.Queue(TEXTS_MOST)
        self._dropped = 0
        threading.Thread(target=self._write_all, name="standard-error", daemon=True).start()

    def say(self, text: str) -> None:
        """Never waits."""
        try:
            self._texts.put_nowait(text)
        except queue.Full:
            self._dropped += 1

    def wait(self, seconds: float = END_SECONDS) -> bool:
        """Whether all that was said so far is written before ``seconds`` are over."""
        end = time.monotonic() + seconds
        written = threading.Event()
        try:
            self._texts.put(written, timeout=seconds)
        except queue.Full:
            return False
        return written.wait(end - time.monotonic())

    def _write_all(self) -> None:
        while True:
            text = self._texts.get()
            if isinstance(text, threading.Event):
                text.set()
                continue
            dropped, self._dropped = self._dropped, 0
            self._write(f"{text}\n")
            if dropped:
                self._write(f"日志无人读取，丢弃了 {dropped} 段。\n")

    def _write(self, text: str) -> None:
        rest = text.encode("utf-8", "backslashreplace")
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except OSError:  # nobody is there any more, and there is no other place to say it
                return


class Handler(logging.Handler):
    """Of the standard logging, over ``writer``; ``logging.shutdown`` waits for it at the end of the process."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        self._writer.say(self.format(record))

    def flush(self) -> None:
        self._writer.wait()
