"""The metrics that AWS publishes, as far as we look at them: with which dimensions, and what may be asked of them.

Sources: SES Developer Guide, "Retrieving event data from CloudWatch", "Viewing metrics for email receiving", "Creating
reputation monitoring alarms"; SQS Developer Guide, "Available CloudWatch metrics"; Lambda Developer Guide, "Types of
metrics"; API Gateway Developer Guide, "HTTP API metrics"; DynamoDB Developer Guide, "Metrics and dimensions"; Firehose
Developer Guide, "Monitor Amazon Data Firehose with CloudWatch metrics"; Logs User Guide, "Monitoring with CloudWatch
metrics".
"""

from __future__ import annotations

COUNTED = {"Sum"}
LEVEL = {"Average", "Maximum"}
TIMED = {"p50", "p95", "p99", "Sum", "Average", "Maximum"}
QUEUE, FUNCTION, API = frozenset({"QueueName"}), frozenset({"FunctionName"}), frozenset({"ApiId"})
ACCOUNT, RULES, SET = frozenset(), frozenset({"RuleSetName"}), frozenset({"ses:configuration-set"})

# Namespace and name: the dimensions that it has, each way, and the statistics that mean something.
AWS = {
    **{("AWS/SES", name): ([ACCOUNT], COUNTED) for name in ("Send", "Delivery", "Bounce", "Complaint", "Reject")},
    **{("AWS/SES", f"Reputation.{name}"): ([ACCOUNT, SET], LEVEL) for name in ("BounceRate", "ComplaintRate")},
    **{("AWS/SES", name): ([RULES], COUNTED) for name in ("Received", "PublishFailure", "PublishExpired")},
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ([QUEUE], {"Maximum"}),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ([QUEUE], LEVEL),
    **{
        ("AWS/SQS", f"NumberOf{name}"): ([QUEUE], COUNTED)
        for name in ("MessagesSent", "MessagesReceived", "MessagesDeleted", "EmptyReceives")
    },
    **{("AWS/Lambda", name): ([FUNCTION], COUNTED) for name in ("Invocations", "Errors", "Throttles")},
    ("AWS/Lambda", "Duration"): ([FUNCTION], TIMED),
    ("AWS/ApiGateway", "Latency"): ([API], TIMED),
    ("AWS/ApiGateway", "5xx"): ([API], COUNTED),
    **{
        ("AWS/DynamoDB", f"Consumed{name}CapacityUnits"): ([frozenset({"TableName"})], COUNTED)
        for name in ("Read", "Write")
    },
    ("AWS/Firehose", "DeliveryToS3.DataFreshness"): ([frozenset({"DeliveryStreamName"})], {"Maximum"}),
    ("AWS/Logs", "IncomingBytes"): ([frozenset({"LogGroupName"})], COUNTED),
}
OURS = {"Maximum", "SampleCount"}
