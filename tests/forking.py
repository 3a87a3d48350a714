"""The process from which tests fork those they kill: what they need is loaded once, for the whole run of the tests."""

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "index.records.importing",
        "verify.issuing.service",
        "verify.issuing.pdf.certifying",
        "verify.documents.docx",
        "verify.documents.image",
        "tests.bot.post.killed",
    ]
)
