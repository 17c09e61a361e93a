"""CometBFT orders between organisations: what is said (`wire`), who answers it (`server`), how it is asked (`rpc`)."""
