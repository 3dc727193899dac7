"""GET 127.0.0.1:PORT PATH with nothing but a socket: prints status line, headers and body; exit 7 when refused."""

import socket
import sys

with socket.socket() as s:
    s.settimeout(float(sys.argv[3]) if len(sys.argv) > 3 else 20)
    try:
        s.connect(("127.0.0.1", int(sys.argv[1])))
    except ConnectionRefusedError:
        sys.exit(7)
    s.sendall(f"GET {sys.argv[2]} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    while part := s.recv(65536):
        sys.stdout.buffer.write(part)
