"""Amazon SES on the laptop: sends into a folder, receives by SMTP, reports to SNS. docs/local.md says what differs.

In comments DG is SES's Developer Guide, docs.aws.amazon.com/ses/latest/dg/<page>.html, and API its API Reference.
"""
