"""The findings in words, for a terminal and for the report of a test."""

from collections.abc import Collection

from telegram_playground.client import PlaygroundClient
from telegram_playground.protocol.wire import Json


async def fetched(url: str) -> Json:
    """Return the report of a running server; raises PlaygroundError or aiohttp's errors where there is none."""
    async with PlaygroundClient(url) as people:
        await people.check()
        report: Json = await people.command("lint")
    return report


def without(report: Json, allowed: Collection[str]) -> Json:
    """Return a report without the findings of some rules."""
    findings = [finding for finding in report["findings"] if finding["rule"] not in allowed]
    return {"clean": all(finding["level"] == "note" for finding in findings), "findings": findings}


def in_words(report: Json) -> str:
    """Return a line per finding, and how to mend it."""
    findings = report["findings"]
    if not findings:
        return "lint: nothing found"
    lines = [f"lint: {len(findings)} {'finding' if len(findings) == 1 else 'findings'}"]
    for finding in findings:
        where = f"{finding['method']} in {finding['chat']}" if finding["chat"] else finding["method"]
        call = f", call {finding['call']}" if finding["call"] else ""
        detail = f": {finding['detail']}" if finding["detail"] else ""
        lines.append(f"{finding['level']:7} {finding['rule']} × {finding['count']}  {where}{call}{detail}")
        lines.append(f"        {finding['words']}. Mend: {finding['mend']}.")
    return "\n".join(lines)
