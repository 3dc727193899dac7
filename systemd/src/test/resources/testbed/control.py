"""Says one line to a simulated node: control.py SOCKET WORDS..."""

import socket
import sys

with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(10)
    s.connect(sys.argv[1])
    s.sendall((" ".join(sys.argv[2:]) + "\n").encode())
    print(s.recv(4096).decode())
