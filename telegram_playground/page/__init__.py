"""Page: the chat page, and the policy that lets nothing but itself run in it."""
