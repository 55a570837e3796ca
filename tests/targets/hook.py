#!/usr/bin/env python3
"""The hook of guide_server.py as a command: hook.py http://127.0.0.1:PORT/hook

Passes one request from stdin on to the running server and prints its answer.
"""

import http.client
import json
import sys
import urllib.error
import urllib.request

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def forward(url: str, request: bytes) -> dict[str, object]:
    post = urllib.request.Request(url, request, {"Content-Type": "application/json"})
    try:
        with DIRECT.open(post, timeout=30) as response:
            status, body = response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            status, body = error.code, error.read()
    if status == 501:
        return {"error": "unsupported"}
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return {"error": f"the server answered {status} without a JSON object"}
    if status != 200 and not isinstance(answer.get("error"), str):
        return {"error": f"the server answered {status}"}
    return answer


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: hook.py URL", file=sys.stderr)
        return 1
    try:
        print(json.dumps(forward(sys.argv[1], sys.stdin.buffer.read())))
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"cannot reach the server: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
