"""Delivery: calls go in, and reach Telegram one at a time in a chat, as often as its limits allow."""
