"""Our side of the REST API. httpx lives here and nowhere else; what leaves this room is the vocabulary's."""
