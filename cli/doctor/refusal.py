"""What is said of a check that AWS would not let be made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cli.doctor.line import Line, warning

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
# IAM's own words: "… is not authorized to perform: ses:GetAccount on resource: …".
PERMISSION = re.compile(r"to perform: ([a-z0-9-]+:[A-Za-z]+)")


def refused(check: str, failed: ClientError) -> Line:
    code, text = failed.response["Error"]["Code"], failed.response["Error"].get("Message", "")
    if code in DENIED:
        named = PERMISSION.search(text)
        permission = named[1] if named else failed.operation_name
        return warning(check, f"not looked at: these credentials may not {permission}", f"let them {permission}")
    return warning(check, f"not looked at: AWS refused {failed.operation_name} ({code}): {text}", "say it again later")
