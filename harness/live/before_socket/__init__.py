"""What clients call before the socket: the service's own HTTP routes for keys, calls and models, on the same port."""
