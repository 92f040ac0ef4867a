"""Stand-ins for Jira and Zendesk: small servers that keep tickets in memory, and fail as they are told to."""
