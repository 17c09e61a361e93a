"""What a party runs on its own side: keys, building and signing transactions, sending, following, verifying."""
