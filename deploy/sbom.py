"""Write what a release is made of, as CycloneDX 1.5 (cyclonedx.org/docs/1.5/json), from the pinned requirements.

make sbom        writes dist/sbom.json
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VERSION = re.compile(r'__version__ = "([^"]+)"')


def sbom(requirements: str, version: str) -> dict[str, object]:
    """Return the bill of materials of the requirements of a version."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "deltagram", "version": version}},
        "components": list(_components(requirements.splitlines())),
    }


def _components(lines: Sequence[str]) -> Iterator[dict[str, object]]:
    """Return each package with the hashes of its files, one of which is installed."""
    component: dict[str, object] | None = None
    hashes: list[dict[str, str]] = []
    for line in lines:
        if pinned := PINNED.match(line):
            if component:
                yield component
            name, version, condition = pinned.groups()
            hashes = []
            component = {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
                "hashes": hashes,
            }
            if condition:
                component["properties"] = [{"name": "condition", "value": condition}]
        elif found := HASH.search(line):
            hashes.append({"alg": "SHA-256", "content": found[1]})
    if component:
        yield component


def main() -> None:
    """Write it."""
    version = VERSION.search((ROOT / "bot" / "__init__.py").read_text(encoding="utf-8"))
    if version is None:
        sys.exit("bot/__init__.py names no version")
    target = ROOT / "dist" / "sbom.json"
    target.parent.mkdir(exist_ok=True)
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    target.write_text(json.dumps(sbom(requirements, version[1]), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{target.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
