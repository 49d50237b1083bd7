"""Loaded by every Python a lab's test starts: no connection leaves this machine, and each attempt is written down.

pytest-socket guards only pytest's own process; kernels are other processes. A library may catch the error and
go on from its cache, so the attempt is also a line in the file named by OUTSIDE_CONNECTIONS.
Native code that opens sockets without Python's is not seen here.
"""

import ipaddress
import os
import socket
import sys

WATCHED = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


def is_here(address) -> bool:
    """True for a Unix socket, this machine's own name, and loopback addresses; None is the bound or connected peer."""
    host = address[0] if isinstance(address, tuple) else address
    host = host.decode("latin-1") if isinstance(host, bytes) else host
    if not isinstance(address, tuple) and (not host or "/" in host or host.startswith("\0")):
        return True
    if host in (None, "", "localhost", socket.gethostname()):
        return True
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return False
    return ip.is_loopback or ip.is_unspecified


def guard(event: str, args: tuple) -> None:
    place = WATCHED.get(event)
    if place is None or is_here(args[place]):
        return
    log = os.environ.get("OUTSIDE_CONNECTIONS")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{event} {args[place]!r} {' '.join(sys.argv)}\n")
    raise PermissionError(f"a lab's default run must not leave this machine, but {event} to {args[place]!r} came")


sys.addaudithook(guard)
