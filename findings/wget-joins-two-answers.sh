#!/bin/sh
# GNU Wget 1.21.3 (Debian 12): a body that breaks off is made up of two answers, and the exit code is 0.
#
# Expected: an error, or the second answer from its first byte, since that answer is 200 and no 206. Seen: Wget asks again by
# itself with a `Range`, as it does for a file; a server that knows no ranges answers 200 with another body, and Wget keeps
# the bytes of the first answer and leaves out as many of the second.
#
# Who polls by Wget gets valid JSON with the number of one order and the lines of another one.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/server.py" <<'PYTHON'
import socket

BODIES = b'{"order": 1, "buyer": "ann@example.com"}', b'{"order": 2, "buyer": "bob@example.com"}'
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    for body, sent in zip(BODIES, (12, 40)):
        connection, _ = server.accept()
        with connection:
            request = connection.recv(65536).decode()
            print([line for line in request.split("\r\n") if line.startswith("Range")], flush=True)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + body[:sent])
PYTHON
mkfifo "$folder/told"
python3 "$folder/server.py" >"$folder/told" &
seen=$({
  read -r port
  wget --no-proxy --quiet --output-document - "http://127.0.0.1:$port/orders" && echo " exit code 0"
  cat
} <"$folder/told")
expected='{"order": 1, "buyer": "bob@example.com"} exit code 0
[]
['"'Range: bytes=12-'"']'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: Wget no longer does what is described here"
  exit 1
fi
