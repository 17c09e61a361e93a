"""Other people's formats, pure: bytes to messages, records to bytes. No file, no network, no clock of their own."""
