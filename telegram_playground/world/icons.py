"""The custom emoji that may be a topic's sign; Telegram's own set `Topics` begins so, the ids are this server's."""

from telegram_playground.protocol.wire import Json

_EMOJI = (
    "📰💡⚡🎙🔝🗣🆒❗📝📆📁🔎📣🔥❤❓📈📉💎💰💸🪙💱⁉🎮💻📱🚗🏠💘🎉‼🏆🏁🎬🎵🔞📚👑⚽🏀📺👀🫦🍓💄👠✈🧳🏖⛅🦄🛍👜🛒🚂🛥🏔🏕🤖🪩🎟"
)
_FIRST_ID = 5_400_000_000_000_000_000


def topic_icons() -> list[Json]:
    """Return the stickers, each with its emoji and the id it is chosen by."""
    return [_sticker(str(_FIRST_ID + number), emoji) for number, emoji in enumerate(_EMOJI)]


def _sticker(icon: str, emoji: str) -> Json:
    thumbnail = {"file_id": f"AAMC{icon}", "file_unique_id": f"AQAD{icon[-12:]}", "file_size": 4096}
    return {
        "file_id": f"CgAC{icon}",
        "file_unique_id": f"AgAD{icon[-11:]}",
        "file_size": 32768,
        "type": "custom_emoji",
        "width": 512,
        "height": 512,
        "is_animated": True,
        "is_video": False,
        "emoji": emoji,
        "set_name": "Topics",
        "custom_emoji_id": icon,
        "needs_repainting": False,
        "thumbnail": {**thumbnail, "width": 128, "height": 128},
    }
