"""What stands around the handlers, as aiogram has it: in the order PostReturned, Access, LoadChat, Settle, Guarded."""
