"""Stand-ins for Jira, Zendesk and a receiver of webhooks: small servers without a disk, that fail as they are told."""
