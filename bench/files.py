"""Files of events in this process's memory, as S3 would give them: beside bench/dynamodb.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.awsrequest import AWSPreparedRequest


def part(files: Mapping[str, bytes], request: AWSPreparedRequest) -> tuple[dict[str, str], bytes]:
    """The headers and the body of the answer to GetObject with a Range, the one request that feedback makes."""
    asked = request.headers["Range"]
    first, last = map(int, re.findall(rb"\d+", asked if isinstance(asked, bytes) else asked.encode()))
    key = unquote(urlsplit(request.url).path).rpartition("/")[2]
    found = files[key][first : last + 1]
    size = f"bytes {first}-{first + len(found) - 1}/{len(files[key])}"
    return {"Content-Range": size, "Content-Length": str(len(found))}, found
