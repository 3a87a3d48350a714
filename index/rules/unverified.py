"""What nobody has filled in or checked yet: an office set up from a template is a sample until all of it is done.

Rules kept:
* A text or source with the mark 待核实 is unverified, and so are the template's prefix and verification address; so is
  a domain, a basis or a group of purposes without any source: taking the column away checks nothing.
* A real office (``sample = false``) has nothing unverified; ``index.rules.offices`` refuses it otherwise.

Source: inventory "Expired basis" (4) and B18 (another city): nothing about an office is guessed; docs/office.md.
"""

from collections.abc import Iterator

from index.rules.model import Office

UNVERIFIED = "待核实"
TEMPLATE_PREFIX = "XXZX"
TEMPLATE_VERIFY_URL = "https://verify.example.cn"
_TEXTS = ("issuer_name", "platform", "website", "report_title")


def unverified(office: Office) -> tuple[str, ...]:
    """Where something is left to do, as staff find it: file, then row or key."""
    return (*_identity(office), *_rows(office))


def _identity(office: Office) -> Iterator[str]:
    yield from (f"office.toml 的 {key}" for key in _TEXTS if UNVERIFIED in getattr(office, key))
    if office.number_prefix == TEMPLATE_PREFIX:
        yield "office.toml 的 number_prefix"
    if office.verify_url == TEMPLATE_VERIFY_URL:
        yield "office.toml 的 verify_url"
    sources = dict(office.sources)
    yield from (f"office.toml 的用途“{group}”" for group, _ in office.purposes if _open(sources.get(group, "")))
    yield from (f"bases.csv 的《{basis.title}》" for basis in office.bases if _open(sources.get(basis.title, "")))


def _rows(office: Office) -> Iterator[str]:
    yield from (f"domains.csv 的序号 {domain.number}" for domain in office.domains if _open(domain.source))
    kinds = office.subject_kinds.rules.values()
    yield from (f"subject_kinds.csv 的“{rule.kind}”" for rule in kinds if _open(rule.source))


def _open(source: str) -> bool:
    return not source or UNVERIFIED in source
