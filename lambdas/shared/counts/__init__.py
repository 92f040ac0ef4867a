"""How many mails went out and what became of them: counters that are always the sum over the messages table."""
