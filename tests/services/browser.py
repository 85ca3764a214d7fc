"""What plain requests to the servers need; written from the spec, not shared with servers or providers."""

import aiohttp

from tests.services.service import Service

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"

CHATGPTFREE = {
    "authority": "chatgptfree.ai",
    "accept": "*/*",
    "accept-language": "en,fr-FR;q=0.9,fr;q=0.8,es-ES;q=0.7,es;q=0.6,en-US;q=0.5,am;q=0.4,de;q=0.3",
    "origin": "https://chatgptfree.ai",
    "referer": "https://chatgptfree.ai/chat/",
    "sec-ch-ua": '"Chromium";v="118", "Google Chrome";v="118", "Not=A?Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"macOS"',
    "sec-fetch-dest": "empty",
    "sec-fetch-mode": "cors",
    "sec-fetch-site": "same-origin",
    "user-agent": CHROME.format(118),
}

Headers = dict[str, str]


async def read(response: aiohttp.ClientResponse) -> tuple[int, str]:
    async with response:
        return response.status, await response.text()


def attribute(html: str, name: str) -> str:
    return html.split(f'{name}="')[1].split('"')[0]


async def page(browser: aiohttp.ClientSession, server: Service, headers: Headers, path: str = "") -> dict[str, str]:
    """Read the page and return the fields that both sites want."""
    status, html = await read(await browser.get(server.base_url + path, headers=headers))
    assert status == 200, html
    return {
        "_wpnonce": attribute(html, "data-nonce"),
        "post_id": attribute(html, "data-post-id"),
        "url": server.base_url,
        "action": "wpaicg_chat_shortcode_message",
        "message": "Hello",
        "bot_id": "0",
    }


async def ajax(
    browser: aiohttp.ClientSession, server: Service, fields: dict[str, str], headers: Headers
) -> tuple[int, str]:
    form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    return await read(await browser.post(server.base_url + "/wp-admin/admin-ajax.php", data=fields, headers=form))
